"""Signing in through the OpenID Connect provider: who was invited comes in with a proven e-mail address, nobody else."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from assess.config import Settings
from assess.core.errors import Invalid, NotFound, Problem
from assess.identity import refusals
from assess.identity.refusals import Refused
from assess.identity.tickets import TICKET_SECONDS, Ticket, new_ticket, seal, unseal
from assess.storage import people as rows
from assess.storage.attempts import count_attempt, forget_past, take_back_attempt
from assess.usecases.installation import Installation
from assess.usecases.people import TRIES_PER_ADDRESS, TRY_SECONDS, normal_email, open_session

if TYPE_CHECKING:
    from assess.identity.provider import Provider

_NEEDED = ("authlib", "joserfc", "requests")


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and what it keeps meanwhile."""

    address: str
    sealed: str


@dataclass(frozen=True)
class Finished:
    """The token of the new session, and where the person wanted to go."""

    token: str
    after: str


def require_extra(settings: Settings) -> None:
    """Refuse to start with a provider but without what it takes. Raises Invalid."""
    if settings.provider and not all(find_spec(name) for name in _NEEDED):
        raise Invalid([Problem("needs the extra oidc: pip install 'kam-assess[oidc]'", {}, path="KAM_OIDC_ISSUER")])


def begin(installation: Installation, *, redirect_uri: str, after: str, address: str) -> Begun:
    """Raises NotFound without a provider, Refused when it can't be asked."""
    provider, now = _provider(installation), installation.clock()
    ticket = new_ticket(redirect_uri, after, now)
    try:
        _count(installation, address, now)
        there = provider.address_to_ask(ticket)
    except Refused as refused:
        refused.after = after
        raise
    return Begun(there, seal(ticket, installation.settings.secret_key, now))


def finish(installation: Installation, *, sealed: str, answer: Mapping[str, str], address: str, browser: str) -> Finished:
    """Open a session for the person the provider vouches for. answer: the parameters it sent the browser back with.

    Raises NotFound without a provider, Refused with the cause.
    """
    provider, now = _provider(installation), installation.clock()
    ticket = unseal(sealed, installation.settings.secret_key, now)
    if ticket is None:
        raise Refused(refusals.STALE, "the cookie is missing, too old, or not ours")
    try:
        _count(installation, address, now)
        _use_once(installation, ticket, answer, now)
        email = normal_email(provider.proven_email(ticket, _code(provider, answer), int(now.timestamp())))
        return Finished(_session_of(installation, email, ticket, address, browser, now), ticket.after)
    except Refused as refused:
        refused.after = ticket.after
        raise


def _provider(installation: Installation) -> Provider:
    if installation.settings.provider is None:
        raise NotFound("there is no sign-in provider")
    from assess.identity.provider import provider_of

    return provider_of(installation.settings.provider)


def _count(installation: Installation, address: str, now: datetime) -> None:
    """Each step is a try of this network address, as with passwords."""
    with installation.storage.writing() as connection:
        tries = count_attempt(connection, "sign-in", f"address {address}", TRY_SECONDS, now)
    if tries > TRIES_PER_ADDRESS:
        raise Refused(refusals.THROTTLED, f"try {tries} of {address}")


def _use_once(installation: Installation, ticket: Ticket, answer: Mapping[str, str], now: datetime) -> None:
    """An answer counts in the browser that asked, and once."""
    if not hmac.compare_digest(ticket.state.encode(), answer.get("state", "").encode("utf-8", "surrogatepass")):
        raise Refused(refusals.OTHER_TAB, "the state is not that of this browser's request")
    with installation.storage.writing() as connection:
        forget_past(connection, "oidc-state", TICKET_SECONDS, now)
        uses = count_attempt(connection, "oidc-state", ticket.state, TICKET_SECONDS, now)
    if uses > 1:
        raise Refused(refusals.USED, f"use {uses} of one answer")


def _code(provider: Provider, answer: Mapping[str, str]) -> str:
    """The code to exchange, unless the provider says no."""
    from assess.identity.provider import shown_code

    provider.check_sender(answer.get("iss"))
    if (error := answer.get("error")) is not None:
        cause = refusals.DENIED if error == "access_denied" else refusals.TURNED_AWAY
        raise Refused(cause, f"{error}: {answer.get('error_description', '')}", {"code": shown_code(error)})
    if not answer.get("code"):
        raise Refused(refusals.TURNED_AWAY, "neither a code nor an error came back", {"code": ""})
    return answer["code"]


def _session_of(installation: Installation, email: str, ticket: Ticket, address: str, browser: str, now: datetime) -> str:
    with installation.storage.reading() as connection:
        person = rows.find_by_email(connection, email)
    if person is None:
        raise Refused(refusals.NOT_INVITED, f"{email!r} was not invited", {"email": email})
    token = open_session(installation, person, address, browser, now, "session.opened_by_provider")
    if token is None:
        raise Refused(refusals.REMOVED, f"{email!r} belongs to no workspace any more", {"email": email})
    with installation.storage.writing() as connection:
        take_back_attempt(connection, "sign-in", f"address {address}", TRY_SECONDS, ticket.begun_at)
        if person.password_hash is None:
            rows.void_setup_links(connection, person.id, now)
    return token
