"""The published JSON forms of what core computes: scorecard, roadmap, comparison (interfaces sections 3 to 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from assess.core.benchmark import Comparison, Position
from assess.core.evaluation import Evaluation
from assess.core.progress import Cause, Change, Progress, Unmatched
from assess.core.quality import Flag
from assess.core.questionnaire import Questionnaire
from assess.core.roadmap import LATER, Initiative, Roadmap
from assess.core.rounding import number
from assess.core.scoring import DimensionScore, ItemScore, Scorecard, Standing

Json = dict[str, Any]


def scorecard_json(
    card: Scorecard,
    modules: Sequence[Scorecard] = (),
    flags: Sequence[Flag] = (),
    without_flagged: Scorecard | None = None,
    sample: bool = False,
    confidential: bool = False,
) -> Json:
    """`kam-scorecard/1`. Confidential means that no finding names the respondent it is about."""
    return {
        "schema": "kam-scorecard/1",
        "sample": sample,
        **_result(card),
        "modules": [_result(module) for module in modules],
        "flags": [_flag(flag, confidential) for flag in flags],
        "without_flagged": None if without_flagged is None else _overall(without_flagged),
    }


def _result(card: Scorecard) -> Json:
    return {
        "questionnaire": {"id": card.questionnaire, "version": card.version, "sha256": card.sha256},
        "overall": _overall(card),
        "dimensions": [_dimension(dimension) for dimension in card.dimensions],
        "items": [_item(item) for item in card.items],
    }


def _overall(card: Scorecard) -> Json:
    return {
        **standing_json(card.claimed),
        "coverage": number(card.coverage),
        "provisional": card.provisional,
        "evidenced": standing_json(card.evidenced),
    }


def standing_json(standing: Standing) -> Json:
    return {
        "score": number(standing.score),
        "index": number(standing.index),
        "band": standing.band,
        "level": standing.level,
        "capped_by": list(standing.capped_by),
    }


def _dimension(dimension: DimensionScore) -> Json:
    return {
        "id": dimension.id,
        **standing_json(dimension.claimed),
        "coverage": number(dimension.coverage),
        "status": dimension.status,
        "evidenced": standing_json(dimension.evidenced),
        "roles": {role: {"score": number(value.score), "n": value.n} for role, value in dimension.roles.items()},
    }


def _item(item: ItemScore) -> Json:
    return {
        "id": item.id,
        "score": number(item.score),
        "source": item.source,
        "status": item.status,
        "evidenced": number(item.evidenced),
        "n": item.n,
        "dont_know": item.dont_know,
        "not_applicable": item.not_applicable,
        "median": number(item.median),
        "min": item.lowest,
        "max": item.highest,
        "agreement": {
            "ad_m": number(item.agreement.ad_m),
            "r_wg": number(item.agreement.r_wg),
            "a_wg": number(item.agreement.a_wg),
            "flag": item.agreement.flag,
        },
    }


def _flag(flag: Flag, confidential: bool) -> Json:
    return {
        "kind": flag.kind,
        "value": number(flag.value),
        "limit": number(flag.limit),
        "respondent": None if confidential else flag.respondent,
        "items": list(flag.items),
        "dimension": flag.dimension,
        "roles": list(flag.roles),
    }


def roadmap_json(roadmap: Roadmap, questionnaire: Questionnaire, sample: bool = False) -> Json:
    """`kam-roadmap/1`. `later` names the initiatives of that horizon, which stand among the others too."""
    return {
        "schema": "kam-roadmap/1",
        "sample": sample,
        "questionnaire": {"id": questionnaire.id, "version": questionnaire.version, "sha256": questionnaire.sha256},
        "start": roadmap.start.isoformat(),
        "capacity": roadmap.capacity,
        "targets": {dimension: _plain(target) for dimension, target in roadmap.targets.items()},
        "initiatives": [_initiative(initiative) for initiative in roadmap.initiatives],
        "later": [initiative.action for initiative in roadmap.initiatives if initiative.horizon == LATER],
        "no_action": list(roadmap.no_action),
        "unanswered": list(roadmap.unanswered),
        "projection": [
            {
                "horizon": projection.horizon,
                "end": projection.end.isoformat(),
                **_brief(projection.measured.overall),
                "dimensions": {id_: _brief(d.standing) for id_, d in projection.measured.dimensions.items()},
            }
            for projection in roadmap.projection
        ],
    }


def _initiative(initiative: Initiative) -> Json:
    return {
        "action": initiative.action,
        "priority": number(initiative.priority),
        "enabler": initiative.enabler,
        "owner_role": initiative.owner_role,
        "effort": initiative.effort,
        "start_week": initiative.start_week,
        "end_week": initiative.end_week,
        "start": initiative.start.isoformat(),
        "end": initiative.end.isoformat(),
        "horizon": initiative.horizon,
        "quick_win": initiative.quick_win,
        "requires": list(initiative.requires),
        "lifts": [{"item": r.item, "from": number(r.start), "to": r.to} for r in initiative.raises],
    }


def _brief(standing: Standing) -> Json:
    return {"score": number(standing.score), "index": number(standing.index), "level": standing.level}


def _plain(value: Fraction) -> float | int | None:
    return int(value) if value.denominator == 1 else number(value)


def comparison_json(comparison: Comparison, sample: bool = False) -> Json:
    """`kam-benchmark/1`: nulls where the number of peers suppresses a figure."""
    return {
        "schema": "kam-benchmark/1",
        "sample": sample,
        "questionnaire": {"id": comparison.questionnaire, "major": comparison.major},
        "asked": dict(comparison.asked),
        "group": dict(comparison.group),
        "n": comparison.n,
        "n_to": comparison.n_to,
        "missing": comparison.missing,
        "directional": comparison.directional,
        "first": None if comparison.first is None else comparison.first.isoformat(),
        "last": None if comparison.last is None else comparison.last.isoformat(),
        "versions": list(comparison.versions),
        "sources": [
            {"name": s.name, "key": s.key, "release": s.number, "released_on": s.released_on.isoformat(), "n": s.n}
            for s in comparison.sources
        ],
        "overall": _position(comparison.overall),
        "dimensions": {id_: _position(value) for id_, value in comparison.dimensions.items()},
    }


def _position(position: Position) -> Mapping[str, Any]:
    return {
        "n": position.n,
        "own": number(position.own),
        "median": number(position.median),
        "q1": number(position.q1),
        "q3": number(position.q3),
        "p10": number(position.p10),
        "p90": number(position.p90),
        "band": position.band,
        "rank": number(position.rank),
        "rank_low": None if position.rank_low is None else round(position.rank_low, 4),
        "rank_high": None if position.rank_high is None else round(position.rank_high, 4),
    }


def progress_json(progress: Progress) -> Json:
    """`kam-progress/1`: two runs side by side. Differences are null across major versions, and so are causes."""
    return {
        "schema": "kam-progress/1",
        "questionnaire": progress.later.core.id,
        "comparable": progress.is_comparable,
        "earlier": _run(progress.earlier),
        "later": _run(progress.later),
        "overall": _change(progress.overall, progress.is_comparable),
        "dimensions": [_change(change, progress.is_comparable) for change in progress.steps],
        "modules": [_change(change, progress.is_comparable) for change in progress.modules],
        "items": [
            {
                "id": item.id,
                "from": number(item.before),
                "to": number(item.after),
                "change": number(item.change) if progress.is_comparable else None,
                "evidenced": {"from": number(item.evidenced_before), "to": number(item.evidenced_after)},
                "rise_without_evidence": progress.is_comparable and item.is_unproven_rise,
                "causes": [_cause(cause) for cause in item.causes] if progress.is_comparable else None,
            }
            for item in progress.items
        ],
        "initiatives": [
            {"action": past.action, "end": past.initiative.end.isoformat(), "reached": past.is_reached}
            for past in progress.initiatives
        ],
        "unmatched": {
            "items": _unmatched(progress.unmatched_items),
            "dimensions": _unmatched(progress.unmatched_steps),
            "modules": _unmatched(progress.unmatched_modules),
        },
    }


def _run(evaluation: Evaluation) -> Json:
    return {
        "date": evaluation.assessment.date.isoformat(),
        "version": evaluation.core.version,
        "sha256": evaluation.core.sha256,
        "respondents": len(evaluation.assessment.respondents),
        "sample": evaluation.assessment.sample,
    }


def _change(change: Change, comparable: bool) -> Json:
    return {
        "id": change.id,
        "from": standing_json(change.before),
        "to": standing_json(change.after),
        "change": number(change.claimed) if comparable else None,
        "evidenced": {
            "from": standing_json(change.evidenced_before),
            "to": standing_json(change.evidenced_after),
            "change": number(change.evidenced) if comparable else None,
        },
        "rise_without_evidence": comparable and change.is_unproven_rise,
        "causes": [_cause(cause) for cause in change.causes] if comparable else None,
    }


def _cause(cause: Cause) -> Json:
    return {"kind": cause.kind, "ids": list(cause.ids)}


def _unmatched(unmatched: Unmatched) -> Json:
    return {"gone": list(unmatched.gone), "added": list(unmatched.added)}
