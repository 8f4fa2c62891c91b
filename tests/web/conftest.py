"""One installation with the shipped questionnaire; every test answers through its own private link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from assess.config import Settings
from assess.storage.tables import rate_count
from assess.usecases.assessments import OpenAssessment, open_by_link
from assess.usecases.installation import Installation, open_installation
from assess.web.app import create_app
from tests.staff import CHEAP

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
LINK = re.compile(r"/a/([^/]+)/")


def settings_in(folder: Any, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "data_dir": folder,
        "database_url": f"sqlite:///{folder / 'kam.sqlite3'}",
        "host": "127.0.0.1",
        "port": 0,
        "secret_key": "a-secret-for-tests-only-0123456789",
        "trusted_hosts": (),
        "default_language": "en",
        "proxy_hops": 0,
        "questionnaires": (),
    }
    return Settings(**{**values, **changes})


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    opened = open_installation(settings_in(tmp_path_factory.mktemp("web")))
    yield replace(opened, passwords=CHEAP)
    opened.storage.close()


@pytest.fixture(autouse=True)
def _nobody_tried_before(installation: Installation) -> None:
    """All tests come from one address, in one hour: together they would be too many."""
    with installation.storage.writing() as connection:
        connection.execute(delete(rate_count))


@pytest.fixture(scope="session")
def app(installation: Installation) -> Flask:
    app = create_app(installation.settings, installation)
    app.testing = True
    return app


@dataclass
class Person:
    """Somebody with a browser: fetches a form before sending it, as people do."""

    client: FlaskClient
    installation: Installation
    link: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, headers=self.headers, **options)

    def csrf(self, page: str = "/start") -> str:
        found = TOKEN.search(self.get(page).text)
        assert found, f"no form on {page}"
        return found[1]

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        sent = {"csrf_token": self.csrf(), **(data or {})}
        return self.client.post(path, data=sent, headers=self.headers, **options)

    def start(self, **description: str) -> str:
        """Start an assessment; returns the address of its overview, `/a/<token>/`."""
        answer = self.post("/start", {"role": "executive", **description})
        assert answer.status_code == 303, answer.text
        self.link = answer.headers["Location"]
        return self.link

    @property
    def opened(self) -> OpenAssessment:
        found = LINK.match(self.link)
        assert found
        return open_by_link(self.installation, found[1])

    @property
    def answers(self) -> dict[str, Any]:
        assert self.opened.respondent
        return dict(self.opened.respondent.answers)

    def answer_all(self, level: str = "3") -> None:
        for dimension in self.opened.questionnaire.dimensions:
            data = {f"q_{item.id}": level for item in dimension.items}
            assert self.post(f"{self.link}step/{dimension.id}", data).status_code == 303


@pytest.fixture
def rosa(app: Flask, installation: Installation) -> Person:
    """The respondent."""
    return Person(app.test_client(), installation)


@pytest.fixture
def otto(app: Flask, installation: Installation) -> Person:
    """The outsider: no link."""
    return Person(app.test_client(), installation)
