"""The released figures on screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from flask import Flask

from assess.content.library import thaw
from assess.usecases import benchmarks, peer_rows
from assess.usecases.installation import Installation, open_installation
from assess.web.app import create_app
from tests.staff import CHEAP, become_admin
from tests.web.cast import sign_in
from tests.web.conftest import Person, settings_in


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Flask]]:
    """An installation of its own, with an admin and no peers."""
    opened = replace(open_installation(settings_in(tmp_path_factory.mktemp("house"))), passwords=CHEAP)
    become_admin(opened)
    app = create_app(opened.settings, opened)
    app.testing = True
    yield opened, app
    opened.storage.close()


@pytest.fixture(scope="module")
def ada(house: tuple[Installation, Flask]) -> Person:
    return sign_in(house[1], house[0], "ada@example.org")


def take(installation: Installation, first: int, last: int, questionnaire: str = "kam-seven-steps") -> None:
    core = thaw(installation.library.frozen(questionnaire))
    random = Random(first)
    header = "organisation,questionnaire,version,completed_on,industry,region,size," + ",".join(d.id for d in core.dimensions)
    lines = [
        f"O{n},{core.id},1.0.0,2026-01-01,machinery,<b>mars</b>,big,"
        + ",".join(f"{random.randrange(100, 501) / 100}" for _ in core.dimensions)
        for n in range(first, last)
    ]
    peer_rows.import_rows_of(installation, "\n".join([header, *lines]).encode(), f"{questionnaire}-{first}", "f", core)


def test_a_stranger_is_led_to_the_sign_in(house: tuple[Installation, Flask]) -> None:
    answer = house[1].test_client().get("/benchmarks/")
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["Location"]


def test_first_nothing_then_how_many_are_missing_then_the_figures_of_the_chosen_group(
    house: tuple[Installation, Flask], ada: Person
) -> None:
    installation = house[0]
    assert "5 more organisations are needed" in ada.get("/benchmarks/").text
    take(installation, 0, 4)
    assert "one more organisation is needed" in ada.get("/benchmarks/").text
    take(installation, 4, 12)
    assert "no release was made yet" in ada.get("/benchmarks/").text
    benchmarks.make_release(installation, "kam-seven-steps", 1)
    page = ada.get("/benchmarks/").text
    for text in (
        "10 to 14 organisations",
        "All organisations",
        "release 1 of",
        "version 1.0.0",
        "Machinery",
        "&lt;b&gt;mars&lt;/b&gt;",
    ):
        assert text in page
    assert "<b>mars" not in page
    assert page.count('<rect class="bar-claimed"') == 8


def test_only_groups_of_the_fixed_set_can_be_asked_for(house: tuple[Installation, Flask], ada: Person) -> None:
    everybody = ada.get("/benchmarks/").text
    for wrong in ('["none",null,null]', "x", '["machinery",null,"big"]', "'"):
        assert ada.get("/benchmarks/", query_string={"group": wrong}).text == everybody
    chosen = ada.get("/benchmarks/", query_string={"group": '["machinery",null,null]'}).text
    assert '&#34;machinery&#34;,null,null]" selected' in chosen
    assert ada.post("/benchmarks/", {}).status_code == 405


def test_every_questionnaire_that_has_peers_can_be_looked_at(house: tuple[Installation, Flask], ada: Person) -> None:
    installation, short = house[0], "kam-seven-steps-short"
    assert 'name="questionnaire"' not in ada.get("/benchmarks/").text
    take(installation, 0, 6, short)
    page = ada.get("/benchmarks/").text
    assert f'<option value="{short}">' in page
    assert "10 to 14 organisations" in page
    other = ada.get("/benchmarks/", query_string={"questionnaire": short}).text
    assert f'<option value="{short}" selected>' in other
    assert "no release was made yet" in other
    benchmarks.make_release(installation, short, 1)
    group = {"questionnaire": short, "group": '["machinery",null,null]'}
    shown = ada.get("/benchmarks/", query_string=group).text
    assert "5 to 9 organisations" in shown
    assert '&#34;machinery&#34;,null,null]" selected' in shown
    assert f'<input type="hidden" name="questionnaire" value="{short}">' in shown
    for wrong in ("early-warning", "x", "'"):
        assert ada.get("/benchmarks/", query_string={"questionnaire": wrong}).text == page
