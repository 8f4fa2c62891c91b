"""kam-assess backup, restore."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from assess.cli.options import format_option, language_option
from assess.cli.tables import print_lines
from assess.cli.wording import Tell, teller
from assess.config import read_settings
from assess.content.backup_files import Manifest


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@format_option
@language_option
def backup(target: Path, fmt: str, language: str) -> None:
    """Write database, keys and own content to the new file TARGET, while the server goes on.

    TARGET may be a folder: the file in it is then named after the time. The file holds secrets and is readable for you only.
    """
    from assess.usecases.backups import make_backup

    made = make_backup(read_settings(), target)
    if fmt == "json":
        _print_json({"path": str(made.path), "size": made.size, **_about(made.manifest)})
        return
    tell = teller(language)
    click.echo(tell("Backup written and read again: {path}").format(path=made.path))
    print_lines(_lines(made.manifest, tell))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Move what is there aside first; nothing is deleted.")
@click.option("--check", is_flag=True, help="Only read it, restore it to a folder of its own, look that over and remove it.")
@format_option
@language_option
def restore(file: Path, replace: bool, check: bool, fmt: str, language: str) -> None:
    """Make an installation of the backup FILE: in KAM_DATA_DIR and KAM_DATABASE_URL, with either database."""
    tell = teller(language)
    if check:
        _drill(file, fmt, tell)
        return
    from assess.usecases.backups import restore as restore_backup

    done = restore_backup(read_settings(), file, replace=replace)
    if fmt == "json":
        _print_json({**_about(done.manifest), "restored_revision": done.revision, "aside": done.aside})
        return
    click.echo(tell("Restored: {path}").format(path=file))
    print_lines(_lines(done.manifest, tell))
    if done.revision != done.manifest.revision:
        message = tell("The schema went from {before} to {after}.")
        click.echo(message.format(before=done.manifest.revision, after=done.revision))
    for place in done.aside:
        click.echo(tell("What was there before is in: {place}").format(place=place))


def _drill(file: Path, fmt: str, tell: Tell) -> None:
    from assess.cli.database import finding_lines, report_json
    from assess.usecases.checks import drill

    manifest, report = drill(read_settings(), file)
    if fmt == "json":
        _print_json({**_about(manifest), "check": report_json(report)})
    else:
        click.echo(tell("Restored on trial: {path}").format(path=file))
        print_lines([*_lines(manifest, tell), *finding_lines(report, tell)])
    if not report.is_sound:
        click.get_current_context().exit(1)


def _lines(manifest: Manifest, tell: Tell) -> Iterator[str]:
    about = {
        "at": manifest.made_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "product": manifest.product,
        "revision": manifest.revision,
        "engine": manifest.engine,
    }
    yield tell("Made at {at} by kam-assess {product}, schema {revision}, from {engine}.").format(**about)
    counts = {"rows": f"{manifest.rows:,}", "tables": len(manifest.tables), "files": len(manifest.parts) - 1}
    yield tell("Rows: {rows}, in {tables} tables. Files of the data folder: {files}.").format(**counts)
    if not manifest.keeps_key:
        yield tell("The secret key is not in it: it was not in the data folder. Keep KAM_SECRET_KEY as well.")
    for name in manifest.left_out:
        yield tell("Left out, because it is no plain file: {name}").format(name=name)


def _about(manifest: Manifest) -> dict[str, Any]:
    return {"manifest": manifest.model_dump(mode="json", by_alias=True)}


def _print_json(content: dict[str, Any]) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))
