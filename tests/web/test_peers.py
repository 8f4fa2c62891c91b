"""How an assessment compares, on its result page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from markupsafe import escape

from assess.content.phrases import load_phrases
from assess.core.answers import Answer, Organisation
from assess.usecases import answers, assessments, benchmarks
from assess.usecases.installation import Installation, open_installation
from assess.web.app import create_app
from assess.web.choices import INDUSTRIES, REGIONS, SIZES
from assess.web.languages import OWN_NAMES
from tests.staff import CHEAP
from tests.web.conftest import settings_in
from tests.web.test_benchmarks import take

CORE = "kam-seven-steps"
ENTRIES = {"industry": INDUSTRIES, "region": REGIONS, "size": SIZES}


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Flask]]:
    opened = replace(open_installation(settings_in(tmp_path_factory.mktemp("house"))), passwords=CHEAP)
    app = create_app(opened.settings, opened)
    app.testing = True
    yield opened, app
    opened.storage.close()


def begin(installation: Installation, language: str = "en", **where: str) -> str:
    """A self-assessment with one level in every step."""
    about = replace(Organisation("Acme"), **where)
    token = assessments.start(installation, questionnaire=CORE, role="kam", language=language, organisation=about)
    core = assessments.open_by_link(installation, token).questionnaire
    answers.save_answers(installation, token, {item: Answer(level=3) for item in core.item_ids})
    return token


def result(app: Flask, token: str, **query: str) -> str:
    answer = app.test_client().get(f"/a/{token}/result", query_string=query)
    assert answer.status_code == 200
    return str(answer.text)


@pytest.mark.parametrize(
    ("language", "missing", "found", "count"),
    [
        ("en", "5 more are needed before a median", "All organisations", "10–14 organisations"),
        ("zh-Hant", "還差5家才能呈現中位數", "所有組織", "10–14家組織"),
        ("zh-Hans", "还差5家才能呈现中位数", "所有组织", "10–14家组织"),
    ],
)
def test_first_how_many_are_missing_then_bands_with_where_they_come_from(
    house: tuple[Installation, Flask], language: str, missing: str, found: str, count: str
) -> None:
    installation, app = house
    token = begin(installation, language)
    page = result(app, token)
    assert missing in page
    assert "kam-assess peers" not in page
    assert 'class="chart-panel"' not in page
    take(installation, 0, 12)
    benchmarks.make_release(installation, CORE, 1)
    page = result(app, token)
    for text in (found, count, 'class="chart-panel"', f"{CORE} 1.0.0", "<title>", "2026"):
        assert text in page
    # The group's choices: the nearest, all, and five that the file gives.
    assert page.count('<option value="[') == len(benchmarks.browse(installation, CORE, 1, "").offered)


def test_published_figures_stand_beside_the_peers_with_citation_and_grade(house: tuple[Installation, Flask]) -> None:
    installation, app = house
    token = begin(installation)
    core = assessments.open_by_link(installation, token).questionnaire
    page = result(app, token)
    told = [point for point in core.reference_points if point.dimension or point.item]
    assert told
    for point in told:
        assert f": {escape(point.value)}</strong>" in page
        assert str(escape(core.source[point.source].citation)) in page
    assert page.count("· Grade ") == len(told)


def test_a_chosen_group_is_shown_and_nothing_else_can_be_asked_for(house: tuple[Installation, Flask]) -> None:
    installation, app = house
    take(installation, 0, 12)
    benchmarks.make_release(installation, CORE, 1)
    token = begin(installation)
    everybody = result(app, token)
    for wrong in ("x", '["machinery",null,"big"]', '["none",null,null]', "'" * 5000):
        assert result(app, token, group=wrong).count("organisations") == everybody.count("organisations")
    chosen = result(app, token, group='["machinery",null,null]')
    assert "industry: Machinery and plant engineering" in chosen
    assert "<b>mars" not in chosen
    assert "&lt;b&gt;mars&lt;/b&gt;" in chosen


def test_a_sample_is_not_compared_with_real_organisations(house: tuple[Installation, Flask]) -> None:
    installation, app = house
    take(installation, 0, 12)
    benchmarks.make_release(installation, CORE, 1)
    page = result(app, "sample-beginner")
    assert "made-up company" in page
    assert 'class="chart-panel"' not in page


def test_reports_name_segments_in_the_words_of_the_screen(house: tuple[Installation, Flask]) -> None:
    book = load_phrases()
    for language in OWN_NAMES:
        with house[1].test_request_context(headers={"Accept-Language": language}):
            for segment, entries in ENTRIES.items():
                for value, words in entries.items():
                    assert book.in_language(language)(f"{segment}.{value.replace('+', '-up')}") == str(words)
