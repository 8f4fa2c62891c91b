"""Everybody who meets an engagement, each with a browser: Ada, Carl, Lea, Rosa, and Otto of another workspace with his Olga."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from flask import Flask

from assess.core.staff import Actor
from assess.usecases import people
from assess.usecases.installation import Installation
from tests.staff import PASSWORD, Run, become_admin, invite_one, join, respond, start_run
from tests.web.conftest import Person

CORE = "kam-seven-steps-short"
SECRET = "Secret Foreign Client"


@dataclass(frozen=True)
class Cast:
    """run, invite and reply are of Ada's workspace; the foreign ones of Otto's."""

    actors: dict[str, Person]
    ada: Actor
    otto: Actor
    run: Run
    other_run: Run
    invite: str
    reply: str
    foreign_run: Run
    foreign_invite: str
    foreign_reply: str
    member: int
    foreign_member: int


def assemble(app: Flask, installation: Installation) -> Cast:
    """A new workspace for Ada and another for Otto, each with an engagement that somebody has begun to answer."""
    mark = uuid4().hex[:8]
    ada = become_admin(installation, f"ada-{mark}@example.org", f"Ada & Co {mark}")
    otto = become_admin(installation, f"otto-{mark}@example.net", f"Otto Ltd {mark}")
    run = start_run(installation, ada, CORE, client="Acme")
    other = start_run(installation, ada, CORE, client="Beta")
    foreign = start_run(installation, otto, CORE, client=SECRET)
    carl = join(installation, ada, f"carl-{mark}@example.org", "consultant")
    lea = join(installation, ada, f"lea-{mark}@example.org", "client_lead", run.engagement)
    invite, foreign_invite = invite_one(installation, ada, run.code), invite_one(installation, otto, foreign.code)
    reply = respond(installation, invite_one(installation, ada, run.code), "kam", 3, "s1.1")
    foreign_reply = respond(installation, invite_one(installation, otto, foreign.code), "kam", 3, "s1.1")
    clients = {
        "anonymous": Person(app.test_client(), installation),
        "respondent": Person(app.test_client(), installation, f"/a/{reply}/"),
        "foreign respondent": Person(app.test_client(), installation, f"/a/{foreign_reply}/"),
        "client lead": sign_in(app, installation, lea.email),
        "consultant": sign_in(app, installation, carl.email),
        "admin": sign_in(app, installation, ada.email),
        "foreign admin": sign_in(app, installation, otto.email),
    }
    return Cast(
        actors=clients,
        ada=ada,
        otto=otto,
        run=run,
        other_run=other,
        invite=invite,
        reply=reply,
        foreign_run=foreign,
        foreign_invite=foreign_invite,
        foreign_reply=foreign_reply,
        member=carl.person_id,
        foreign_member=otto.person_id,
    )


def sign_in(app: Flask, installation: Installation, email: str) -> Person:
    """Somebody whose browser holds the cookie of a session."""
    result = people.sign_in(installation, email=email, password=PASSWORD, address="127.0.0.1", browser="test")
    assert result.token
    person = Person(app.test_client(), installation)
    person.client.set_cookie("kam_lan", result.token)
    return person
