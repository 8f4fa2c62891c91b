"""The evidence register, targets by hand, modules, and starting from an answers file."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from assess.content.document import parse
from assess.content.library import Library
from assess.core.answers import Answer, Consensus, Evidence
from assess.usecases import answers, assessments
from tests.web.conftest import Person

CHARTER = Evidence("charter v2, p. 3", "https://intranet.example/charter", date(2027, 6, 30))
ENTRY = {"text_0": CHARTER.text, "url_0": CHARTER.url, "expires_0": "2027-06-30"}


@pytest.fixture
def link(rosa: Person) -> str:
    return rosa.start(name="Acme 關鍵")


def shown(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', page)
    assert found
    return found[1]


def keep(person: Person, page: str, **fields: str) -> int:
    form = person.get(page).text
    return person.post(page, {"shown": shown(form), **fields}).status_code


def test_evidence_is_kept_shown_and_counts(rosa: Person, link: str) -> None:
    rosa.post(f"{link}step/s1", {"q_s1.1": "5"})
    assert keep(rosa, f"{link}evidence/s1.1", **ENTRY) == 303
    assert rosa.opened.assessment.evidence == {"s1.1": (CHARTER,)}
    page = rosa.get(f"{link}evidence").text
    assert "charter v2, p. 3" in page
    assert 'href="https://intranet.example/charter"' in page
    assert "Valid until 30 Jun 2027" in page
    card = assessments.evaluate_open(rosa.opened).scorecard.item["s1.1"]
    assert (card.score, card.evidenced) == (Fraction(5), Fraction(5))


def test_an_entry_emptied_is_removed_and_more_can_be_added(rosa: Person, link: str) -> None:
    page = f"{link}evidence/s1.1"
    keep(rosa, page, **ENTRY)
    assert keep(rosa, page, text_0=CHARTER.text, url_0=CHARTER.url, expires_0="2027-06-30", text_1="minutes") == 303
    assert rosa.opened.assessment.evidence["s1.1"] == (CHARTER, Evidence("minutes"))
    assert keep(rosa, page, text_0="", url_0="", expires_0="", text_1="minutes") == 303
    assert rosa.opened.assessment.evidence["s1.1"] == (Evidence("minutes"),)


@pytest.mark.parametrize(
    ("expires", "words"), [("2020-01-31", "Expired on 31 Jan 2020"), ("2026-12-01", "Expires soon: 1 Dec 2026")]
)
def test_what_has_expired_or_will_soon_is_marked(
    rosa: Person, link: str, expires: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(rosa, f"{link}evidence/s1.1", text_0="old", expires_0=expires)
    monkeypatch.setitem(vars(rosa.installation), "clock", lambda: datetime(2026, 11, 21, tzinfo=UTC))
    assert words in rosa.get(f"{link}evidence").text


@pytest.mark.parametrize(
    "mistake",
    [
        {"url_0": "javascript:alert(1)"}, {"url_0": "intranet/charter"}, {"url_0": "https://"}, {"expires_0": "soon"},
        {"expires_0": "2027-02-30"}, {"text_0": "", "url_0": ""}, {"text_0": "x" * 2001},
    ],
)  # fmt: skip
def test_evidence_that_cant_be_is_shown_again(rosa: Person, link: str, mistake: dict[str, str]) -> None:
    page = f"{link}evidence/s1.1"
    answer = rosa.post(page, {"shown": shown(rosa.get(page).text), **ENTRY, **mistake})
    assert answer.status_code == 422
    assert rosa.opened.assessment.evidence == {}


def test_evidence_that_somebody_else_changed_is_shown_beside_what_was_typed(rosa: Person, link: str) -> None:
    page = f"{link}evidence/s1.1"
    old = shown(rosa.get(page).text)
    keep(rosa, page, text_0="theirs")
    answer = rosa.post(page, {"shown": old, "text_0": "mine"})
    assert answer.status_code == 409
    assert "theirs" in answer.text
    assert "mine</textarea>" in answer.text
    assert rosa.opened.assessment.evidence["s1.1"] == (Evidence("theirs"),)
    assert rosa.post(page, {"shown": shown(answer.text), "text_0": "both"}).status_code == 303
    assert rosa.opened.assessment.evidence["s1.1"] == (Evidence("both"),)


def test_targets_are_set_by_hand_and_taken_back(rosa: Person, link: str) -> None:
    assert rosa.post(f"{link}targets", {"t_s1": "3", "t_s2": "5"}).status_code == 303
    assert rosa.opened.assessment.targets == {"s1": Fraction(3), "s2": Fraction(5)}
    assert 'value="3" selected' in rosa.get(f"{link}targets").text
    assert rosa.post(f"{link}targets", {"t_s1": "", "t_s2": "5"}).status_code == 303
    assert rosa.opened.assessment.targets == {"s2": Fraction(5)}
    assert rosa.post(f"{link}targets", {"t_s1": "6"}).status_code == 422


def test_a_target_between_two_levels_stays_choosable(rosa: Person, link: str) -> None:
    token = link.split("/")[2]
    assessments.choose_targets(rosa.installation, token, {"s1": Fraction(7, 2)})
    assert 'value="7/2" selected>Level 3.5' in rosa.get(f"{link}targets").text
    assert rosa.post(f"{link}targets", {"t_s1": "7/2"}).status_code == 303
    assert rosa.opened.assessment.targets == {"s1": Fraction(7, 2)}


def test_modules_can_be_chosen_at_the_start(rosa: Person) -> None:
    assert "Early warning" in rosa.get("/start").text
    link = rosa.start(modules=["early-warning", "share-growth"])  # type: ignore[arg-type]
    assert rosa.opened.assessment.modules == ("early-warning", "share-growth")
    page = rosa.get(link).text
    assert "of 54 answered" in page
    assert page.index("step/s7") < page.index(f"step/{rosa.opened.modules[0].dimensions[0].id}")
    assert rosa.post("/start", {"role": "kam", "modules": ["kam-seven-steps"]}).status_code == 422
    assert rosa.post("/start", {"role": "kam", "modules": ["nothing"]}).status_code == 422


def test_modules_are_answered_scored_and_reported_beside_the_core(rosa: Person, link: str) -> None:
    assert rosa.post(f"{link}modules", {"modules": ["early-warning"]}).status_code == 303
    module = rosa.opened.modules[0]
    step = module.dimensions[0]
    page = rosa.get(f"{link}step/{step.id}").text
    assert f"Module: {module.title.en}" in page
    assert ">8.1<" in page
    data = {f"q_{item.id}": "4" for item in step.items}
    assert rosa.post(f"{link}step/{step.id}", {**data, "then": "next"}).headers["Location"] == f"{link}result"
    rosa.post(f"{link}step/s1", {"q_s1.1": "2"})
    assert assessments.evaluate_open(rosa.opened).module_scorecards[0].claimed.score == 4
    result = rosa.get(f"{link}result").text
    assert module.title.en in result
    read = parse(rosa.get(f"{link}answers.yaml").data, "answers.yaml")
    assert Library().read_answers(read)[2].modules == ("early-warning",)


def test_what_is_answered_in_a_module_comes_back_with_it(rosa: Person, link: str) -> None:
    rosa.post(f"{link}modules", {"modules": ["early-warning"]})
    item = rosa.opened.modules[0].items[0].id
    answers.save_answers(rosa.installation, link.split("/")[2], {item: Answer(level=4)})
    rosa.post(f"{link}modules")
    assert rosa.opened.modules == ()
    assert rosa.answers == {}
    assert rosa.get(f"{link}result").status_code == 200
    Library().read_answers(parse(rosa.get(f"{link}answers.yaml").data, "answers.yaml"))
    rosa.post(f"{link}modules", {"modules": ["early-warning"]})
    assert rosa.answers == {item: Answer(level=4)}


def send_file(person: Person, content: bytes, take: str = "copy", name: str = "answers.yaml") -> tuple[int, str]:
    data = {"csrf_token": person.csrf(), "take": take, "file": (io.BytesIO(content), name)}
    answer = person.client.post("/start/file", data=data, content_type="multipart/form-data", headers=person.headers)
    if answer.status_code == 303:
        person.link = answer.headers["Location"]
    return answer.status_code, answer.text


def test_last_year_s_file_is_a_starting_point_with_everything_in_it(rosa: Person, link: str) -> None:
    rosa.post(f"{link}modules", {"modules": ["early-warning"]})
    rosa.post(f"{link}step/s1", {"q_s1.1": "4", "q_s1.1__evidence": "minutes", "q_s1.2": "dont_know"})
    keep(rosa, f"{link}evidence/s1.1", **ENTRY)
    rosa.post(f"{link}targets", {"t_s1": "3"})
    file = rosa.get(f"{link}answers.yaml").data
    before = rosa.opened
    assert send_file(rosa, file)[0] == 303
    again = rosa.opened
    assert rosa.link != link
    assert "2 answers were copied." in rosa.get(rosa.link).text
    for part in ("organisation", "modules", "evidence", "targets", "profile"):
        assert getattr(again.assessment, part) == getattr(before.assessment, part), part
    assert again.respondent
    assert before.respondent
    assert again.respondent.answers == before.respondent.answers
    assert assessments.export_answers(again) == assessments.export_answers(before)


def test_a_blank_start_takes_over_the_description_only(rosa: Person, link: str) -> None:
    rosa.post(f"{link}step/s1", {"q_s1.1": "4"})
    rosa.post(f"{link}targets", {"t_s1": "3"})
    assert send_file(rosa, rosa.get(f"{link}answers.yaml").data, "blank")[0] == 303
    assert rosa.answers == {}
    assert rosa.opened.assessment.organisation.name == "Acme 關鍵"
    assert rosa.opened.assessment.targets == {"s1": Fraction(3)}


def test_a_file_of_several_people_keeps_them_all(rosa: Person) -> None:
    text = (
        "schema: kam-answers/1\nquestionnaire: kam-seven-steps\ndate: 2025-11-21\nrespondents:\n"
        "- {id: a, role: kam, answers: {s1.1: 2}}\n- {id: b, role: sales, answers: {s1.1: 4, s1.2: 3}}\n"
        "consensus: {s1.1: 3}\n"
    )
    assert send_file(rosa, text.encode())[0] == 303
    page = rosa.get(rosa.link).text
    assert "1 answer was copied." in page
    assert "1 more person" in page
    assert "The agreement of a workshop on 1 question came along" in page
    assert rosa.opened.assessment.consensus == {"s1.1": Consensus(3)}
    assert rosa.answers == {"s1.1": Answer(level=2)}
    assert [person.role for person in rosa.opened.assessment.respondents] == ["kam", "sales"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00\xff", b"a: [", b"[" * 5000, b"schema: kam-answers/1\n", b"<script>alert(1)</script>",
        b"schema: kam-answers/1\nquestionnaire: nothing\ndate: 2026-11-21\n",
        (b"schema: kam-answers/1\nquestionnaire: kam-seven-steps\ndate: 2026-11-21\nrespondents: [{id: a, role: kam, "
         b"answers: {s1.1: 9, s9.9: 1}}]\n"),
    ],
)  # fmt: skip
def test_a_file_that_cant_be_used_says_what_is_wrong_and_starts_nothing(rosa: Person, content: bytes) -> None:
    status, page = send_file(rosa, content)
    assert status == 422
    assert "This file can’t be used" in page or "Please choose a file." in page
    assert "<script>alert" not in page
    assert rosa.link == ""


def test_very_many_starts_from_one_address_are_slowed_down(rosa: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessments, "MAX_STARTS", 0)
    answer = rosa.post("/start", {"role": "kam"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("page", ["evidence", "evidence/s1.1", "targets", "modules"])
def test_the_pages_ladder(rosa: Person, otto: Person, link: str, page: str) -> None:
    assert rosa.get(link + page).status_code == 200
    assert rosa.get(f"{link}evidence/s9.9").status_code == 404
    assert otto.get(f"/a/stranger/{page}").status_code == 404
    assert rosa.client.put(link + page).status_code == 405
    if page != "evidence":
        assert rosa.client.post(link + page).status_code in (400, 409)
        assert rosa.post(f"/a/sample-beginner/{page}").status_code == 403
    else:
        assert rosa.get("/a/sample-beginner/evidence").status_code == 200
