"""Numbers as people and Excel write them: 1,234.56, 1.234,56, 1 234,56, 1'234.56, (123), 123-, € 5, 7 %.

Whether a comma or a point is the decimal mark is one decision for a column, taken from all its values.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

POINT, COMMA = ".", ","
MAX_DIGITS = 30
_SEEN = 100_000
"""Cells of a column that are remembered while it is surveyed."""
PREC = 120
"""Digits that sums are kept with: more than any sum of products of MAX_DIGITS needs."""

_SIGNS = {
    "NT$": "TWD", "NZ$": "NZD", "AU$": "AUD", "CA$": "CAD",
    "HK$": "HKD", "US$": "USD", "A$": "AUD", "C$": "CAD", "S$": "SGD", "R$": "BRL",
    "€": "EUR", "£": "GBP", "￡": "GBP", "¥": "¥", "￥": "¥", "₩": "KRW", "₹": "INR", "₽": "RUB", "$": "$", "＄": "$",
    "元": "¥", "円": "JPY", "KR": "kr", "ZŁ": "PLN", "RMB": "CNY",
}  # fmt: skip
_CODES = frozenset(
    "USD EUR GBP CHF JPY CNY TWD HKD SGD AUD CAD NZD SEK NOK DKK PLN CZK HUF "  # noqa: SIM905 - a list of words reads best so
    "INR KRW BRL MXN ZAR TRY THB MYR IDR PHP VND AED SAR".split()
)
_CURRENCY = re.compile("|".join(map(re.escape, sorted({*_SIGNS, *_CODES}, key=lambda sign: (-len(sign), sign)))), re.IGNORECASE)
_ONE_CURRENCY = {
    "¥": {"CNY", "JPY"},
    "$": {"USD", "TWD", "HKD", "AUD", "CAD", "SGD", "NZD", "MXN"},
    "kr": {"SEK", "NOK", "DKK"},
}
"""Signs that several currencies share, and which those are."""
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u2007\u2009\u202f'’](?=\d{3}(?!\d))")
_BODY = re.compile(r"[0-9.,]+\Z")
_EXPONENT = re.compile(r"([0-9]+)(?:([.,])([0-9]+))?[eE]([+-]?[0-9]{1,3})\Z")
_SIMPLE = re.compile(r"-?[0-9]{1,18}\Z")
_GRAMMAR = {
    mark: re.compile(rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}|[0-9]*)(?:{re.escape(mark)}[0-9]*)?\Z")
    for mark, group in ((POINT, ","), (COMMA, r"\."))
}


class NotANumber(Exception):  # noqa: N818 - read as a claim
    """message and params say what is wrong with a cell."""

    def __init__(self, message: str, **params: object) -> None:
        self.message, self.params = message, params
        super().__init__(message)


@dataclass(frozen=True)
class Written:
    """A cell taken apart: digits and marks that are left, sign, percent sign, currency ("" where none is written)."""

    body: str
    negative: bool = False
    percent: bool = False
    currency: str = ""


def take_apart(text: str) -> Written:
    """Strip signs, brackets, currency and spaces between thousands. Raises NotANumber when anything else is left."""
    rest = text.strip()
    if not rest.isascii():
        rest = unicodedata.normalize("NFKC", rest.replace("￥", "¥")).replace("−", "-").replace("–", "-").strip()
    if not rest:
        raise NotANumber("is empty")
    currency, rest = _currency(rest)
    percent, rest = "%" in rest, rest.replace("%", "", 1).strip()
    negative = False
    if rest.startswith("(") and rest.endswith(")"):
        negative, rest = True, rest[1:-1].strip()
    if rest.startswith(("-", "+")):
        negative, rest = negative ^ (rest[0] == "-"), rest[1:].strip()
    elif rest.endswith(("-", "+")):
        negative, rest = negative ^ (rest[-1] == "-"), rest[:-1].strip()
    body = _SPACES.sub("", rest)
    if not (_BODY.match(body) or _EXPONENT.match(body)) or not any(char.isdigit() for char in body):
        raise NotANumber("{value} is not a number", value=text.strip()[:40])
    return Written(body, negative, percent, currency)


def _currency(text: str) -> tuple[str, str]:
    """The currency written in a cell, "" where there is none, and the rest of the cell."""
    found = _CURRENCY.search(text)
    if found is None:
        return "", text
    rest = (
        (text[: found.start()] + text[found.end() :]).strip(" \u00a0.")
        if found.start()
        else text[found.end() :].strip(" \u00a0")
    )
    sign = found.group().upper()
    return _SIGNS.get(sign, sign), rest


@dataclass
class Survey:
    """What all cells of a number column say about how to read them. Fed one cell at a time."""

    point: int = 0
    comma: int = 0
    either: Counter[str] = field(default_factory=Counter)
    currencies: dict[str, int] = field(default_factory=dict)
    large: bool = False
    percent: bool = False
    seen: set[str] = field(default_factory=set)

    def see(self, cell: Any, line: int) -> None:
        """Weigh a cell; one that is written like an earlier one says nothing new."""
        if cell in self.seen:
            return
        if not isinstance(cell, str):
            self.large |= isinstance(cell, (int, float)) and abs(cell) >= 2
            return
        if len(self.seen) < _SEEN:
            self.seen.add(cell)
        if _SIMPLE.match(cell):
            self.large |= abs(int(cell)) >= 2
            return
        try:
            written = take_apart(cell)
        except NotANumber:
            return
        self.percent |= written.percent
        whole = written.body.replace(COMMA, POINT).partition(POINT)[0]
        self.large |= whole.isdecimal() and int(whole) >= 2
        if written.currency:
            self.currencies.setdefault(written.currency, line)
        self._weigh(written.body)

    def _weigh(self, body: str) -> None:
        """Which mark this cell shows to be the decimal one; a mark before three digits may be either."""
        points, commas = body.count(POINT), body.count(COMMA)
        if points and commas:
            self._count(POINT if body.rfind(POINT) > body.rfind(COMMA) else COMMA)
        elif points > 1 or commas > 1:
            self._count(COMMA if points else POINT)
        elif points or commas:
            mark = POINT if points else COMMA
            before, after = body.split(mark)
            if len(after) != 3 or not after.isdigit() or not 1 <= len(before) <= 3 or before.startswith("0"):
                self._count(mark)
            else:
                self.either[mark] += 1

    def _count(self, mark: str) -> None:
        if mark == POINT:
            self.point += 1
        else:
            self.comma += 1

    @property
    def decided(self) -> str | None:
        """The decimal mark, as the cells that tell have it; None where none tells."""
        return None if self.point == self.comma else POINT if self.point > self.comma else COMMA

    @property
    def is_undecided(self) -> bool:
        """Cells such as 1.234 or 1,234 are there, and none that tells what they mean."""
        return self.decided is None and bool(self.either)


def currencies_of(surveys: Iterable[Survey]) -> dict[str, int]:
    """Currencies written in number columns with the first line of each; a sign that another one explains is left out."""
    return different((name, line) for survey in surveys for name, line in survey.currencies.items())


def different(written: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Currencies with the first line of each, from signs and codes; a sign that another one explains is left out."""
    found: dict[str, int] = {}
    for sign, line in written:
        name = _SIGNS.get(sign.upper(), sign)
        found[name] = min(line, found.get(name, line))
    return {name: line for name, line in found.items() if not _ONE_CURRENCY.get(name, set()) & found.keys()}


def read_number(cell: Any, decimal: str) -> Decimal:
    """The exact value of a cell; 7 % is 0.07. Raises NotANumber."""
    if isinstance(cell, str):
        if _SIMPLE.match(cell):
            return Decimal(cell)
        return _read_text(cell, decimal)
    if isinstance(cell, (bool, date, time, timedelta)):
        raise NotANumber("{value} is not a number", value=str(cell)[:40])
    if cell is None:
        raise NotANumber("is empty")
    if isinstance(cell, float) and not math.isfinite(cell):
        raise NotANumber("{value} is not a number", value=str(cell))
    return Decimal(repr(cell)) if abs(cell) < 1e30 else _too_long(str(cell))


def _read_text(cell: str, decimal: str) -> Decimal:
    written = take_apart(cell)
    found = _EXPONENT.match(written.body)
    if found:
        whole, mark, fraction, exponent = found.groups()
        if (mark and mark != decimal) or abs(int(exponent)) > MAX_DIGITS:
            raise NotANumber("{value} is not a number", value=cell.strip()[:40])
        value = Decimal(f"{whole}.{fraction or 0}e{exponent}")
    elif _GRAMMAR[decimal].match(written.body):
        group = COMMA if decimal == POINT else POINT
        plain = written.body.replace(group, "").replace(decimal, ".")
        value = Decimal(plain) if len(plain) <= MAX_DIGITS else _too_long(cell)
    else:
        message = (
            "{value} is not a number with a decimal point"
            if decimal == POINT
            else "{value} is not a number with a decimal comma"
        )
        raise NotANumber(message, value=cell.strip()[:40])
    value = value.scaleb(-2) if written.percent else value
    return -value if written.negative else value


def _too_long(cell: str) -> Decimal:
    raise NotANumber("{value} has more than {limit} digits", value=cell.strip()[:40], limit=MAX_DIGITS)
