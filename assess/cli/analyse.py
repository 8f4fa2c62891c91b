"""kam-assess score, roadmap."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from assess.cli.options import (
    answers_argument,
    capacity_option,
    format_option,
    language_option,
    questionnaires_option,
    read_answers,
    start_option,
)
from assess.cli.tables import print_lines, table_lines
from assess.cli.wording import teller
from assess.core.evaluation import Evaluation, evaluate
from assess.core.outputs import roadmap_json, scorecard_json
from assess.core.quality import INTEGRITY
from assess.core.questionnaire import Questionnaire
from assess.core.rounding import half_up
from assess.core.scoring import Scorecard, Standing


@click.command()
@answers_argument
@format_option
@language_option
@questionnaires_option
def score(answers: Path, fmt: str, language: str, questionnaires: tuple[Path, ...]) -> None:
    """Score the answers file ANSWERS (- reads standard input)."""
    evaluation = evaluate(*read_answers(answers, questionnaires))
    if fmt == "json":
        _print_json(
            scorecard_json(
                evaluation.scorecard,
                evaluation.module_scorecards,
                evaluation.flags,
                evaluation.without_flagged,
                evaluation.assessment.sample,
                evaluation.assessment.confidential,
            )
        )
        return
    tell = teller(language)
    print_lines(_heading(evaluation, language))
    print_lines(_scorecard_lines(evaluation.core, evaluation.scorecard, language))
    for module, card in zip(evaluation.modules, evaluation.module_scorecards, strict=True):
        title = tell("Module: {title}").format(title=module.title.of(language))
        print_lines(["", title, *_scorecard_lines(module, card, language)])
    for alert in (flag for flag in evaluation.flags if flag.kind == INTEGRITY):
        text = tell("Integrity alert: {item} stands at {score}; no score offsets this.")
        print_lines(["", text.format(item=alert.items[0], score=show(alert.value))])
    if evaluation.flags:
        text = tell("Findings about the answers: {count}; --format json lists them.")
        print_lines(["", text.format(count=len(evaluation.flags))])


@click.command()
@answers_argument
@format_option
@language_option
@start_option
@capacity_option
@questionnaires_option
def roadmap(
    answers: Path, fmt: str, language: str, start: date | None, capacity: int, questionnaires: tuple[Path, ...]
) -> None:
    """Plan the roadmap of the answers file ANSWERS (- reads standard input)."""
    evaluation = evaluate(*read_answers(answers, questionnaires), start=start, capacity=capacity)
    if fmt == "json":
        _print_json(roadmap_json(evaluation.roadmap, evaluation.core, evaluation.assessment.sample))
        return
    print_lines(_heading(evaluation, language))
    print_lines(_roadmap_lines(evaluation, language))


def _heading(evaluation: Evaluation, language: str) -> list[str]:
    assessment = evaluation.assessment
    title = f"{evaluation.core.title.of(language)} {evaluation.core.version}"
    about = ", ".join(part for part in (assessment.organisation.name, assessment.date.isoformat()) if part)
    tell = teller(language)
    sample = [tell("SAMPLE DATA: a made-up company")] if assessment.sample else []
    return [*sample, title, about, ""]


def _scorecard_lines(questionnaire: Questionnaire, card: Scorecard, language: str) -> list[str]:
    tell = teller(language)
    rows = [
        [
            dimension.id,
            questionnaire.dimension[dimension.id].title.of(language),
            *_standing_cells(questionnaire, dimension.claimed, language),
            show(dimension.evidenced.score),
            f"{half_up(100 * dimension.coverage, 0)}%",
        ]
        for dimension in card.dimensions
    ]
    coverage = "-" if card.coverage is None else f"{half_up(100 * card.coverage, 0)}%"
    overall = [
        "",
        tell("Overall"),
        *_standing_cells(questionnaire, card.claimed, language),
        show(card.evidenced.score),
        coverage,
    ]
    names = (tell("score"), tell("index"), tell("level"), tell("held back by"), tell("evidenced"), tell("answered"))
    lines = table_lines(["", "", *names], [*rows, overall])
    if card.provisional:
        lines.append(tell("Provisional: too little is answered in some dimensions, so there is no overall level yet."))
    return lines


def _standing_cells(questionnaire: Questionnaire, standing: Standing, language: str) -> list[str]:
    level = "-" if standing.level is None else f"{standing.level} {questionnaire.level_name(standing.level).of(language)}"
    index = "-" if standing.index is None else str(half_up(standing.index, 0))
    return [show(standing.score), index, level, ", ".join(standing.capped_by)]


def _roadmap_lines(evaluation: Evaluation, language: str) -> list[str]:
    plan, tell = evaluation.roadmap, teller(language)
    horizons = {
        "mobilise": tell("mobilise"),
        "quick_wins": tell("quick wins"),
        "introduce": tell("introduce"),
        "embed": tell("embed"),
        "optimise": tell("optimise"),
        "later": tell("later"),
    }
    rows = [
        [
            horizons[initiative.horizon],
            initiative.start.isoformat(),
            initiative.end.isoformat(),
            evaluation.action[initiative.action].title.of(language),
            evaluation.core.role_name[initiative.owner_role].of(language),
            tell("quick win") if initiative.quick_win else tell("enabler") if initiative.enabler else "",
        ]
        for initiative in plan.initiatives
    ]
    names = (tell("horizon"), tell("start"), tell("end"), tell("initiative"), tell("owner"))
    lines = table_lines([*names, ""], rows) if rows else [tell("Nothing to do: no gaps.")]
    for name, items in ((tell("No action available for"), plan.no_action), (tell("Unanswered"), plan.unanswered)):
        if items:
            lines.append(f"{name}: {', '.join(items)}")
    projected = [
        [horizons[p.horizon], p.end.isoformat(), show(p.measured.overall.score), str(p.measured.overall.level or "-")]
        for p in plan.projection
    ]
    return [
        *lines,
        "",
        tell("If done and effective (a projection, not a forecast):"),
        *table_lines([tell("by"), "", tell("score"), tell("level")], projected),
    ]


def show(value: Fraction | None, places: int = 2) -> str:
    """A number as people read it; - where there is none."""
    return "-" if value is None else str(half_up(value, places))


def _print_json(content: dict[str, Any]) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))
