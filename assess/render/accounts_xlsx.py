"""The figures of an accounts file as a workbook: numbers as numbers, names as text, never a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from xlsxwriter import Workbook

from assess.core.accounts import AccountFigures, Block
from assess.core.questionnaire import ValueTiers

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the same figures give the same bytes

Value = Fraction | int | str | None
Say = Callable[[str], str]


@dataclass(frozen=True)
class Sheet:
    """name and columns are finished words; formats are those of the columns: text, amount, share or number."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Value, ...], ...]


def write_figures(figures: AccountFigures, tiers: ValueTiers | None, say: Say, language: str) -> bytes:
    """An .xlsx with a sheet for each part that the file has a basis for. say: phrase key -> word in `language`."""
    out = io.BytesIO()
    book = Workbook(out, OPTIONS)
    book.set_properties({"created": CREATED})
    looks = {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "text": book.add_format({"valign": "top"}),
        "amount": book.add_format({"num_format": "#,##0.00"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "number": book.add_format({"num_format": "0.####"}),
    }
    for sheet in _sheets(figures, tiers, say, language):
        page = book.add_worksheet(sheet.name[:31])
        page.freeze_panes(1, 1)
        for column, (title, kind) in enumerate(sheet.columns):
            page.set_column(column, column, 34 if kind == "text" and column == 0 else 16)
            page.write_string(0, column, title, looks["head"])
        for line, row in enumerate(sheet.rows, start=1):
            for column, (value, (_, kind)) in enumerate(zip(row, sheet.columns, strict=True)):
                if isinstance(value, str):
                    page.write_string(line, column, value, looks["text"])
                elif value is not None:
                    page.write_number(line, column, float(value), looks[kind])
        if sheet.rows:
            page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    book.close()
    return out.getvalue()


def _sheets(figures: AccountFigures, tiers: ValueTiers | None, say: Say, language: str) -> Iterator[Sheet]:
    def columns(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple((say(f"label.{label}"), kind) for label, kind in pairs)

    yield _concentration(figures, say, columns)
    yield Sheet(
        say("label.accounts_largest"),
        columns(("account", "text"), ("rank", "number"), ("revenue", "amount"), ("share", "share"), ("cumulative", "share")),
        tuple((one.name, one.rank, one.revenue, one.share, one.cumulative) for one in figures.largest),
    )
    if figures.tiering is not None and tiers is not None:
        yield Sheet(
            say("label.tiers"),
            columns(
                ("tier", "text"),
                ("account_count", "number"),
                ("key_accounts", "number"),
                ("revenue", "amount"),
                ("share", "share"),
            ),
            tuple(
                (tiers.names[one.id].of(language), one.accounts, one.key_accounts, one.revenue, one.share)
                for one in figures.tiering.counts
            ),
        )
    if figures.wallets is not None:
        yield Sheet(
            say("label.wallet"),
            columns(
                ("account", "text"),
                ("revenue", "amount"),
                ("share_of_wallet", "share"),
                ("relative_growth", "share"),
                ("quadrant", "text"),
            ),
            tuple(
                (one.name, one.revenue, one.share, one.relative_growth, say(f"accounts.quadrant.{one.quadrant}"))
                for one in figures.wallets.points
            ),
        )
    if figures.ladder is not None:
        yield Sheet(
            say("label.ladder"),
            columns(("meaning", "text"), ("stage", "number"), ("account_count", "number")),
            tuple((say(f"accounts.stage.{stage}"), stage, count) for stage, count in figures.ladder.accounts.items()),
        )
    if figures.profit is not None:
        yield Sheet(
            say("label.contribution"),
            columns(
                ("account", "text"), ("revenue", "amount"), ("contribution", "amount"), ("revenue_rank", "number"),
                ("contribution_rank", "number"), ("shift", "number"), ("lifetime", "amount"),
            ),
            tuple(
                (
                    row.name, row.revenue, row.contribution, row.revenue_rank, row.contribution_rank, row.shift,
                    row.lifetime_value,
                )
                for row in figures.profit.rows
            ),
        )  # fmt: skip


def _concentration(figures: AccountFigures, say: Say, columns: Callable[..., tuple[tuple[str, str], ...]]) -> Sheet:
    rows: Sequence[tuple[str, Block]] = [
        *((str(year), block) for year, block in figures.years.items()),
        (say("accounts.total"), figures.total),
    ]
    return Sheet(
        say("label.concentration"),
        columns(
            ("year", "text"), ("revenue", "amount"), ("account_count", "number"), ("largest", "share"),
            ("ten_largest", "share"), ("hhi", "number"), ("effective", "number"),
            ("key_accounts", "number"), ("key_share", "share"),
        ),
        tuple(
            (
                title, block.revenue, block.accounts, block.top1_share, block.cr10, block.hhi, block.effective_customers,
                block.key_accounts, block.key_account_share,
            )
            for title, block in rows
        ),
    )  # fmt: skip
