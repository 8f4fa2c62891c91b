"""Which language a reader gets, and how it is switched without losing anything."""

from __future__ import annotations

import pytest

from assess.web.languages import language_of, negotiate
from tests.web.conftest import Person


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"), ("en-GB", "en"), ("EN-us", "en"),
        ("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant"), ("zh-MO", "zh-Hant"), ("zh-Hant", "zh-Hant"), ("zh_TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"), ("zh-Hant-CN", "zh-Hant"),
        ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh-SG", "zh-Hans"), ("zh-Hans", "zh-Hans"), ("zh-Hans-HK", "zh-Hans"),
        ("de", None), ("ja", None), ("", None), ("*", None),
    ],
)  # fmt: skip
def test_a_browsers_tag_means_one_of_our_languages_or_none(tag: str, language: str | None) -> None:
    assert language_of(tag) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("en;q=0.5,zh-HK;q=0.9", "zh-Hant"),
        ("de,fr;q=0.9,zh;q=0.1", "zh-Hans"),
        ("de-DE,de;q=0.9", "en"),
        ("zh-TW;q=0,en;q=0.1", "en"),
        ("fr, *;q=0.5", "en"),
        ("en;q=0.8, zh-Hant;q=0.8", "en"),
        ("zh-Hant;q=0.8, en;q=0.8", "zh-Hant"),
        ("\x00;;q=nonsense,,;q=,zh-tw", "zh-Hant"),
    ],
)
def test_the_highest_quality_that_is_spoken_wins(header: str, language: str) -> None:
    assert negotiate(header, "en") == language


def test_the_installations_language_is_the_last_resort() -> None:
    assert negotiate("de", "zh-Hans") == "zh-Hans"
    assert negotiate("fr, *;q=0.5", "zh-Hant") == "zh-Hant"


def test_the_page_says_its_language(rosa: Person) -> None:
    rosa.headers["Accept-Language"] = "zh-TW"
    assert '<html lang="zh-Hant">' in rosa.get("/").text
    assert "貴公司的關鍵客戶管理有多成熟？" in rosa.get("/").text


def test_a_language_asked_for_in_the_address_is_remembered(rosa: Person) -> None:
    answer = rosa.get("/?lang=zh-Hans")
    cookie = answer.headers["Set-Cookie"]
    assert "kam_language=zh-Hans" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert '<html lang="zh-Hans">' in rosa.get("/start").text


@pytest.mark.parametrize("nonsense", ["de", "../../etc", "<script>", ""])
def test_an_unknown_language_changes_nothing(rosa: Person, nonsense: str) -> None:
    answer = rosa.get("/", query_string={"lang": nonsense})
    assert '<html lang="en">' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_link_opens_in_the_language_of_its_assessment_until_the_reader_chooses(rosa: Person, otto: Person) -> None:
    rosa.headers["Accept-Language"] = "zh-TW"
    link = rosa.start()
    otto.headers["Accept-Language"] = "en"
    assert '<html lang="zh-Hant">' in otto.get(link).text
    assert '<html lang="en">' in otto.get(f"{link}?lang=en").text
    assert '<html lang="en">' in otto.get(link).text


def test_a_sample_opens_in_the_readers_language(rosa: Person) -> None:
    rosa.headers["Accept-Language"] = "zh-CN"
    assert '<html lang="zh-Hans">' in rosa.get("/a/sample-beginner/result").text


def test_switching_on_the_start_page_keeps_what_was_typed(rosa: Person) -> None:
    page = rosa.post("/start", {"name": "Größe & 關鍵", "role": "kam", "switch_language": "zh-Hant"})
    assert page.status_code == 200
    assert '<html lang="zh-Hant">' in page.text
    assert 'value="Größe &amp; 關鍵"' in page.text
    assert '<option value="kam" selected>' in page.text


def test_switching_on_a_step_page_saves_and_stays(rosa: Person) -> None:
    link = rosa.start()
    answer = rosa.post(f"{link}step/s1", {"q_s1.1": "4", "q_s1.1__comment": "so far", "switch_language": "zh-Hans"})
    assert answer.headers["Location"] == f"{link}step/s1"
    page = rosa.get(f"{link}step/s1").text
    assert '<html lang="zh-Hans">' in page
    assert "so far" in page
    assert rosa.answers["s1.1"].level == 4


def test_switching_with_a_mistake_shows_it_in_the_new_language_with_everything_typed(rosa: Person) -> None:
    link = rosa.start()
    page = rosa.post(f"{link}step/s1", {"q_s1.1__comment": "lonely note", "switch_language": "zh-Hant"})
    assert page.status_code == 422
    assert "請選一個等級" in page.text
    assert "lonely note" in page.text


def test_switching_with_an_old_page_keeps_what_was_typed(rosa: Person) -> None:
    link = rosa.start()
    page = rosa.post(f"{link}step/s1", {"csrf_token": "old", "q_s1.1": "4", "switch_language": "zh-Hans"})
    assert page.status_code == 400
    assert "尚未保存" in page.text
    assert 'value="4" checked' in page.text


def test_switching_on_the_plan_keeps_its_entries(rosa: Person) -> None:
    link = rosa.start()
    page = rosa.post(f"{link}plan", {"profile": "global", "start": "2027-02-01", "capacity": "7", "switch_language": "zh-Hans"})
    assert page.status_code == 200
    assert 'value="2027-02-01"' in page.text
    assert 'value="7"' in page.text
    assert rosa.opened.capacity == 4


def test_switching_on_an_untouched_result_page_shows_the_result_page(rosa: Person) -> None:
    link = rosa.start()
    unchanged = {"profile": "", "start": "", "capacity": "4", "switch_language": "zh-Hant"}
    assert rosa.post(f"{link}plan", unchanged).headers["Location"] == f"{link}result"
    assert '<html lang="zh-Hant">' in rosa.get(f"{link}result").text
