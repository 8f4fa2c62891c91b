"""kam-assess peers: the benchmark's rows, releases, exchange files and keys."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from assess.cli.benchmarks import group_text
from assess.cli.files import require_writable, write_file
from assess.cli.options import format_option, language_option, library_of, questionnaires_option
from assess.cli.tables import print_lines, table_lines
from assess.cli.wording import teller
from assess.config import read_settings
from assess.content.document import decode, read_bytes
from assess.content.exchange import fingerprint, grouped, is_exchange
from assess.content.library import thaw
from assess.content.peers import MAX_BYTES
from assess.core.benchmark import SEGMENTS
from assess.core.questionnaire import Questionnaire
from assess.core.release import offered
from assess.usecases import benchmark_keys as keys
from assess.usecases import benchmarks, peer_rows
from assess.usecases.installation import Installation, open_installation

CORE = "kam-seven-steps"


@click.group()
def peers() -> None:
    """Look after the benchmark's peers: rows, releases, exchange files, keys."""


questionnaire_option = click.option("--questionnaire", default=CORE, show_default=True, help="Id of the questionnaire.")


@peers.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@questionnaire_option
@language_option
@questionnaires_option
def import_(file: Path, questionnaire: str, language: str, questionnaires: tuple[Path, ...]) -> None:
    """Take in FILE: rows of peers (CSV), or another installation's signed exchange file."""
    tell, core = teller(language), _core(questionnaire, questionnaires)
    content = read_bytes(file, MAX_BYTES)
    text = decode(content, str(file))
    installation = _open()
    if is_exchange(text):
        release = benchmarks.import_exchange(installation, text, str(file))
        said = tell("Imported release {number} of {name}: {groups} groups.")
        click.echo(said.format(number=release.number, name=release.name, groups=len(release.cells)))
        return
    found = peer_rows.import_rows_of(installation, content, file.name, str(file), core)
    click.echo(
        tell("Imported {count} rows; left out as of another questionnaire or version, or without scores: {left}.").format(
            count=found.rows, left=found.left_out
        )
    )
    click.echo(tell("They are in no figure before the next release: kam-assess peers release"))


@peers.command("list")
@format_option
@language_option
def list_(fmt: str, language: str) -> None:
    """Show rows at hand, releases and imported releases."""
    found = benchmarks.overview(_open())
    if fmt == "json":
        _print_json(_overview_json(found))
        return
    tell = teller(language)
    sources = [
        [
            str(s.id),
            f"{s.questionnaire} {s.major}",
            s.name or tell("assessments of this installation"),
            f"{s.rows}",
            f"{s.added_at:%Y-%m-%d}",
        ]
        for s in found.sources
    ]
    releases = [
        [
            f"{r.questionnaire} {r.major}",
            r.name or tell("this installation"),
            grouped(r.key),
            str(r.number),
            "-" if r.released_on is None else r.released_on.isoformat(),
            str(found.groups[r.id]),
            str(found.organisations.get(r.id, "-")),
        ]
        for r in found.releases
    ]
    if not found.releases:
        click.echo(tell("There are no peers yet."))
        return
    print_lines(
        table_lines(
            [
                tell("questionnaire"),
                tell("by"),
                tell("key"),
                tell("release"),
                tell("of"),
                tell("groups"),
                tell("organisations at hand"),
            ],
            releases,
        )
    )
    if sources:
        click.echo("")
        print_lines(table_lines([tell("source"), tell("questionnaire"), tell("file"), tell("rows"), tell("since")], sources))


def _overview_json(found: benchmarks.Overview) -> dict[str, Any]:
    return {
        "releases": [
            {
                "questionnaire": r.questionnaire,
                "major": r.major,
                "versions": list(r.versions),
                "name": r.name,
                "key": r.key,
                "release": r.number,
                "released_on": None if r.released_on is None else r.released_on.isoformat(),
                "groups": found.groups[r.id],
                "organisations": found.organisations.get(r.id),
            }
            for r in found.releases
        ],
        "sources": [
            {"id": s.id, "kind": s.kind, "name": s.name, "questionnaire": s.questionnaire, "major": s.major, "rows": s.rows}
            for s in found.sources
        ],
    }


@peers.command()
@click.argument("source", type=int)
@language_option
def remove(source: int, language: str) -> None:
    """Erase the rows of the imported file SOURCE (its number in the list)."""
    peer_rows.remove_file(_open(), source)
    tell = teller(language)
    click.echo(tell("Erased. Released figures are renewed with the next releases, once five organisations can leave together."))


@peers.command()
@questionnaire_option
@language_option
@questionnaires_option
def release(questionnaire: str, language: str, questionnaires: tuple[Path, ...]) -> None:
    """Make the next release of this installation's figures."""
    tell, core = teller(language), _core(questionnaire, questionnaires)
    made = benchmarks.make_release(_open(), core.id, core.major)
    text = tell("Release {number}: {groups} groups, {renewed} with new figures, {gone} no longer shown.")
    click.echo(text.format(number=made.number, groups=made.groups, renewed=made.renewed, gone=made.gone))
    text = tell(
        "Organisations at hand: {known}; waiting until five can enter together: {waiting}; until five can leave: {leaving}."
    )
    click.echo(text.format(known=made.known, waiting=made.waiting, leaving=made.leaving))


@peers.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The file to write, such as pool.json.")
@click.option("--name", help="Who publishes it.  [default: as last time]")
@questionnaire_option
@language_option
@questionnaires_option
def export(output: Path, name: str | None, questionnaire: str, language: str, questionnaires: tuple[Path, ...]) -> None:
    """Write this installation's newest release as a signed exchange file."""
    core = _core(questionnaire, questionnaires)
    require_writable(output)
    installation = _open()
    content = benchmarks.export_release(installation, core.id, core.major, name).encode()
    write_file(output, content)
    own = grouped(fingerprint(keys.own_public_key(installation.settings.data_dir)))
    tell = teller(language)
    click.echo(
        tell("Signed with the key {key}. Tell it to those who import the file, by another way than the file.").format(key=own)
    )


@peers.command()
@questionnaire_option
@language_option
@questionnaires_option
def groups(questionnaire: str, language: str, questionnaires: tuple[Path, ...]) -> None:
    """List the groups that can be compared with."""
    tell, core = teller(language), _core(questionnaire, questionnaires)
    found = benchmarks.released(_open(), core.id, core.major)
    rows = []
    for cell in offered(found):
        having = [each.cells[cell] for each in found if cell in each.cells]
        group = {segment: value for segment, value in zip(SEGMENTS, cell, strict=True) if value is not None}
        low = sum(each.n for each in having)
        rows.append(
            [
                group_text(group, tell),
                f"{low}-{low + 4 * len(having)}",
                f"{min(e.first for e in having)}",
                f"{max(e.last for e in having)}",
            ]
        )
    if not rows:
        click.echo(tell("No group can be shown yet: 5 organisations and a release are needed."))
        return
    print_lines(table_lines([tell("group"), tell("organisations"), tell("from"), tell("to")], rows))


@peers.command("keys")
@format_option
@language_option
def keys_(fmt: str, language: str) -> None:
    """Show this installation's key and those it trusts."""
    tell, data_dir = teller(language), read_settings().data_dir
    public = keys.own_public_key(data_dir)
    trusted = keys.trusted_keys(data_dir)
    if fmt == "json":
        own = {"key": b64encode(public).decode(), "fingerprint": fingerprint(public)}
        _print_json({"own": own, "trusted": list(_trusted_json(trusted))})
        return
    print_lines(
        [
            tell("This installation signs with:"),
            f"  {grouped(fingerprint(public))}",
            f"  {b64encode(public).decode()}",
            tell("It trusts:") if trusted else tell("It trusts no other key."),
            *(f"  {grouped(key.fingerprint)}  {key.name}" for key in trusted),
        ]
    )


def _trusted_json(trusted: Sequence[keys.TrustedKey]) -> Iterator[dict[str, str]]:
    for key in trusted:
        yield {"name": key.name, "key": b64encode(key.public_key).decode(), "fingerprint": key.fingerprint}


@peers.command()
@click.argument("key")
@click.option("--name", required=True, help="Whose key it is.")
@language_option
def trust(key: str, name: str, language: str) -> None:
    """Accept exchange files signed with KEY (Base64, as `peers keys` shows it there)."""
    found = keys.trust(read_settings().data_dir, key, name)
    tell = teller(language)
    text = tell("Files signed with {key} are accepted as those of {name}.")
    click.echo(text.format(key=grouped(found.fingerprint), name=found.name))


@peers.command()
@click.argument("key")
@language_option
def distrust(key: str, language: str) -> None:
    """Accept no more files of the key with the fingerprint KEY, and erase its releases."""
    count = benchmarks.forget(_open(), key)
    tell = teller(language)
    click.echo(tell("Not trusted any more; releases erased: {count}.").format(count=count))


def _core(id_: str, questionnaires: tuple[Path, ...]) -> Questionnaire:
    return thaw(library_of(questionnaires).frozen(id_))


def _open() -> Installation:
    return open_installation(read_settings())


def _print_json(content: dict[str, Any]) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))
