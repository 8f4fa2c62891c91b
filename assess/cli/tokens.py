"""kam-assess token: ways into the API for programs, from the console."""

from __future__ import annotations

import click

from assess.cli.tables import print_lines, table_lines
from assess.config import read_settings
from assess.usecases import tokens
from assess.usecases.installation import open_installation


@click.group()
def token() -> None:
    """Look after the tokens of the API."""


@token.command()
@click.argument("email")
@click.option("--name", required=True, help="What the token is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(tokens.SCOPES),
    default=("read",),
    show_default=True,
    help="What it may be used for; may be given several times. Writing includes reading.",
)
@click.option("--days", type=int, default=tokens.USUAL_DAYS, show_default=True, help="How long it is valid.")
@click.option("--workspace", default="", help="The workspace it opens.  [default: the person's first]")
def add(email: str, name: str, scopes: tuple[str, ...], days: int, workspace: str) -> None:
    """Make a token for a person and print it, this once."""
    installation = open_installation(read_settings())
    id_, made = tokens.add_token_for(installation, email=email, workspace=workspace, name=name, scopes=scopes, days=days)
    click.echo(f"Token {id_}, shown this once:", err=True)
    click.echo(made)


@token.command("list")
@click.option("--workspace", default="", help="The workspace.  [default: the first]")
def list_(workspace: str) -> None:
    """List the tokens of a workspace that were not revoked."""
    found = tokens.all_tokens(open_installation(read_settings()), workspace)
    rows = [
        [
            str(one.id),
            one.owner,
            one.name,
            ",".join(one.scopes),
            one.expires_at.date().isoformat(),
            one.seen_at.date().isoformat() if one.seen_at else "never",
        ]
        for one in found
    ]
    print_lines(table_lines(["id", "person", "name", "scopes", "expires", "last used"], rows))


@token.command()
@click.argument("id_", metavar="ID", type=click.IntRange(1, 999_999_999))
def revoke(id_: int) -> None:
    """Refuse a token from now on."""
    gone = tokens.revoke_any(open_installation(read_settings()), id_)
    click.echo(f"Token {gone.id} of {gone.owner} is revoked.")
