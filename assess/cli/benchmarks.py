"""kam-assess benchmark."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from assess.cli.options import (
    answers_argument,
    format_option,
    language_option,
    questionnaires_option,
    read_answers,
)
from assess.cli.tables import print_lines, table_lines
from assess.cli.wording import Tell, teller
from assess.config import read_settings
from assess.content.document import decode, read_bytes
from assess.content.exchange import grouped, is_exchange, parse_exchange
from assess.content.peers import MAX_BYTES, parse_peers
from assess.core.benchmark import SEGMENTS, Comparison, Peer, Position
from assess.core.errors import Invalid, Problem
from assess.core.evaluation import evaluate
from assess.core.outputs import comparison_json
from assess.core.questionnaire import Questionnaire
from assess.core.release import Release
from assess.core.rounding import half_up
from assess.usecases import benchmark_keys as keys


def read_pool(
    paths: Sequence[Path], questionnaire: Questionnaire
) -> tuple[tuple[Peer, ...] | None, tuple[Release, ...] | None]:
    """The rows of one CSV file, or the releases of exchange files: one is None.

    Raises Invalid for a mixture, a wrong file or a key that is not trusted, NotFound.
    """
    texts = {path: decode(read_bytes(path, MAX_BYTES), str(path)) for path in paths}
    signed = [path for path, text in texts.items() if is_exchange(text)]
    if not signed and len(texts) == 1:
        (path,) = texts
        return parse_peers(texts[path], str(path), questionnaire), None
    others = [path for path in texts if path not in signed]
    if others:
        message = "is a file of rows: only one such file can be compared with, and not together with exchange files"
        raise Invalid([Problem(message, {}, str(path)) for path in others])
    return None, tuple(_trusted(texts[path], path) for path in signed)


def _trusted(text: str, path: Path) -> Release:
    signed = parse_exchange(text, str(path))
    keys.require_trusted(read_settings().data_dir, signed.public_key, str(path))
    return signed.release


@click.command()
@answers_argument
@click.option(
    "--peers",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A CSV file of peers' scores, or a signed exchange file; several exchange files are pooled.",
)
@click.option("--pool", is_flag=True, help="Compare with the releases in this installation's database.")
@click.option("--industry", default="", help="Compare within this industry where there are enough peers.")
@click.option("--region", default="", help="Compare within this region where there are enough peers.")
@click.option("--size", default="", help="Compare within this size class where there are enough peers.")
@format_option
@language_option
@questionnaires_option
def benchmark(
    answers: Path,
    peers: tuple[Path, ...],
    pool: bool,
    industry: str,
    region: str,
    size: str,
    fmt: str,
    language: str,
    questionnaires: tuple[Path, ...],
) -> None:
    """Compare the answers file ANSWERS (- reads standard input) with peers."""
    if bool(peers) == pool:
        raise click.UsageError("give either --peers FILE or --pool")
    core, modules, assessment = read_answers(answers, questionnaires)
    segments = dict(zip(SEGMENTS, (industry, region, size), strict=True))
    rows, releases = (None, _own_pool(core)) if pool else read_pool(peers, core)
    evaluation = evaluate(core, modules, assessment, peers=rows, releases=releases, segments=segments)
    comparison = evaluation.comparison
    if comparison is None:
        raise AssertionError("peers were given")
    if fmt == "json":
        _print_json(comparison_json(comparison, assessment.sample))
        return
    tell = teller(language)
    about = ", ".join(part for part in (assessment.organisation.name, assessment.date.isoformat()) if part)
    sample = [tell("SAMPLE DATA: a made-up company")] if assessment.sample else []
    print_lines([*sample, f"{core.title.of(language)} {core.version}", about, ""])
    print_lines(_comparison_lines(core, comparison, language))


def _own_pool(core: Questionnaire) -> tuple[Release, ...]:
    from assess.usecases import benchmarks
    from assess.usecases.installation import open_installation

    installation = open_installation(read_settings())
    try:
        return benchmarks.released(installation, core.id, core.major)
    finally:
        installation.storage.close()


def _comparison_lines(questionnaire: Questionnaire, comparison: Comparison, language: str) -> list[str]:
    tell = teller(language)
    used = group_text(comparison.group, tell)
    count = str(comparison.n) if comparison.n_to is None else f"{comparison.n}-{comparison.n_to}"
    lines = [tell("Peer group: {used}; organisations: {count}").format(used=used, count=count)]
    if comparison.group != comparison.asked:
        lines.append(tell("Asked for: {asked}; too few organisations there").format(asked=group_text(comparison.asked, tell)))
    if comparison.missing:
        text = tell("Nothing can be shown: {missing} more organisations are needed.")
        return [*lines, text.format(missing=comparison.missing)]
    if comparison.first is not None and comparison.last is not None:
        text = tell("Completed from {first} to {last}; versions: {versions}")
        versions = ", ".join(comparison.versions) or f"{comparison.major}.x"
        lines.append(text.format(first=comparison.first, last=comparison.last, versions=versions))
    for source in comparison.sources:
        text = tell("Source: {name}, release {number} of {day}, key {key}")
        key = grouped(source.key) or tell("this installation")
        name = source.name or tell("this installation")
        lines.append(text.format(name=name, number=source.number, day=source.released_on, key=key))
    names = {id_: questionnaire.dimension[id_].title.of(language) for id_ in comparison.dimensions}
    rows = [[id_, names[id_], *_position_cells(position)] for id_, position in comparison.dimensions.items()]
    rows.append(["", tell("Overall"), *_position_cells(comparison.overall)])
    lines += table_lines(["", "", tell("own"), "n", "p10", "q1", tell("median"), "q3", "p90", tell("rank")], rows)
    if comparison.directional:
        lines.append(tell("Fewer than 10 organisations: directional only."))
    if comparison.pooled:
        lines.append(
            tell("Pooled from several installations: read between their quantiles; an organisation may be in two of them.")
        )
    return lines


def group_text(group: Mapping[str, str], tell: Tell) -> str:
    segments = {"industry": tell("industry"), "region": tell("region"), "size": tell("size")}
    return ", ".join(f"{segments[segment]} = {value}" for segment, value in group.items()) or tell("all peers")


def _position_cells(position: Position) -> list[str]:
    quantiles = (position.p10, position.q1, position.median, position.q3, position.p90)
    return [_show(position.own), str(position.n), *(_show(value) for value in quantiles), _show(position.rank, 0)]


def _show(value: Fraction | None, places: int = 2) -> str:
    return "-" if value is None else str(half_up(value, places))


def _print_json(content: dict[str, Any]) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))
