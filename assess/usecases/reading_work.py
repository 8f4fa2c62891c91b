"""What the worker does with an accounts file: look at its head, then read all of it into figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from sqlalchemy import Connection

from assess.config import Settings
from assess.content.account_figures import write_figures
from assess.content.account_heads import Choices, Head, Told, read_choices, write
from assess.content.tables.mapping import Columns, likely
from assess.content.tables.sources import TOO_WIDE, Progress, is_workbook, no_progress, open_table
from assess.core.accounts import Assumptions, TierRules
from assess.core.errors import Invalid, Problem
from assess.storage import readings
from assess.storage.engine import Storage
from assess.storage.readings import LOOK, KeptFigures, ReadingClaim
from assess.usecases.accounts import ReadingChoices, analyse_table
from assess.usecases.copies import questionnaires_of
from assess.usecases.readings import upload_path

MAX_COLUMNS = 200
HEAD_LINES = 200
LONGEST_CELL = 200
OPENING = 0.15
"""The share of the time a workbook takes that goes into unpacking it; measured with 45,000 and 540,000 lines."""


def work_on(settings: Settings, claim: ReadingClaim, tiers: TierRules | None, progress: Progress = no_progress) -> bytes:
    """Look at the head of a file, or read it: JSON for `finish_reading`. Raises Invalid naming the file as people do."""
    path = upload_path(settings, claim.id)
    try:
        content = _look(path, claim, progress) if claim.step == LOOK else _read(path, claim, tiers, progress)
    except Invalid as error:
        raise Invalid([replace(problem, file=claim.filename) for problem in error.problems[:20]]) from None
    return content.encode()


def tiers_for(storage: Storage, claim: ReadingClaim) -> TierRules | None:
    """The value tiers of the questionnaire the assessment was opened with."""
    with storage.reading() as connection:
        (core,) = questionnaires_of(connection, (readings.questionnaire_of(connection, claim.assessment_id),))
    return None if core.tiers is None else core.tiers.rules


def _look(path: Path, claim: ReadingClaim, progress: Progress) -> str:
    choices = read_choices(claim.choices)
    table = open_table(path, sheet=choices.sheet or None, progress=progress)
    if len(table.header) > MAX_COLUMNS:
        params = {"count": len(table.header), "limit": MAX_COLUMNS}
        raise Invalid([Problem(TOO_WIDE, params, line=table.header_line)])
    head = Head(
        sheets=table.sheets,
        header=tuple(name[:LONGEST_CELL] for name in table.header),
        header_line=table.header_line,
        rows=tuple((line, tuple(map(_short, cells))) for line, cells in _first(table.rows(no_progress))),
        about=dict(table.about),
        comma_likely=table.comma_likely,
    )
    columns, choices = likely(table), replace(choices, sheet=table.about.get("sheet", ""))
    fits = choices.columns and all(place < len(head.header) for places in choices.columns.values() for place in places)
    guessed = choices if fits else replace(choices, columns=dict(columns.places), by_line=False, is_guessed=True)
    return json.dumps({"head": json.loads(write(head)), "choices": json.loads(write(guessed))}, ensure_ascii=False)


def _first(table: Iterator[tuple[int, object]]) -> Iterator[tuple[int, list[object]]]:
    for count, (line, cells) in enumerate(table):
        if count == HEAD_LINES:
            return
        yield line, list(cells)[:MAX_COLUMNS]  # type: ignore[call-overload]


def _short(cell: object) -> str | int | float:
    """A cell as JSON can hold it: days and times as they are written in ISO 8601."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return "" if cell is None else str(cell)[:LONGEST_CELL]
    return cell if cell == cell and abs(cell) < 1e300 else str(cell)


def _read(path: Path, claim: ReadingClaim, tiers: TierRules | None, progress: Progress) -> str:
    choices = read_choices(claim.choices)
    opening = OPENING if is_workbook(path) else 0.0
    table = open_table(path, sheet=choices.sheet or None, progress=lambda share: progress(opening * share))
    analysis = analyse_table(
        table,
        Columns(choices.columns, by_line=choices.by_line),
        ReadingChoices(decimal=choices.decimal, dates=choices.dates, hide_names=choices.hides_names),
        name=claim.filename,
        groups=choices.groups,
        tiers=tiers,
        assumptions=_assumptions(choices),
        progress=lambda share: progress(opening + (1 - opening) * share),
    )
    names = {part: [table.header[place] for place in places] for part, places in choices.columns.items()}
    told = Told(
        columns={part: tuple(found) for part, found in names.items()},
        by_line=choices.by_line,
        decimals={table.header[place]: analysis.formats.decimals[place] for place in analysis.formats.written},
        dates=analysis.formats.order if analysis.formats.has_orders else None,
        notes=analysis.notes,
        left_out=tuple(replace(one, file=claim.filename) for one in analysis.left_out),
        about=analysis.about,
        groups=dict(choices.groups),
    )
    content = {
        "figures": write_figures(analysis.figures),
        "told": write(told),
        "alike": [names for names in analysis.alike if not set(names) <= choices.groups.keys()],
    }
    return json.dumps(content, ensure_ascii=False)


def _assumptions(choices: Choices) -> Assumptions | None:
    if choices.retention is None or choices.discount is None or choices.lifetime is None:
        return None
    return Assumptions(Fraction(choices.retention) / 100, Fraction(choices.discount) / 100, choices.lifetime)


def finish_reading(connection: Connection, claim: ReadingClaim, content: bytes, now: datetime) -> bool:
    """Keep what a worker found; False, and nothing kept, when the claim no longer holds."""
    found = json.loads(content)
    if claim.step == LOOK:
        return readings.finish_look(
            connection, claim, json.dumps(found["head"], ensure_ascii=False), json.dumps(found["choices"]), now
        )
    if not readings.finish_read(connection, claim, json.dumps(found["alike"], ensure_ascii=False), now):
        return False
    readings.keep_figures(connection, claim.assessment_id, KeptFigures(found["figures"], found["told"], now))
    if not claim.keeps and not found["alike"]:
        readings.remove(connection, claim.assessment_id)
    return True


def reason_of(error: Invalid) -> str:
    """Problems as the row keeps them, to be said later in the reader's language."""
    plain = [
        {
            **vars(one),
            "params": {name: value if isinstance(value, (int, str)) else str(value) for name, value in one.params.items()},
        }
        for one in error.problems
    ]
    return json.dumps(plain, ensure_ascii=False)
