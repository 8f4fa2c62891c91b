"""kam-assess compare: two runs of one questionnaire side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import click

from assess.cli.options import (
    earlier_questionnaires_option,
    format_option,
    language_option,
    questionnaires_option,
    read_answers,
)
from assess.cli.tables import print_lines, table_lines
from assess.cli.wording import Tell, teller
from assess.core.evaluation import evaluate
from assess.core.outputs import progress_json
from assess.core.progress import (
    CONSENSUS,
    EVIDENCE,
    EVIDENCE_GONE,
    INITIATIVES,
    RESPONDENTS,
    Cause,
    Change,
    Progress,
    compare_runs,
)
from assess.core.rounding import half_up


@click.command()
@click.argument("earlier", metavar="OLD", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("later", metavar="NEW", type=click.Path(path_type=Path, allow_dash=True))
@format_option
@language_option
@questionnaires_option
@earlier_questionnaires_option
def compare(
    earlier: Path,
    later: Path,
    fmt: str,
    language: str,
    questionnaires: tuple[Path, ...],
    earlier_questionnaires: tuple[Path, ...],
) -> None:
    """Compare the answers file NEW with an earlier one, OLD, of the same questionnaire (- reads standard input)."""
    before = evaluate(*read_answers(earlier, (*earlier_questionnaires, *questionnaires)))
    found = compare_runs(before, evaluate(*read_answers(later, questionnaires)))
    if fmt == "json":
        click.echo(json.dumps(progress_json(found), ensure_ascii=False, indent=1))
        return
    print_lines(_lines(found, language))


def _lines(found: Progress, language: str) -> Iterator[str]:
    tell = teller(language)
    if found.earlier.assessment.sample or found.later.assessment.sample:
        yield tell("SAMPLE DATA: a made-up company")
    for one in (found.earlier, found.later):
        about = (one.assessment.organisation.name, one.assessment.date.isoformat(), f"{one.core.id} {one.core.version}")
        yield ", ".join(part for part in about if part)
    yield ""
    yield from _table(found, tell, language)
    if not found.is_comparable:
        yield tell("Not comparable: a new major version changes what scores mean, so no differences are shown.")
        return
    yield from _after_the_table(found, tell)


def _table(found: Progress, tell: Tell, language: str) -> list[str]:
    titles = {d.id: d.title.of(language) for q in (found.later.core, *found.later.modules) for d in q.dimensions}
    rows = [
        [change.id, titles[change.id], *_cells(change, found.is_comparable, tell)] for change in (*found.steps, *found.modules)
    ]
    rows.insert(len(found.steps), ["", tell("Overall"), *_cells(found.overall, found.is_comparable, tell)])
    names = (tell("claimed"), tell("change"), tell("evidenced"), tell("change"), tell("goes along with"))
    return table_lines(["", "", *names], rows)


def _cells(change: Change, comparable: bool, tell: Tell) -> list[str]:
    claimed = f"{_score(change.before.score)} > {_score(change.after.score)}"
    evidenced = f"{_score(change.evidenced_before.score)} > {_score(change.evidenced_after.score)}"
    if not comparable:
        return [claimed, "-", evidenced, "-", ""]
    causes = [tell("RISE WITHOUT EVIDENCE")] if change.is_unproven_rise else []
    causes += [_cause(cause, tell) for cause in change.causes]
    return [claimed, _signed(change.claimed), evidenced, _signed(change.evidenced), "; ".join(causes)]


def _cause(cause: Cause, tell: Tell) -> str:
    names = {
        INITIATIVES: tell("initiatives"),
        EVIDENCE: tell("new evidence"),
        EVIDENCE_GONE: tell("evidence gone"),
        CONSENSUS: tell("other consensus"),
        RESPONDENTS: tell("other raters"),
    }
    name = names.get(cause.kind, tell("no cause found"))
    return f"{name} ({len(cause.ids)})" if cause.ids else name


def _after_the_table(found: Progress, tell: Tell) -> Iterator[str]:
    rises = [item.id for item in found.items if item.is_unproven_rise]
    if rises:
        text = tell("Risen without evidence: {items}")
        yield text.format(items=", ".join(rises))
    reached = sum(past.is_reached is True for past in found.initiatives)
    if found.initiatives:
        text = tell("Initiatives due: {due}; with all they lift where it was to be: {reached}")
        yield text.format(due=len(found.initiatives), reached=reached)
    for name, ids in (
        (tell("No counterpart now"), (*found.unmatched_steps.gone, *found.unmatched_items.gone, *found.unmatched_modules.gone)),
        (tell("New"), (*found.unmatched_steps.added, *found.unmatched_items.added, *found.unmatched_modules.added)),
    ):
        if ids:
            yield f"{name}: {', '.join(ids)}"


def _score(value: Fraction | None) -> str:
    return "-" if value is None else str(half_up(value, 2))


def _signed(value: Fraction | None) -> str:
    if value is None:
        return "-"
    shown = half_up(value, 2)
    return f"+{shown}" if shown > 0 else str(shown)
