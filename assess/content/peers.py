"""A benchmark file (CSV) to peers, one organisation's closed assessment a line."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import lru_cache
from io import StringIO
from pathlib import Path

from assess.content.document import decode, read_bytes
from assess.content.parsing import is_day
from assess.core.benchmark import SEGMENTS, Peer
from assess.core.errors import Invalid, Problem
from assess.core.questionnaire import Questionnaire

MAX_BYTES = 64 * 1024 * 1024
_NEEDED = ("organisation", "questionnaire", "version", "completed_on")
_SCORE = re.compile(r"[1-5](\.\d{1,30})?\Z")
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,2}\Z")
_MAX_PROBLEMS = 100


def read_peers(path: Path, questionnaire: Questionnaire) -> tuple[Peer, ...]:
    """The peers in a file; lines of other questionnaires are checked and kept too. Raises Invalid naming every bad line."""
    return parse_peers(decode(read_bytes(path, MAX_BYTES), str(path)), str(path), questionnaire)


def parse_peers(text: str, file: str, questionnaire: Questionnaire) -> tuple[Peer, ...]:
    problems: list[Problem] = []
    peers = tuple(iterate_peers(text, file, questionnaire, problems))
    if len(problems) > _MAX_PROBLEMS:
        more = Problem("and {count} more problems", {"count": len(problems) - _MAX_PROBLEMS}, file)
        problems = [*problems[:_MAX_PROBLEMS], more]
    if problems:
        raise Invalid(problems)
    return peers


def iterate_peers(text: str, file: str, questionnaire: Questionnaire, problems: list[Problem]) -> Iterator[Peer]:
    """The good lines one by one; what is wrong with the others is added to problems. Raises Invalid for no benchmark file."""
    rows = csv.reader(StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    try:
        columns = [name.strip() for name in next(rows, [])]
        _check_columns(columns, file, questionnaire)
        line = _Line(columns, file, questionnaire, problems)
        for cells in rows:
            if (peer := line.peer(cells, rows.line_num)) is not None:
                yield peer
    except csv.Error as error:
        raise Invalid([Problem("is not a readable CSV file: {reason}", {"reason": error}, file, rows.line_num)]) from None


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


class _Line:
    """How the lines under one header are read."""

    def __init__(self, columns: list[str], file: str, questionnaire: Questionnaire, problems: list[Problem]) -> None:
        self.file, self.problems, self.wide = file, problems, len(columns)
        self.needed = [(name, columns.index(name)) for name in _NEEDED]
        self.segments = [columns.index(name) if name in columns else None for name in SEGMENTS]
        self.scores = [(d.id, columns.index(d.id)) for d in questionnaire.dimensions if d.id in columns]

    def peer(self, given: list[str], number: int) -> Peer | None:
        """One line as a peer; None, with the reasons added to the problems, when it is wrong or empty."""
        cells = [cell.strip() for cell in given]
        if not any(cells[: self.wide]) and len(cells) <= self.wide:
            return None
        before = len(self.problems)
        if len(cells) > self.wide:
            self._wrong("has more cells than the header", number)
        cells += [""] * (self.wide - len(cells))
        name, questionnaire, version, completed_on = (cells[place] for _, place in self.needed)
        self._check(cells, number)
        scores: dict[str, Fraction] = {}
        for dimension, place in self.scores:
            if cell := cells[place]:
                if (score := _score(cell)) is None:
                    self._wrong("{given} is not a score from 1 to 5", number, dimension, cell)
                else:
                    scores[dimension] = score
        if len(self.problems) > before:
            return None
        segments = [sys.intern(cells[place]) if place is not None else "" for place in self.segments]
        return Peer(name, sys.intern(questionnaire), sys.intern(version), _day(completed_on) or date.min, scores, *segments)

    def _check(self, cells: list[str], number: int) -> None:
        """Note what is wrong with the cells that are no scores."""
        for column, place in self.needed:
            if not cells[place]:
                self._wrong("is empty", number, column)
        version, completed_on = cells[self.needed[2][1]], cells[self.needed[3][1]]
        if version and not _VERSION.match(version):
            self._wrong("{given} is not a version such as 1.0.0", number, "version", version)
        if completed_on and _day(completed_on) is None:
            self._wrong("{given} is not a date such as 2026-11-21", number, "completed_on", completed_on)

    def _wrong(self, message: str, line: int, column: str = "", given: str | None = None) -> None:
        params = {} if given is None else {"given": given[:60]}
        self.problems.append(Problem(message, params, self.file, line, column))


@lru_cache(maxsize=65536)
def _score(given: str) -> Fraction | None:
    """The score; None where the text is none from 1 to 5."""
    if not _SCORE.match(given):
        return None
    score = Fraction(given)
    return score if score <= 5 else None


@lru_cache(maxsize=65536)
def _day(given: str) -> date | None:
    return date.fromisoformat(given) if is_day(given) else None
