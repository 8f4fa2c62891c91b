"""Staff as rows: people, workspaces, memberships, one-time set-up links, sessions. Tokens are stored as hashes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, select, update

from assess.core.errors import NotFound
from assess.core.staff import Actor
from assess.storage.tables import membership, person, setup_link, staff_session, workspace


@dataclass(frozen=True)
class Person:
    """password_hash is None until a set-up link was used."""

    id: int
    email: str
    name: str
    password_hash: str | None


@dataclass(frozen=True)
class Member:
    """A person in one workspace. is_invited: no password chosen yet and never signed in; seen_at: None when never here.

    is_elsewhere: belongs to another workspace too.
    """

    person_id: int
    name: str
    email: str
    role: str
    engagement: str | None
    is_invited: bool
    seen_at: datetime | None
    is_elsewhere: bool

    @property
    def may_get_link(self) -> bool:
        """Whether this workspace may make a set-up link: whoever has it becomes the person in each of their workspaces."""
        return self.is_invited and not self.is_elsewhere


@dataclass(frozen=True)
class SetupLink:
    """person_id is None for the link of the first start."""

    person_id: int | None
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Session:
    token_hash: str
    browser: str
    created_at: datetime
    seen_at: datetime


def token_hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def has_password_holder(connection: Connection) -> bool:
    """Whether anybody can sign in yet."""
    return connection.scalar(select(person.c.id).where(person.c.password_hash.is_not(None)).limit(1)) is not None


def add_workspace(connection: Connection, name: str, kind: str, now: datetime) -> int:
    statement = insert(workspace).values(name=name, kind=kind, created_at=now).returning(workspace.c.id)
    return int(connection.execute(statement).scalar_one())


def find_workspace(connection: Connection, name: str) -> int | None:
    """The oldest workspace of that name; None when there is none."""
    key = connection.scalar(select(workspace.c.id).where(workspace.c.name == name).order_by(workspace.c.id).limit(1))
    return None if key is None else int(key)


def first_workspace(connection: Connection) -> int | None:
    key = connection.scalar(select(func.min(workspace.c.id)))
    return None if key is None else int(key)


def add_person(connection: Connection, email: str, name: str, now: datetime) -> int:
    statement = insert(person).values(email=email, name=name, password_hash=None, created_at=now).returning(person.c.id)
    return int(connection.execute(statement).scalar_one())


def find_by_email(connection: Connection, email: str) -> Person | None:
    return _person(connection.execute(select(person).where(person.c.email == email)).one_or_none())


def find_person(connection: Connection, id_: int) -> Person:
    """Raises NotFound."""
    found = _person(connection.execute(select(person).where(person.c.id == id_)).one_or_none())
    if found is None:
        raise NotFound("there is no such person")
    return found


def _person(row: Row[tuple[object, ...]] | None) -> Person | None:
    return None if row is None else Person(row.id, row.email, row.name, row.password_hash)


def set_password(connection: Connection, person_id: int, password_hash: str) -> None:
    connection.execute(update(person).where(person.c.id == person_id).values(password_hash=password_hash))


def rename_person(connection: Connection, person_id: int, name: str) -> None:
    connection.execute(update(person).where(person.c.id == person_id).values(name=name))


def put_membership(
    connection: Connection, person_id: int, workspace_id: int, role: str, engagement: str | None, now: datetime
) -> None:
    """Make the person a member in this role, whatever it was before."""
    drop_membership(connection, person_id, workspace_id)
    values = {"role": role, "engagement_id": engagement, "created_at": now}
    connection.execute(insert(membership).values(person_id=person_id, workspace_id=workspace_id, **values))


def drop_membership(connection: Connection, person_id: int, workspace_id: int) -> None:
    connection.execute(delete(membership).where(membership.c.person_id == person_id, membership.c.workspace_id == workspace_id))


def load_members(connection: Connection, workspace_id: int) -> tuple[Member, ...]:
    """The people of a workspace by name."""
    seen = select(func.max(staff_session.c.seen_at)).where(
        staff_session.c.person_id == person.c.id, staff_session.c.workspace_id == workspace_id
    )
    has_come = select(staff_session.c.token_hash).where(staff_session.c.person_id == person.c.id).exists()
    is_invited = and_(person.c.password_hash.is_(None), ~has_come).label("is_invited")
    other = membership.alias()
    elsewhere = select(other.c.person_id).where(other.c.person_id == person.c.id, other.c.workspace_id != workspace_id).exists()
    last_seen, is_elsewhere = seen.scalar_subquery().label("last_seen"), elsewhere.label("is_elsewhere")
    rows = connection.execute(
        select(person, membership.c.role, membership.c.engagement_id, is_invited, last_seen, is_elsewhere)
        .join(membership, membership.c.person_id == person.c.id)
        .where(membership.c.workspace_id == workspace_id)
        .order_by(func.lower(person.c.name), person.c.id)
    )
    return tuple(_member(row) for row in rows)


def _member(row: Row[Any]) -> Member:
    return Member(
        person_id=row.id,
        name=row.name,
        email=row.email,
        role=row.role,
        engagement=row.engagement_id,
        is_invited=bool(row.is_invited),
        seen_at=row.last_seen,
        is_elsewhere=bool(row.is_elsewhere),
    )


def find_member(connection: Connection, workspace_id: int, person_id: int) -> Member:
    """Raises NotFound for a person of no or another workspace."""
    for member in load_members(connection, workspace_id):
        if member.person_id == person_id:
            return member
    raise NotFound("there is no such person")


def _actors() -> Select[tuple[object, ...]]:
    return select(
        person.c.id.label("person_id"),
        person.c.name,
        person.c.email,
        workspace.c.id.label("workspace_id"),
        workspace.c.name.label("workspace"),
        membership.c.role,
        membership.c.engagement_id.label("engagement"),
    ).select_from(
        membership.join(person, person.c.id == membership.c.person_id).join(
            workspace, workspace.c.id == membership.c.workspace_id
        )
    )


def load_actors(connection: Connection, person_id: int) -> tuple[Actor, ...]:
    """The person in each of their workspaces, the oldest membership first."""
    statement = _actors().where(person.c.id == person_id).order_by(membership.c.created_at, workspace.c.id)
    return tuple(Actor(**row) for row in connection.execute(statement).mappings())


def add_setup_link(connection: Connection, token: str, person_id: int | None, now: datetime, expires_at: datetime) -> None:
    """A new link; those the person had before are void."""
    if person_id is not None:
        void_setup_links(connection, person_id, now)
    values = {"person_id": person_id, "created_at": now, "expires_at": expires_at}
    connection.execute(insert(setup_link).values(token_hash=token_hash(token), **values))


def void_setup_links(connection: Connection, person_id: int | None, now: datetime) -> None:
    theirs = setup_link.c.person_id.is_(None) if person_id is None else setup_link.c.person_id == person_id
    connection.execute(update(setup_link).where(theirs, setup_link.c.used_at.is_(None)).values(used_at=now))


def load_setup_link(connection: Connection, token: str, now: datetime) -> SetupLink:
    """A link that can still be used. Raises NotFound."""
    row = connection.execute(select(setup_link).where(setup_link.c.token_hash == token_hash(token))).one_or_none()
    if row is None or row.used_at is not None or row.expires_at <= now:
        raise NotFound("there is no such set-up link, or it was used")
    return SetupLink(row.person_id, row.expires_at, row.used_at)


def add_session(connection: Connection, token: str, person_id: int, workspace_id: int, browser: str, now: datetime) -> None:
    values = {"person_id": person_id, "workspace_id": workspace_id, "browser": browser, "created_at": now, "seen_at": now}
    connection.execute(insert(staff_session).values(token_hash=token_hash(token), **values))


def load_session(connection: Connection, token: str) -> tuple[Session, Actor] | None:
    """The session of a cookie with who works in it; None when it is unknown, was revoked, or the membership has ended."""
    joined = and_(
        staff_session.c.person_id == person.c.id,
        staff_session.c.workspace_id == workspace.c.id,
        staff_session.c.token_hash == token_hash(token),
        staff_session.c.revoked_at.is_(None),
    )
    columns = (staff_session.c.browser, staff_session.c.created_at.label("begun"), staff_session.c.seen_at)
    row = connection.execute(_actors().add_columns(*columns).join(staff_session, joined)).mappings().one_or_none()
    if row is None:
        return None
    actor = Actor(**{name: row[name] for name in Actor.__dataclass_fields__ if name in row})
    return Session(token_hash(token), row["browser"], row["begun"], row["seen_at"]), actor


def list_sessions(connection: Connection, person_id: int) -> tuple[Session, ...]:
    """The sessions that are open, the latest first."""
    rows = connection.execute(
        select(staff_session)
        .where(staff_session.c.person_id == person_id, staff_session.c.revoked_at.is_(None))
        .order_by(staff_session.c.seen_at.desc())
    )
    return tuple(Session(row.token_hash, row.browser, row.created_at, row.seen_at) for row in rows)


def see_session(connection: Connection, hash_: str, now: datetime) -> None:
    connection.execute(update(staff_session).where(staff_session.c.token_hash == hash_).values(seen_at=now))


def revoke_session(connection: Connection, hash_: str, now: datetime) -> None:
    connection.execute(update(staff_session).where(staff_session.c.token_hash == hash_).values(revoked_at=now))


def revoke_sessions(connection: Connection, person_id: int, now: datetime, keep: str = "") -> None:
    """End the person's sessions, all but the one of the hash to keep."""
    theirs = and_(staff_session.c.person_id == person_id, staff_session.c.revoked_at.is_(None))
    connection.execute(update(staff_session).where(theirs, staff_session.c.token_hash != keep).values(revoked_at=now))


def move_session(connection: Connection, hash_: str, workspace_id: int) -> None:
    """Work in another workspace."""
    connection.execute(update(staff_session).where(staff_session.c.token_hash == hash_).values(workspace_id=workspace_id))
