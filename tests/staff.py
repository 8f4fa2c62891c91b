"""Ada, Carl, Lea and the rest, for the tests of everything that staff do."""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher

from assess.core.answers import Answer, Organisation
from assess.core.staff import Actor
from assess.storage.engagements import Work
from assess.usecases import answers, engagements, invitations, people
from assess.usecases.installation import Installation
from assess.usecases.passwords import Passwords

PASSWORD = "correct horse battery staple"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Argon2 with parameters for tests only."""


def work(client: str = "Acme", *, confidential: bool = False, **changes: object) -> Work:
    values = {"title": "", "organisation": Organisation(client, "machinery", "eu", "50-249"), "language": "en"}
    return Work(**{**values, "confidential": confidential, "pool_consent": False, **changes})  # type: ignore[arg-type]


def become_admin(installation: Installation, email: str = "ada@example.org", workspace: str = "Ada & Co") -> Actor:
    """A new workspace with its admin, signed in; returns who she is."""
    token = people.add_user(
        installation, email=email, name=email.split("@")[0].title(), workspace=workspace, kind="consultancy", role="admin"
    )
    people.finish_setup(installation, token, password=PASSWORD)
    return signed_in(installation, email)


def signed_in(installation: Installation, email: str) -> Actor:
    result = people.sign_in(installation, email=email, password=PASSWORD, address="127.0.0.1", browser="test")
    assert result.token
    found = people.current_session(installation, result.token)
    assert found
    return found[1]


def join(installation: Installation, admin: Actor, email: str, role: str, engagement: str | None = None) -> Actor:
    """A colleague invited by the admin, signed in."""
    invited = people.invite_member(
        installation, admin, email=email, name=email.split("@")[0].title(), role=role, engagement=engagement
    )
    assert invited.token
    people.finish_setup(installation, invited.token, password=PASSWORD)
    return signed_in(installation, email)


@dataclass(frozen=True)
class Run:
    """An engagement with one assessment of the questionnaire `mini`."""

    engagement: str
    code: str


def start_run(installation: Installation, actor: Actor, questionnaire: str = "mini", **options: object) -> Run:
    id_ = engagements.create_engagement(installation, actor, work(**options))  # type: ignore[arg-type]
    return Run(id_, engagements.start_assessment(installation, actor, id_, questionnaire=questionnaire))


def invite_one(installation: Installation, actor: Actor, code: str, name: str = "Rosa", role: str | None = None) -> str:
    """The link's token of a personal invitation."""
    key = engagements.key_to(installation, actor, code)
    (made,) = invitations.invite(installation, key, kind="personal", names=[name], role=role, language="en")
    token = invitations.find_invitation(installation, key, made).link_token
    assert token
    return token


def respond(installation: Installation, token: str, role: str, level: int, *items: str) -> str:
    """Accept an invitation and answer these items; returns the person's own link."""
    own = invitations.accept(installation, token, name="", role=role, language="en")
    answers.save_answers(installation, own, {item: Answer(level=level) for item in items})
    return own
