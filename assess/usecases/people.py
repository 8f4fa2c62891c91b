"""Staff: the first start, signing in and out, passwords, inviting, roles, removing. A revocation counts at once."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from assess.core.errors import Conflict, Failed, Invalid, NotAllowed, NotFound, Problem
from assess.core.staff import ADMIN, ADMINISTER, CLIENT_LEAD, CONSULTANT, ROLES, Actor
from assess.storage import people as rows
from assess.storage.attempts import count_attempt, forget_attempts, take_back_attempt
from assess.storage.engagements import load_engagement
from assess.storage.people import Member, Person, Session
from assess.storage.tokens import revoke_tokens
from assess.usecases.audit import CONSOLE, record, record_for
from assess.usecases.installation import Installation
from assess.usecases.passwords import password_problems

WORKSPACE_KINDS = ("consultancy", "company")
SETUP_HOURS = 72
IDLE, LONGEST_SESSION = timedelta(hours=12), timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
TRY_SECONDS = 15 * 60
TRIES_PER_PERSON, TRIES_PER_ADDRESS = 5, 50
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_MAX_EMAIL = 254


@dataclass(frozen=True)
class SetupView:
    """Whom a set-up link is for; email and name are empty at the first start."""

    is_first: bool
    email: str
    name: str


@dataclass(frozen=True)
class SignIn:
    """token of the new session; None when it was refused, and is_throttled then says whether for too many tries."""

    token: str | None
    is_throttled: bool = False


@dataclass(frozen=True)
class Invited:
    """token of the set-up link; None for somebody who can sign in already or was given a link by another workspace."""

    person_id: int
    token: str | None


def normal_email(given: str) -> str:
    return given.strip().lower()


def first_start(installation: Installation) -> str | None:
    """The token of a one-time set-up link as long as nobody can sign in; None afterwards."""
    now = installation.clock()
    with installation.storage.writing() as connection:
        if rows.has_password_holder(connection):
            return None
        return _new_setup_link(connection, None, now)


def open_setup(installation: Installation, token: str) -> SetupView:
    """Raises NotFound for a link that is unknown, used or too old."""
    with installation.storage.reading() as connection:
        link = rows.load_setup_link(connection, token, installation.clock())
        if link.person_id is None:
            return SetupView(True, "", "")
        person = rows.find_person(connection, link.person_id)
    return SetupView(False, person.email, person.name)


def finish_setup(
    installation: Installation,
    token: str,
    *,
    password: str,
    name: str = "",
    email: str = "",
    workspace: str = "",
    kind: str = "",
) -> str:
    """Choose the password; at the first start also who the first admin is and what the workspace is called.

    Returns the e-mail address to sign in with. Raises NotFound, and Invalid with every problem.
    """
    view = open_setup(installation, token)
    email = normal_email(email) if view.is_first else view.email
    problems = [*_email_problems(email), *password_problems(password, email)]
    if view.is_first:
        problems += _workspace_problems(workspace, kind)
    if problems:
        raise Invalid(problems)
    now, hashed = installation.clock(), installation.passwords.hash(password)
    with installation.storage.writing() as connection:
        link = rows.load_setup_link(connection, token, now)
        person_id = link.person_id or _first_admin(connection, email, name, workspace, kind, now)
        rows.set_password(connection, person_id, hashed)
        if name:
            rows.rename_person(connection, person_id, name)
        rows.void_setup_links(connection, link.person_id, now)
        rows.revoke_sessions(connection, person_id, now)
        for actor in rows.load_actors(connection, person_id)[:1]:
            record(connection, actor, "person.set_up", f"person {person_id}", now)
    return email


def _first_admin(connection: Connection, email: str, name: str, workspace: str, kind: str, now: datetime) -> int:
    if rows.has_password_holder(connection):
        raise NotFound("there is no such set-up link, or it was used")
    known = rows.find_by_email(connection, email)
    person_id = known.id if known else rows.add_person(connection, email, name or email, now)
    workspace_id = rows.add_workspace(connection, workspace, kind, now)
    rows.put_membership(connection, person_id, workspace_id, ADMIN, None, now)
    return person_id


def sign_in(installation: Installation, *, email: str, password: str, address: str, browser: str) -> SignIn:
    """Open a session. A wrong password and an unknown address take as long and look alike; too many tries are refused."""
    now, email = installation.clock(), normal_email(email)
    with installation.storage.writing() as connection:
        of_address = count_attempt(connection, "sign-in", f"address {address}", TRY_SECONDS, now)
        if of_address > TRIES_PER_ADDRESS:
            return SignIn(None, is_throttled=True)
        of_person = count_attempt(connection, "sign-in", f"person {email}", TRY_SECONDS, now)
        person = rows.find_by_email(connection, email)
    if of_person > TRIES_PER_PERSON:
        return SignIn(None, is_throttled=True)
    if not installation.passwords.is_right(person.password_hash if person else None, password) or person is None:
        return SignIn(None)
    return SignIn(open_session(installation, person, address, browser, now))


def open_session(
    installation: Installation, person: Person, address: str, browser: str, now: datetime, action: str = "session.opened"
) -> str | None:
    """The token of a new session in the person's first workspace; None for somebody who belongs to none any more."""
    token = secrets.token_urlsafe(32)
    with installation.storage.writing() as connection:
        actors = rows.load_actors(connection, person.id)
        if not actors:
            return None
        forget_attempts(connection, "sign-in", f"person {person.email}")
        take_back_attempt(connection, "sign-in", f"address {address}", TRY_SECONDS, now)
        rows.add_session(connection, token, person.id, actors[0].workspace_id, browser[:200], now)
        record(connection, actors[0], action, f"person {person.id}", now)
    return token


def current_session(installation: Installation, token: str) -> tuple[Session, Actor] | None:
    """Who works in the session of a cookie; None when it is unknown, revoked, or was left alone for too long."""
    now = installation.clock()
    with installation.storage.reading() as connection:
        found = rows.load_session(connection, token)
    if found is None:
        return None
    session, _ = found
    if now - session.seen_at > IDLE or now - session.created_at > LONGEST_SESSION or session.created_at > now + SEEN_EVERY:
        return None
    if now - session.seen_at > SEEN_EVERY:
        with suppress(Failed), installation.storage.writing() as connection:  # who only looks can, on a disk that is full, too
            rows.see_session(connection, session.token_hash, now)
    return found


def sign_out(installation: Installation, actor: Actor, session_hash: str) -> None:
    now = installation.clock()
    with installation.storage.writing() as connection:
        rows.revoke_session(connection, session_hash, now)
        record(connection, actor, "session.closed", f"person {actor.person_id}", now)


def sign_out_everywhere(installation: Installation, actor: Actor) -> None:
    now = installation.clock()
    with installation.storage.writing() as connection:
        rows.revoke_sessions(connection, actor.person_id, now)
        record(connection, actor, "session.all_closed", f"person {actor.person_id}", now)


def sessions_of(installation: Installation, actor: Actor) -> tuple[Session, ...]:
    """The open sessions that have not been left alone for too long."""
    now = installation.clock()
    with installation.storage.reading() as connection:
        return tuple(one for one in rows.list_sessions(connection, actor.person_id) if now - one.seen_at <= IDLE)


def workspaces_of(installation: Installation, actor: Actor) -> tuple[Actor, ...]:
    """The person in each of their workspaces."""
    with installation.storage.reading() as connection:
        return rows.load_actors(connection, actor.person_id)


def switch_workspace(installation: Installation, actor: Actor, session_hash: str, workspace_id: int) -> None:
    """Raises NotFound for a workspace the person does not belong to."""
    now = installation.clock()
    with installation.storage.writing() as connection:
        wanted = [one for one in rows.load_actors(connection, actor.person_id) if one.workspace_id == workspace_id]
        if not wanted:
            raise NotFound("there is no such workspace")
        rows.move_session(connection, session_hash, workspace_id)
        record(connection, wanted[0], "session.moved", f"person {actor.person_id}", now)


def change_password(installation: Installation, actor: Actor, session_hash: str, *, current: str, new: str) -> None:
    """Needs the present password; ends the person's other sessions. Raises Invalid with every problem."""
    now = installation.clock()
    with installation.storage.writing() as connection:
        tries = count_attempt(connection, "password", f"person {actor.person_id}", TRY_SECONDS, now)
        person = rows.find_person(connection, actor.person_id)
    problems = password_problems(new, actor.email)
    if tries > TRIES_PER_PERSON:
        problems.append(Problem("Too many tries. Please wait a quarter of an hour.", {}, path="current"))
    elif not installation.passwords.is_right(person.password_hash, current):
        problems.append(Problem("This is not your present password.", {}, path="current"))
    if problems:
        raise Invalid(problems)
    hashed = installation.passwords.hash(new)
    with installation.storage.writing() as connection:
        rows.set_password(connection, actor.person_id, hashed)
        rows.revoke_sessions(connection, actor.person_id, now, keep=session_hash)
        forget_attempts(connection, "password", f"person {actor.person_id}")
        record(connection, actor, "person.password_changed", f"person {actor.person_id}", now)


def has_password(installation: Installation, actor: Actor) -> bool:
    """False for somebody who only ever signed in through the provider."""
    with installation.storage.reading() as connection:
        return rows.find_person(connection, actor.person_id).password_hash is not None


def list_members(installation: Installation, actor: Actor) -> tuple[Member, ...]:
    _require_admin(actor)
    with installation.storage.reading() as connection:
        return rows.load_members(connection, actor.workspace_id)


def find_member(installation: Installation, actor: Actor, person_id: int) -> Member:
    _require_admin(actor)
    with installation.storage.reading() as connection:
        return rows.find_member(connection, actor.workspace_id, person_id)


def invite_member(
    installation: Installation, actor: Actor, *, email: str, name: str, role: str, engagement: str | None
) -> Invited:
    """Make somebody a member of the workspace. Raises Invalid, and Conflict when they are one already."""
    _require_admin(actor)
    email, now = normal_email(email), installation.clock()
    engagement = engagement if role == CLIENT_LEAD else None
    _refuse([*_email_problems(email), *_role_problems(role, engagement)])
    with installation.storage.writing() as connection:
        _check_engagement(connection, actor, engagement)
        known = rows.find_by_email(connection, email)
        if known and any(one.workspace_id == actor.workspace_id for one in rows.load_actors(connection, known.id)):
            raise Conflict("this person is a member already")
        person_id = known.id if known else rows.add_person(connection, email, name or email, now)
        rows.put_membership(connection, person_id, actor.workspace_id, role, engagement, now)
        may_get_link = rows.find_member(connection, actor.workspace_id, person_id).may_get_link
        token = _new_setup_link(connection, person_id, now) if may_get_link else None
        record(connection, actor, "person.invited", f"person {person_id}", now, email=email, role=role, engagement=engagement)
    return Invited(person_id, token)


def change_role(installation: Installation, actor: Actor, person_id: int, *, role: str, engagement: str | None) -> None:
    """Raises NotAllowed for the last admin."""
    _require_admin(actor)
    now = installation.clock()
    engagement = engagement if role == CLIENT_LEAD else None
    _refuse(_role_problems(role, engagement))
    with installation.storage.writing() as connection:
        _check_engagement(connection, actor, engagement)
        rows.find_member(connection, actor.workspace_id, person_id)
        if role != ADMIN:
            _refuse_last_admin(connection, actor, person_id)
        rows.put_membership(connection, person_id, actor.workspace_id, role, engagement, now)
        record(connection, actor, "person.role_changed", f"person {person_id}", now, role=role, engagement=engagement)


def remove_member(installation: Installation, actor: Actor, person_id: int) -> None:
    """End the membership: the person's next request is refused. Raises NotAllowed for the last admin."""
    _require_admin(actor)
    now = installation.clock()
    with installation.storage.writing() as connection:
        rows.find_member(connection, actor.workspace_id, person_id)
        _refuse_last_admin(connection, actor, person_id)
        rows.drop_membership(connection, person_id, actor.workspace_id)
        revoke_tokens(connection, person_id, actor.workspace_id, now)
        if not rows.load_actors(connection, person_id):
            rows.void_setup_links(connection, person_id, now)
            rows.revoke_sessions(connection, person_id, now)
        record(connection, actor, "person.removed", f"person {person_id}", now)


def renew_setup_link(installation: Installation, actor: Actor, person_id: int) -> str:
    """A new one-time link for somebody who has not used theirs.

    Raises NotAllowed for somebody who can sign in already or belongs to another workspace too.

    A forgotten password is set anew on the console only: an admin of one workspace must not become a member of another.
    """
    _require_admin(actor)
    now = installation.clock()
    with installation.storage.writing() as connection:
        if not rows.find_member(connection, actor.workspace_id, person_id).may_get_link:
            raise NotAllowed("this person can sign in already, or belongs to another workspace too")
        token = _new_setup_link(connection, person_id, now)
        record(connection, actor, "person.link_renewed", f"person {person_id}", now)
    return token


def add_user(installation: Installation, *, email: str, name: str, workspace: str, kind: str, role: str | None = None) -> str:
    """From the console: a person in a workspace (made where there is none of that name), and a set-up link for them.

    An empty workspace name means the first one. role None: admin where the workspace has none yet, else the role they have,
    else consultant. For somebody known the link sets a new password.
    """
    email, now = normal_email(email), installation.clock()
    _refuse([*_email_problems(email), *_role_problems(role or ADMIN, None)])
    with installation.storage.writing() as connection:
        workspace_id = rows.find_workspace(connection, workspace) if workspace else rows.first_workspace(connection)
        if workspace_id is None:
            _refuse(_workspace_problems(workspace, kind))
            workspace_id = rows.add_workspace(connection, workspace, kind, now)
        known = rows.find_by_email(connection, email)
        person_id = known.id if known else rows.add_person(connection, email, name or email, now)
        role = role or _usual_role(connection, workspace_id, person_id)
        if role is not None:
            rows.put_membership(connection, person_id, workspace_id, role, None, now)
        record_for(connection, workspace_id, CONSOLE, "person.invited", f"person {person_id}", now, email=email, role=role)
        return _new_setup_link(connection, person_id, now)


def _usual_role(connection: Connection, workspace_id: int, person_id: int) -> str | None:
    """None for somebody who stays what they are."""
    members = rows.load_members(connection, workspace_id)
    if not any(one.role == ADMIN for one in members):
        return ADMIN
    return None if any(one.person_id == person_id for one in members) else CONSULTANT


def reset_user(installation: Installation, email: str) -> str:
    """From the console: a link to choose a new password; the person's sessions end. Raises NotFound."""
    now = installation.clock()
    with installation.storage.writing() as connection:
        person = rows.find_by_email(connection, normal_email(email))
        if person is None:
            raise NotFound(f"there is no user {email}")
        rows.revoke_sessions(connection, person.id, now)
        for actor in rows.load_actors(connection, person.id)[:1]:
            record_for(connection, actor.workspace_id, CONSOLE, "person.link_renewed", f"person {person.id}", now)
        return _new_setup_link(connection, person.id, now)


def _new_setup_link(connection: Connection, person_id: int | None, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    rows.add_setup_link(connection, token, person_id, now, now + timedelta(hours=SETUP_HOURS))
    return token


def _require_admin(actor: Actor) -> None:
    if not actor.may(ADMINISTER):
        raise NotAllowed("only admins look after people")


def _refuse_last_admin(connection: Connection, actor: Actor, person_id: int) -> None:
    others = [one for one in rows.load_members(connection, actor.workspace_id) if one.role == ADMIN and not one.is_invited]
    if {one.person_id for one in others} == {person_id}:
        raise NotAllowed("a workspace needs an admin")


def _check_engagement(connection: Connection, actor: Actor, engagement: str | None) -> None:
    if engagement is not None:
        load_engagement(connection, actor.workspace_id, engagement)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)


def _email_problems(email: str) -> list[Problem]:
    if _EMAIL.fullmatch(email) and len(email) <= _MAX_EMAIL:
        return []
    return [Problem("Please give an e-mail address.", {}, path="email")]


def _workspace_problems(workspace: str, kind: str) -> list[Problem]:
    problems = []
    if not workspace.strip():
        problems.append(Problem("Please give the workspace a name.", {}, path="workspace"))
    if kind not in WORKSPACE_KINDS:
        problems.append(Problem("must be one of {names}", {"names": ", ".join(WORKSPACE_KINDS)}, path="kind"))
    return problems


def _role_problems(role: str, engagement: str | None) -> list[Problem]:
    if role not in ROLES:
        return [Problem("must be one of {names}", {"names": ", ".join(ROLES)}, path="role")]
    if role == CLIENT_LEAD and not engagement:
        return [Problem("Please choose the engagement this person leads.", {}, path="engagement")]
    return []
