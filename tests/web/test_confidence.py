"""What the screens of a confidential engagement keep to themselves: all that rests on the answers of one or two people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask

from assess.content.library import thaw
from assess.core.answers import Answer
from assess.usecases import answers, assessments, engagements, invitations
from assess.usecases.installation import Installation
from tests.staff import become_admin, invite_one, start_run
from tests.web.accounts import measure
from tests.web.cast import sign_in
from tests.web.conftest import Person

CORE = "kam-seven-steps"
TOO_FEW = {"en": "too few answers to show", "zh-Hant": "作答人數太少，不予顯示", "zh-Hans": "作答人数太少，不予显示"}
DK, LOWEST = Answer(dont_know=True), Answer(level=1)
FEW = {"s7.3": (DK, LOWEST, None), "s2.2": (Answer(level=5), Answer(level=5), None)}
"""Items that two of three people answered; the others everybody rates 4."""


def ask_three(app: Flask, installation: Installation, special: Mapping[str, tuple[Answer | None, ...]]) -> Person:
    """A confidential engagement that three people answered, and its admin; special: what each says to an item, None nothing."""
    email = f"ada-{uuid4().hex}@example.org"
    ada = become_admin(installation, email, f"Workspace of {email}")
    run = start_run(installation, ada, CORE, confidential=True)
    core = assessments.open_by_link(installation, engagements.key_to(installation, ada, run.code)).questionnaire
    for place in range(3):
        own = invitations.accept(installation, invite_one(installation, ada, run.code), name="", role="kam", language="en")
        given = {item.id: special.get(item.id, (Answer(level=4),) * 3)[place] for item in core.items}
        answers.save_answers(installation, own, {id_: answer for id_, answer in given.items() if answer is not None})
    admin = sign_in(app, installation, email)
    admin.link = f"/a/team-{run.code}/"
    return admin


@pytest.fixture(scope="module")
def ada(app: Flask, installation: Installation) -> Person:
    return ask_three(app, installation, FEW)


def row_of(page: str, item: str) -> str:
    """The row of an item in the tables of the result page."""
    found = re.search(rf"<tr>(?:(?!</tr>).)*#item-{re.escape(item)}\".*?</tr>", page, re.DOTALL)
    assert found, item
    return found[0]


@pytest.mark.parametrize("language", TOO_FEW)
def test_the_result_page_says_that_too_few_answered_where_a_score_would_stand(ada: Person, language: str) -> None:
    page = replace(ada, headers={"Accept-Language": language}).get(f"{ada.link}result").text
    assert TOO_FEW[language] in row_of(page, "s7.3")
    assert TOO_FEW[language] in row_of(page, "s2.2")
    assert "data-label" not in row_of(page, "s7.3")


def test_neither_score_nor_gap_nor_descriptor_nor_share_can_be_read_off_the_result_page(ada: Person) -> None:
    page = ada.get(f"{ada.link}result").text
    item = thaw(ada.installation.library.frozen(CORE)).item["s7.3"]
    assert "below the target" not in page
    assert "No item whose score may be shown is below its target" in page
    assert "of those asked don’t know" not in page
    assert all(item.levels[level].of("en") not in page for level in (1, 2))
    assert "now at 1" not in page
    assert "Too few people rated it for its score to be shown" in page


def test_an_initiative_does_not_say_from_where_it_lifts_a_hidden_item(ada: Person) -> None:
    plan = ada.get(f"{ada.link}plan/").text
    pages = [ada.get(f"{ada.link}plan/{id_}").text for id_ in dict.fromkeys(re.findall(r"/plan/(a-[a-z-]+)", plan))]
    lifting = [page for page in pages if "→" in page]
    assert lifting
    assert any(f"({TOO_FEW['en']} →" in page for page in lifting)
    assert all(not re.search(r"\(1 →", page) for page in lifting)


def test_claims_about_hidden_items_stay_out_of_the_figures_of_the_accounts(ada: Person) -> None:
    assert "<strong>contradicted</strong>" in measure(ada)
    claims = json.loads(ada.get(f"{ada.link}accounts/figures.json").text)["claims"]
    assert claims
    assert "s2.2" not in {claim["item"] for claim in claims}


def test_where_three_answered_in_any_way_the_share_of_those_who_do_not_know_is_told(
    app: Flask, installation: Installation
) -> None:
    admin = ask_three(app, installation, {"s7.3": (DK, DK, LOWEST)})
    page = admin.get(f"{admin.link}result").text
    assert "67% of those asked don’t know" in page
    assert TOO_FEW["en"] in row_of(page, "s7.3")
    step = admin.get(f"{admin.link}step/s7").text
    assert "chosen by 3 people" in step
    assert "chosen by 1 person" not in step


def test_what_one_person_called_not_applicable_looks_like_any_other_item_with_few_answers(
    app: Flask, installation: Installation
) -> None:
    admin = ask_three(app, installation, {"s7.2": (Answer(not_applicable="constraint"), None, None), "s7.4": (DK, None, None)})
    page = admin.get(f"{admin.link}result").text
    assert TOO_FEW["en"] in row_of(page, "s7.2")
    assert "don’t know" not in row_of(page, "s7.4")


def test_by_name_everything_is_shown(app: Flask, installation: Installation) -> None:
    email = "ada-open@example.org"
    actor = become_admin(installation, email, "Open workspace")
    run = start_run(installation, actor, CORE)
    for answer in (DK, LOWEST):
        own = invitations.accept(installation, invite_one(installation, actor, run.code), name="", role="kam", language="en")
        answers.save_answers(installation, own, {"s7.3": answer})
    page = sign_in(app, installation, email).get(f"/a/team-{run.code}/result").text
    assert "now 1, 3 below the target" in page
    assert "50% of those asked don’t know" in page
    assert TOO_FEW["en"] not in page
