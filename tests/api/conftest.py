"""Ada, Carl, Lea and Otto with tokens, on one installation; what belongs to Otto must never be seen by the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from assess.application import create_application
from assess.content.document import parse
from assess.core.staff import Actor
from assess.usecases import documents, engagements, invitations, plans, snapshots, tokens
from assess.usecases.imports import put_answers
from assess.usecases.installation import Installation, open_installation
from tests.conftest import VECTORS
from tests.staff import CHEAP, become_admin, join, start_run
from tests.web.conftest import settings_in

PREFIX = "/api/v1"
SECRET = "Secret Foreign Client"
ALL_SCOPES = ("read", "write", "documents")
ANSWERS = """\
schema: kam-answers/1
questionnaire: mini
date: 2026-11-01
respondents:
- {id: r1, role: kam, answers: {s1.1: 2, s1.2: {level: 3, comment: why}, s2.1: dont_know}}
- {id: r2, role: executive, answers: {s1.1: 4, s3.1: {not_applicable: out_of_scope}}}
"""


@dataclass
class Program:
    """A client of the API with a token."""

    client: FlaskClient
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **self.headers, **options.pop("headers", {})}
        return self.client.open(PREFIX + path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.send("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.send("POST", path, json={} if json is None else json, **options)

    def put(self, path: str, json: Any, **options: Any) -> TestResponse:
        return self.send("PUT", path, json=json, **options)


@dataclass(frozen=True)
class Ids:
    """Everything of one workspace that an address of the API can name."""

    engagement: str
    assessment: str
    invitation: int
    document: str
    initiative: str
    snapshot: str

    def of(self, place: str) -> str:
        """The id to put at a place of an address; what is no workspace's is the same for all."""
        same = {"action": self.initiative, "questionnaire": "mini", "schema": "kam-answers.schema.json"}
        return str(same.get(place) or getattr(self, place))


def furnish(installation: Installation, actor: Actor, client: str) -> Ids:
    """An engagement with answers from a file, an invitation, a document, a decision, an own initiative, a snapshot."""
    run = start_run(installation, actor, client=client)
    key = engagements.key_to(installation, actor, run.code)
    put_answers(installation, key, parse(ANSWERS.encode(), ""))
    snapshot = snapshots.close(installation, key)
    snapshots.reopen(installation, key)
    (invitation,) = invitations.invite(installation, key, kind="personal", names=[client], role=None, language="en")
    own = plans.OwnInitiative("", client, "kam", plans.FIRST_DAY, plans.FIRST_DAY)
    initiative = plans.keep_own(installation, key, own, None)
    document = documents.request_document(installation, key, fmt="json", style="full", language="en")
    return Ids(run.engagement, run.code, invitation, document.id, initiative, snapshot)


def token_for(installation: Installation, actor: Actor, *scopes: str, days: int = 30) -> str:
    return tokens.add_token(installation, actor, name="test", scopes=scopes or ALL_SCOPES, days=days)[1]


@dataclass(frozen=True)
class World:
    installation: Installation
    app: Flask
    ada: Actor
    carl: Actor
    lea: Actor
    otto: Actor
    own: Ids
    other: Ids
    foreign: Ids

    def program(self, actor: Actor, *scopes: str) -> Program:
        return Program(self.app.test_client(), token_for(self.installation, actor, *scopes))


def build_world(opened: Installation) -> World:
    settings = replace(opened.settings, questionnaires=(VECTORS,), api_per_minute=100_000)
    installation = replace(opened, settings=settings, passwords=CHEAP)
    app = create_application(settings, installation)
    app.testing = True
    ada = become_admin(installation)
    otto = become_admin(installation, "otto@example.net", "Otto Ltd")
    carl = join(installation, ada, "carl@example.org", "consultant")
    own, other = furnish(installation, ada, "Acme"), furnish(installation, ada, "Beta")
    foreign = furnish(installation, otto, SECRET)
    lea = join(installation, ada, "lea@example.org", "client_lead", own.engagement)
    return World(installation, app, ada, carl, lea, otto, own, other, foreign)


def open_in(folder: Path, **changes: Any) -> Installation:
    return open_installation(settings_in(folder, questionnaires=(VECTORS,), **changes))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    opened = open_in(tmp_path_factory.mktemp("api"))
    yield build_world(opened)
    opened.storage.close()


@pytest.fixture(scope="module")
def ada(world: World) -> Program:
    return world.program(world.ada)
