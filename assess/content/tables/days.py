"""Dates in all common orders; whether 03/05/2011 is in March or in May is one decision for a column."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

DMY, MDY, YMD = "dmy", "mdy", "ymd"
ORDERS = (DMY, MDY, YMD)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: place for place, name in enumerate(_NAMES, start=1)}
_FOREIGN = {
    "mär": 3,
    "mrz": 3,
    "mai": 5,
    "okt": 10,
    "dez": 12,
    "fév": 2,
    "avr": 4,
    "juin": 6,
    "juil": 7,
    "aoû": 8,
    "déc": 12,
    "ene": 1,
    "abr": 4,
    "ago": 8,
    "dic": 12,
}
_TIME = r"(?:[T,]?\s*(?:上午|下午)?\d{1,2}[:h時时]\d{2}.*)?"
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?\Z")
_YEAR_FIRST = re.compile(rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})日?\s*{_TIME}\Z")
_REPUBLIC = re.compile(rf"(?:民國)?\s*(\d{{2,3}})\s*[年/.-]\s*(\d{{1,2}})\s*[月/.-]\s*(\d{{1,2}})日?\s*{_TIME}\Z")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_TRIPLE = re.compile(rf"(\d{{1,2}})\s*[-/. ]\s*(\d{{1,2}})\s*[-/. ]\s*(\d{{4}}|\d{{2}})\s*{_TIME}\Z")
_NAMED = re.compile(rf"(\d{{1,2}})\.?[-/ ]*([^\W\d_]{{3,10}})\.?[-/ ,]*(\d{{4}}|\d{{2}})\s*{_TIME}\Z")
_NAME_FIRST = re.compile(rf"([^\W\d_]{{3,10}})\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\s*{_TIME}\Z")
_YEAR = re.compile(r"(?:FY\s*)?((?:19|20|21)\d{2})(?:\.0+)?\s*年?(?:度)?\Z", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?\Z")
_EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's serial numbers, which from March 1900 on count as if there had been a 29 February 1900."""
_CENTURY = 69
"""Two digits from this on are 19xx, below 20xx: the rule of POSIX and of Excel's relatives."""
_REPUBLIC_START = 1911
_CACHE = 100_000


class NotADay(Exception):  # noqa: N818 - read as a claim
    def __init__(self, message: str, **params: object) -> None:
        self.message, self.params = message, params
        super().__init__(message)


@dataclass
class DaySurvey:
    """What the cells of a date column say about its order. Fed one cell at a time."""

    votes: Counter[str] = field(default_factory=Counter)
    open: int = 0
    example: str = ""
    seen: set[str] = field(default_factory=set)

    def see(self, cell: Any) -> None:
        """Weigh a cell; a day seen before says nothing new."""
        if not isinstance(cell, str) or (cell := without_time(cell)) in self.seen:
            return
        if len(self.seen) < _CACHE:
            self.seen.add(cell)
        if (found := _TRIPLE.match(_plain(cell))) is None:
            return
        first, second, third = (int(part) for part in found.groups())
        if first > 31 or (len(found[3]) == 2 and third > 31 and first > 12 and second > 12):
            self.votes[YMD] += 1
        elif first > 12 >= second:
            self.votes[YMD if len(found[3]) == 2 and first > 31 else DMY] += 1
        elif second > 12 >= first:
            self.votes[MDY] += 1
        else:
            self.open += 1
            self.example = self.example or cell.strip()[:20]

    @property
    def decided(self) -> str | None:
        """The order most cells prove; None where none proves one."""
        return max(self.votes, key=lambda order: self.votes[order]) if self.votes else None

    @property
    def is_undecided(self) -> bool:
        return self.open > 0 and not self.votes

    @property
    def has_orders(self) -> bool:
        """Whether there are dates that another order would read otherwise, or not at all."""
        return self.open > 0 or bool(self.votes)


class Calendar:
    """Reads the days of one column in the order decided; what was read once is remembered."""

    def __init__(self, order: str) -> None:
        self.order = order
        self._known: dict[str, date | int] = {}

    def read(self, cell: Any) -> date | int:
        """A day, or a year alone. Raises NotADay."""
        if isinstance(cell, str):
            cell = without_time(cell)
            known = self._known.get(cell)
            if known is None:
                known = _read_text(cell, self.order)
                if len(self._known) >= _CACHE:
                    self._known.clear()
                self._known[cell] = known
            return known
        return _read_value(cell)


def without_time(cell: str) -> str:
    """The cell without a time of day after a space: there are far fewer days than moments."""
    day, _, rest = cell.partition(" ")
    return day if _CLOCK.match(rest) else cell


def _plain(cell: str) -> str:
    text = cell.strip()
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _read_value(cell: Any) -> date | int:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == cell:
        if 1900 <= cell < 2200 and float(cell).is_integer():
            return int(cell)
        if 10_000 <= cell < 100_000:
            return _EPOCH + timedelta(days=int(cell))
    if cell is None:
        raise NotADay("is empty")
    raise NotADay("{value} is not a date", value=str(cell)[:40])


def _read_text(cell: str, order: str) -> date | int:
    text = _plain(cell)
    if not text:
        raise NotADay("is empty")
    if found := _YEAR.match(text):
        return int(found[1])
    if _SERIAL.match(text):
        return _read_value(float(text.replace(",", ".")))
    try:
        return date(*_parts(text, order))
    except (ValueError, TypeError):
        raise NotADay("{value} is not a date", value=cell.strip()[:40]) from None


def _parts(text: str, order: str) -> tuple[int, int, int]:
    """Year, month, day. Raises ValueError."""
    if found := _YEAR_FIRST.match(text) or _COMPACT.match(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _TRIPLE.match(text):
        return _ordered(found[1], found[2], found[3], order)
    if (found := _REPUBLIC.match(text)) and (len(found[1]) == 3 or "民" in text):
        return int(found[1]) + _REPUBLIC_START, int(found[2]), int(found[3])
    if found := _NAMED.match(text):
        return _full_year(found[3]), _month(found[2]), int(found[1])
    if found := _NAME_FIRST.match(text):
        return int(found[3]), _month(found[1]), int(found[2])
    raise ValueError(text)


def _ordered(first: str, second: str, third: str, order: str) -> tuple[int, int, int]:
    if order == YMD and len(third) == 2:
        return _full_year(first), int(second), int(third)
    day, month = (int(second), int(first)) if order == MDY else (int(first), int(second))
    return _full_year(third), month, day


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year >= _CENTURY else 2000)


def _month(name: str) -> int:
    folded = name.casefold()
    short = folded[:3]
    return _MONTHS.get(short) or _FOREIGN.get(short) or _FOREIGN.get(folded[:4]) or _unknown(name)


def _unknown(name: str) -> int:
    raise ValueError(name)
