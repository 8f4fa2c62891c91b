"""The forms of the accounts pages: the upload, and what each column of the file is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_decimal
from flask import request
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, SelectField, StringField, ValidationError

from assess.content.account_heads import Choices, Head
from assess.content.tables.mapping import PARTS, Columns
from assess.content.tables.numbers import COMMA, POINT
from assess.content.tables.preview import Preview, Seen, preview_table
from assess.usecases.readings import ReadingView
from assess.web.figures import day
from assess.web.forms import PageForm, choice, clean_line, select
from assess.web.languages import CUSTOMS, current_language, gettext
from assess.web.languages import lazy_gettext as _l

PREVIEW_LINES = 20
LONGEST_EXAMPLE = 30
"""Characters of an entry beside the name of its column."""
MAX_YEARS = 50
PART_NAMES = {
    "account": _l("Account (customer)"),
    "date": _l("Date"),
    "year": _l("Year"),
    "revenue": _l("Revenue"),
    "quantity": _l("Quantity"),
    "price": _l("Price of one piece"),
    "contribution": _l("Contribution margin"),
    "cost_to_serve": _l("Cost to serve"),
    "currency": _l("Currency"),
    "group": _l("Group the account belongs to"),
    "key_account": _l("Key account: yes or no"),
    "manager": _l("Key account manager"),
    "sponsor": _l("Executive sponsor"),
    "stage": _l("Stage of the relationship, 1 to 4"),
    "proof": _l("Proof of the stage"),
    "wallet": _l("What the account buys from anybody"),
    "market_growth": _l("Growth of the account’s market"),
}
"""What a column can be, in words; the order is that of the selects."""
MARKS = {POINT: _l("Decimal point: 1,234.56"), COMMA: _l("Decimal comma: 1.234,56")}
ORDERS = {
    "dmy": _l("Day, month, year: 31/12/2026"),
    "mdy": _l("Month, day, year: 12/31/2026"),
    "ymd": _l("Year, month, day: 2026/12/31"),
}


class UploadForm(PageForm):
    file = FileField(_l("Accounts file (CSV, TSV or a workbook; up to 200 MB)"))
    keep = BooleanField(_l("Keep the uploaded file after reading, to read it again with other columns"))

    def validate_file(self, field: FileField) -> None:
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(gettext("Please choose a file."))


class _Percent:
    """Nothing, or a number from 0 to 100."""

    def __call__(self, form: object, field: StringField) -> None:  # noqa: ARG002 - the signature of a validator
        if field.data and not 0 <= (_number(field.data) or Decimal(-1)) <= 100:
            raise ValidationError(gettext("Please give a percentage from 0 to 100."))


class ColumnsForm(PageForm):
    """How a file is to be read. The selects of the columns, `c0` and so on, are as many as the file has columns."""

    sheet = SelectField(_l("Sheet"), validate_choice=False)
    by_line = BooleanField(_l("Each line is an account of its own"))
    decimal = select(_l("Numbers"), MARKS, _l("As the cells show"))
    dates = select(_l("Dates"), ORDERS, _l("As the cells show"))
    hides_names = BooleanField(_l("Hide the names of the accounts: #1, #2 … by revenue, everywhere and for good"))
    retention = StringField(
        _l("Accounts that stay from year to year, in percent"), filters=[clean_line], validators=[_Percent()]
    )
    discount = StringField(_l("Discount rate a year, in percent"), filters=[clean_line], validators=[_Percent()])
    lifetime = StringField(_l("Years counted"), filters=[clean_line])
    columns: tuple[str, ...]
    header: tuple[str, ...]
    earlier: Choices
    lacks: list[str]

    @classmethod
    def of(cls, reading: ReadingView, *, is_sent: bool = False) -> ColumnsForm:
        """The form on what was chosen so far, or on what was sent."""
        assert reading.head is not None  # noqa: S101 - only of a file that was looked at
        kept = reading.choices
        form: ColumnsForm = cls(request.form if is_sent else None, data=_entries(kept))
        form.sheet.choices = [choice(name, name) for name in reading.head.sheets]
        form.header, form.earlier, form.lacks = reading.head.header, kept, []
        if is_sent:
            form.columns = tuple(request.form.get(f"c{place}", "") for place in range(len(form.header)))
        else:
            part_of = {place: part for part, places in kept.columns.items() for place in places}
            form.columns = tuple(part_of.get(place, "") for place in range(len(form.header)))
            form.sheet.data = kept.sheet
        return form

    @property
    def choices(self) -> Choices:
        """What the form says; parts that there are not count as nothing."""
        columns: dict[str, tuple[int, ...]] = {}
        for place, part in enumerate(self.columns):
            if part in PARTS:
                columns[part] = (*columns.get(part, ()), place)
        assumed = (self.retention.data, self.discount.data, self.lifetime.data)
        has_all = all(assumed) and not (self.retention.errors or self.discount.errors or self.lifetime.errors)
        return Choices(
            sheet=self._sheet,
            columns=columns,
            by_line=bool(self.by_line.data),
            decimal=self.decimal.data or None,
            dates=self.dates.data or None,
            hides_names=bool(self.hides_names.data),
            retention=str(_number(assumed[0] or "")) if has_all else None,
            discount=str(_number(assumed[1] or "")) if has_all else None,
            lifetime=int(assumed[2] or 0) if has_all else None,
            groups=self.earlier.groups,
        )

    @property
    def _sheet(self) -> str:
        """The sheet chosen; as it was where the file has none."""
        known = [value for value, *_ in self.sheet.iter_choices()]
        return str(self.sheet.data) if self.sheet.data in known else self.earlier.sheet

    def validate_lifetime(self, field: StringField) -> None:
        text = field.data or ""
        if text and not (text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= MAX_YEARS):
            raise ValidationError(gettext("Please give a whole number from 1 to %(largest)s.", largest=MAX_YEARS))
        given = [bool(self.retention.data), bool(self.discount.data), bool(text)]
        if any(given) and not all(given):
            raise ValidationError(gettext("A lifetime value needs all three assumptions; leave all three empty for none."))

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from super().problems()
        yield from (("c0", message) for message in self.lacks)


def _entries(kept: Choices) -> dict[str, Any]:
    plain = {"decimal": kept.decimal or "", "dates": kept.dates or "", "by_line": kept.by_line, "hides_names": kept.hides_names}
    assumed = {"retention": kept.retention or "", "discount": kept.discount or "", "lifetime": str(kept.lifetime or "")}
    return {**plain, **assumed}


def _number(text: str) -> Decimal | None:
    """A percentage as people type it; None for anything else."""
    plain = text.rstrip("%％ ").replace(",", ".")
    try:
        value = Decimal(plain) if len(plain) <= 10 else None
    except InvalidOperation:
        return None
    return value if value is None or value.is_finite() else None


@dataclass(frozen=True)
class Shown:
    """The first lines as they are read, in words. marks: (column, decimal mark); order of dates, "" without any."""

    rows: tuple[tuple[int, tuple[ShownCell, ...]], ...]
    examples: tuple[str, ...]
    marks: tuple[tuple[str, str], ...]
    order: str
    preview: Preview


@dataclass(frozen=True)
class ShownCell:
    text: str
    is_number: bool = False
    is_wrong: bool = False


def preview_of(head: Head, choices: Choices) -> Shown:
    """How the file would be read with these choices, as far as its first lines tell."""
    fitting = {part: tuple(p for p in places if p < len(head.header)) for part, places in choices.columns.items()}
    columns = Columns({part: places for part, places in fitting.items() if places}, by_line=choices.by_line)
    preview = preview_table(head.table, columns, lines=PREVIEW_LINES, decimal=choices.decimal, dates=choices.dates)
    decimals = preview.formats.decimals
    marks = tuple((head.header[place], mark) for place, mark in decimals.items() if place in preview.formats.written)
    return Shown(
        rows=tuple((line, tuple(map(_shown, cells))) for line, cells in preview.rows),
        examples=tuple(_examples(preview, place) for place in range(len(head.header))),
        marks=marks,
        order=preview.formats.order if preview.formats.has_orders else "",
        preview=preview,
    )


def _examples(preview: Preview, place: int) -> str:
    found = dict.fromkeys(cells[place].written for _, cells in preview.rows if cells[place].written)
    return " · ".join(text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…" for text in list(found)[:3])


def _shown(cell: Seen) -> ShownCell:
    if cell.problem is not None:
        return ShownCell(cell.written, is_wrong=True)
    if isinstance(cell.value, Decimal):
        shown = format_decimal(
            cell.value, format="#,##0.######", locale=CUSTOMS[current_language()], decimal_quantization=False
        )
        return ShownCell(shown, is_number=True)
    if isinstance(cell.value, date):
        return ShownCell(day(cell.value))
    return ShownCell(str(cell.value))
