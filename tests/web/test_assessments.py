"""The way through a self-assessment, and who may go it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from assess.content.answers import read_assessment
from assess.content.document import parse
from assess.content.library import Library
from assess.core.errors import Failed
from assess.usecases import assessments
from assess.usecases.assessments import evaluate_open, open_by_link
from assess.usecases.installation import Installation
from assess.usecases.reports import compose_report
from assess.web.app import create_app
from tests.web.conftest import Person

OWN_PAGES = ["", "step/s1", "result", "description", "erase", "answers.yaml"]
FORMS = ["step/s1", "description", "plan", "erase", "documents"]


def test_the_front_page_says_what_it_is_and_shows_samples(otto: Person) -> None:
    page = otto.get("/").text
    assert "42 questions, about 25 minutes" in page
    assert "/a/sample-beginner/result" in page
    assert "/a/sample-advanced/result" in page
    assert "Organisational change" in page
    assert page.count("<h3>") == 7


def test_an_assessment_is_started_without_any_description(rosa: Person) -> None:
    link = rosa.start()
    assert re.fullmatch(r"/a/[\w-]{30,}/", link)
    page = rosa.get(link).text
    assert f'value="http://localhost{link}"' in page
    assert "0 of 42 answered" in page


def test_the_short_form_can_be_chosen(rosa: Person) -> None:
    assert 'href="/start?questionnaire=kam-seven-steps-short"' in rosa.get("/").text
    page = rosa.get("/start?questionnaire=kam-seven-steps-short").text
    assert 'value="kam-seven-steps-short" checked' in page
    assert "(14 questions, about 8 minutes)" in page
    link = rosa.start(questionnaire="kam-seven-steps-short")
    assert "0 of 14 answered" in rosa.get(link).text


def test_a_module_is_no_assessment_of_its_own(rosa: Person) -> None:
    assert rosa.post("/start", {"role": "kam", "questionnaire": "early-warning"}).status_code == 422
    assert rosa.get("/start?questionnaire=early-warning").status_code == 200


def test_a_broken_questionnaire_does_not_keep_the_others_from_being_answered(
    tmp_path: Path, installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "questionnaire.yaml").write_text("schema: nonsense")
    app = create_app(installation.settings, replace(installation, library=Library([tmp_path])))
    assert app.test_client().get("/").status_code == 200
    assert "not offered" in caplog.text


def test_the_description_is_kept(rosa: Person) -> None:
    rosa.start(name=" Acme\u0000  GmbH ", industry="machinery", region="eu", size="5000+", role="finance")
    assert vars(rosa.opened.assessment.organisation) == {
        "name": "Acme GmbH", "industry": "machinery", "region": "eu", "size": "5000+",
    }  # fmt: skip
    assert rosa.opened.respondent
    assert rosa.opened.respondent.role == "finance"


@pytest.mark.parametrize(
    "mistake", [{"role": ""}, {"role": "boss"}, {"industry": "x"}, {"region": "x"}, {"size": "12"}, {"name": "x" * 201}]
)
def test_a_mistake_at_the_start_is_shown_with_everything_typed(rosa: Person, mistake: dict[str, str]) -> None:
    page = rosa.post("/start", {"role": "kam", "name": "Acme", "size": "50-249", **mistake})
    assert page.status_code == 422
    assert "Please look at this again" in page.text
    assert mistake.get("name", "Acme") in page.text
    assert f'href="#{next(iter(mistake))}"' in page.text


def test_starting_with_an_old_page_shows_it_again_with_everything_typed(rosa: Person) -> None:
    page = rosa.client.post("/start", data={"role": "kam", "name": "Acme"})
    assert page.status_code == 400
    assert 'value="Acme"' in page.text
    assert "press the button once more" in page.text


@pytest.mark.parametrize("page", OWN_PAGES)
def test_the_link_opens_every_page_and_a_strangers_link_none(rosa: Person, otto: Person, page: str) -> None:
    link = rosa.start(name="Secret Ltd")
    assert rosa.get(link + page).status_code == 200
    assert otto.get(link + page).status_code == 200, "whoever has the link may use it"
    refused = otto.get(f"/a/{'x' * 43}/{page}")
    assert refused.status_code == 404
    assert "Secret" not in refused.text


@pytest.mark.parametrize("token", ["x", "%00", "%F0%9F%92%A9", "..%2f..", "sample-", "sample-nothing", "sample-..", "x" * 5000])
def test_a_wrong_link_is_not_found(otto: Person, token: str) -> None:
    assert otto.get(f"/a/{token}/result").status_code == 404


@pytest.mark.parametrize("page", FORMS)
def test_nothing_changes_without_the_forms_token(rosa: Person, page: str) -> None:
    link = rosa.start(name="Acme")
    rosa.post(f"{link}step/s1", {"q_s1.1": "2"})
    before = rosa.opened
    data = {"q_s1.1": "5", "name": "Changed", "role": "kam", "capacity": "9", "fmt": "pdf", "style": "full", "language": "en"}
    assert rosa.client.post(link + page, data=data).status_code == 400
    assert rosa.opened == before


@pytest.mark.parametrize("page", [page for page in FORMS if page != "documents"])
def test_a_sample_can_be_looked_at_but_not_changed(otto: Person, page: str) -> None:
    answer = otto.post(f"/a/sample-beginner/{page}", {"q_s1.1": "5", "role": "kam", "capacity": "4"})
    assert answer.status_code == 403
    assert "Samples can only be looked at." in answer.text


def test_a_sample_says_so_on_every_page_and_has_no_edit_controls(otto: Person) -> None:
    for page in ("", "step/s1", "result"):
        text = otto.get(f"/a/sample-advanced/{page}").text
        assert "made-up company" in text
        assert "<textarea" not in text
        assert "/erase" not in text
        assert "/description" not in text
        assert 'id="plan"' not in text


@pytest.mark.parametrize("page", ["step/s9", "step/", "plan/nothing", "documents/nothing", "documents/nothing/file"])
def test_what_is_not_there_is_not_found(rosa: Person, page: str) -> None:
    assert rosa.get(rosa.start() + page).status_code == 404


def test_the_overview_names_open_items_and_leads_on(rosa: Person) -> None:
    link = rosa.start()
    rosa.post(f"{link}step/s1", {f"q_s1.{n}": "3" for n in range(1, 7)})
    rosa.post(f"{link}step/s2", {"q_s2.1": "3", "q_s2.2": "dont_know"})
    page = rosa.get(link).text
    assert "8 of 42 answered" in page
    assert "4 open items" in page
    assert f'href="{link}step/s2#item-s2.3"' in page
    assert "Continue: Executive sponsorship" in page


def test_the_description_can_be_changed(rosa: Person) -> None:
    link = rosa.start(name="Old", role="kam")
    assert 'value="Old"' in rosa.get(f"{link}description").text
    assert rosa.post(f"{link}description", {"name": "New", "role": "hr", "region": "taiwan"}).headers["Location"] == link
    assert rosa.opened.assessment.organisation.name == "New"
    assert rosa.opened.assessment.organisation.region == "taiwan"


def test_a_mistake_in_the_description_is_shown_with_everything_typed(rosa: Person) -> None:
    link = rosa.start(name="Old")
    page = rosa.post(f"{link}description", {"name": "New", "role": "emperor"})
    assert page.status_code == 422
    assert 'value="New"' in page.text
    assert rosa.opened.assessment.organisation.name == "Old"


def test_an_empty_assessment_has_an_empty_result_that_says_what_to_do(rosa: Person) -> None:
    link = rosa.start()
    page = rosa.get(f"{link}result").text
    assert "There is no result yet" in page
    assert f'href="{link}step/s1"' in page
    assert "Make the report" not in page


def test_a_provisional_result_names_what_is_missing(rosa: Person) -> None:
    link = rosa.start()
    rosa.post(f"{link}step/s1", {f"q_s1.{n}": "3" for n in range(1, 7)})
    page = rosa.get(f"{link}result").text
    assert "No level yet" in page
    assert "6 steps have fewer than 70% of their items answered" in page
    assert "Not answered with a level" in page


def test_a_full_result_explains_its_level(rosa: Person) -> None:
    link = rosa.start()
    rosa.answer_all("4")
    rosa.post(f"{link}step/s2", {"q_s2.1": "1"})
    page = rosa.get(f"{link}result").text
    assert "Level 3" in page
    assert "But the programme stands at most one level above its lowest step. Lowest: Executive sponsorship." in page
    assert "But a step stands at most one level above its weakest must-have. Therefore it stands at level 2." in page
    assert "The must-have that holds it back: “A member of top management owns" in page
    assert "An answer without evidence counts at most 3." in page


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("sample", ["sample-beginner", "sample-advanced"])
def test_the_result_names_what_holds_the_next_level_back_as_the_report_does(rosa: Person, sample: str, language: str) -> None:
    evaluation = evaluate_open(open_by_link(rosa.installation, sample))
    summary = compose_report(evaluation, style="full", language=language).summary
    page = unescape(rosa.get(f"/a/{sample}/result?lang={language}").text)
    for sentence in (summary.constraint_title, *summary.constraint):
        assert sentence in page


def test_a_sample_tells_where_people_see_things_differently(rosa: Person) -> None:
    page = unescape(rosa.get("/a/sample-advanced/result").text)
    assert "in depth”: their answers go from 2 to 5." in page
    assert "Roles see “Organisational change” differently. Executive management: 4.3. Operations and supply chain: 2.8." in page
    assert "33% of those asked don’t know: “Members of top management carry" in page
    assert "The target is set step by step, as in the profile above." in page


def test_one_person_alone_disagrees_with_nobody(rosa: Person) -> None:
    link = rosa.start()
    rosa.answer_all("dont_know")
    rosa.post(f"{link}step/s1", {"q_s1.1": "2"})
    assert 'id="views"' not in rosa.get(f"{link}result").text


def test_the_top_result_has_nothing_to_plan(rosa: Person) -> None:
    link = rosa.start()
    rosa.answer_all("5")
    page = rosa.get(f"{link}result").text
    assert "There is nothing to plan" in page
    assert "No answered item is below its target." in page


def test_a_result_of_nothing_applicable_is_still_a_page(rosa: Person) -> None:
    link = rosa.start()
    for dimension in rosa.opened.questionnaire.dimensions:
        data = {f"q_{item.id}": "not_applicable" for item in dimension.items}
        data |= {f"q_{item.id}__reason": "out_of_scope" for item in dimension.items}
        rosa.post(f"{link}step/{dimension.id}", data)
    assert rosa.get(f"{link}result").status_code == 200


def test_the_plan_follows_its_choices(rosa: Person) -> None:
    link = rosa.start()
    rosa.answer_all("2")
    answer = rosa.post(f"{link}plan", {"profile": "starting", "start": "2027-03-01", "capacity": "2"})
    assert answer.headers["Location"] == f"{link}result#roadmap"
    assert (rosa.opened.assessment.profile, rosa.opened.start, rosa.opened.capacity) == ("starting", date(2027, 3, 1), 2)
    page = rosa.get(f"{link}result").text
    assert "1 Mar 2027" in page
    assert "The target is “Starting out”." in page


@pytest.mark.parametrize(
    "mistake",
    [
        {"profile": "nobody"}, {"start": "soon"}, {"start": "1999-12-31"}, {"start": "9999-12-31"}, {"start": "2027-02-30"},
        {"capacity": "0"}, {"capacity": "21"}, {"capacity": "-1"}, {"capacity": ""}, {"capacity": "²"},
        {"capacity": "9" * 5000},
    ],
)  # fmt: skip
def test_a_plan_that_cant_be_is_shown_again(rosa: Person, mistake: dict[str, str]) -> None:
    link = rosa.start()
    page = rosa.post(f"{link}plan", {"profile": "", "start": "2027-03-01", "capacity": "3", **mistake})
    assert page.status_code == 422
    assert f'href="#{next(iter(mistake))}"' in page.text
    assert rosa.opened.capacity == 4


def test_an_initiative_has_its_own_page(rosa: Person) -> None:
    link = rosa.start()
    rosa.answer_all("2")
    action = rosa.get(f"{link}result").text.split(f"{link}plan/a-")[1].split('"')[0]
    page = rosa.get(f"{link}plan/a-{action}").text
    assert "Done when" in page
    assert "What it lifts" in page


def test_the_answers_can_be_taken_along_and_read_again(rosa: Person) -> None:
    link = rosa.start(name="Acme 關鍵")
    rosa.post(f"{link}step/s1", {"q_s1.1": "4", "q_s1.1__comment": "yes: no\nsecond line"})
    answer = rosa.get(f"{link}answers.yaml")
    assert answer.mimetype == "application/yaml"
    assert re.fullmatch(r'attachment; filename="kam-answers-[\d-]+\.yaml"', answer.headers["Content-Disposition"])
    read = read_assessment(parse(answer.data, "answers.yaml"))
    assert read.organisation.name == "Acme 關鍵"
    assert read.respondents[0].answers["s1.1"].comment == "yes: no\nsecond line"


def test_erasing_asks_first_and_then_leaves_nothing(rosa: Person) -> None:
    link = rosa.start()
    rosa.post(f"{link}step/s1", {"q_s1.1": "4"})
    assert "This erases 1 answer" in rosa.get(f"{link}erase").text
    assert rosa.get(link).status_code == 200
    assert rosa.post(f"{link}erase").headers["Location"] == "/"
    assert "is erased" in rosa.get("/").text
    for page in OWN_PAGES:
        assert rosa.get(link + page).status_code == 404


@pytest.mark.parametrize(("page", "function"), [("description", "describe"), ("plan", "choose_plan")])
def test_a_full_disk_keeps_the_form(rosa: Person, monkeypatch: pytest.MonkeyPatch, page: str, function: str) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise Failed("the disk is full")

    link = rosa.start()
    monkeypatch.setattr(assessments, function, refuse)
    shown = rosa.post(link + page, {"name": "Precious", "role": "kam", "start": "2027-03-01", "capacity": "3"})
    assert shown.status_code == 503
    assert ("Precious" if page == "description" else 'value="2027-03-01"') in shown.text


def test_the_whole_way_without_javascript_and_by_what_the_pages_offer(rosa: Person) -> None:
    """From the front page to the result by the links and forms that stand in the pages, and nothing else."""
    page = rosa.get("/").text
    page = rosa.get(re.findall(r'href="(/start)"', page)[0]).text
    address = re.findall(r'<form id="start" method="post" action="([^"]+)"', page)[0]
    page = rosa.post(address, {"role": "champion"}, follow_redirects=True).text
    address = re.findall(r'class="button primary" href="([^"]+)"', page)[0]
    for _ in range(7):
        page = rosa.get(address).text
        action = re.findall(r'<form id="answers" method="post" action="([^"]+)"', page)[0]
        names = sorted(set(re.findall(r'type="radio" name="([^"]+)"', page)))
        assert len(names) == 6
        address = rosa.post(action, {**dict.fromkeys(names, "4"), "then": "next"}).headers["Location"]
    page = rosa.get(address).text
    assert "Level 4" in page
    assert "Embedding" in page


def test_the_web_never_loads_the_renderer_or_pandas() -> None:
    program = "import sys, assess.web.app; print([m for m in ('weasyprint', 'pandas', 'numpy') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
