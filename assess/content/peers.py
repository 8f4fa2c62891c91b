"""A benchmark file (CSV) to peers, one organisation's closed assessment a line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from io import StringIO
from pathlib import Path

from assess.content.document import decode, read_bytes
from assess.content.parsing import is_day
from assess.core.benchmark import SEGMENTS, Peer
from assess.core.errors import Invalid, Problem
from assess.core.questionnaire import Questionnaire

MAX_BYTES = 64 * 1024 * 1024
_NEEDED = ("organisation", "questionnaire", "version", "completed_on")
_SCORE = re.compile(r"[1-5](\.\d{1,12})?\Z")
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,2}\Z")
_MAX_PROBLEMS = 100


def read_peers(path: Path, questionnaire: Questionnaire) -> tuple[Peer, ...]:
    """The peers in a file; lines of other questionnaires are checked and kept too. Raises Invalid naming every bad line."""
    return parse_peers(decode(read_bytes(path, MAX_BYTES), str(path)), str(path), questionnaire)


def parse_peers(text: str, file: str, questionnaire: Questionnaire) -> tuple[Peer, ...]:
    rows = None
    try:
        rows = csv.DictReader(StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
        columns = [name.strip() for name in rows.fieldnames or ()]
        _check_columns(columns, file, questionnaire)
        rows.fieldnames = columns
        problems: list[Problem] = []
        peers = [peer for row in rows if (peer := _peer(row, rows.line_num, file, questionnaire, problems)) is not None]
    except csv.Error as error:
        line = rows.reader.line_num if rows else 1
        raise Invalid([Problem("is not a readable CSV file: {reason}", {"reason": error}, file, line)]) from None
    if len(problems) > _MAX_PROBLEMS:
        more = Problem("and {count} more problems", {"count": len(problems) - _MAX_PROBLEMS}, file)
        problems = [*problems[:_MAX_PROBLEMS], more]
    if problems:
        raise Invalid(problems)
    return tuple(peers)


def _delimiter(text: str) -> str:
    """What Excel wrote between the columns of the header: comma, semicolon or tab."""
    header = text.split("\n", 1)[0]
    return max(",;\t", key=header.count)


def _check_columns(columns: list[str], file: str, questionnaire: Questionnaire) -> None:
    dimensions = [dimension.id for dimension in questionnaire.dimensions]
    problems = [Problem("the column {name} is missing", {"name": n}, file, 1) for n in _NEEDED if n not in columns]
    if not any(dimension in columns for dimension in dimensions):
        names = ", ".join(dimensions)
        problems.append(Problem("there is no column with scores ({names})", {"names": names}, file, 1))
    problems += [
        Problem("the column {name} is there twice", {"name": name}, file, 1)
        for name in sorted({name for name in columns if name and columns.count(name) > 1})
    ]
    if problems:
        raise Invalid(problems)


def _peer(
    row: Mapping[str | None, str | None], line: int, file: str, questionnaire: Questionnaire, problems: list[Problem]
) -> Peer | None:
    """One line as a peer; None, with the reasons added to problems, when it is wrong or empty."""
    cells = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str) and not isinstance(value, list)}
    if not any(cells.values()) and None not in row:
        return None
    before = len(problems)
    if None in row:
        problems.append(Problem("has more cells than the header", {}, file, line))
    problems.extend(Problem(text, {"given": given[:60]}, file, line, column) for column, text, given in _wrong(cells))
    scores: dict[str, Fraction] = {}
    for dimension in (d.id for d in questionnaire.dimensions):
        given = cells.get(dimension, "")
        if _SCORE.match(given) and Fraction(given) <= 5:
            scores[dimension] = Fraction(given)
        elif given:
            problems.append(Problem("{given} is not a score from 1 to 5", {"given": given[:60]}, file, line, dimension))
    if len(problems) > before:
        return None
    return Peer(
        organisation=cells["organisation"],
        questionnaire=cells["questionnaire"],
        version=cells["version"],
        completed_on=date.fromisoformat(cells["completed_on"]),
        scores=scores,
        **{segment: cells.get(segment, "") for segment in SEGMENTS},
    )


def _wrong(cells: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Column, what is wrong and what was given, of the cells that are no scores."""
    for column in _NEEDED:
        if not cells[column]:
            yield column, "is empty", ""
    if cells["version"] and not _VERSION.match(cells["version"]):
        yield "version", "{given} is not a version such as 1.0.0", cells["version"]
    if cells["completed_on"] and not is_day(cells["completed_on"]):
        yield "completed_on", "{given} is not a date such as 2026-11-21", cells["completed_on"]
