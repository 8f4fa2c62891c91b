"""Inviting people to answer: by a personal link or a group link, in confidence or by name; accepting; revoking at once."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from assess.core.confidentiality import kept_time
from assess.core.errors import Conflict, Invalid, NotAllowed, Problem
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.staff import INDIVIDUALS, WORK, Actor
from assess.storage import assessments as assessment_rows
from assess.storage import engagements as engagement_rows
from assess.storage import invitations as rows
from assess.storage.invitations import GROUP, PERSONAL, Invitation, Invited
from assess.storage.links import REPLY_PREFIX, AssessmentKey, claim_hash, link_hash
from assess.usecases.audit import record
from assess.usecases.copies import questionnaires_of
from assess.usecases.installation import Installation

INVITED, OPENED, REVOKED = "invited", "opened", "revoked"
MAX_AT_ONCE, MAX_NAME, MAX_PEOPLE = 200, 120, 2000
__all__ = ["GROUP", "PERSONAL", "Invitation"]


@dataclass(frozen=True)
class InvitationView:
    """An invitation as staff see it.

    answered: how many items the person has answered, None where that is confidential or nobody answers; link_token: what is
    sent to people, None where there is nothing to send any more.
    """

    id: int
    kind: str
    name: str
    role: str | None
    language: str
    state: str
    answered: int | None
    link_token: str | None
    created_at: datetime


@dataclass(frozen=True)
class OpenInvitation:
    """What somebody with the link sees. reply_token: the own link of who has accepted it already, where that can be told."""

    kind: str
    name: str
    role: str | None
    language: str
    questionnaire: Questionnaire
    modules: tuple[Questionnaire, ...]
    organisation: str
    workspace: str
    confidential: bool
    sample: bool
    opened: bool
    reply_token: str | None


def invite(
    installation: Installation, key: AssessmentKey, *, kind: str, names: Sequence[str], role: str | None, language: str
) -> tuple[int, ...]:
    """One personal link for each name, or one group link with a name of its own; returns the new ids.

    role None lets people choose. Raises Invalid with every problem.
    """
    actor, now = key.actor, installation.clock()
    _require(actor, WORK)
    with installation.storage.writing() as connection:
        stored = assessment_rows.load_assessment(connection, key)
        _require_active(connection, actor, stored.engagement_id or "")
        (questionnaire,) = questionnaires_of(connection, (stored.digest,))
        wanted = list(names) if kind == PERSONAL else [names[0] if names else ""]
        _refuse(_problems(kind, wanted, role, language, questionnaire))
        made = tuple(_add(installation, connection, stored.id, kind, name, role, language, now) for name in wanted)
        record(connection, actor, "invitation.made", f"assessment {key.code}", now, invitations=made, kind=kind, role=role)
    return made


def _add(
    installation: Installation,
    connection: Connection,
    assessment_id: int,
    kind: str,
    name: str,
    role: str | None,
    language: str,
    now: datetime,
) -> int:
    serial = secrets.token_hex(16)
    values = {"assessment_id": assessment_id, "kind": kind, "name": name, "role": role, "language": language, "serial": serial}
    return rows.add_invitation(connection, values, _token(installation, serial), now)


def _token(installation: Installation, serial: str) -> str:
    """The link of an invitation. Who has the database but not the installation's secret can't make it."""
    return _derived(installation.settings.secret_key.encode(), f"invitation {serial}")


def _reply_token(token: str) -> str:
    """The own link of who accepts a personal invitation by name: who has the invitation finds back with it."""
    return REPLY_PREFIX + _derived(token.encode(), "reply")


def _derived(secret: bytes, text: str) -> str:
    return urlsafe_b64encode(hmac.digest(secret, text.encode(), sha256)).decode().rstrip("=")


def list_invitations(installation: Installation, key: AssessmentKey) -> tuple[InvitationView, ...]:
    """Who was invited, and how far they are; in a confidential engagement only whether they have opened their link."""
    _require(key.actor, INDIVIDUALS)
    with installation.storage.reading() as connection:
        stored = assessment_rows.load_assessment(connection, key)
        counts = engagement_rows.count_answers(connection, stored.id)
        found = rows.list_invitations(connection, stored.id)
    return tuple(_view(installation, one, counts, confidential=stored.assessment.confidential) for one in found)


def _view(installation: Installation, one: Invitation, counts: dict[int, int], *, confidential: bool) -> InvitationView:
    state = REVOKED if one.revoked_at is not None else OPENED if one.opened else INVITED
    token = _token(installation, one.serial)
    is_sent = state == INVITED or one.kind == GROUP or not confidential
    known = link_hash(token) == one.link_hash and state != REVOKED
    answered = None if one.respondent_id is None or one.kind == GROUP else counts.get(one.respondent_id, 0)
    return InvitationView(
        id=one.id,
        kind=one.kind,
        name=one.name,
        role=one.role,
        language=one.language,
        state=state,
        answered=answered,
        link_token=token if is_sent and known else None,
        created_at=one.created_at,
    )


def find_invitation(installation: Installation, key: AssessmentKey, id_: int) -> InvitationView:
    """Raises NotFound."""
    _require(key.actor, INDIVIDUALS)
    with installation.storage.reading() as connection:
        stored = assessment_rows.load_assessment(connection, key)
        one = rows.find_invitation(connection, stored.id, id_)
        counts = engagement_rows.count_answers(connection, stored.id)
    return _view(installation, one, counts, confidential=stored.assessment.confidential)


def revoke(installation: Installation, key: AssessmentKey, id_: int) -> None:
    """The link stops at once, and so does the own link of who accepted it; answers given so far stay and count."""
    _require(key.actor, WORK)
    now = installation.clock()
    with installation.storage.writing() as connection:
        stored = assessment_rows.load_assessment(connection, key)
        if rows.find_invitation(connection, stored.id, id_).revoked_at is not None:
            raise Conflict("this invitation was revoked already")
        rows.revoke_invitation(connection, id_, now)
        record(connection, key.actor, "invitation.revoked", f"invitation {id_}", now)


def open_invitation(installation: Installation, token: str) -> OpenInvitation:
    """What the link leads to. Raises NotFound for one that is unknown or was revoked."""
    with installation.storage.reading() as connection:
        found = rows.open_invitation(connection, token)
        core, *modules = _questionnaires(connection, found)
    one = found.invitation
    is_mine = one.opened and one.kind == PERSONAL and not found.confidential
    return OpenInvitation(
        kind=one.kind,
        name=one.name,
        role=one.role,
        language=one.language,
        questionnaire=core,
        modules=tuple(modules),
        organisation=found.organisation,
        workspace=found.workspace,
        confidential=found.confidential,
        sample=found.sample,
        opened=one.opened,
        reply_token=_reply_token(token) if is_mine else None,
    )


def _questionnaires(connection: Connection, found: Invited) -> tuple[Questionnaire, ...]:
    return questionnaires_of(connection, (found.digest, *found.module_digests))


def accept(installation: Installation, token: str, *, name: str, role: str, language: str) -> str:
    """Begin to answer; returns the token of the person's own link.

    In confidence nothing that is stored leads from the invitation to the answers. Raises Invalid, NotFound, and Conflict when
    a personal link was used already.
    """
    now = installation.clock()
    with installation.storage.writing() as connection:
        found = rows.open_invitation(connection, token)
        one = found.invitation
        core = _questionnaires(connection, found)[0]
        role = one.role or role
        problems = [] if role in core.role_name else [Problem("Please choose your role.", {}, path="role")]
        if len(name) > MAX_NAME:
            problems.append(Problem("is longer than {max_length} characters", {"max_length": MAX_NAME}, path="name"))
        _refuse(problems)
        if assessment_rows.count_respondents(connection, one.assessment_id) >= MAX_PEOPLE:
            raise Conflict("as many people as fit answer already")
        if one.kind == PERSONAL and one.opened:
            raise Conflict("this invitation was used already")
        own_name = "" if found.confidential else (one.name if one.kind == PERSONAL else name)
        day = kept_time(now, confidential=found.confidential)
        seat, seat_token = one.id, token
        if one.kind == GROUP:
            seat, seat_token = _take_seat(installation, connection, one, own_name, role, language, day)
        own = REPLY_PREFIX + secrets.token_urlsafe(32) if found.confidential else _reply_token(seat_token)
        respondent = assessment_rows.add_respondent(
            connection, one.assessment_id, role, day, link=own, name=own_name, language=language
        )
        if not rows.claim_invitation(connection, seat, claim_hash(own), None if found.confidential else respondent):
            raise Conflict("this invitation was used already")
        if one.kind == GROUP:
            rows.mark_opened(connection, one.id)
        assessment_rows.touch(connection, one.assessment_id, now)
    return own


def is_claimed_by(installation: Installation, token: str, own: str) -> bool:
    """Whether this own link is of who accepted the invitation, and still opens."""
    with installation.storage.reading() as connection:
        return rows.is_claimed(connection, token, own)


def _take_seat(
    installation: Installation, connection: Connection, group: Invitation, name: str, role: str, language: str, day: datetime
) -> tuple[int, str]:
    """A personal invitation for who comes by a group link, so that it can be revoked alone; returns its id and link."""
    id_ = _add(installation, connection, group.assessment_id, PERSONAL, name, role, language, day)
    return id_, _token(installation, rows.find_invitation(connection, group.assessment_id, id_).serial)


def _require(actor: Actor, permission: str) -> None:
    if not actor.may(permission):
        raise NotAllowed("this role sees results only")


def _require_active(connection: Connection, actor: Actor, engagement_id: str) -> None:
    if engagement_rows.load_engagement(connection, actor.workspace_id, engagement_id).state != engagement_rows.ACTIVE:
        raise Conflict("the engagement is archived")


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(problems)


def _problems(kind: str, names: Sequence[str], role: str | None, language: str, questionnaire: Questionnaire) -> list[Problem]:
    problems = []
    if kind not in (PERSONAL, GROUP):
        problems.append(Problem("must be one of {names}", {"names": f"{PERSONAL}, {GROUP}"}, path="kind"))
    if not names or (kind == PERSONAL and not all(name.strip() for name in names)):
        problems.append(Problem("Please name at least one person.", {}, path="names"))
    if len(names) > MAX_AT_ONCE:
        problems.append(Problem("has more than {max_length} entries", {"max_length": MAX_AT_ONCE}, path="names"))
    if any(len(name) > MAX_NAME for name in names):
        problems.append(Problem("is longer than {max_length} characters", {"max_length": MAX_NAME}, path="names"))
    if role is not None and role not in questionnaire.role_name:
        problems.append(Problem("there is no {what} {id}", {"what": "role", "id": role}, path="role"))
    if language not in LANGUAGES:
        problems.append(Problem("must be one of {names}", {"names": ", ".join(LANGUAGES)}, path="language"))
    return problems
