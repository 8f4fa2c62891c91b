"""From a file of accounts or transactions to figures. The file is read and not kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from assess.content.phrases import load_phrases
from assess.content.tables.duplicates import suggest_groups
from assess.content.tables.ledger import Formats, lines_of, read_groups, read_ledger
from assess.content.tables.mapping import Columns, apply_map, describe, guess, preview, read_map, wanted_columns
from assess.content.tables.sources import Progress, Table, no_progress, open_table
from assess.core.accounts import AccountFigures, Assumptions, TierRules
from assess.core.accounts_analysis import analyse, hide_names
from assess.core.errors import Problem
from assess.core.questionnaire import ValueTiers


@dataclass(frozen=True)
class ReadingChoices:
    """What people say about their file; None or empty leaves it to the file.

    mapping: texts such as "account=CustomerID,date=InvoiceDate". groups: a table of account and the group it belongs to.
    """

    mapping: tuple[str, ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    dates: str | None = None
    groups: Path | None = None
    hide_names: bool = False


@dataclass(frozen=True)
class AccountsAnalysis:
    """The figures, and what a person should know about how they came about.

    mapping is as --map takes it; preview the mapped columns of the first lines under the names of their parts; notes what
    could be read in more than one way; left_out the first unreadable lines; alike accounts that may be one customer; formats
    how numbers and dates were read.
    """

    figures: AccountFigures
    mapping: str
    is_guessed: bool
    preview: tuple[tuple[str, ...], ...]
    about: dict[str, str]
    notes: tuple[Problem, ...]
    left_out: tuple[Problem, ...]
    alike: tuple[tuple[str, ...], ...]
    formats: Formats


def analyse_accounts(
    path: Path,
    choices: ReadingChoices = ReadingChoices(),
    *,
    tiers: TierRules | None = None,
    assumptions: Assumptions | None = None,
    progress: Progress = no_progress,
) -> AccountsAnalysis:
    """Read, add up and analyse a file. Raises NotFound, or Invalid naming every problem."""
    asked, wrong = read_map(choices.mapping)
    table = open_table(path, sheet=choices.sheet, encoding=choices.encoding, wanted=wanted_columns(asked))
    columns = apply_map(asked, table, wrong) if choices.mapping else guess(table)
    groups = None if choices.groups is None else read_groups(open_table(choices.groups))
    return analyse_table(
        table, columns, choices, name=path.name, groups=groups, tiers=tiers, assumptions=assumptions, progress=progress
    )


def analyse_table(
    table: Table,
    columns: Columns,
    choices: ReadingChoices,
    *,
    name: str,
    groups: Mapping[str, str] | None = None,
    tiers: TierRules | None = None,
    assumptions: Assumptions | None = None,
    progress: Progress = no_progress,
) -> AccountsAnalysis:
    """The same for a table that is open and whose columns are known; of the choices those about formats and names.

    name is what people call the file; groups: account -> the name it is counted under. Raises Invalid.
    """
    reading = read_ledger(table, columns, decimal=choices.decimal, dates=choices.dates, groups=groups, progress=progress)
    ledger = replace(reading.ledger, file=name)
    ledger = hide_names(ledger) if choices.hide_names else ledger
    return AccountsAnalysis(
        figures=analyse(ledger, tiers, assumptions),
        mapping=describe(columns, table),
        is_guessed=columns.guessed,
        preview=tuple(tuple(row) for row in preview(columns, [cells for _, cells in reading.preview])),
        about=dict(table.about),
        notes=reading.notes,
        left_out=tuple(lines_of(ledger.unreadable, table.file)),
        formats=reading.formats,
        alike=() if choices.hide_names or columns.by_line else suggest_groups(ledger.accounts),
    )


def figures_workbook(figures: AccountFigures, tiers: ValueTiers | None, language: str) -> bytes:
    """The figures as an XLSX workbook without any formula."""
    from assess.render.accounts_xlsx import write_figures

    return write_figures(figures, tiers, load_phrases().in_language(language), language)
