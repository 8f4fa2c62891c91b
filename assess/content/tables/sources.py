"""Open a table whatever wrote it: text in any usual encoding and separator, or a sheet of a workbook, values only."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from assess.content.tables.encodings import GUESSED, encoding_of
from assess.content.tables.names import fold
from assess.content.tables.watching import watched
from assess.core.errors import Invalid, NotFound, Problem

MAX_BYTES = 256 * 1024**2
MAX_UNPACKED = 4 * 1024**3
MAX_COLUMNS = 16_384
"""As many as a sheet of a workbook can have."""
TOO_WIDE = "has {count} columns; at most {limit} can be read"
SEPARATORS = (",", ";", "\t", "|")
HEADER_ROWS = 20
"""How far down the header may stand: exports often begin with a title."""
_SAMPLE = 64 * 1024
_END = "\x1e\x1e"
"""Read after a text: what ends with it was never closed."""
_STEP = 5000
"""Lines between two reports of progress."""

Cell = Any
"""What stands in a cell: text, or in a workbook also a number, a truth value, a day or a time."""
Row = tuple[int, Sequence[Cell]]
Progress = Callable[[float], None]
"""Told the share 0..1 of the file that is read."""


def no_progress(_share: float) -> None:
    """For those who don't wait."""


@dataclass(frozen=True)
class Table:
    """A table with its header and where it came from; rows() gives (line, cells) as often as it is asked.

    about is what was found out: sheet, encoding, separator. comma_likely says that its separator goes with decimal commas.
    sheets are all that hold tables, () of a text file.
    """

    file: str
    header: tuple[str, ...]
    header_line: int
    rows: Callable[[Progress], Iterator[Row]]
    about: dict[str, str] = field(default_factory=dict)
    comma_likely: bool | None = None
    sheets: tuple[str, ...] = ()


def open_table(
    path: Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    wanted: Sequence[str] = (),
    progress: Progress = no_progress,
) -> Table:
    """The table in a file. wanted: columns that its header must hold, to find it below titles. Raises NotFound, Invalid.

    progress: how far a workbook is unpacked, which has to happen before its first row is known.
    """
    head = _head(path)
    if _is_workbook(head):
        with watched(path, progress):
            return _open_workbook(path, head, sheet, wanted)
    if sheet is not None:
        raise _wrong(path, "is not a workbook, so there is no sheet to choose")
    if head.lstrip()[:1] == b"<":
        raise _wrong(path, "is a web page or XML, whatever its ending; save it as XLSX or CSV")
    return _open_text(path, encoding, wanted)


def _is_workbook(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def is_workbook(path: Path) -> bool:
    """Raises NotFound, Invalid."""
    return _is_workbook(_head(path))


def _head(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise _wrong(path, "is larger than {limit} MiB", limit=MAX_BYTES // 1024**2)
        with path.open("rb") as stream:
            head = stream.read(_SAMPLE)
    except FileNotFoundError:
        raise NotFound(f"{path}: there is no such file") from None
    except OSError as error:
        raise _wrong(path, "cannot be read: {reason}", reason=error.strerror or str(error)) from None
    if not head.strip():
        raise _wrong(path, "is empty")
    return head


def _wrong(path: Path, message: str, *, line: int | None = None, **params: object) -> Invalid:
    return Invalid([Problem(message, params, str(path), line)])


def is_blank(cells: Sequence[Cell]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def _header(path: Path, rows: Iterator[Row], wanted: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """The header and its line: the first row with every wanted column, else the first with two texts, else the first."""
    seen: list[tuple[int, tuple[str, ...]]] = []
    folded = {fold(name) or name for name in wanted}
    for line, cells in rows:
        if len(cells) > MAX_COLUMNS:
            raise _wrong(path, TOO_WIDE, line=line, count=len(cells), limit=MAX_COLUMNS)
        if is_blank(cells):
            continue
        names = tuple(" ".join(_name(cell).split()) for cell in cells)
        seen.append((line, names))
        if wanted and folded <= {fold(name) or name for name in names}:
            return seen[-1]
        if len(seen) == HEADER_ROWS:
            break
    if not seen:
        raise _wrong(path, "is empty")
    return next((row for row in seen if sum(map(bool, row[1])) > 1), seen[0])


def _name(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


# Text


def _open_text(path: Path, encoding: str | None, wanted: Sequence[str]) -> Table:
    used = encoding or encoding_of(path)
    errors = "replace" if encoding is None and used in GUESSED else "strict"
    try:
        first = _first_line(path, used, errors)
        given = first.strip()[4:] if first.lower().startswith("sep=") else ""
        skip = 1 if given or first.lower().startswith("sep=") else 0
        separator = given[:1] or ("\t" if skip else _separator(path, used, errors))
        line, header = _header(path, _records(path, (used, errors), separator, skip, no_progress), wanted)
    except LookupError:
        raise _wrong(path, "there is no encoding {name}", name=used) from None
    except UnicodeError:
        raise _not_text(path, used) from None

    def rows(progress: Progress) -> Iterator[Row]:
        try:
            for number, cells in _records(path, (used, errors), separator, skip, progress):
                if number > line and not is_blank(cells):
                    yield number, cells
        except UnicodeError:
            raise _not_text(path, used) from None

    about = {"encoding": used, "separator": {"\t": "tab"}.get(separator, separator)}
    return Table(str(path), header, line, rows, about, comma_likely=separator == ";" if separator in ",;" else None)


def _not_text(path: Path, encoding: str) -> Invalid:
    return _wrong(path, "is not {encoding} text; name its encoding with --encoding", encoding=encoding)


def _first_line(path: Path, encoding: str, errors: str) -> str:
    with path.open(encoding=encoding, errors=errors) as stream:
        return stream.readline(_SAMPLE)


def _separator(path: Path, encoding: str, errors: str) -> str:
    """The separator that cuts the first records into the same number of cells, and into the most of them."""
    with path.open(encoding=encoding, errors=errors, newline="") as stream:
        sample = stream.read(_SAMPLE)
    whole = sample[: sample.rfind("\n") + 1] or sample
    return max(SEPARATORS, key=lambda separator: _regularity(whole, separator))


def _regularity(sample: str, separator: str) -> tuple[float, int]:
    """(share of records as wide as the usual one, its width); one column says nothing."""
    records = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    try:
        widths = [len(cells) for cells in records if cells][: HEADER_ROWS * 5]
    except csv.Error:
        return 0, 0
    usual = max(set(widths), key=widths.count, default=1)
    return (widths.count(usual) / len(widths), usual) if usual > 1 else (0, 0)


def _records(path: Path, coding: tuple[str, str], separator: str, skip: int, progress: Progress) -> Iterator[Row]:
    """(line on which it begins, cells) of each record, header and blank ones too. coding: encoding, what errors do."""
    size = max(path.stat().st_size, 1)
    with path.open("rb") as raw, io.TextIOWrapper(raw, *coding, newline="") as text:
        reader = csv.reader(chain(text, (_END,)), delimiter=separator)
        line = 1
        try:
            for count, cells in enumerate(reader):
                if count % _STEP == 0:
                    progress(min(1.0, raw.tell() / size))
                if cells == [_END]:
                    return
                if cells and cells[-1].endswith(_END):
                    raise _wrong(path, "a quotation mark is opened and not closed", line=line)
                if line > skip:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error:
            message = "holds a cell of more than {limit} characters: a quotation mark is opened and not closed"
            raise _wrong(path, message, line=line, limit=csv.field_size_limit()) from None


# Workbooks


def _open_workbook(path: Path, head: bytes, sheet: str | None, wanted: Sequence[str]) -> Table:
    from python_calamine import CalamineError

    book = _open_book(path, head)
    try:
        grid = _sheet(path, book, sheet)
        line, header = _header(path, enumerate(grid.iter_rows(), start=1), wanted)
    except (CalamineError, OSError) as error:
        raise _broken_book(path, error) from None

    def rows(progress: Progress) -> Iterator[Row]:
        total = max(grid.total_height, 1)
        for number, cells in enumerate(grid.iter_rows(), start=1):
            if number % _STEP == 0:
                progress(number / total)
            if number > line and not is_blank(cells):
                yield number, cells

    return Table(str(path), header, line, rows, {"sheet": grid.name}, sheets=_tables(book))


def _tables(book: Any) -> tuple[str, ...]:
    from python_calamine import SheetTypeEnum

    return tuple(meta.name for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet)


def _open_book(path: Path, head: bytes) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if head.startswith(b"PK"):
        _require_sane_archive(path)
    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        raise _wrong(path, "is protected with a password; save it without one") from None
    except (CalamineError, OSError) as error:
        raise _broken_book(path, error) from None


def _broken_book(path: Path, error: Exception) -> Invalid:
    reason = " ".join(str(error).split())[:200]
    return _wrong(path, "cannot be read as a workbook: {reason}", reason=reason)


def _require_sane_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        raise _wrong(path, "cannot be read as a workbook: {reason}", reason="broken archive") from None
    if unpacked > MAX_UNPACKED:
        raise _wrong(path, "unpacks to more than {limit} MiB", limit=MAX_UNPACKED // 1024**2)


def _sheet(path: Path, book: Any, sheet: str | None) -> Any:
    """The sheet asked for by name or by number from 1; else the first visible one with data, else the first with data."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    names: list[str] = book.sheet_names
    if sheet is not None:
        if sheet in names:
            return book.get_sheet_by_name(sheet)
        if sheet.isdecimal() and 1 <= int(sheet) <= len(names):
            return book.get_sheet_by_name(names[int(sheet) - 1])
        known = ", ".join(names)
        raise _wrong(path, "there is no sheet {name}; there are: {known}", name=sheet, known=known)
    tables = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    for meta in sorted(tables, key=lambda meta: meta.visible != SheetVisibleEnum.Visible):
        found = book.get_sheet_by_name(meta.name)
        if found.height:
            return found
    raise _wrong(path, "is empty")
