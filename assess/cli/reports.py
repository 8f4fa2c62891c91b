"""kam-assess report, demo."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

from assess.cli.accounts import analyse_file, reading_options
from assess.cli.benchmarks import read_pool
from assess.cli.files import require_writable, write_file
from assess.cli.options import (
    answers_argument,
    capacity_option,
    earlier_questionnaires_option,
    language_option,
    library_of,
    questionnaires_option,
    read_answers,
    report_folders_of,
    reports_option,
    start_option,
)
from assess.cli.wording import in_language, teller
from assess.content.document import read_file
from assess.core.brand import Brand
from assess.core.errors import Invalid, Problem
from assess.core.evaluation import Evaluation, evaluate
from assess.core.progress import compare_runs
from assess.core.questionnaire import LANGUAGES
from assess.core.rounding import half_up
from assess.resources import SAMPLES
from assess.usecases.reports import FORMATS, PAPERS, make_report, open_brand, require_style


@click.command()
@answers_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write: .pdf .html .docx .pptx .xlsx .json or .ics.",
)
@language_option
@click.option(
    "--style", default="full", show_default=True, metavar="ID", help="Which report: full, brief, roadmap or one of your own."
)
@click.option("--paper", type=click.Choice(PAPERS), help="Paper size.  [default: that of the brand or the style]")
@click.option("--brand", "brand_file", type=click.Path(path_type=Path), help="YAML file with names, colours and logos.")
@reports_option
@click.option(
    "--peers",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A CSV file of peers' scores, or a signed exchange file; several exchange files are pooled.",
)
@click.option("--accounts", type=click.Path(path_type=Path), help="File of accounts or transactions to measure.")
@reading_options
@click.option("--earlier", type=click.Path(path_type=Path), help="An earlier answers file, to show what changed since.")
@earlier_questionnaires_option
@start_option
@capacity_option
@questionnaires_option
def report(
    answers: Path,
    output: Path,
    language: str,
    style: str,
    paper: str | None,
    brand_file: Path | None,
    reports: tuple[Path, ...],
    peers: tuple[Path, ...],
    accounts: Path | None,
    earlier: Path | None,
    earlier_questionnaires: tuple[Path, ...],
    start: date | None,
    capacity: int,
    questionnaires: tuple[Path, ...],
    **reading: Any,
) -> None:
    """Write the report of the answers file ANSWERS (- reads standard input)."""
    fmt = _format_of(output)
    folders = report_folders_of(reports)
    require_style(style, folders)
    brand = None if brand_file is None else _open_brand(brand_file, language)
    core, modules, assessment = read_answers(answers, questionnaires)
    rows, releases = read_pool(peers, core) if peers else (None, None)
    evaluation = evaluate(core, modules, assessment, start=start, capacity=capacity, peers=rows, releases=releases)
    if earlier is not None:
        evaluation = _since(evaluation, earlier, (*earlier_questionnaires, *questionnaires))
    if accounts is not None:
        evaluation = replace(evaluation, accounts=analyse_file(accounts, core, language, **reading).figures)
    made = partial(make_report, fmt=fmt, style=style, language=language, paper=paper, brand=brand, folders=folders)
    _write(output, lambda: made(evaluation))


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default="kam-demo",
    show_default=True,
    help="Where to write.",
)
@click.option("--lang", "languages", type=click.Choice(LANGUAGES), multiple=True, help="Languages.  [default: all three]")
def demo(output: Path, languages: Sequence[str]) -> None:
    """Write answers and PDF reports of two made-up companies, a beginner and an advanced programme."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid([Problem("cannot be written: {reason}", {"reason": error.strerror or error}, str(output))]) from None
    library = library_of(())
    for path in sorted(SAMPLES.glob("*.answers.yaml")):
        evaluation = evaluate(*library.read_answers(read_file(path)))
        before = SAMPLES / "earlier" / path.name
        if before.is_file():
            evaluation = replace(evaluation, earlier=evaluate(*library.read_answers(read_file(before))))
        name = path.name.removesuffix(".answers.yaml")
        write_file(output / path.name, path.read_bytes())
        for language in languages or LANGUAGES:
            made = partial(make_report, evaluation, fmt="pdf", style="full", language=language)
            _write(output / f"{name}.{language}.pdf", made)
        click.echo(_summary(evaluation, languages[0] if languages else "en"))
    click.echo(f"The companies are made up. Read {output / 'beginner.en.pdf'} first, or start the web app: kam-assess serve")


def _since(evaluation: Evaluation, earlier: Path, questionnaires: tuple[Path, ...]) -> Evaluation:
    """The evaluation with an earlier run to compare with. Raises Invalid where they can't be compared."""
    before = evaluate(*read_answers(earlier, questionnaires))
    compare_runs(before, evaluation)
    return replace(evaluation, earlier=before)


def _format_of(output: Path) -> str:
    fmt = output.suffix.lower().removeprefix(".")
    if fmt not in FORMATS:
        known = " ".join(f".{name}" for name in FORMATS)
        raise Invalid([Problem("the ending of the file must be one of: {known}", {"known": known}, str(output))])
    require_writable(output)
    return fmt


def _open_brand(path: Path, language: str) -> Brand:
    """The brand; what was changed of its colours is said."""
    brand, tell = open_brand(path), teller(language)
    for problem in brand.corrections:
        click.echo(replace(in_language(problem, tell), file=str(path)), err=True)
    return brand


def _write(output: Path, make: Callable[[], bytes]) -> None:
    began = time.perf_counter()
    click.echo(f"Making {output} ...", err=True)
    content = make()
    write_file(output, content)
    click.echo(f"{output}: {len(content):,} bytes in {time.perf_counter() - began:.1f} s", err=True)


def _summary(evaluation: Evaluation, language: str) -> str:
    claimed = evaluation.scorecard.claimed
    name = evaluation.assessment.organisation.name
    if claimed.score is None or claimed.level is None:
        return name
    level = evaluation.core.level_name(claimed.level).of(language)
    planned = len(evaluation.roadmap.initiatives)
    return f"{name}: level {claimed.level} {level}, score {half_up(claimed.score, 2)}, {planned} initiatives"
