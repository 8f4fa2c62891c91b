"""kam-assess db: upgrade, check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from assess.cli.options import format_option, language_option
from assess.cli.tables import print_lines
from assess.cli.wording import Tell, in_language, teller
from assess.config import read_settings

if TYPE_CHECKING:
    from assess.usecases.checks import Finding, Report

REPORT_SCHEMA = "kam-check/1"


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@click.option("--backup/--no-backup", default=None, help="Make a backup first.  [default: on SQLite yes, on PostgreSQL no]")
@language_option
def upgrade(backup: bool | None, language: str) -> None:
    """Bring the database's schema up to date, after a backup into the data folder."""
    from assess.usecases.backups import upgrade as upgrade_database

    tell = teller(language)
    done = upgrade_database(read_settings(), backup)
    if done.backup is not None:
        click.echo(tell("Backup written and read again: {path}").format(path=done.backup))
    elif done.before not in (None, done.after):
        click.echo(tell("No backup was made first; --backup makes one on PostgreSQL too."))
    if done.before == done.after:
        click.echo(tell("The schema is up to date ({revision}).").format(revision=done.after))
    else:
        before = done.before or tell("nothing")
        click.echo(tell("The schema went from {before} to {after}.").format(before=before, after=done.after))


@db.command()
@format_option
@language_option
def check(fmt: str, language: str) -> None:
    """Look over the database, everything kept with a hash, and the keys; the exit code is 1 when something is wrong."""
    from assess.usecases.checks import check_installation

    report = check_installation(read_settings())
    if fmt == "json":
        click.echo(json.dumps(report_json(report), ensure_ascii=False, indent=1))
    else:
        print_lines(finding_lines(report, teller(language)))
    if not report.is_sound:
        click.get_current_context().exit(1)


def report_json(report: Report) -> dict[str, Any]:
    """The report for programs."""
    return {
        "schema": REPORT_SCHEMA,
        "is_sound": report.is_sound,
        "engine": report.engine,
        "revision": report.revision,
        "checks": [
            {"name": one.name, "state": one.state, "problems": [str(problem) for problem in one.problems]}
            for one in report.findings
        ],
    }


def finding_lines(report: Report, tell: Tell) -> Iterator[str]:
    """One line for each check, and one for each thing that is wrong."""
    names = _names(tell)
    for finding in report.findings:
        yield f"{_state(finding, tell)}  {names[finding.name]}"
        for problem in finding.problems:
            yield f"    {in_language(problem, tell)}"
    yield tell("Everything is in order.") if report.is_sound else tell("Something is wrong.")


def _state(finding: Finding, tell: Tell) -> str:
    states = {"ok": tell("ok"), "warning": tell("note"), "wrong": tell("WRONG"), "skipped": tell("not checked")}
    return f"[{states[finding.state]}]"


def _names(tell: Tell) -> dict[str, str]:
    return {
        "engine": tell("the database program"),
        "pages": tell("the stored bytes"),
        "references": tell("references between rows"),
        "schema": tell("the version of the schema"),
        "tables": tell("tables and columns"),
        "audit": tell("the chain of the audit log"),
        "documents": tell("documents"),
        "questionnaires": tell("frozen questionnaires"),
        "snapshots": tell("snapshots of closed assessments"),
        "brands": tell("brands"),
        "keys": tell("keys in the data folder"),
    }
