"""The published JSON forms as readers get them: with null where confidentiality hides a figure.

The command line writes the plain forms of `outputs`: whoever runs it has the answers themselves.
"""

from __future__ import annotations

from collections.abc import Set

from assess.core.discretion import Discretion
from assess.core.evaluation import Evaluation
from assess.core.outputs import Json, progress_json, roadmap_json, scorecard_json
from assess.core.progress import UNKNOWN, Progress
from assess.core.quality import INTEGRITY, Flag

AGREEMENT = ("ad_m", "r_wg", "a_wg", "flag")
SPREAD = ("n", "median", "min", "max")
COUNTS = ("dont_know", "not_applicable")
SCORES = ("score", "evidenced", "source", "status")


def shown_scorecard(evaluation: Evaluation, *, names_people: bool = True) -> Json:
    """`kam-scorecard/1`. Without names_people no finding names the respondent it is about, nor does one in confidence."""
    discretion = Discretion(evaluation)
    assessment = evaluation.assessment
    flags = [flag for flag in evaluation.flags if not _is_untold(discretion, flag)]
    card = scorecard_json(
        evaluation.scorecard,
        evaluation.module_scorecards,
        flags,
        evaluation.without_flagged,
        sample=assessment.sample,
        confidential=assessment.confidential or not names_people,
    )
    return {
        **card,
        "items": [_item(discretion, item) for item in card["items"]],
        "modules": [{**one, "items": [_item(discretion, item) for item in one["items"]]} for one in card["modules"]],
        "flags": [_flag(discretion, flag) for flag in card["flags"]],
    }


def _is_untold(discretion: Discretion, flag: Flag) -> bool:
    """Here also what some did not know about an item whose ratings are hidden: its share would lead to their number."""
    return discretion.hides_flag(flag) or (flag.kind != INTEGRITY and not discretion.hidden.isdisjoint(flag.items))


def _item(discretion: Discretion, item: Json) -> Json:
    hides_spread = item["id"] in discretion.hidden or discretion.hides_counts(item["id"])
    spread = {**dict.fromkeys((*SPREAD, *COUNTS)), "agreement": dict.fromkeys(AGREEMENT)} if hides_spread else {}
    scores = {**dict.fromkeys(SCORES), "status": "hidden"} if discretion.hides_score(item["id"]) else {}
    return {**item, **spread, **scores}


def _flag(discretion: Discretion, flag: Json) -> Json:
    """That an alert is raised stays; its value is the item's score."""
    if flag["kind"] == INTEGRITY and any(discretion.hides_score(id_) for id_ in flag["items"]):
        return {**flag, "value": None}
    return flag


def shown_roadmap(evaluation: Evaluation) -> Json:
    """`kam-roadmap/1`."""
    discretion = Discretion(evaluation)
    plan = roadmap_json(evaluation.roadmap, evaluation.core, evaluation.assessment.sample)
    hidden = {one.action for one in evaluation.roadmap.initiatives if discretion.hides_priority(one)}
    return {**plan, "initiatives": [_initiative(discretion, one, one["action"] in hidden) for one in plan["initiatives"]]}


def _initiative(discretion: Discretion, one: Json, hides_priority: bool) -> Json:
    lifts = [{**lift, "from": None} if discretion.hides_score(lift["item"]) else lift for lift in one["lifts"]]
    return {**one, "lifts": lifts, "priority": None if hides_priority else one["priority"]}


def shown_progress(progress: Progress) -> Json:
    """`kam-progress/1`: an item hidden in either run has no change, and an initiative that lifts one no outcome."""
    runs = (Discretion(progress.earlier), Discretion(progress.later))
    untold = {past.action for past in progress.initiatives if any(_hides(runs, one.item) for one in past.initiative.raises)}
    content = progress_json(progress)
    changes = {part: [_without_causes(one, untold) for one in content[part]] for part in ("dimensions", "modules", "items")}
    return {
        **content,
        **changes,
        "overall": _without_causes(content["overall"], untold),
        "items": [_item_change(runs, item) for item in changes["items"]],
        "initiatives": [{**one, "reached": None} if one["action"] in untold else one for one in content["initiatives"]],
    }


def _hides(runs: tuple[Discretion, Discretion], id_: str) -> bool:
    return any(run.hides_score(id_) for run in runs)


def _without_causes(change: Json, untold: Set[str]) -> Json:
    """Without the initiatives that must not be said to have got where they were to lead."""
    if change["causes"] is None:
        return change
    told = [{**cause, "ids": [id_ for id_ in cause["ids"] if id_ not in untold]} for cause in change["causes"]]
    return {**change, "causes": [cause for cause in told if cause["ids"] or cause["kind"] == UNKNOWN]}


def _item_change(runs: tuple[Discretion, Discretion], item: Json) -> Json:
    if not _hides(runs, item["id"]):
        return item
    ends = {key: None for key, run in zip(("from", "to"), runs, strict=True) if run.hides_score(item["id"])}
    evidenced = {**item["evidenced"], **ends}
    return {**item, **ends, "change": None, "evidenced": evidenced, "rise_without_evidence": False, "causes": None}
