"""Options and arguments that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from errno import EBADF
from pathlib import Path
from typing import Any

import click

from assess.cli.wording import default_language
from assess.config import read_settings
from assess.content.document import MAX_BYTES, Document, parse, read_file
from assess.content.library import Library
from assess.content.parsing import LATEST_DAY
from assess.core.answers import Assessment
from assess.core.errors import Invalid, Problem
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.roadmap import DEFAULT_CAPACITY

Command = Callable[..., Any]


class Day(click.ParamType[date]):
    """A calendar day as 2026-11-21."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value} is not a date such as 2026-11-21", param, ctx)
        if day > LATEST_DAY:
            self.fail(f"{value} is after {LATEST_DAY}", param, ctx)
        return day


answers_argument = click.argument("answers", type=click.Path(path_type=Path, allow_dash=True))
format_option = click.option(
    "--format", "fmt", type=click.Choice(["text", "json"]), default="text", show_default=True, help="For people or programs."
)
language_option = click.option(
    "--lang",
    "language",
    type=click.Choice(LANGUAGES),
    default=default_language,
    show_default="KAM_LANGUAGE or en",
    help="Language of what is shown.",
)
questionnaires_option = click.option(
    "--questionnaires",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of questionnaire folders, looked at first.",
)
reports_option = click.option(
    "--reports",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of report styles, looked at first.",
)
earlier_questionnaires_option = click.option(
    "--earlier-questionnaires",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of questionnaire folders to read the earlier answers with, where it was an older version.",
)
start_option = click.option("--start", type=Day(), help="First day of the plan.  [default: the Monday after the assessment]")
capacity_option = click.option(
    "--capacity",
    type=click.IntRange(1, 100),
    default=DEFAULT_CAPACITY,
    show_default=True,
    help="How many initiatives can run at one time.",
)


def library_of(questionnaires: tuple[Path, ...]) -> Library:
    """The questionnaires given with the command or before it, then the installation's own, then those that ship."""
    before: tuple[Path, ...] = click.get_current_context().find_root().obj or ()
    given = (*questionnaires, *before)
    _require_folders(given)
    return Library((*given, *read_settings().questionnaires))


def report_folders_of(reports: tuple[Path, ...]) -> tuple[Path, ...]:
    """The folders of report styles given with the command, then the installation's own."""
    _require_folders(reports)
    return (*reports, *read_settings().reports)


def _require_folders(given: tuple[Path, ...]) -> None:
    missing = [folder for folder in given if not folder.is_dir()]
    if missing:
        raise Invalid([Problem("there is no such folder", {}, str(folder)) for folder in missing])


def read_answers(
    answers: Path, questionnaires: tuple[Path, ...]
) -> tuple[Questionnaire, tuple[Questionnaire, ...], Assessment]:
    """Core, modules and assessment of an answers file; `-` reads standard input."""
    return library_of(questionnaires).read_answers(_document(answers))


def _document(answers: Path) -> Document:
    if str(answers) != "-":
        return read_file(answers)
    try:
        if sys.stdin is None:  # the caller closed it
            raise OSError(EBADF, os.strerror(EBADF))
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        raise Invalid([Problem("cannot be read: {reason}", {"reason": error.strerror or error}, "<stdin>")]) from None
    return parse(content, "<stdin>")
