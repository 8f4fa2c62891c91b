"""kam-assess questionnaire list, lint, schema."""

from __future__ import annotations

import json
from pathlib import Path

import click

from assess.cli.options import format_option, language_option, library_of, questionnaires_option
from assess.content.advice import advise, documents_of
from assess.content.glossary import load_glossaries
from assess.content.questionnaires import freeze, load, load_folder
from assess.content.schemas import schemas
from assess.core.errors import Invalid, NotFound, Problem
from assess.core.questionnaire import Questionnaire

SCHEMAS = ("questionnaire", "actions", "reference-points", "tiers", "account-rules", "answers")


@click.group()
def questionnaire() -> None:
    """List, check and describe questionnaires."""


@questionnaire.command("list")
@format_option
@language_option
@questionnaires_option
def list_(fmt: str, language: str, questionnaires: tuple[Path, ...]) -> None:
    """List the questionnaires this installation knows."""
    known = [load_folder(folder) for folder in library_of(questionnaires).folders()]
    if fmt == "json":
        click.echo(json.dumps([_summary(one, language) for one in known], ensure_ascii=False, indent=1))
        return
    for one in known:
        click.echo(
            f"{one.id} {one.version} ({one.kind}): {one.title.of(language)}, {len(one.items)} items, {len(one.actions)} actions"
        )


def _summary(one: Questionnaire, language: str) -> dict[str, object]:
    return {
        "id": one.id,
        "version": one.version,
        "kind": one.kind,
        "title": one.title.of(language),
        "dimensions": len(one.dimensions),
        "items": len(one.items),
        "actions": len(one.actions),
        "sha256": one.sha256,
    }


@questionnaire.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Advice fails too.")
@questionnaires_option
def lint(folders: tuple[Path, ...], strict: bool, questionnaires: tuple[Path, ...]) -> None:
    """Check questionnaire FOLDERS (default: all that are known); name every problem at once, then what could be better."""
    glossaries = load_glossaries()
    problems: list[Problem] = []
    advice: list[Problem] = []
    for folder in folders or library_of(questionnaires).folders():
        try:
            frozen = freeze(folder)
            one = load(frozen, str(folder))
        except Invalid as error:
            problems.extend(error.problems)
        except NotFound as error:
            problems.append(Problem("{reason}", {"reason": error}))
        else:
            advice.extend(advise(one, documents_of(frozen, str(folder)), glossaries))
            click.echo(f"{folder}: {one.id} {one.version} is in order: {len(one.items)} items, {len(one.actions)} actions")
    for line in (*problems, *(f"advice: {advised}" for advised in advice)):
        click.echo(line, err=True)
    if problems or (strict and advice):
        click.get_current_context().exit(2)


@questionnaire.command()
@click.argument("name", type=click.Choice(SCHEMAS), default="questionnaire")
def schema(name: str) -> None:
    """Print the JSON Schema of a file, for editors."""
    click.echo(json.dumps(schemas()[f"kam-{name}.schema.json"], ensure_ascii=False, indent=2, sort_keys=True))
