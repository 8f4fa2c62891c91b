"""Tokens of the API as rows, and receipts for what was created with them. Tokens are stored as hashes only."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assess.core.errors import NotFound
from assess.core.staff import Actor
from assess.storage.people import load_actors, token_hash
from assess.storage.tables import api_receipt, api_token, person


@dataclass(frozen=True)
class Token:
    """A way in for a program. scopes say what it may be used for; seen_at is None until it was used."""

    id: int
    person_id: int
    workspace_id: int
    owner: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Receipt:
    """What a request created under an idempotency key; made is None in the transaction that creates it."""

    fingerprint: str
    made: Any


def add_token(connection: Connection, values: dict[str, Any], token: str, now: datetime) -> int:
    statement = insert(api_token).values(**values, token_hash=token_hash(token), created_at=now).returning(api_token.c.id)
    return int(connection.execute(statement).scalar_one())


def _tokens() -> Select[Any]:
    return select(api_token, person.c.email.label("owner")).join(person, person.c.id == api_token.c.person_id)


def _token(row: Row[Any]) -> Token:
    same = {name: getattr(row, name) for name in Token.__dataclass_fields__ if name != "scopes"}
    return Token(**same, scopes=tuple(row.scopes.split()))


def load_token(connection: Connection, token: str) -> tuple[Token, Actor] | None:
    """A token with who acts through it; None when it is unknown or the person does not belong to its workspace any more."""
    row = connection.execute(_tokens().where(api_token.c.token_hash == token_hash(token))).one_or_none()
    if row is None:
        return None
    actors = [one for one in load_actors(connection, row.person_id) if one.workspace_id == row.workspace_id]
    return (_token(row), replace(actors[0], token=row.name)) if actors else None


def list_tokens(connection: Connection, workspace_id: int, person_id: int | None = None) -> tuple[Token, ...]:
    """The tokens of a workspace that were not revoked, the newest first; person_id: of one person only."""
    wanted = and_(api_token.c.workspace_id == workspace_id, api_token.c.revoked_at.is_(None))
    if person_id is not None:
        wanted = and_(wanted, api_token.c.person_id == person_id)
    return tuple(_token(row) for row in connection.execute(_tokens().where(wanted).order_by(api_token.c.id.desc())))


def find_token(connection: Connection, workspace_id: int | None, id_: int) -> Token:
    """One of a workspace (None: of any). Raises NotFound."""
    statement = _tokens().where(api_token.c.id == id_)
    if workspace_id is not None:
        statement = statement.where(api_token.c.workspace_id == workspace_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound("there is no such token")
    return _token(row)


def see_token(connection: Connection, id_: int, now: datetime) -> None:
    connection.execute(update(api_token).where(api_token.c.id == id_).values(seen_at=now))


def revoke_token(connection: Connection, id_: int, now: datetime) -> None:
    connection.execute(update(api_token).where(api_token.c.id == id_).values(revoked_at=now))


def revoke_tokens(connection: Connection, person_id: int, workspace_id: int, now: datetime) -> None:
    """All that a person has in a workspace."""
    theirs = and_(api_token.c.person_id == person_id, api_token.c.workspace_id == workspace_id)
    connection.execute(update(api_token).where(theirs, api_token.c.revoked_at.is_(None)).values(revoked_at=now))


def reserve(connection: Connection, token_id: int, key: str, fingerprint: str, now: datetime, oldest: datetime) -> bool:
    """Take an idempotency key for a request; False when it was taken already. Forgets what is older than `oldest`."""
    connection.execute(delete(api_receipt).where(api_receipt.c.at < oldest))
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"token_id": token_id, "key": key, "fingerprint": fingerprint, "at": now}
    statement = dialect.insert(api_receipt).values(**values).on_conflict_do_nothing().returning(api_receipt.c.key)
    return connection.scalar(statement) is not None


def find_receipt(connection: Connection, token_id: int, key: str) -> Receipt | None:
    """Whoever uses the same key at the same moment waits."""
    row = connection.execute(select(api_receipt).where(_of(token_id, key)).with_for_update()).one_or_none()
    return None if row is None else Receipt(row.fingerprint, None if row.made is None else json.loads(row.made))


def keep_receipt(connection: Connection, token_id: int, key: str, made: Any) -> None:
    connection.execute(update(api_receipt).where(_of(token_id, key)).values(made=json.dumps(made)))


def _of(token_id: int, key: str) -> Any:
    return and_(api_receipt.c.token_id == token_id, api_receipt.c.key == key)
