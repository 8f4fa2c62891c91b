"""Add a table up to accounts: one pass to decide how its numbers and dates are written, one to read them, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

from assess.content.tables.days import DMY, Calendar, DaySurvey, NotADay
from assess.content.tables.mapping import AMOUNTS, Columns
from assess.content.tables.numbers import COMMA, POINT, PREC, NotANumber, Survey, currencies_of, different, read_number
from assess.content.tables.sources import Cell, Progress, Row, Table, no_progress
from assess.core.accounts import Account, AccountYear, Ledger, Unreadable
from assess.core.errors import Invalid, Problem

NO_ACCOUNT = frozenset({"", "(blank)", "n/a", "#n/a", "null", "-"})
"""What stands where there is no account, in any case."""
UNREADABLE_SHOWN = 20
MAX_ACCOUNTS = 500_000
PREVIEW = 5
STAGES = (1, 2, 3, 4)
_YES = frozenset({"1", "1.0", "true", "t", "yes", "y", "j", "x", "✓", "ja", "oui", "sí", "是", "有", "wahr"})
_NO = frozenset({"0", "0.0", "false", "f", "no", "n", "nein", "non", "否", "無", "无", "falsch", "✗"}) | NO_ACCOUNT
_OPTIONAL = ("contribution", "cost_to_serve", "wallet", "market_growth")
_MONEY = ("revenue", "price", "contribution", "cost_to_serve", "wallet")
_CACHE = 50_000


@dataclass(frozen=True)
class Formats:
    """How the columns are written: decimal mark of each number column, order of dates, and the growth in percent or not.

    written: number columns that hold texts, where the mark matters; has_orders: there are dates whose order matters.
    """

    decimals: Mapping[int, str]
    order: str
    growth_in_percent: bool = False
    written: frozenset[int] = frozenset()
    has_orders: bool = False


@dataclass(frozen=True)
class Reading:
    """A ledger, what was decided on the way (sentences with values), and the first lines of the table."""

    ledger: Ledger
    notes: tuple[Problem, ...]
    formats: Formats
    preview: tuple[Row, ...] = ()


def read_ledger(
    table: Table,
    columns: Columns,
    *,
    decimal: str | None = None,
    dates: str | None = None,
    groups: Mapping[str, str] | None = None,
    progress: Progress = no_progress,
) -> Reading:
    """The accounts of a table. decimal (POINT or COMMA) and dates (dmy, mdy, ymd) override what the columns show.

    groups: account -> the name it is counted under. Raises Invalid for several currencies or too many accounts.
    """
    looked = _look(table, columns, lambda share: progress(share / 2))
    _require_one_currency(table, columns, looked)
    formats, notes = _decide(table, columns, looked, decimal, dates)
    with localcontext() as context:
        context.prec = PREC
        books = _Books(columns, formats, groups or {})
        for line, cells in table.rows(lambda share: progress(0.5 + share / 2)):
            books.enter(line, cells, len(table.header))
            if len(books.accounts) > MAX_ACCOUNTS:
                message = "has more than {limit} accounts: is {column} the right column?"
                column = table.header[columns.places["account"][0]] if "account" in columns.places else "#"
                raise Invalid([Problem(message, {"limit": MAX_ACCOUNTS, "column": column}, table.file, line)])
    progress(1.0)
    if not books.lines:
        raise Invalid([Problem("has a header and no lines below it", {}, table.file, table.header_line)])
    notes += [
        Problem("no line is of the account {name}", {"name": name}) for name in sorted(set(groups or {}) - books.named)[:5]
    ]
    return Reading(books.ledger(table.file), tuple(notes), formats, tuple(looked.preview))


def formats_of_columns(
    table: Table, columns: Columns, decimal: str | None = None, dates: str | None = None
) -> tuple[Formats, tuple[Problem, ...]]:
    """How the columns are written, as far as this table shows, with a sentence for what its cells leave open."""
    formats, notes = _decide(table, columns, _look(table, columns, no_progress), decimal, dates)
    return formats, tuple(notes)


# First pass: evidence


@dataclass
class _Look:
    numbers: dict[int, Survey]
    days: DaySurvey = field(default_factory=DaySurvey)
    currencies: dict[str, int] = field(default_factory=dict)
    preview: list[Row] = field(default_factory=list)


def _look(table: Table, columns: Columns, progress: Progress) -> _Look:
    """See every cell of the columns whose way of writing matters."""
    places = [place for part in AMOUNTS for place in columns.places.get(part, ())]
    looked = _Look({place: Survey() for place in places})
    day = next(iter(columns.places.get("date", ())), None)
    currency = next(iter(columns.places.get("currency", ())), None)
    for line, cells in table.rows(progress):
        if len(looked.preview) < PREVIEW:
            looked.preview.append((line, cells))
        width = len(cells)
        for place, survey in looked.numbers.items():
            if place < width:
                survey.see(cells[place], line)
        if day is not None and day < width:
            looked.days.see(cells[day])
        if currency is not None and currency < width and (name := str(cells[currency]).strip().upper()):
            looked.currencies.setdefault(name, line)
    return looked


def _require_one_currency(table: Table, columns: Columns, looked: _Look) -> None:
    money = [looked.numbers[place] for part in _MONEY for place in columns.places.get(part, ())]
    named = [(name, line) for name, line in looked.currencies.items() if name.casefold() not in NO_ACCOUNT]
    found = different(named) if "currency" in columns else currencies_of(money)
    if len(found) < 2:
        return
    order = sorted(found, key=lambda name: found[name])
    message = (
        "holds several currencies ({names}; the second one from this line on): amounts of different currencies "
        "can't be added. Convert them to one, or give one file per currency"
    )
    raise Invalid([Problem(message, {"names": ", ".join(order[:8])}, table.file, found[order[1]])])


def _decide(
    table: Table, columns: Columns, looked: _Look, decimal: str | None, dates: str | None
) -> tuple[Formats, list[Problem]]:
    """The formats, and a sentence for everything that the cells did not decide by themselves."""
    notes: list[Problem] = []
    decimals: dict[int, str] = {}
    elsewhere = {survey.decided for survey in looked.numbers.values()} - {None}
    usual = elsewhere.pop() if len(elsewhere) == 1 else COMMA if table.comma_likely else POINT
    for place, survey in looked.numbers.items():
        decimals[place] = decimal or survey.decided or usual or POINT
        if decimal is None and survey.is_undecided:
            example = f"1{next(iter(survey.either))}234"
            comma = (
                "column {column}: numbers such as {example} may mean two things; read with a decimal comma (--decimal point)"
            )
            point = (
                "column {column}: numbers such as {example} may mean two things; read with a decimal point (--decimal comma)"
            )
            message = comma if decimals[place] == COMMA else point
            notes.append(Problem(message, {"column": table.header[place], "example": example}))
    order = dates or looked.days.decided or DMY
    if dates is None and looked.days.is_undecided:
        message = "dates such as {example} may mean two things; read as {order} (--dates dmy|mdy|ymd)"
        notes.append(Problem(message, {"example": looked.days.example, "order": order}))
    growth = [looked.numbers[place] for place in columns.places.get("market_growth", ())]
    in_percent = any(survey.large and not survey.percent for survey in growth)
    if in_percent:
        notes.append(Problem("market growth is read as percent: some values are 2 or more and none has a percent sign", {}))
    written = frozenset(place for place, survey in looked.numbers.items() if survey.seen)
    return Formats(decimals, order, in_percent, written, looked.days.has_orders), notes


# Second pass: sums


class _Left(Exception):  # noqa: N818 - read as a claim
    """A line that is left out, and why."""

    def __init__(self, message: str, params: Mapping[str, object] | None = None, part: str = "") -> None:
        self.message, self.params, self.part = message, params or {}, part
        super().__init__(message)


@dataclass(slots=True)
class _Sums:
    """One account in one year while it is added up."""

    revenue: Decimal = Decimal(0)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    growths: int = 0
    is_key: bool = False


@dataclass(slots=True)
class _Entry:
    """One account while it is added up; stage and proof are of its newest line, of the highest stage on one day."""

    years: dict[int | None, _Sums] = field(default_factory=dict)
    staged: int = -1
    stage: int | None = None
    has_proof: bool = False
    managers: set[str] = field(default_factory=set)
    has_sponsor: bool = False


class _Books:
    """The accounts as they fill line by line."""

    def __init__(self, columns: Columns, formats: Formats, groups: Mapping[str, str]) -> None:
        self.accounts: dict[str, _Entry] = {}
        self.named: set[str] = set()
        self.lines = self.without_account = self.left_out = 0
        self.unreadable: list[Unreadable] = []
        self.days: dict[int, tuple[date, date]] = {}
        self.columns, self.formats, self.groups = columns, formats, groups
        self.calendar = Calendar(formats.order)
        self.known: dict[int, dict[str, Decimal]] = {place: {} for place in formats.decimals}
        self.place = {part: places[0] for part, places in columns.places.items()}
        self.revenue = self._by_revenue if "revenue" in columns else self._by_price
        self.optional = [part for part in _OPTIONAL if part in columns]
        self.marks = [part for part in ("key_account", "stage", "proof", "manager", "sponsor") if part in columns]

    def enter(self, line: int, cells: Sequence[Cell], width: int) -> None:
        """Count a line, and add it to its account or list it as unreadable."""
        self.lines += 1
        name = str(line) if self.columns.by_line else _account_name(self._cell(cells, "account"))
        if name.casefold() in NO_ACCOUNT:
            self.without_account += 1
            return
        try:
            if len(cells) > width and any(str(cell).strip() for cell in cells[width:]):
                raise _Left("has {count} cells, the header has {width}", {"count": len(cells), "width": width})
            self._add(name, cells)
        except _Left as left:
            self.left_out += 1
            if len(self.unreadable) < UNREADABLE_SHOWN:
                self.unreadable.append(Unreadable(line, left.message, left.params, left.part))

    def _add(self, name: str, cells: Sequence[Cell]) -> None:
        """Everything is read before anything is added, so that a line counts whole or not at all."""
        day = self._day(cells)
        revenue = self.revenue(cells)
        amounts = {part: value for part in self.optional if (value := self._amount(cells, part)) is not None}
        marks = {part: self._mark(cells, part) for part in self.marks}
        entry = self._entry(name, cells)
        year = day if day is None or isinstance(day, int) else day.year
        sums = entry.years.get(year)
        if sums is None:
            sums = entry.years[year] = _Sums()
        sums.revenue += revenue
        for part, value in amounts.items():
            sums.amounts[part] = sums.amounts.get(part, Decimal(0)) + value
        sums.growths += "market_growth" in amounts
        if isinstance(day, date):
            first, last = self.days.get(day.year, (day, day))
            self.days[day.year] = (min(first, day), max(last, day))
        if marks:
            newest = day if isinstance(day, date) else date(day or 1, 12, 31)
            _note_marks(entry, sums, marks, newest.toordinal())

    def _cell(self, cells: Sequence[Cell], part: str) -> Cell:
        place = self.place[part]
        return cells[place] if place < len(cells) else ""

    def _entry(self, name: str, cells: Sequence[Cell]) -> _Entry:
        """The entry of the account, or of the group it belongs to."""
        if self.groups:
            self.named.add(name)
        grouped = self.groups.get(name, "")
        if not grouped and "group" in self.place:
            grouped = _account_name(self._cell(cells, "group"))
        key = name if grouped.casefold() in NO_ACCOUNT else grouped
        entry = self.accounts.get(key)
        if entry is None:
            entry = self.accounts[key] = _Entry()
        return entry

    def _day(self, cells: Sequence[Cell]) -> date | int | None:
        for part in ("date", "year"):
            if part in self.place:
                return self._read_day(self._cell(cells, part), part)
        return None

    def _read_day(self, cell: Cell, part: str) -> date | int:
        try:
            return self.calendar.read(cell)
        except NotADay as wrong:
            raise _Left(wrong.message, wrong.params, part) from None

    def _number(self, cells: Sequence[Cell], place: int) -> Decimal:
        """The number in a column; texts read once are remembered."""
        cell = cells[place] if place < len(cells) else ""
        if not isinstance(cell, str):
            return read_number(cell, POINT)
        known = self.known[place]
        value = known.get(cell)
        if value is None:
            value = read_number(cell, self.formats.decimals[place])
            if len(known) >= _CACHE:
                known.clear()
            known[cell] = value
        return value

    def _named_number(self, cells: Sequence[Cell], part: str) -> Decimal:
        try:
            return self._number(cells, self.place[part])
        except NotANumber as wrong:
            raise _Left(wrong.message, wrong.params, part) from None

    def _by_price(self, cells: Sequence[Cell]) -> Decimal:
        return self._named_number(cells, "quantity") * self._named_number(cells, "price")

    def _by_revenue(self, cells: Sequence[Cell]) -> Decimal:
        """The cell, or the sum of several of which empty ones are nothing as long as one is not."""
        places = self.columns.places["revenue"]
        if len(places) == 1:
            return self._named_number(cells, "revenue")
        filled = [place for place in places if place < len(cells) and str(cells[place]).strip().casefold() not in NO_ACCOUNT]
        if not filled:
            raise _Left("is empty", part="revenue")
        return self._added(cells, filled, "revenue")

    def _added(self, cells: Sequence[Cell], places: Sequence[int], part: str) -> Decimal:
        try:
            return sum((self._number(cells, place) for place in places), Decimal(0))
        except NotANumber as wrong:
            raise _Left(wrong.message, wrong.params, part) from None

    def _amount(self, cells: Sequence[Cell], part: str) -> Decimal | None:
        """An optional amount, several columns added; None where the cells are empty."""
        filled = [p for p in self.columns.places[part] if p < len(cells) and str(cells[p]).strip().casefold() not in NO_ACCOUNT]
        if not filled:
            return None
        value = self._added(cells, filled, part)
        return value.scaleb(-2) if part == "market_growth" and self.formats.growth_in_percent else value

    def _mark(self, cells: Sequence[Cell], part: str) -> str | int | bool | None:
        """What a column beside the amounts says: yes or no for key_account, 1..4 for stage, a manager's name, else if any."""
        cell = self._cell(cells, part)
        text = _account_name(cell)
        if part == "key_account":
            return _truth(text)
        if part == "stage":
            return _stage(text)
        given = text.casefold() not in _NO
        return text if part == "manager" and given else given if part != "manager" else None

    def ledger(self, file: str) -> Ledger:
        return Ledger(
            accounts=tuple(_account(name, entry) for name, entry in self.accounts.items()),
            lines_read=self.lines,
            lines_without_account=self.without_account,
            lines_unreadable=self.left_out,
            unreadable=tuple(self.unreadable),
            given=frozenset({"account", "revenue", *self.columns.places}),
            days=dict(sorted(self.days.items())),
            file=file,
        )


def _account_name(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _truth(text: str) -> bool:
    folded = text.casefold()
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise _Left("{value} is neither yes nor no", {"value": text[:40]}, "key_account")


def _stage(text: str) -> int | None:
    if text.casefold() in NO_ACCOUNT:
        return None
    if (plain := text.removesuffix(".0")) in ("1", "2", "3", "4"):
        return int(plain)
    raise _Left("{value} is not a stage from 1 to 4", {"value": text[:40]}, "stage")


def _note_marks(entry: _Entry, sums: _Sums, marks: Mapping[str, str | int | bool | None], day: int) -> None:
    sums.is_key |= bool(marks.get("key_account"))
    entry.has_sponsor |= bool(marks.get("sponsor"))
    if marks.get("manager"):
        entry.managers.add(str(marks["manager"]))
    stage = marks.get("stage")
    if stage is not None and (day, int(stage)) >= (entry.staged, entry.stage or 0):
        entry.staged, entry.stage = day, int(stage)
        entry.has_proof = bool(marks.get("proof"))


def _account(name: str, entry: _Entry) -> Account:
    return Account(
        name=name,
        years={year: _account_year(sums) for year, sums in entry.years.items()},
        is_key=any(sums.is_key for sums in entry.years.values()),
        stage=entry.stage,
        has_proof=entry.has_proof,
        managers=frozenset(entry.managers),
        has_sponsor=entry.has_sponsor,
    )


def _account_year(sums: _Sums) -> AccountYear:
    amounts = {part: Fraction(value) for part, value in sums.amounts.items()}
    if "market_growth" in amounts:
        amounts["market_growth"] /= sums.growths
    return AccountYear(Fraction(sums.revenue), is_key=sums.is_key, **amounts)


def read_groups(table: Table) -> dict[str, str]:
    """account -> group from a table whose first two columns are that. Raises Invalid naming accounts given two groups."""
    groups: dict[str, str] = {}
    problems = []
    for line, cells in table.rows(no_progress):
        name, group = (_account_name(cell) for cell in (*cells, "", "")[:2])
        if name and group and groups.setdefault(name, group) != group:
            message = "the account {name} is given the groups {one} and {other}"
            problems.append(Problem(message, {"name": name, "one": groups[name], "other": group}, table.file, line))
    if problems:
        raise Invalid(problems)
    return groups


def lines_of(unreadable: Sequence[Unreadable], file: str) -> Iterator[Problem]:
    """The lines left out as problems, for people."""
    for one in unreadable:
        yield Problem(one.message, one.params, file, one.line, one.part)
