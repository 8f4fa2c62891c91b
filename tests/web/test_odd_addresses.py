"""Addresses that nobody was given: whatever stands in them is not found, on either database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from assess.application import create_application
from assess.usecases.installation import open_installation
from tests.staff import CHEAP
from tests.web.addresses import with_choices
from tests.web.cast import Cast, assemble
from tests.web.conftest import settings_in

ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")


@pytest.fixture
def cast(database_url: str, tmp_path: Path) -> Iterator[Cast]:
    installation = replace(open_installation(settings_in(tmp_path, database_url=database_url)), passwords=CHEAP)
    yield assemble(create_application(installation.settings, installation), installation)
    installation.storage.close()


def addresses(app: Flask, cast: Cast, odd: str, *, numbers: bool) -> Iterator[tuple[str, str]]:
    """Every address and verb with something odd in place of one of its parts."""
    known = {"id_": cast.run.engagement, "code": cast.run.code, "number": "1", "token": f"team-{cast.run.code}"}
    for rule in app.url_map.iter_rules():
        pattern = with_choices(rule.rule)
        for found in ARGUMENT.finditer(pattern):
            if (found[1] == "int") == numbers:
                parts = {**known, found[2]: odd}
                path = ARGUMENT.sub(lambda part, parts=parts: parts.get(part[2], "x"), pattern)
                yield from ((method, path) for method in sorted({"GET", "POST"} & (rule.methods or set())))


@pytest.mark.parametrize(("odd", "numbers"), [("99999999999999999999", True), ("2147483648", True), ("a%00b", False)])
def test_what_no_row_can_be_called_is_not_found(cast: Cast, odd: str, numbers: bool) -> None:
    app, admin = cast.actors["admin"].client.application, cast.actors["admin"].client
    tried = list(addresses(app, cast, odd, numbers=numbers))
    assert tried
    wrong = {(method, path): status for method, path in tried if (status := admin.open(path, method=method).status_code) != 404}
    assert wrong == {}
