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
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from assess.config import Settings
from assess.content.account_figures import read_figures
from assess.content.account_heads import Choices, Head, Told, read_choices, read_head, read_told, write
from assess.core.accounts import AccountFigures
from assess.core.errors import Conflict, Full, Invalid, Problem, refusal_of
from assess.core.evaluation import Evaluation
from assess.storage import assessments as rows
from assess.storage import readings
from assess.storage.queue import DONE, FAILED, QUEUED
from assess.storage.readings import LOOK, READ, ReadingRow
from assess.usecases.accounts import figures_workbook
from assess.usecases.answers import refuse_sample
from assess.usecases.assessments import OpenAssessment, evaluate_open, refuse_change
from assess.usecases.audit import note_by_key
from assess.usecases.installation import Installation

MAX_UPLOAD = 200 * 1024**2
MAX_ALL_UPLOADS = 4 * 1024**3
"""What all files on their way may take together."""
SPARE = 512 * 1024**2
"""What must stay free on the disk."""
KEPT_FOR = timedelta(days=1)
"""How long a file waits for somebody to come back to it."""
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

    Whatever `take` has not taken is gone afterwards. Raises Full when there is no room, at once or on the way, and Failed
    when the disk takes no write.
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
    except OSError as error:
        raise refusal_of(error, "the upload could not be kept") from error
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
    stored = rows.load_assessment(connection, token, holds=True)
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
