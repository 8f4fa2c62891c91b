"""How much a page weighs and when its first words come, counted in bytes."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask

from assess.usecases.installation import Installation
from tests.web.conftest import Person

PAGE_WEIGHT = 150_000
FIRST_WORDS = 1.0
HEADS = 1_500
THREE_G = {"bytes_per_second": 1_600_000 / 8, "round_trip": 0.3}
SLOW_3G = {"bytes_per_second": 400_000 / 8, "round_trip": 0.4}
PAGES = ["/", "/start", "", "step/s1", "step/s7", "result", "description", "evidence", "evidence/s1.1", "targets", "modules"]


def seconds(sent: int, trips: int, *, bytes_per_second: float, round_trip: float) -> float:
    return trips * round_trip + sent / bytes_per_second


def unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_every_page_is_light_and_its_first_words_come_soon(app: Flask, installation: Installation, language: str) -> None:
    person = Person(app.test_client(), installation)
    person.start(name="Acme", modules=["early-warning"])  # type: ignore[arg-type]
    person.answer_all("3")
    person.client.set_cookie("kam_language", language)
    person.headers = {"Accept-Encoding": "gzip"}
    for path in PAGES:
        address = path if path.startswith("/") else person.link + path
        page = person.get(address)
        assert page.status_code == 200, address
        html = gzip.decompress(page.data).decode()
        files = {found: person.get(found).data for found in re.findall(r'(?:href|src)="(/static/[^"]+)"', html)}
        if any("step.js" in found for found in files):
            files["/static/outbox.js"] = person.get("/static/outbox.js").data
        style = next(content for found, content in files.items() if "site.css" in found)
        plain = len(html.encode()) + sum(len(unpacked(each)) for each in files.values())
        assert plain < PAGE_WEIGHT, (address, plain)
        first_visit = seconds(len(page.data) + len(style) + 2 * HEADS, 3, **THREE_G)
        next_page = seconds(len(page.data) + HEADS, 1, **SLOW_3G)
        assert first_visit < FIRST_WORDS + 0.02, (address, first_visit)
        assert next_page < FIRST_WORDS, (address, next_page)


def test_a_page_asked_for_with_a_query_and_a_small_answer_are_sent_plain(rosa: Person) -> None:
    rosa.headers = {"Accept-Encoding": "gzip"}
    assert rosa.get("/").headers.get("Content-Encoding") == "gzip"
    assert "Content-Encoding" not in rosa.get("/?lang=en").headers
    assert "Content-Encoding" not in rosa.get("/robots.txt").headers
    rosa.headers = {}
    assert "Content-Encoding" not in rosa.get("/").headers
    assert "Accept-Encoding" in rosa.get("/").headers["Vary"]


def test_a_static_file_known_already_is_not_sent_again(rosa: Person) -> None:
    rosa.headers = {"Accept-Encoding": "gzip"}
    first = rosa.get("/static/outbox.js", buffered=True)
    assert first.headers["Content-Encoding"] == "gzip"
    rosa.headers |= {"If-None-Match": first.headers["ETag"]}
    again = rosa.get("/static/outbox.js", buffered=True)
    assert again.status_code == 304
