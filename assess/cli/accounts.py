"""kam-assess accounts, and the options that other commands share with it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from assess.cli.files import require_writable, write_file
from assess.cli.options import format_option, language_option, library_of, questionnaires_option
from assess.cli.tables import print_lines, table_lines
from assess.cli.wording import Tell, in_language, teller
from assess.core.accounts import AccountFigures, Assumptions, Block
from assess.core.accounts_outputs import accounts_json
from assess.core.errors import Invalid, Problem
from assess.core.questionnaire import Questionnaire, ValueTiers
from assess.core.rounding import half_up
from assess.usecases.accounts import AccountsAnalysis, ReadingChoices, analyse_accounts

DEFAULT_QUESTIONNAIRE = "kam-seven-steps"
QUIET_SECONDS = 2.0
"""Between two reports of progress where there is no terminal."""
DECIMALS = {"comma": ",", "point": "."}
Command = Callable[..., Any]

_READING: tuple[Any, ...] = (
    click.option(
        "--map", "mapping", multiple=True, metavar="PART=COLUMN,...", help="Which column is what; account=# counts lines."
    ),
    click.option("--sheet", help="Sheet of a workbook, by name or number.  [default: the first with data]"),
    click.option("--encoding", help="Encoding of a text file.  [default: found out]"),
    click.option("--decimal", type=click.Choice(list(DECIMALS)), help="Decimal mark of the numbers.  [default: found out]"),
    click.option("--dates", type=click.Choice(["dmy", "mdy", "ymd"]), help="Order of the dates.  [default: found out]"),
    click.option("--group", "groups", type=click.Path(path_type=Path), help="Table of account and the group it belongs to."),
    click.option("--anonymous-accounts", "anonymous", is_flag=True, help="Show #1, #2 ... in the place of names."),
    click.option("--retention", type=float, help="Yearly retention 0..1 assumed for lifetime values."),
    click.option("--discount", type=float, help="Yearly discount rate 0..1 assumed for lifetime values."),
    click.option("--lifetime", type=click.IntRange(1, 50), help="Years counted for lifetime values."),
)


def reading_options(command: Command) -> Command:
    """How to read the accounts file, and what lifetime values assume."""
    for option in reversed(_READING):
        command = option(command)
    return command


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@reading_options
@format_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the figures to this .xlsx or .json file.")
@click.option("--questionnaire", default=DEFAULT_QUESTIONNAIRE, show_default=True, help="Whose value tiers to use.")
@language_option
@questionnaires_option
def accounts(
    file: Path,
    fmt: str,
    output: Path | None,
    questionnaire: str,
    language: str,
    questionnaires: tuple[Path, ...],
    **options: Any,
) -> None:
    """Measure the accounts or transactions in FILE: CSV or a workbook (XLSX, XLSM, XLSB, XLS, ODS)."""
    if output is not None:
        _require_known_ending(output)
    asked = library_of(questionnaires).questionnaire(questionnaire)
    analysis = analyse_file(file, asked, language, show_mapping=fmt == "json", **options)
    if output is not None:
        write_file(output, _as_bytes(analysis, asked, output, language))
        click.echo(f"{output}: written", err=True)
    if fmt == "json":
        click.echo(json.dumps(accounts_json(analysis.figures), ensure_ascii=False, indent=1))
    else:
        print_lines(_lines(analysis, asked, teller(language), language))


def analyse_file(
    file: Path,
    questionnaire: Questionnaire,
    language: str,
    *,
    mapping: tuple[str, ...],
    sheet: str | None,
    encoding: str | None,
    decimal: str | None,
    dates: str | None,
    groups: Path | None,
    anonymous: bool,
    retention: float | None,
    discount: float | None,
    lifetime: int | None,
    show_mapping: bool = True,
) -> AccountsAnalysis:
    """Analyse a file as the options say, with progress and what was decided on stderr."""
    assumptions = _assumptions(retention, discount, lifetime)
    choices = ReadingChoices(mapping, sheet, encoding, DECIMALS.get(decimal or ""), dates, groups, anonymous)
    tiers = None if questionnaire.tiers is None else questionnaire.tiers.rules
    with Meter() as meter:
        analysis = analyse_accounts(file, choices, tiers=tiers, assumptions=assumptions, progress=meter.show)
    tell = teller(language)
    for line in _remarks(analysis, tell, show_mapping):
        click.echo(line, err=True)
    return analysis


def _assumptions(retention: float | None, discount: float | None, lifetime: int | None) -> Assumptions | None:
    """All three or none. Raises Invalid."""
    given = (retention, discount, lifetime)
    if all(value is None for value in given):
        return None
    if retention is None or discount is None or lifetime is None:
        raise Invalid([Problem("lifetime values need all of --retention, --discount and --lifetime", {})])
    if not (0 <= retention <= 1 and 0 <= discount <= 1):
        raise Invalid([Problem("--retention and --discount are shares from 0 to 1", {})])
    return Assumptions(Fraction(str(retention)), Fraction(str(discount)), lifetime)


class Meter:
    """Progress on stderr: one line that is wiped at the end on a terminal, else a line now and then of a long reading."""

    def __enter__(self) -> Meter:
        self.is_terminal = sys.stderr.isatty()
        self.shown, self.next = -1, time.monotonic() + QUIET_SECONDS
        return self

    def show(self, share: float) -> None:
        percent = int(100 * share)
        if percent == self.shown or (not self.is_terminal and time.monotonic() < self.next):
            return
        self.shown, self.next = percent, time.monotonic() + QUIET_SECONDS
        click.echo(f"\r{percent:3d} %" if self.is_terminal else f"{percent} %", err=True, nl=not self.is_terminal)

    def __exit__(self, *_: object) -> None:
        if self.shown >= 0 and self.is_terminal:
            click.echo("\r     \r", err=True, nl=False)


def _remarks(analysis: AccountsAnalysis, tell: Tell, show_mapping: bool) -> Iterator[str]:
    if analysis.is_guessed and show_mapping:
        yield tell("Columns guessed from the header; look at them, or give --map {mapping}").format(mapping=analysis.mapping)
        if not analysis.figures.names_hidden:
            yield from (f"  {line}" for line in table_lines(analysis.preview[0], analysis.preview[1:4]))
    yield from (str(in_language(note, tell)) for note in analysis.notes)
    if analysis.left_out:
        count = analysis.figures.lines_unreadable
        yield tell("Lines that could not be read and are left out: {count}. The first of them:").format(count=count)
        yield from (str(in_language(problem, tell)) for problem in analysis.left_out)
    if analysis.alike:
        yield tell("These accounts may be one customer each. Nothing was put together; --group FILE does it:")
        yield from (f"  {' | '.join(names)}" for names in analysis.alike[:10])


def _require_known_ending(output: Path) -> None:
    if output.suffix.lower() not in (".xlsx", ".json"):
        raise Invalid([Problem("the ending of the file must be one of: {known}", {"known": ".xlsx .json"}, str(output))])
    require_writable(output)


def _as_bytes(analysis: AccountsAnalysis, questionnaire: Questionnaire, output: Path, language: str) -> bytes:
    if output.suffix.lower() == ".json":
        return (json.dumps(accounts_json(analysis.figures), ensure_ascii=False, indent=1) + "\n").encode()
    from assess.usecases.accounts import figures_workbook

    return figures_workbook(analysis.figures, questionnaire.tiers, language)


def _lines(analysis: AccountsAnalysis, questionnaire: Questionnaire, tell: Tell, language: str) -> Iterator[str]:
    figures = analysis.figures
    yield str(figures.file)
    text = tell("{lines} lines: {none} without an account, {bad} unreadable; {accounts} accounts, {low} at or below zero")
    yield text.format(
        lines=figures.lines_read,
        none=figures.lines_without_account,
        bad=figures.lines_unreadable,
        accounts=figures.accounts,
        low=figures.accounts_not_positive,
    )
    if analysis.is_guessed:
        yield tell("Columns guessed from the header: {mapping}").format(mapping=analysis.mapping)
    yield ""
    yield from _blocks(figures, tell)
    yield from _concentrated(figures, tell)
    if figures.tiering is not None and questionnaire.tiers is not None:
        yield ""
        yield from _tiers(figures, questionnaire.tiers, tell, language)


def _blocks(figures: AccountFigures, tell: Tell) -> Iterator[str]:
    amounts = [tell("revenue"), tell("accounts"), tell("largest"), tell("ten largest"), tell("HHI"), tell("effective number")]
    header = ["", *amounts, tell("key accounts"), tell("their share")]
    rows = [[str(year), *_cells(block)] for year, block in figures.years.items()]
    yield from table_lines(header, [*rows, [tell("Total"), *_cells(figures.total)]])


def _cells(block: Block) -> list[str]:
    return [
        f"{half_up(block.revenue, 2):,}",
        str(block.accounts),
        _percent(block.top1_share),
        _percent(block.cr10),
        _plain(block.hhi, 4),
        _plain(block.effective_customers, 1),
        "-" if block.key_accounts is None else str(block.key_accounts),
        _percent(block.key_account_share),
    ]


def _percent(value: Fraction | None) -> str:
    return "-" if value is None else f"{half_up(100 * value, 1)}%"


def _plain(value: Fraction | None, places: int) -> str:
    return "-" if value is None else str(half_up(value, places))


def _concentrated(figures: AccountFigures, tell: Tell) -> Iterator[str]:
    if figures.loss is not None:
        text = tell("Without {account} {share} of the revenue would be gone.")
        yield ""
        yield text.format(account=figures.loss.account, share=_percent(figures.loss.share))
    if figures.total.exposed:
        text = tell("Accounts with 10% of the revenue or more each, a disclosure threshold in US GAAP (ASC 280): {count}")
        yield text.format(count=figures.total.exposed)


def _tiers(figures: AccountFigures, tiers: ValueTiers, tell: Tell, language: str) -> Iterator[str]:
    if figures.tiering is None:
        return
    rows: Sequence[Sequence[str]] = [
        [tiers.names[one.id].of(language), str(one.accounts), f"{half_up(one.revenue, 2):,}", _percent(one.share)]
        for one in figures.tiering.counts
    ]
    yield from table_lines([tell("tier"), tell("accounts"), tell("revenue"), tell("share")], rows)
