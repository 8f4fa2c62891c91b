"""Where the benchmarks come from: files in, keys trusted, releases made, the signed file out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from assess.content.exchange import fingerprint, grouped
from assess.jobs import work_once
from assess.usecases import audit, benchmark_keys, benchmarks
from assess.usecases.installation import Installation, open_installation
from assess.web import benchmarks as web_benchmarks
from assess.web.app import create_app
from tests.staff import CHEAP, become_admin, join, signed_in
from tests.web.cast import sign_in
from tests.web.conftest import Person, settings_in
from tests.web.test_benchmarks import take

CORE = "kam-seven-steps"
STEPS = ",".join(f"s{number}" for number in range(1, 8))
HEADER = f"organisation,questionnaire,version,completed_on,industry,region,size,{STEPS}\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Installation, Flask]]:
    opened = replace(open_installation(settings_in(tmp_path / "own")), passwords=CHEAP)
    become_admin(opened)
    app = create_app(opened.settings, opened)
    app.testing = True
    yield opened, app
    opened.storage.close()


@pytest.fixture
def ada(house: tuple[Installation, Flask]) -> Person:
    return sign_in(house[1], house[0], "ada@example.org")


def rows(first: int, last: int) -> bytes:
    lines = [f"Org {n},{CORE},1.0.0,2026-01-0{1 + n % 9},machinery,eu,50-249,{','.join('3' * 7)}\n" for n in range(first, last)]
    return (HEADER + "".join(lines)).encode()


def upload(person: Person, content: bytes, name: str = "rows.csv", **values: Any) -> TestResponse:
    data = {"questionnaire": CORE, "file": (io.BytesIO(content), name), **values}
    return person.post("/benchmarks/import", data, content_type="multipart/form-data")


def others_file(folder: Path) -> tuple[str, str, str]:
    """Another house's signed file, its public key's fingerprint in fours, and as it is."""
    other = open_installation(settings_in(folder / "other"))
    take(other, 0, 30)
    benchmarks.make_release(other, CORE, 1)
    text = benchmarks.export_release(other, CORE, 1, "House B")
    print_ = fingerprint(benchmark_keys.own_public_key(other.settings.data_dir))
    other.storage.close()
    return text, grouped(print_), print_


def actions(installation: Installation) -> list[str]:
    ada = signed_in(installation, "ada@example.org")
    return [entry.action for entry in audit.export_log(installation, ada) if entry.action.startswith("benchmark.")]


def test_rows_come_in_a_release_is_made_by_the_worker_and_the_signed_file_goes_out(
    house: tuple[Installation, Flask], ada: Person
) -> None:
    installation = house[0]
    assert "There are no peers yet" in ada.get("/benchmarks/sources").text
    assert "no rows of this questionnaire" in ada.post("/benchmarks/release", {"questionnaire": CORE}).text
    assert "No group of this questionnaire" in ada.post("/benchmarks/export", {"questionnaire": CORE, "name": "A"}).text
    assert upload(ada, rows(0, 12)).status_code == 303
    assert "12 rows" in ada.get("/benchmarks/sources").text
    assert ada.post("/benchmarks/release", {"questionnaire": CORE}).status_code == 303
    assert "waiting for the worker" in ada.get("/benchmarks/sources").text
    assert "being made already" in ada.post("/benchmarks/release", {"questionnaire": CORE}).text
    assert work_once(installation, Event())
    assert "Release 1: " in ada.get("/benchmarks/sources").text
    answer = ada.post("/benchmarks/export", {"questionnaire": CORE, "name": "House A"})
    assert "attachment" in answer.headers["Content-Disposition"]
    content = json.loads(answer.data)
    assert (content["schema"], content["issuer"]["name"]) == ("kam-benchmark-exchange/1", "House A")
    assert "Org 1" not in answer.text
    assert "this installation’s own" not in upload(ada, answer.data, "own.json").text
    expected = ["benchmark.rows_imported", "benchmark.release_ordered", "benchmark.exported"]
    assert actions(installation) == expected


def test_another_houses_file_is_taken_once_its_key_is_trusted_and_goes_with_it(
    house: tuple[Installation, Flask], ada: Person, tmp_path: Path
) -> None:
    installation = house[0]
    text, fours, print_ = others_file(tmp_path)
    refused = upload(ada, text.encode(), "b.json")
    assert refused.status_code == 422
    assert fours in refused.text
    assert benchmarks.overview(installation).releases == ()
    key = json.loads(text)["issuer"]["key"]
    unsure = ada.post("/benchmarks/keys", {"key": key, "name": "House B"})
    assert "compare the fingerprint first" in unsure.text
    assert fours in unsure.text
    assert benchmark_keys.trusted_keys(installation.settings.data_dir) == ()
    assert ada.post("/benchmarks/keys", {"key": key, "name": "House B", "compared": "y"}).status_code == 303
    assert upload(ada, text.encode(), "b.json").status_code == 303
    assert "is here already" in upload(ada, text.encode(), "b.json").text
    shown = ada.get("/benchmarks/sources").text
    assert "House B" in shown
    assert fours in shown
    broken = upload(ada, text.replace('"House B"', '"House C"').encode(), "b.json")
    assert "b.json" in broken.text
    assert broken.status_code == 422
    assert ada.post(f"/benchmarks/keys/{print_}/forget", {}).status_code == 303
    assert benchmarks.overview(installation).releases == ()
    assert actions(installation) == ["benchmark.key_trusted", "benchmark.release_imported", "benchmark.key_distrusted"]


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_everything_wrong_in_a_file_is_said_in_the_readers_language(
    house: tuple[Installation, Flask], ada: Person, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.get("/benchmarks/sources", query_string={"lang": language})
    words = {
        "en": ("Please choose a file.", "must be a number from 1 to 5"),
        "zh-Hant": ("請選擇檔案", "必須是 1 到 5 的數字"),
        "zh-Hans": ("请选择文件", "必须是 1 到 5 的数字"),
    }[language]
    assert words[0] in ada.post("/benchmarks/import", {"questionnaire": CORE}).text
    wrong = upload(ada, rows(0, 3).replace(b",3\n", b",9\n"))
    assert wrong.status_code == 422
    assert wrong.text.count("rows.csv:") >= 3
    for content in (b"", b"\xff\xfe\x00", b"{", b"{}", b"x\n", b"\x00" * 1000):
        assert upload(ada, content).status_code == 422
    monkeypatch.setattr(web_benchmarks, "MAX_FILE", 1000)
    assert "8 MB" in upload(ada, b"x" * 1001).text
    assert benchmarks.overview(house[0]).sources == ()


def test_the_same_file_twice_is_refused_and_a_file_is_erased(house: tuple[Installation, Flask], ada: Person) -> None:
    assert upload(ada, rows(0, 3)).status_code == 303
    assert "is here already" in upload(ada, rows(0, 3)).text
    (source,) = benchmarks.overview(house[0]).sources
    assert ada.post(f"/benchmarks/sources/{source.id}/remove", {}).status_code == 303
    assert ada.post(f"/benchmarks/sources/{source.id}/remove", {}).status_code == 404
    assert benchmarks.overview(house[0]).sources == ()
    assert actions(house[0]) == ["benchmark.rows_imported", "benchmark.rows_removed"]


def test_hostile_keys_and_names_are_refused(house: tuple[Installation, Flask], ada: Person, tmp_path: Path) -> None:
    key = json.loads(others_file(tmp_path)[0])["issuer"]["key"]
    for wrong in ("", "x", "A" * 44, "../../etc"):
        assert ada.post("/benchmarks/keys", {"key": wrong, "name": "B", "compared": "y"}).status_code == 400
    for name in ("", " ", "x" * 81):
        assert ada.post("/benchmarks/keys", {"key": key, "name": name, "compared": "y"}).status_code == 422
    assert ada.post("/benchmarks/keys/..%2F..%2Fx/forget", {}).status_code == 404
    assert ada.post("/benchmarks/keys/x/forget", {}).status_code == 404
    assert ada.post("/benchmarks/release", {"questionnaire": "nothing"}).status_code == 422
    assert benchmark_keys.trusted_keys(house[0].settings.data_dir) == ()


def test_only_admins_change_and_client_leads_do_not_see_the_sources(house: tuple[Installation, Flask], ada: Person) -> None:
    installation, app = house
    upload(ada, rows(0, 6))
    (source,) = benchmarks.overview(installation).sources
    admin = signed_in(installation, "ada@example.org")
    join(installation, admin, "carl@example.org", "consultant")
    carl = sign_in(app, installation, "carl@example.org")
    page = carl.get("/benchmarks/sources")
    assert page.status_code == 200
    assert "rows.csv" in page.text
    assert '<form method="post"' not in page.text
    assert "Make a release" not in page.text
    changes = ["import", "keys", "release", "export", f"sources/{source.id}/remove", "keys/x/forget"]
    for path in changes:
        assert carl.post(f"/benchmarks/{path}", {"questionnaire": CORE}).status_code == 403, path
    stranger = app.test_client()
    for path in changes:
        answer = stranger.post(f"/benchmarks/{path}", data={})
        assert answer.status_code == 303, path
        assert "/sign-in" in answer.headers["Location"]
    assert len(benchmarks.overview(installation).sources) == 1
