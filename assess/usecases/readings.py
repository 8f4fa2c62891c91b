"""An accounts file on the web: received, looked at, mapped, read by a worker; the figures are kept and the file is not."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from assess.config import Settings
from assess.content.account_figures import read_figures, write_figures
from assess.content.account_heads import Choices, Head, Told, read_choices, read_head, read_told, write
from assess.content.tables.mapping import Columns, likely
from assess.content.tables.sources import TOO_WIDE, Progress, no_progress, open_table, sheet_names
from assess.core.accounts import AccountFigures, Assumptions, TierRules
from assess.core.errors import Conflict, Full, Invalid, Problem
from assess.core.evaluation import Evaluation
from assess.storage import assessments as rows
from assess.storage import readings
from assess.storage.engine import Storage
from assess.storage.queue import DONE, FAILED, QUEUED
from assess.storage.readings import LOOK, READ, KeptFigures, ReadingClaim, ReadingRow
from assess.usecases.accounts import ReadingChoices, analyse_table, figures_workbook
from assess.usecases.answers import refuse_sample
from assess.usecases.assessments import OpenAssessment, evaluate_open, refuse_change
from assess.usecases.audit import note_by_key
from assess.usecases.copies import questionnaires_of
from assess.usecases.installation import Installation

MAX_UPLOAD = 200 * 1024**2
MAX_ALL_UPLOADS = 4 * 1024**3
"""What all files on their way may take together."""
SPARE = 512 * 1024**2
"""What must stay free on the disk."""
KEPT_FOR = timedelta(days=1)
"""How long a file waits for somebody to come back to it."""
MAX_COLUMNS = 200
HEAD_LINES = 200
LONGEST_CELL = 200
MAX_NAME = 120
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
GONE = "gone"
"""The error of a reading whose file is not there any more."""
_STRAY_SECONDS = 3600


@dataclass(frozen=True)
class ReadingView:
    """A file on its way. step look or read; state queued, running, done, failed; progress 0..1; size in bytes.

    head is None until the file was looked at; alike are names that may be one account each. problems say what is wrong with
    the file; error is a code where the reason lies elsewhere, "" where there is none.
    """

    id: str
    step: str
    state: str
    filename: str
    size: int
    keeps: bool
    progress: float
    choices: Choices
    head: Head | None = None
    alike: tuple[tuple[str, ...], ...] = ()
    problems: tuple[Problem, ...] = ()
    error: str = ""

    @property
    def is_going_on(self) -> bool:
        return self.state not in (DONE, FAILED)

    @property
    def is_asking(self) -> bool:
        """Whether it waits for people to say which column is what."""
        return self.step == LOOK and self.state == DONE


@dataclass(frozen=True)
class Measured:
    """The figures of an assessment, and how its file was read."""

    figures: AccountFigures
    told: Told
    read_at: datetime


# Receiving


@contextmanager
def receiving(installation: Installation) -> Iterator[Callable[[], BinaryIO]]:
    """Where an upload is written to: a function that opens a new file only this program's user can read.

    Whatever `take` has not taken is gone afterwards. Raises Full when there is no room.
    """
    folder = uploads(installation.settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_room(installation, folder)
    opened: list[BinaryIO] = []

    def open_new() -> BinaryIO:
        path = str(folder / f"{secrets.token_hex(16)}.part")
        opened.append(open(path, "x+b", opener=lambda name, flags: os.open(name, flags, 0o600)))  # noqa: SIM115 - a Path takes no opener; closed below
        return opened[-1]

    try:
        yield open_new
    finally:
        for part in opened:
            part.close()
            Path(part.name).unlink(missing_ok=True)


def _require_room(installation: Installation, folder: Path) -> None:
    sweep(installation)
    with installation.storage.reading() as connection:
        taken = readings.total_size(connection)
    if taken + MAX_UPLOAD > MAX_ALL_UPLOADS or shutil.disk_usage(folder).free < MAX_UPLOAD + SPARE:
        raise Full("there is no room for another accounts file right now")


def take(installation: Installation, token: str, part: BinaryIO, filename: str, *, keeps: bool) -> None:
    """Take an upload over, in place of any earlier one, and have its head looked at.

    part is a file that `receiving` opened. Raises Invalid for an empty or too large one, NotAllowed, NotFound.
    """
    refuse_sample(token)
    part.flush()
    size, path = os.fstat(part.fileno()).st_size, Path(part.name)
    name = _plain_name(filename)
    _require_fit(name, size)
    id_, now = secrets.token_hex(16), installation.clock()
    with installation.storage.writing() as connection:
        key = _changeable(connection, token)
        before = readings.remove(connection, key)
        row = ReadingRow(id_, key, LOOK, name, size, keeps, write(Choices()), None, None, 0, QUEUED, 0, now, None)
        readings.add_reading(connection, row)
        note_by_key(connection, token, "accounts.uploaded", now, filename=name, size=size)
        path.rename(upload_path(installation.settings, id_))
    _forget_file(installation.settings, before)
    installation.enqueue(id_)


def _plain_name(filename: str) -> str:
    """The name without folders and without what can't be shown."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable()).strip()[-MAX_NAME:] or "accounts"


def _require_fit(name: str, size: int) -> None:
    problems = []
    if not name.lower().endswith(ENDINGS):
        problems.append(Problem("the ending of the file must be one of: {known}", {"known": " ".join(ENDINGS)}, name))
    if size == 0:
        problems.append(Problem("is empty", {}, name))
    if size > MAX_UPLOAD:
        problems.append(Problem("is larger than {limit} MiB", {"limit": MAX_UPLOAD // 1024**2}, name))
    if problems:
        raise Invalid(problems)


# Looking on, choosing, ending


def reading_of(installation: Installation, opened: OpenAssessment) -> ReadingView | None:
    """The file on its way to this assessment's figures; None where there is none."""
    if opened.id is None or opened.is_reply:
        return None
    with installation.storage.reading() as connection:
        row = readings.load_reading(connection, opened.id)
    return None if row is None else _view(row)


def choose(installation: Installation, token: str, choices: Choices) -> None:
    """Keep what people say about their file. Another sheet is looked at anew. Raises Conflict while a worker has the file."""

    def change(connection: Connection, row: ReadingRow) -> None:
        if not _view(row).is_asking:
            raise Conflict("the accounts file is being read")
        if choices.sheet != read_choices(row.choices).sheet:
            fresh = replace(choices, columns={}, by_line=False)
            readings.ask(connection, row.id, step=LOOK, choices=write(fresh), now=installation.clock())
        else:
            readings.keep_choices(connection, row.id, write(choices))

    _with_row(installation, token, change)


def start_reading(installation: Installation, token: str, choices: Choices) -> None:
    """Have the whole file read with these choices. Raises Invalid naming what they lack, Conflict while a worker has it."""

    def change(connection: Connection, row: ReadingRow) -> None:
        if row.found is None:
            raise Conflict("the accounts file was not looked at yet")
        problems = problems_of(choices)
        if problems:
            raise Invalid(problems)
        now = installation.clock()
        if not readings.ask(connection, row.id, step=READ, choices=write(choices), now=now):
            raise Conflict("the accounts file is being read")
        note_by_key(connection, token, "accounts.read", now, filename=row.filename)

    _with_row(installation, token, change)


def problems_of(choices: Choices) -> list[Problem]:
    """What must still be said before the file can be read."""
    columns, found = choices.columns, []

    def lacks(message: str) -> None:
        found.append(Problem(message))

    if "account" not in columns and not choices.by_line:
        lacks("please say which column is the account")
    if "account" in columns and choices.by_line:
        lacks("either a column is the account, or each line is one: not both")
    if "revenue" not in columns and not {"quantity", "price"} <= columns.keys():
        lacks("please say which column is the revenue, or which are quantity and price")
    if "revenue" in columns and ("quantity" in columns or "price" in columns):
        lacks("either revenue is chosen, or quantity and price: not both")
    if "date" in columns and "year" in columns:
        lacks("either a date is chosen, or a year: not both")
    found += [
        Problem("{part} is chosen for more than one column", {"part": part})
        for part, places in columns.items()
        if len(places) > 1 and part not in ("revenue", "contribution", "cost_to_serve")
    ]
    return found


def choose_again(installation: Installation, token: str) -> None:
    """Back to the columns of a file that failed or is kept."""

    def change(connection: Connection, row: ReadingRow) -> None:
        if not readings.ask(connection, row.id, step=LOOK, choices=row.choices, now=installation.clock()):
            raise Conflict("the accounts file is being read")

    _with_row(installation, token, change)


def retry(installation: Installation, token: str) -> None:
    """Let a failed file be tried again with the same choices."""

    def change(connection: Connection, row: ReadingRow) -> None:
        if row.state == FAILED:
            readings.ask(connection, row.id, step=row.step, choices=row.choices, now=installation.clock())

    _with_row(installation, token, change)


def put_together(installation: Installation, token: str, groups: Mapping[str, str]) -> None:
    """Read the file again with accounts counted under one name each; none: they stay apart and the file goes as announced."""

    def change(connection: Connection, row: ReadingRow) -> None:
        if row.step != READ or row.state != DONE:
            raise Conflict("the accounts file is being read")
        if groups:
            known = {name for names in json.loads(row.alike or "[]") for name in names}
            wanted = {name: group for name, group in groups.items() if name in known and group in known}
            earlier = read_choices(row.choices)
            chosen = replace(earlier, groups={**earlier.groups, **wanted})
            readings.ask(connection, row.id, step=READ, choices=write(chosen), now=installation.clock())

    row = _with_row(installation, token, change)
    if not groups and not row.keeps:
        end(installation, token)


def end(installation: Installation, token: str) -> None:
    """Forget the file, wherever it is on its way; figures there are already stay."""
    refuse_sample(token)
    with installation.storage.writing() as connection:
        id_ = readings.remove(connection, _changeable(connection, token))
        if id_ is not None:
            note_by_key(connection, token, "accounts.file_deleted", installation.clock())
    _forget_file(installation.settings, id_)


def delete_figures(installation: Installation, token: str) -> None:
    """Forget figures and file."""
    end(installation, token)
    with installation.storage.writing() as connection:
        if readings.remove_figures(connection, _changeable(connection, token)):
            note_by_key(connection, token, "accounts.deleted", installation.clock())


def _with_row(installation: Installation, token: str, change: Callable[[Connection, ReadingRow], None]) -> ReadingRow:
    """Change the row of an assessment that may be changed; what it was before. Raises NotFound, NotAllowed."""
    refuse_sample(token)
    with installation.storage.writing() as connection:
        row = readings.find_reading(connection, _changeable(connection, token))
        change(connection, row)
    installation.enqueue(row.id)
    return row


def _changeable(connection: Connection, token: str) -> int:
    stored = rows.load_assessment(connection, token)
    refuse_change(stored)
    return stored.id


def _view(row: ReadingRow) -> ReadingView:
    problems, error = _reason(row.error)
    return ReadingView(
        id=row.id,
        step=row.step,
        state=row.state,
        filename=row.filename,
        size=row.size,
        keeps=row.keeps,
        progress=row.progress / 1000,
        choices=read_choices(row.choices),
        head=None if row.found is None else read_head(row.found),
        alike=tuple(tuple(names) for names in json.loads(row.alike or "[]")),
        problems=problems,
        error=error,
    )


def _reason(error: str | None) -> tuple[tuple[Problem, ...], str]:
    if error is None or not error.startswith("["):
        return (), error or ""
    return tuple(Problem(**one) for one in json.loads(error)), ""


# The figures


def measured_of(installation: Installation, opened: OpenAssessment) -> Measured | None:
    """None where no accounts file was read."""
    if opened.id is None or opened.is_reply:
        return None
    with installation.storage.reading() as connection:
        kept = readings.load_figures(connection, opened.id)
    return None if kept is None else Measured(read_figures(kept.figures), read_told(kept.about), kept.read_at)


def evaluate_measured(opened: OpenAssessment, measured: Measured) -> Evaluation:
    """The assessment with the figures beside its answers; they change no score."""
    return replace(evaluate_open(opened), accounts=measured.figures)


def workbook_of(opened: OpenAssessment, measured: Measured, language: str) -> bytes:
    return figures_workbook(measured.figures, opened.questionnaire.tiers, language)


# In the worker


def work_on(settings: Settings, claim: ReadingClaim, tiers: TierRules | None, progress: Progress = no_progress) -> bytes:
    """Look at the head of a file, or read it: JSON for `finish_reading`. Raises Invalid naming the file as people do."""
    path = upload_path(settings, claim.id)
    try:
        content = _look(path, claim) if claim.step == LOOK else _read(path, claim, tiers, progress)
    except Invalid as error:
        raise Invalid([replace(problem, file=claim.filename) for problem in error.problems[:20]]) from None
    return content.encode()


def tiers_for(storage: Storage, claim: ReadingClaim) -> TierRules | None:
    """The value tiers of the questionnaire the assessment was opened with."""
    with storage.reading() as connection:
        (core,) = questionnaires_of(connection, (readings.questionnaire_of(connection, claim.assessment_id),))
    return None if core.tiers is None else core.tiers.rules


def _look(path: Path, claim: ReadingClaim) -> str:
    choices = read_choices(claim.choices)
    sheets = sheet_names(path)
    sheet = choices.sheet if choices.sheet in sheets else None
    table = open_table(path, sheet=sheet)
    if len(table.header) > MAX_COLUMNS:
        params = {"count": len(table.header), "limit": MAX_COLUMNS}
        raise Invalid([Problem(TOO_WIDE, params, line=table.header_line)])
    head = Head(
        sheets=sheets,
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
    table = open_table(path, sheet=choices.sheet or None)
    analysis = analyse_table(
        table,
        Columns(choices.columns, by_line=choices.by_line),
        ReadingChoices(decimal=choices.decimal, dates=choices.dates, hide_names=choices.hides_names),
        name=claim.filename,
        groups=choices.groups,
        tiers=tiers,
        assumptions=_assumptions(choices),
        progress=progress,
    )
    names = {part: [table.header[place] for place in places] for part, places in choices.columns.items()}
    told = Told(
        columns={part: tuple(found) for part, found in names.items()},
        by_line=choices.by_line,
        decimals={table.header[place]: mark for place, mark in analysis.formats.decimals.items()},
        dates=analysis.formats.order if "date" in choices.columns else None,
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


# Files


def uploads(settings: Settings) -> Path:
    return settings.data_dir / "uploads"


def upload_path(settings: Settings, id_: str) -> Path:
    return uploads(settings) / id_


def _forget_file(settings: Settings, id_: str | None) -> None:
    if id_ is not None:
        upload_path(settings, id_).unlink(missing_ok=True)


def sweep(installation: Installation) -> None:
    """Delete files that no row knows, and what nobody came back to for a day; so erasing an assessment erases its file."""
    folder = uploads(installation.settings)
    if not folder.is_dir():
        return
    with installation.storage.writing() as connection:
        readings.remove_older(connection, installation.clock() - KEPT_FOR)
        known = readings.known_ids(connection)
    for path in folder.iterdir():
        if path.name not in known and (path.suffix != ".part" or _is_stray(path)):
            path.unlink(missing_ok=True)


def _is_stray(path: Path) -> bool:
    """Whether nobody has written to it for an hour."""
    try:
        return time.time() - path.stat().st_mtime > _STRAY_SECONDS
    except FileNotFoundError:
        return False
