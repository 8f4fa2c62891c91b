"""Tokens of the API on screen: made and shown once, listed, revoked by their owner or an admin, by nobody else."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from assess.usecases import tokens
from assess.usecases.installation import Installation
from tests.web.cast import Cast, assemble

_TOKEN = re.compile(r'value="(kam_[^"]+)"')


@pytest.fixture(scope="module")
def cast(app: Flask, installation: Installation) -> Cast:
    return assemble(app, installation)


def test_a_token_is_shown_once_and_works(cast: Cast, installation: Installation) -> None:
    carl = cast.actors["consultant"]
    page = carl.post("/account/tokens", {"name": "Nightly export", "scopes": ["write", "documents"], "days": "30"})
    assert page.status_code == 200
    found = _TOKEN.search(page.text)
    assert found
    caller = tokens.authenticate(installation, found[1])
    assert caller is not None
    assert caller.token.scopes == ("write", "documents")
    assert (caller.token.expires_at - caller.token.created_at).days == 30
    listed = carl.get("/account/tokens").text
    assert "Nightly export" in listed
    assert "never used" in listed
    assert found[1] not in listed
    assert "/account/tokens" in carl.get("/account").text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": " ", "scopes": ["read"], "days": "30"}, "Please say what the token is for."),
        ({"name": "x", "scopes": [], "days": "30"}, "must be one of read, write, documents"),
        ({"name": "x", "scopes": ["everything"], "days": "30"}, "must be one of read, write, documents"),
        ({"name": "x", "scopes": ["read"], "days": "4000"}, "Please choose one of the options."),
        ({"name": "x" * 101, "scopes": ["read"], "days": "30"}, "at most 100 fit"),
    ],
)
def test_what_cannot_be_made_is_said_beside_the_field(cast: Cast, wrong: dict[str, object], message: str) -> None:
    page = cast.actors["consultant"].post("/account/tokens", wrong)
    assert page.status_code == 422
    assert message in page.text


def test_its_owner_revokes_a_token(cast: Cast, installation: Installation) -> None:
    id_, token = tokens.add_token(installation, cast.ada, name="mine", scopes=["read"], days=1)
    assert cast.actors["admin"].post(f"/account/tokens/{id_}/revoke").headers["Location"] == "/account/tokens"
    assert tokens.authenticate(installation, token) is None


def test_an_admin_revokes_a_colleagues_and_nobody_else_does(cast: Cast, installation: Installation) -> None:
    page = cast.actors["consultant"].post("/account/tokens", {"name": "Of Carl", "scopes": ["read"], "days": "7"})
    found = _TOKEN.search(page.text)
    assert found
    caller = tokens.authenticate(installation, found[1])
    assert caller is not None
    address = f"/account/tokens/{caller.token.id}/revoke"
    for stranger in ("client lead", "foreign admin"):
        assert cast.actors[stranger].post(address).status_code == 404
    assert tokens.authenticate(installation, found[1]) is not None
    assert "Of Carl" in cast.actors["admin"].get(f"/people/{cast.member}").text
    assert cast.actors["admin"].post(address).headers["Location"] == f"/people/{cast.member}"
    assert tokens.authenticate(installation, found[1]) is None
