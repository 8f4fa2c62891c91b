"""Tokens of the API: make, list, revoke, and who acts with one. A token works in one workspace and within its scopes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from assess.core.errors import Invalid, NotAllowed, NotFound, Problem
from assess.core.staff import ADMINISTER, Actor
from assess.storage import people as people_rows
from assess.storage import tokens as rows
from assess.storage.attempts import count_attempt
from assess.storage.tokens import Token
from assess.usecases.audit import CONSOLE, record, record_for
from assess.usecases.installation import Installation

READ, WRITE, DOCUMENTS = "read", "write", "documents"
SCOPES = (READ, WRITE, DOCUMENTS)
PREFIX = "kam_"
"""What every token begins with, so that scanners for leaked secrets find it."""
MAX_DAYS, USUAL_DAYS, MAX_NAME, MAX_TOKENS = 366, 90, 100, 50
SEEN_EVERY = timedelta(minutes=5)
RATE_SECONDS = 60
RECEIPTS_FOR = timedelta(hours=24)
__all__ = ["Token"]


@dataclass(frozen=True)
class Caller:
    """Who acts with a token."""

    token: Token
    actor: Actor

    def may(self, scope: str) -> bool:
        """Writing includes reading."""
        return scope in self.token.scopes or (scope == READ and WRITE in self.token.scopes)


def add_token(installation: Installation, actor: Actor, *, name: str, scopes: Sequence[str], days: int) -> tuple[int, str]:
    """A token for the actor in the actor's workspace; returns its id and the token, which is shown once.

    Raises Invalid with every problem.
    """
    now = installation.clock()
    _refuse(_problems(name, scopes, days))
    with installation.storage.writing() as connection:
        if len(rows.list_tokens(connection, actor.workspace_id, actor.person_id)) >= MAX_TOKENS:
            raise Invalid([Problem("has more than {max_length} entries", {"max_length": MAX_TOKENS}, path="name")])
        made = _add(connection, actor, name, scopes, days, now)
        record(connection, actor, "token.made", f"token {made[0]}", now, name=name, scopes=list(scopes), days=days)
    return made


def _add(connection: Connection, actor: Actor, name: str, scopes: Sequence[str], days: int, now: datetime) -> tuple[int, str]:
    token = PREFIX + secrets.token_urlsafe(32)
    values = {
        "person_id": actor.person_id,
        "workspace_id": actor.workspace_id,
        "name": name.strip(),
        "scopes": " ".join(scope for scope in SCOPES if scope in scopes),
        "expires_at": now + timedelta(days=days),
    }
    return rows.add_token(connection, values, token, now), token


def add_token_for(
    installation: Installation, *, email: str, workspace: str, name: str, scopes: Sequence[str], days: int
) -> tuple[int, str]:
    """From the console: a token for somebody in a workspace (their first where none is named). Raises NotFound, Invalid."""
    now = installation.clock()
    _refuse(_problems(name, scopes, days))
    with installation.storage.writing() as connection:
        person = people_rows.find_by_email(connection, email.strip().lower())
        actors = people_rows.load_actors(connection, person.id) if person else ()
        theirs = [one for one in actors if workspace in ("", one.workspace)]
        if not theirs:
            raise NotFound(f"there is no user {email}" + (f" in the workspace {workspace}" if workspace else ""))
        made = _add(connection, theirs[0], name, scopes, days, now)
        record_for(connection, theirs[0].workspace_id, CONSOLE, "token.made", f"token {made[0]}", now, name=name)
    return made


def my_tokens(installation: Installation, actor: Actor) -> tuple[Token, ...]:
    """The actor's own in this workspace, expired ones included, the newest first."""
    with installation.storage.reading() as connection:
        return rows.list_tokens(connection, actor.workspace_id, actor.person_id)


def tokens_of(installation: Installation, actor: Actor, person_id: int) -> tuple[Token, ...]:
    """What an admin sees of a member's. Raises NotAllowed."""
    _require_admin(actor)
    with installation.storage.reading() as connection:
        return rows.list_tokens(connection, actor.workspace_id, person_id)


def all_tokens(installation: Installation, workspace: str) -> tuple[Token, ...]:
    """From the console: every token of a workspace, the first where none is named. Raises NotFound."""
    with installation.storage.reading() as connection:
        known = people_rows.find_workspace(connection, workspace) if workspace else people_rows.first_workspace(connection)
        if known is None:
            raise NotFound(f"there is no workspace {workspace}".rstrip())
        return rows.list_tokens(connection, known)


def revoke_token(installation: Installation, actor: Actor, id_: int) -> int:
    """One's own, or for an admin anybody's of the workspace; refused from now on. Returns whose. Raises NotFound."""
    now = installation.clock()
    with installation.storage.writing() as connection:
        token = rows.find_token(connection, actor.workspace_id, id_)
        if token.person_id != actor.person_id and not actor.may(ADMINISTER):
            raise NotFound("there is no such token")
        rows.revoke_token(connection, id_, now)
        record(connection, actor, "token.revoked", f"token {id_}", now)
    return token.person_id


def revoke_any(installation: Installation, id_: int) -> Token:
    """From the console. Raises NotFound."""
    now = installation.clock()
    with installation.storage.writing() as connection:
        token = rows.find_token(connection, None, id_)
        rows.revoke_token(connection, id_, now)
        record_for(connection, token.workspace_id, CONSOLE, "token.revoked", f"token {id_}", now)
    return token


def authenticate(installation: Installation, token: str) -> Caller | None:
    """Who acts with a token; None when it is unknown, expired or revoked, or the person has left the workspace."""
    if not token.startswith(PREFIX):
        return None
    now = installation.clock()
    with installation.storage.reading() as connection:
        found = rows.load_token(connection, token)
    if found is None or found[0].revoked_at is not None or found[0].expires_at <= now:
        return None
    return Caller(*found)


def count_call(installation: Installation, caller: Caller, what: str = "api") -> int:
    """Note a call; returns how many of this kind the token has made in the last RATE_SECONDS, this one included."""
    now, token = installation.clock(), caller.token
    with installation.storage.writing() as connection:
        if token.seen_at is None or now - token.seen_at > SEEN_EVERY:
            rows.see_token(connection, token.id, now)
        return count_attempt(connection, what, f"token {token.id}", RATE_SECONDS, now)


def create_once(installation: Installation, caller: Caller, key: str | None, request: bytes, make: Callable[[], Any]) -> Any:
    """What make() returns, JSON-able ids of what it created; the same key again gives the same ids and creates nothing.

    request is everything the result depends on. What make() writes and the receipt are one transaction: both are there or
    neither. Raises Invalid when the key came with another request.
    """
    if key is None:
        return make()
    now, print_ = installation.clock(), sha256(request).hexdigest()
    with installation.storage.writing() as connection:
        rows.reserve(connection, caller.token.id, key, print_, now, now - RECEIPTS_FOR)
        receipt = rows.find_receipt(connection, caller.token.id, key)
        if receipt is not None and receipt.fingerprint != print_:
            raise Invalid([Problem("was used for another request", {}, path="Idempotency-Key")])
        if receipt is not None and receipt.made is not None:
            return receipt.made
        made = make()
        rows.keep_receipt(connection, caller.token.id, key, made)
    return made


def _require_admin(actor: Actor) -> None:
    if not actor.may(ADMINISTER):
        raise NotAllowed("only admins look after other people's tokens")


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)


def _problems(name: str, scopes: Sequence[str], days: int) -> list[Problem]:
    problems = []
    if not name.strip():
        problems.append(Problem("Please say what the token is for.", {}, path="name"))
    if len(name) > MAX_NAME:
        problems.append(Problem("is longer than {max_length} characters", {"max_length": MAX_NAME}, path="name"))
    if not scopes or not set(scopes) <= set(SCOPES):
        problems.append(Problem("must be one of {names}", {"names": ", ".join(SCOPES)}, path="scopes"))
    if not 1 <= days <= MAX_DAYS:
        problems.append(Problem("must be a whole number from 1 to {largest}", {"largest": MAX_DAYS}, path="days"))
    return problems
