"""HTTP headers on every answer, and pages without anything inline."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from assess.resources import TEMPLATES
from assess.usecases.installation import Installation
from assess.web.app import create_app
from assess.web.headers import ALWAYS
from tests.web.addresses import with_choices
from tests.web.conftest import Person, settings_in
from tests.web.pages import EVIL, all_pages

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
VALUES = {
    "token": "stranger",
    "dimension": "s1",
    "action": "a",
    "id_": "d",
    "item": "s1.1",
    "filename": "site.css",
    "number": "1",
    "code": "c",
}
PAGE_WEIGHT = 150_000


class Inline(HTMLParser):
    """Collects what a strict content policy forbids, ids, and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.targets: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.forbidden += [f"{tag} {name}" for name in values if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not (values.get("src") and values.get("nonce"))):
            self.forbidden.append(tag)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        address = values.get("href") or values.get("src") or values.get("action") or ""
        if tag == "a" and address.startswith("https://") and "noreferrer" in str(values.get("rel")):
            return  # a citation that a reader may follow, which a browser asks for nothing before that
        (self.targets if address.startswith("#") else self.addresses).append(address)


def parse(page: TestResponse) -> Inline:
    parser = Inline()
    parser.feed(page.text)
    return parser


def assert_headers(response: TestResponse) -> None:
    for name, value in ALWAYS.items():
        assert response.headers[name] == value
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"]


def test_every_rule_answers_every_verb_with_all_headers(app: Flask, rosa: Person) -> None:
    for rule in app.url_map.iter_rules():
        path = with_choices(rule.rule)
        for name, value in VALUES.items():
            path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
        for method in METHODS:
            response = rosa.client.open(path, method=method, buffered=True)
            assert_headers(response)
            assert response.status_code < 500 or path == "/ready", (method, path)  # there is no worker here
            if method not in (rule.methods or ()):
                assert response.status_code == 405, (method, path)
                assert set(response.headers["Allow"].split(", ")) == rule.methods
            if path.startswith("/a/"):
                assert response.headers["Cache-Control"] == "no-store"
                assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
            if "/a/stranger/" in path and method in ("GET", "HEAD") and method in (rule.methods or ()):
                assert response.status_code == 404, path


@pytest.fixture(scope="module", params=["en", "zh-Hant", "zh-Hans"])
def pages(app: Flask, installation: Installation, request: pytest.FixtureRequest) -> dict[str, TestResponse]:
    person = Person(app.test_client(), installation, headers={"Accept-Language": request.param})
    return all_pages(person)


def test_every_page_has_the_headers_and_nothing_inline(pages: dict[str, TestResponse]) -> None:
    for name, page in pages.items():
        assert_headers(page)
        assert parse(page).forbidden == [], name
        assert page.mimetype == "text/html"


def test_no_template_holds_anything_inline() -> None:
    """Also of pages that no test opens: no style, no handler, no script without its nonce, no address that runs one."""
    forbidden = re.compile(
        r"""<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|<script(?![^>]*nonce="\{\{ script_nonce\(\) \}\}")""",
        re.IGNORECASE,
    )
    templates = sorted(TEMPLATES.rglob("*.html"))
    found = [f"{path.name}: {match.group()}" for path in templates for match in forbidden.finditer(path.read_text("utf-8"))]
    assert found == []
    assert len(templates) > 50


def test_evil_texts_stay_texts_on_every_page(pages: dict[str, TestResponse]) -> None:
    for name, page in pages.items():
        assert EVIL not in page.text, name
        assert "<script>" not in page.text, name


def test_ids_are_unique_headings_in_order_and_links_inside_a_page_lead_somewhere(pages: dict[str, TestResponse]) -> None:
    for name, page in pages.items():
        found = parse(page)
        assert len(found.ids) == len(set(found.ids)), name
        assert found.headings[0] == 1 or found.headings.index(1) < 3, name
        assert found.headings.count(1) == 1, name
        assert all(after <= before + 1 for before, after in zip(found.headings, found.headings[1:], strict=False)), name
        assert {target[1:] for target in found.targets} <= {*found.ids, ""}, name


def test_every_page_is_light_and_asks_nobody_else(pages: dict[str, TestResponse], app: Flask) -> None:
    client = app.test_client()
    for name, page in pages.items():
        found = parse(page)
        own = [address for address in found.addresses if address.startswith("/static/")]
        assert len(page.data) + sum(len(client.get(address, buffered=True).data) for address in own) < PAGE_WEIGHT, name
        assert [a for a in found.addresses if a.startswith(("http", "//", "data:", "javascript:"))] == [], name


def test_every_page_says_its_language_and_title(pages: dict[str, TestResponse]) -> None:
    for name, page in pages.items():
        assert re.search(r'<html lang="(en|zh-Hant|zh-Hans)">', page.text), name
        assert re.search(r"<title>\S.*</title>", page.text), name
        assert "None" not in re.sub(r"<[^>]*>", "", page.text).replace("None of its", ""), name


def test_the_nonce_is_new_each_time(rosa: Person) -> None:
    link = rosa.start()
    first, second = (rosa.get(link) for _ in range(2))
    nonces = [re.search(r"nonce-([\w-]+)'", page.headers["Content-Security-Policy"]) for page in (first, second)]
    assert nonces[0]
    assert nonces[1]
    assert nonces[0][1] != nonces[1][1]
    assert f'nonce="{nonces[0][1]}"' in first.text


def test_static_files_are_kept_for_good_under_their_hash_only(rosa: Person) -> None:
    address = next(a for a in parse(rosa.get("/")).addresses if "site.css" in a)
    assert rosa.get(address, buffered=True).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert rosa.get("/static/site.css", buffered=True).headers["Cache-Control"] == "no-cache"
    assert rosa.get("/static/nothing.css?v=1").status_code == 404


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cookies_are_for_the_server_only_and_secure_where_the_request_is(rosa: Person, scheme: str) -> None:
    response = rosa.client.get("/start?lang=zh-Hant", base_url=f"{scheme}://localhost")
    cookies = response.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) == (scheme == "https")
    assert any(cookie.startswith("__Host-kam_form=") for cookie in cookies) == (scheme == "https")
    assert ("Strict-Transport-Security" in response.headers) == (scheme == "https")


def another_app(installation: Installation, **changes: Any) -> Flask:
    settings = settings_in(installation.settings.data_dir, **changes)
    from dataclasses import replace

    return create_app(settings, replace(installation, settings=settings))


def test_only_trusted_hosts_are_answered(installation: Installation) -> None:
    client = another_app(installation, trusted_hosts=("kam.example",)).test_client()
    assert client.get("/", base_url="http://kam.example").status_code == 200
    refused = client.get("/", base_url="http://evil.example")
    assert refused.status_code == 400
    assert_headers(refused)
    assert "evil.example" not in refused.text


def test_a_proxy_is_believed_only_when_there_is_one(installation: Installation) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "kam.example"}
    behind = another_app(installation, proxy_hops=1).test_client()
    assert "Strict-Transport-Security" in behind.get("/", headers=forwarded).headers
    direct = another_app(installation).test_client()
    assert "Strict-Transport-Security" not in direct.get("/", headers=forwarded).headers
