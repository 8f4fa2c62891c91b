"""One answer at a time over the wire: what is acknowledged is kept, what can't be is refused, nothing else is touched."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select, text
from werkzeug.test import TestResponse

from assess.core.answers import Answer
from assess.core.errors import Failed, Full
from assess.storage.tables import answer_event
from assess.usecases import answers
from assess.usecases.installation import Installation, open_installation
from assess.web import pace
from assess.web.app import create_app
from assess.web.pace import Allowance
from tests.fuzzing import SEED, amount
from tests.web.conftest import Person, settings_in

TEXT = "Evidence 憑證 <b>&amp;"


class Script:
    """The page's script in the hands of one person: has the page's token and sends edits with keys."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.link = person.link or person.start()
        self.token = person.csrf(f"{self.link}step/s1")

    def send(self, item: str, body: Any, **headers: str | None) -> TestResponse:
        data = body if isinstance(body, bytes) else json.dumps(body)
        sent = {"X-CSRFToken": self.token, "Content-Type": "application/json", **headers}
        given = {name: value for name, value in sent.items() if value is not None}
        return self.person.client.post(f"{self.link}answers/{item}", data=data, headers=given)

    def save(self, item: str, answer: Any, base: int = 0, key: str | None = None, **headers: str | None) -> TestResponse:
        return self.send(item, {"key": key or str(uuid4()), "base": base, "answer": answer}, **headers)


@pytest.fixture
def script(rosa: Person) -> Script:
    return Script(rosa)


def events(person: Person) -> list[tuple[str, int, Any]]:
    """The history of the person's answers: item, version, content."""
    assert person.opened.respondent
    id_ = int(person.opened.respondent.id[1:])
    with person.installation.storage.reading() as connection:
        rows = connection.execute(select(answer_event).where(answer_event.c.respondent_id == id_).order_by(answer_event.c.id))
        return [(row.item, row.version, json.loads(row.content)) for row in rows]


def test_an_answer_is_saved_and_its_version_told(script: Script) -> None:
    response = script.save("s1.1", {"level": 4, "evidence": TEXT, "comment": " two\r\nlines "})
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["version"] == 1
    assert response.json["answer"] == {
        "level": 4, "dont_know": False, "not_applicable": None, "evidence": TEXT, "comment": "two\nlines"
    }  # fmt: skip
    assert script.person.answers == {"s1.1": Answer(level=4, evidence=TEXT, comment="two\nlines")}
    assert response.json["shown"] in script.person.get(f"{script.link}step/s1").text


def test_what_an_edit_doesnt_name_stays(script: Script) -> None:
    script.save("s1.1", {"level": 4, "evidence": "minutes", "comment": "since May"})
    assert script.save("s1.1", {"level": 2}, base=1).status_code == 200
    assert script.save("s1.1", {"comment": ""}, base=2).status_code == 200
    assert script.save("s1.1", {"dont_know": True}, base=3).status_code == 200
    assert script.person.answers == {"s1.1": Answer(dont_know=True, evidence="minutes")}


def test_clearing_is_said_outright_and_the_version_goes_on_counting(script: Script) -> None:
    script.save("s1.1", {"level": 4})
    cleared = script.save("s1.1", None, base=1)
    assert cleared.json is not None
    assert (cleared.json["version"], cleared.json["answer"]) == (2, None)
    assert script.person.answers == {}
    again = script.save("s1.1", {"level": 5}, base=2)
    assert again.json is not None
    assert again.json["version"] == 3


def test_the_same_edit_sent_again_counts_once(script: Script) -> None:
    key = str(uuid4())
    first = script.save("s1.1", {"level": 4}, key=key)
    script.save("s1.1", {"level": 5}, base=1)
    again = [script.save("s1.1", {"level": 4}, key=key) for _ in range(3)]
    assert {each.status_code for each in again} == {200}
    assert all(each.json == first.json for each in again)
    assert script.person.answers["s1.1"].level == 5
    assert [version for _, version, _ in events(script.person)] == [1, 2]


def test_a_key_used_for_another_edit_is_refused(script: Script) -> None:
    key = str(uuid4())
    script.save("s1.1", {"level": 4}, key=key)
    assert script.save("s1.2", {"level": 4}, key=key).status_code == 422
    assert script.save("s1.1", {"level": 2}, key=key, base=1).status_code == 422
    assert script.person.answers == {"s1.1": Answer(level=4)}


def test_a_key_of_one_person_means_nothing_to_another(script: Script, app: Flask, installation: Installation) -> None:
    key = str(uuid4())
    other = Script(Person(app.test_client(), installation))
    script.save("s1.1", {"level": 4, "comment": "secret"}, key=key)
    response = other.save("s1.1", {"level": 2}, key=key)
    assert response.status_code == 200
    assert "secret" not in response.text
    assert other.person.answers == {"s1.1": Answer(level=2)}


def test_an_edit_of_an_old_version_is_told_what_stands_there(script: Script) -> None:
    script.save("s1.1", {"level": 4})
    script.save("s1.1", {"level": 5, "comment": "theirs"}, base=1)
    response = script.save("s1.1", {"level": 2}, base=1)
    assert response.status_code == 409
    assert response.json is not None
    assert response.json["version"] == 2
    assert response.json["answer"]["level"] == 5
    assert response.json["answer"]["comment"] == "theirs"
    assert script.person.answers["s1.1"].level == 5


def test_two_who_agree_are_no_conflict(script: Script) -> None:
    script.save("s1.1", {"level": 4})
    response = script.save("s1.1", {"level": 4}, base=0)
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["version"] == 1


def test_an_edit_of_a_version_that_never_was_is_a_conflict(script: Script) -> None:
    assert script.save("s1.1", {"level": 4}, base=7).status_code == 409
    assert script.person.answers == {}


MISTAKES: list[tuple[Any, str]] = [
    ({}, "key"), ([], ""), ("x", ""), (None, ""), (7, ""),
    ({"key": "k", "base": 0, "answer": {"level": 3}}, "key"),
    ({"key": 5, "base": 0, "answer": {"level": 3}}, "key"),
    ({"base": -1, "answer": {"level": 3}}, "base"),
    ({"base": 2**31, "answer": {"level": 3}}, "base"),
    ({"base": True, "answer": {"level": 3}}, "base"),
    ({"base": "0", "answer": {"level": 3}}, "base"),
    ({"base": 0}, "answer"),
    ({"base": 0, "answer": {}}, "answer"),
    ({"base": 0, "answer": "clear"}, "answer"),
    ({"base": 0, "answer": {"level": 0}}, "level"),
    ({"base": 0, "answer": {"level": 6}}, "level"),
    ({"base": 0, "answer": {"level": None}}, "level"),
    ({"base": 0, "answer": {"level": "3"}}, "level"),
    ({"base": 0, "answer": {"level": 3.0}}, "level"),
    ({"base": 0, "answer": {"level": True}}, "level"),
    ({"base": 0, "answer": {"dont_know": False}}, "dont_know"),
    ({"base": 0, "answer": {"not_applicable": "because"}}, "not_applicable"),
    ({"base": 0, "answer": {"not_applicable": ["other"]}}, "not_applicable"),
    ({"base": 0, "answer": {"level": 3, "dont_know": True}}, "answer"),
    ({"base": 0, "answer": {"level": 3, "evidence": None}}, "evidence"),
    ({"base": 0, "answer": {"level": 3, "comment": "字" * 2001}}, "comment"),
    ({"base": 0, "answer": {"level": 3, "note": "x"}}, "note"),
    ({"base": 0, "answer": {"level": 3}, "token": "x"}, "token"),
    ({"base": 0, "answer": {"evidence": "a note without a level"}}, "s1.2"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "place"), MISTAKES)
def test_what_cant_be_is_refused_with_its_place(script: Script, body: Any, place: str) -> None:
    script.save("s1.1", {"level": 4})
    if isinstance(body, dict) and body:
        body = {"key": str(uuid4()), **body}
    response = script.send("s1.2", body)
    assert response.status_code == 422
    assert response.json is not None
    assert place in [problem["path"] for problem in response.json["problems"]]
    assert all(problem["message"] for problem in response.json["problems"])
    assert script.person.answers == {"s1.1": Answer(level=4)}


def test_refusals_speak_the_language_of_the_page(script: Script) -> None:
    response = script.save("s1.1", {"level": 9}, **{"Accept-Language": "zh-Hant"})
    assert response.json is not None
    assert response.json["problems"] == [{"path": "level", "message": "必須是 1 至 5 的等級"}]


@pytest.mark.parametrize("item", ["s9.9", "s1.1%00", "..", "%2e%2e%2f", "x" * 200, "字"])
def test_an_item_that_isnt_asked_is_not_found(script: Script, item: str) -> None:
    assert script.save(item, {"level": 3}).status_code in (404, 405)
    assert script.person.answers == {}


def test_strangers_and_samples_are_refused(script: Script) -> None:
    script.link = "/a/stranger/"
    assert script.save("s1.1", {"level": 3}).status_code == 404
    script.link = "/a/sample-beginner/"
    assert script.save("s1.1", {"level": 3}).status_code == 403


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_an_old_page_gets_a_fresh_token_and_saves_with_it(script: Script, token: str | None) -> None:
    response = script.save("s1.1", {"level": 3}, **{"X-CSRFToken": token})
    assert response.status_code == 400
    assert script.person.answers == {}
    assert response.json is not None
    script.token = response.json["csrf_token"]
    assert script.save("s1.1", {"level": 3}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    ],
)  # fmt: skip
def test_other_sites_save_nothing(script: Script, headers: dict[str, str]) -> None:
    assert script.save("s1.1", {"level": 3}, **headers).status_code == 403
    assert script.person.answers == {}


def test_our_own_pages_do(script: Script) -> None:
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert script.save("s1.1", {"level": 3}, **own).status_code == 200


def test_only_json_is_read_and_only_so_much(script: Script) -> None:
    assert script.save("s1.1", {"level": 3}, **{"Content-Type": "text/plain"}).status_code == 415
    assert script.save("s1.1", {"level": 3, "comment": "x" * 17_000}).status_code == 413
    assert script.person.answers == {}


def test_the_longest_texts_fit_one_after_the_other(script: Script) -> None:
    def send(answer: dict[str, Any], base: int) -> int:
        body = {"key": str(uuid4()), "base": base, "answer": answer}
        return script.send("s1.1", json.dumps(body, ensure_ascii=False).encode()).status_code

    assert send({"level": 3}, 0) == 200
    assert send({"evidence": "據" * 5000}, 1) == 200
    assert send({"comment": "註" * 2000}, 2) == 200


@pytest.mark.parametrize(("error", "status"), [(Failed("locked"), 503), (Full("disk full"), 507)])
def test_a_database_that_takes_no_write_is_never_acknowledged(
    script: Script, monkeypatch: pytest.MonkeyPatch, error: Failed, status: int
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise error

    monkeypatch.setattr(answers.rows, "note_edit", refuse)
    response = script.save("s1.1", {"level": 3})
    assert response.status_code == status
    assert int(response.headers["Retry-After"]) > 0
    assert script.person.answers == {}


def test_a_full_disk_is_told_as_such_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    opened = open_installation(settings_in(tmp_path))
    script = Script(Person(create_app(opened.settings, opened).test_client(), opened))
    with opened.storage.writing() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))

    def cap(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")

    event.listen(opened.storage.engine, "begin", cap)
    items = [item.id for item in script.person.opened.questionnaire.items]
    told = [script.save(item, {"level": 3, "comment": "x" * 2000}) for item in items]
    assert {response.status_code for response in told} == {200, 507}
    saved = [item for item, response in zip(items, told, strict=True) if response.status_code == 200]
    event.remove(opened.storage.engine, "begin", cap)
    assert sorted(script.person.answers) == sorted(saved)
    with opened.storage.writing() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4000}")
    assert script.save(items[-1], {"level": 3}, base=0).status_code == 200
    opened.storage.close()


@contextmanager
def statements(installation: Installation) -> Iterator[list[str]]:
    """Every statement that SQLite executes, as it says itself."""
    seen: list[str] = []
    storage = installation.storage
    pools = [engine.pool for engine in (storage.engine, storage._reader, storage._looker)]

    def listen(connection: Any, *_: object) -> None:
        connection.set_trace_callback(seen.append)

    def leave(connection: Any, *_: object) -> None:
        connection.set_trace_callback(None)

    for pool in pools:
        event.listen(pool, "checkout", listen)
        event.listen(pool, "checkin", leave)
    yield seen
    for pool in pools:
        event.remove(pool, "checkout", listen)
        event.remove(pool, "checkin", leave)


def test_a_save_takes_at_most_six_statements_and_parses_nothing(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    script.save("s1.1", {"level": 3})
    monkeypatch.setattr("assess.usecases.copies.thaw", lambda _frozen: pytest.fail("the questionnaire was parsed again"))
    with statements(script.person.installation) as seen:
        assert script.save("s1.2", {"level": 3}).status_code == 200
    assert [statement.split()[0] for statement in seen] == ["SELECT", "BEGIN", "INSERT", "INSERT", "UPDATE", "COMMIT"]
    assert len(seen) <= 6, seen


def test_opening_a_page_doesnt_parse_the_questionnaire_again(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    script.person.get(script.link)
    monkeypatch.setattr("assess.usecases.copies.thaw", lambda _frozen: pytest.fail("the questionnaire was parsed again"))
    monkeypatch.setattr("assess.usecases.copies.load_questionnaire_files", lambda *_: pytest.fail("it was read again"))
    for page in ("", "step/s1", "result", "description"):
        assert script.person.get(script.link + page).status_code == 200


def test_two_who_edit_one_answer_sixty_times_lose_nothing(script: Script, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each edits on what it saw last; refused, it looks again and goes on, as people do, only faster."""
    monkeypatch.setattr(pace, "saves", Allowance(200))

    def work(name: str) -> tuple[list[tuple[int, str]], list[str]]:
        mine = Script(Person(app.test_client(), script.person.installation, link=script.link))
        base, acknowledged, refused = 0, [], []
        for number in range(60):
            words = f"{name} {number}"
            response = mine.save("s1.1", {"level": 1 + number % 5, "comment": words}, base=base)
            assert response.json is not None
            base = response.json["version"]
            if response.status_code == 200:
                acknowledged.append((base, words))
            else:
                assert response.status_code == 409
                refused.append(words)
        return acknowledged, refused

    with ThreadPoolExecutor(2) as pool:
        (one, no_one), (two, no_two) = pool.map(work, ("Ada", "Bo"))
    assert len(one) + len(no_one) == len(two) + len(no_two) == 60
    history = [(version, content["comment"]) for _, version, content in events(script.person)]
    assert sorted(one + two) == history
    assert [version for version, _ in history] == list(range(1, len(history) + 1))
    assert script.person.answers["s1.1"].comment == history[-1][1]
    assert not {words for _, words in history} & {*no_one, *no_two}


def test_the_same_edit_from_many_threads_at_once_counts_once(script: Script, app: Flask) -> None:
    key = str(uuid4())

    def send(_number: int) -> TestResponse:
        mine = Script(Person(app.test_client(), script.person.installation, link=script.link))
        return mine.save("s1.1", {"level": 4, "comment": "once"}, key=key)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(send, range(40)))
    assert {response.status_code for response in told} == {200}
    assert events(script.person) == [("s1.1", 1, events(script.person)[0][2])]


def test_ten_thousand_malformed_saves_change_nothing(script: Script, rosa: Person) -> None:
    """Five hundred in the suite. Every body is refused or is a well-formed edit of the one item it is sent to, no other."""
    chance, number = random.Random(SEED), amount(500, 10_000)
    for level in range(1, 6):
        script.save(f"s1.{level}", {"level": level, "evidence": f"kept {level}"})
    before = rosa.answers
    statuses = dict.fromkeys((200, 400, 404, 405, 409, 413, 415, 422), 0)
    path = f"{script.link}answers/s1.6"
    for _ in range(number):
        began = time.process_time()
        headers = {"X-CSRFToken": script.token, "Content-Type": chance.choice(CONTENT_TYPES)}
        response = rosa.client.post(path, data=malformed(chance), headers=headers)
        assert time.process_time() - began < 2
        statuses[response.status_code] += 1
    after = rosa.answers
    after.pop("s1.6", None)
    assert after == before
    assert statuses[422] > number / 2


CONTENT_TYPES = ["application/json"] * 18 + ["application/json; charset=utf-16", "text/plain"]
VALUES: list[Any] = [
    None, True, False, 0, 1, 3, 6, -1, 2**31, 2**64, 1e308, 3.0, "", "3", "dont_know", "other", "\x00", "\ud800", "x" * 3000,
    [], [3], {}, {"level": 3}, {"$ne": 1}, "' OR 1=1 --", "s1.1", "null", {"not_applicable": None},
]  # fmt: skip
NAMES = [
    "level",
    "dont_know",
    "not_applicable",
    "evidence",
    "comment",
    "item",
    "respondent_id",
    "__proto__",
    "answer",
    "version",
]
RAW = [
    b"", b"null", b"{", b"[" * 8000, b'{"a":' * 3000, b"\xff\xfe", b'{"key": NaN}', b"9" * 5000, b'"\\ud800"',
    b'{"answer": null, "answer": null}', b"x" * 20_000, "﻿{}".encode(), b"key=1&base=0&answer=null",
]  # fmt: skip


def malformed(chance: random.Random) -> bytes:
    """A save body with one or more things wrong with it."""
    if chance.random() < 0.15:
        return chance.choice(RAW)
    names = chance.sample(NAMES, chance.randint(0, 4))
    answer: Any = {name: chance.choice(VALUES) for name in names} if chance.random() < 0.8 else chance.choice([*VALUES[1:]])
    body: dict[str, Any] = {"key": str(uuid4()), "base": 0, "answer": answer}
    for name in chance.sample(["key", "base", "answer"], chance.randint(0, 2)):
        if chance.random() < 0.5:
            del body[name]
        else:
            body[name] = chance.choice(VALUES)
    if body.get("answer", 1) is None:
        body["key"] = "no key, because this would be a clearing"
    if chance.random() < 0.1:
        body[chance.choice(NAMES)] = chance.choice(VALUES)
    text_ = json.dumps(body)
    if chance.random() < 0.2:
        text_ = text_[: chance.randrange(len(text_))]
    return text_.encode()
