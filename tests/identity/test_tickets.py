"""The ticket that a browser keeps while its person is at the provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assess.identity.tickets import TICKET_SECONDS, new_ticket, seal, unseal

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TICKET = new_ticket("https://kam.example.org/sign-in/oidc/callback", "/people/", NOW)
SEALED = seal(TICKET, "a secret key", NOW)


def test_a_ticket_comes_back_as_it_was() -> None:
    assert unseal(SEALED, "a secret key", NOW + timedelta(seconds=TICKET_SECONDS)) == TICKET
    assert TICKET.begun_at == NOW


def test_nothing_of_a_ticket_can_be_read() -> None:
    for part in (TICKET.state, TICKET.nonce, TICKET.verifier, TICKET.after):
        assert part not in SEALED


def test_a_verifier_is_as_long_as_pkce_asks() -> None:
    assert 43 <= len(TICKET.verifier) <= 128, "RFC 7636, 4.1"
    assert len({TICKET.state, TICKET.nonce, TICKET.verifier}) == 3


@pytest.mark.parametrize(
    ("sealed", "key", "later"),
    [
        (SEALED, "a secret key", TICKET_SECONDS + 1),
        (SEALED, "another key", 0),
        (SEALED[:-5] + "AAAA=", "a secret key", 0),
        ("", "a secret key", 0),
        ("ü", "a secret key", 0),
        ("x" * 5000, "a secret key", 0),
    ],
)
def test_a_ticket_that_is_old_foreign_or_changed_is_none(sealed: str, key: str, later: int) -> None:
    assert unseal(sealed, key, NOW + timedelta(seconds=later)) is None
