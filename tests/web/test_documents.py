"""Asking for a report, waiting for it, taking it along."""

from __future__ import annotations

import re

import pytest

from assess.core.errors import Failed
from assess.usecases import documents
from assess.web.documents import disposition
from tests.web.conftest import Person
from tests.web.pages import ask_document, make_document


@pytest.fixture
def lea(rosa: Person) -> Person:
    """Somebody with answers to report on."""
    rosa.start(name="Ümläut & 關鍵客戶 Ltd")
    rosa.post(f"{rosa.link}step/s1", {f"q_s1.{n}": "3" for n in range(1, 7)})
    return rosa


def test_a_document_is_waited_for_with_and_without_javascript(lea: Person) -> None:
    page = lea.get(ask_document(lea)).text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert re.search(r'data-state="/a/[^"]+/state"', page)
    make_document(lea.installation, content=b"%PDF-1.7")


def test_the_state_is_told_to_programs(lea: Person) -> None:
    address = ask_document(lea)
    assert lea.get(f"{address}/state").json == {"state": "queued"}
    make_document(lea.installation, content=b"%PDF-1.7")
    assert lea.get(f"{address}/state").json == {"state": "done"}


def test_the_same_content_is_the_same_document(lea: Person) -> None:
    first = ask_document(lea)
    assert ask_document(lea) == first
    assert ask_document(lea, language="zh-Hans") != first
    for _ in range(2):
        make_document(lea.installation, content=b"%PDF-1.7")


@pytest.mark.parametrize(
    ("fmt", "media"),
    [
        ("pdf", "application/pdf"),
        ("html", "text/html; charset=utf-8"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("ics", "text/calendar; charset=utf-8"),
        ("json", "application/json"),
    ],
)
def test_a_finished_document_is_downloaded_as_a_harmless_file(lea: Person, fmt: str, media: str) -> None:
    address = ask_document(lea, fmt=fmt)
    assert lea.get(f"{address}/file").status_code == 404
    make_document(lea.installation, content=b"content")
    assert f'href="{address}/file" autofocus' in lea.get(address).text
    answer = lea.get(f"{address}/file")
    assert answer.data == b"content"
    assert answer.headers["Content-Type"] == media
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="KAM-')
    assert "filename*=UTF-8''KAM-%C3%9Cml%C3%A4ut" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("KAM-Acme-2026.pdf", "attachment; filename=\"KAM-Acme-2026.pdf\"; filename*=UTF-8''KAM-Acme-2026.pdf"),
        ("KAM-關鍵-2026.pdf", "attachment; filename=\"KAM-2026.pdf\"; filename*=UTF-8''KAM-%E9%97%9C%E9%8D%B5-2026.pdf"),
        ("關鍵", "attachment; filename=\"report\"; filename*=UTF-8''%E9%97%9C%E9%8D%B5"),
        ('a"\r\nX: y.pdf', "attachment; filename=\"a-X-y.pdf\"; filename*=UTF-8''a%22%0D%0AX%3A%20y.pdf"),
    ],
)
def test_file_names_are_safe_in_the_header(name: str, header: str) -> None:
    assert disposition(name) == header


def test_a_failed_document_says_why_and_can_be_tried_again(lea: Person) -> None:
    address = ask_document(lea)
    make_document(lea.installation, reason="too_large")
    page = lea.get(address).text
    assert "It needed more memory than is allowed." in page
    assert "Your answers are kept" in page
    assert lea.client.post(f"{address}/retry").status_code == 400
    assert lea.get(f"{address}/state").json == {"state": "failed"}
    assert lea.post(f"{address}/retry").headers["Location"] == address
    assert lea.get(f"{address}/state").json == {"state": "queued"}
    make_document(lea.installation, content=b"%PDF-1.7")


def test_documents_are_listed_on_the_result_page(lea: Person) -> None:
    address = ask_document(lea)
    assert f'href="{address}"' in lea.get(f"{lea.link}result").text
    assert "not ready yet" in lea.get(f"{lea.link}result").text
    make_document(lea.installation, content=b"%PDF-1.7")
    assert "not ready yet" not in lea.get(f"{lea.link}result").text


@pytest.mark.parametrize("page", ["", "/state", "/file", "/retry"])
def test_a_strangers_document_is_not_found(lea: Person, otto: Person, page: str) -> None:
    document = ask_document(lea).rsplit("/", 1)[1]
    make_document(lea.installation, content=b"secret")
    otto.start()
    for link in (otto.link, "/a/sample-beginner/", "/a/nobody/"):
        answer = otto.get(f"{link}documents/{document}{page}")
        assert answer.status_code == 404
        assert b"secret" not in answer.data


def test_a_sample_has_reports_too(otto: Person) -> None:
    otto.link = "/a/sample-beginner/"
    address = ask_document(otto, language="zh-Hant")
    assert "made-up company" in otto.get(address).text
    make_document(otto.installation, content=b"%PDF-1.7")


@pytest.mark.parametrize("mistake", [{"fmt": "exe"}, {"style": "../full"}, {"language": "de"}])
def test_a_wrong_wish_is_shown_again(lea: Person, mistake: dict[str, str]) -> None:
    wish = {"fmt": "pdf", "style": "full", "language": "en", **mistake}
    assert lea.post(f"{lea.link}documents", wish).status_code == 422


def test_a_full_disk_shows_the_result_page_again(lea: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise Failed("the disk is full")

    monkeypatch.setattr(documents, "request_document", refuse)
    page = lea.post(f"{lea.link}documents", {"fmt": "pdf", "style": "full", "language": "en"})
    assert page.status_code == 503
    assert "could not be saved right now" in page.text
