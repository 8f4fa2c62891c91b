"""kam-assess user: accounts for staff, from the console."""

from __future__ import annotations

import click

from assess.config import Settings, read_settings
from assess.core.staff import ADMIN, CONSULTANT
from assess.usecases import people
from assess.usecases.installation import open_installation


@click.group()
def user() -> None:
    """Look after the accounts of staff."""


@user.command()
@click.argument("email")
@click.option("--name", default="", help="The person's name.  [default: the e-mail address]")
@click.option("--workspace", default="", help="The workspace, made if there is none of that name.  [default: the first]")
@click.option("--kind", type=click.Choice(people.WORKSPACE_KINDS), default="consultancy", help="Of a new workspace.")
@click.option(
    "--role",
    type=click.Choice((ADMIN, CONSULTANT)),
    help="The role.  [default: admin in a workspace without one, else the person’s, else consultant]",
)
@click.option("--address", help="Where people reach the web app.  [default: http://KAM_HOST:KAM_PORT]")
def add(email: str, name: str, workspace: str, kind: str, role: str | None, address: str | None) -> None:
    """Add a person, or a role for somebody known, and print a one-time set-up link."""
    settings = read_settings()
    token = people.add_user(open_installation(settings), email=email, name=name, workspace=workspace, kind=kind, role=role)
    _tell_link(token, settings, address)


@user.command()
@click.argument("email")
@click.option("--address", help="Where people reach the web app.  [default: http://KAM_HOST:KAM_PORT]")
def link(email: str, address: str | None) -> None:
    """Print a one-time link to choose a new password; the person is signed out everywhere."""
    settings = read_settings()
    _tell_link(people.reset_user(open_installation(settings), email), settings, address)


def setup_link(address: str, token: str) -> str:
    return f"{address.rstrip('/')}/setup/{token}"


def _tell_link(token: str, settings: Settings, address: str | None) -> None:
    click.echo(f"One-time set-up link, for {people.SETUP_HOURS} hours:")
    click.echo(setup_link(address or f"http://{settings.host}:{settings.port}", token))
