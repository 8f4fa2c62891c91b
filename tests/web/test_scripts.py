"""Two hundred texts that want to be scripts stand as text on every page, which has the elements it has without them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from playwright.sync_api import Browser
from waitress.server import create_server

from assess.core.questionnaire import LANGUAGES
from assess.usecases.installation import Installation
from tests.fuzzing import amount
from tests.web import pages
from tests.web.conftest import Person
from tests.web.test_browser import DESK, browser, visit

__all__ = ["browser"]

CODE = ("canary()", "window.canary=1", "self['can'+'ary']()", "top.canary&#40;1&#41;", "fetch('/canary')")
WRAPS = (
    "<script>{}</script>", "</script><script>{}</script>", "<ScRiPt src=data:,{}></sCrIpT>", "<img src=x onerror={}>",
    "\"><svg/onload={}>", "'><body onpageshow={}>", "\" onmouseover=\"{}", "' autofocus onfocus='{}", "` onclick=`{}",
    "javascript:{}", "JaVaScRiPt&colon;{}", "<a href=\"javascript:{}\">x</a>", "<iframe srcdoc=\"<script>{}</script>\">",
    "</textarea><script>{}</script>", "</title><script>{}</script>", "--><script>{}</script><!--", "]]><script>{}</script>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror={}>", "<details open ontoggle={}>",
    "<noscript><p title=\"</noscript><img src=x onerror={}>\">", "<base href=//x><script>{}</script>", "{{{{ {} }}}}",
    "{{% {} %}}", "${{{}}}", "#{{{}}}", "<style>@import '{}';</style>", "<link rel=stylesheet href=data:,{}>",
    "<meta http-equiv=refresh content=\"0;url=javascript:{}\">", "<object data=data:text/html,{}>", "<embed src=javascript:{}>",
    "<form action=javascript:{}><button>", "<input autofocus onfocus={}>", "<video><source onerror={}>",
    "&lt;script&gt;{}&lt;/script&gt;",
    "%3Cscript%3E{}%3C/script%3E", "\\u003cscript\\u003e{}\\u003c/script\\u003e", "＜script＞{}＜/script＞",
    "<scr\0ipt>{}</scr\0ipt>",
    "<template><script>{}</script></template>", "<xss style=\"animation-name:x\" onanimationstart={}>",
)  # fmt: skip
STRINGS = [wrap.format(code) for wrap, code in itertools.product(WRAPS, CODE)]


class Shape(HTMLParser):
    """The elements of a page and the names of their attributes, in order: what no text of a person may change."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, tuple(name for name, _ in attributes)))
        self.addresses += [value for name, value in attributes if name in ("href", "src", "action", "formaction") and value]


def test_there_are_two_hundred_of_them() -> None:
    assert len(set(STRINGS)) == 200


def assert_same_shape(name: str, evil: str, plain: str) -> None:
    found = Shape(evil)
    assert found.parts == Shape(plain).parts, name
    assert not [address for address in found.addresses if "canary" in address or "script:" in address.lower()], name


def fill_in(person: Person, texts: list[str]) -> None:
    """All the texts as evidence and comments of the first step, as many as fit."""
    items = person.opened.questionnaire.dimensions[0].items
    size = -(-len(texts) // len(items))
    for place, item in enumerate(items):
        words = " ".join(texts[place * size : (place + 1) * size])
        typed = {f"q_{item.id}": "3", f"q_{item.id}__evidence": words, f"q_{item.id}__comment": words[:2000]}
        assert person.post(f"{person.link}step/s1", typed).status_code == 303


def all_at_once(app: Flask, installation: Installation, language: str, texts: list[str]) -> dict[str, str]:
    person = Person(app.test_client(), installation, headers={"Accept-Language": language})
    person.start(name="Acme")
    fill_in(person, texts)
    return {path: person.get(f"{person.link}{path}").text.replace(person.link, "/a/x/") for path in ("", "step/s1", "result")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_them_at_once_stay_text_where_answers_are_shown(app: Flask, installation: Installation, language: str) -> None:
    plain = all_at_once(app, installation, language, ["harmless"] * len(STRINGS))
    for path, page in all_at_once(app, installation, language, STRINGS).items():
        assert_same_shape(f"{language} {path}", page, plain[path])
        assert "&lt;script&gt;canary()&lt;/script&gt;" in page or path != "step/s1"


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_stay_text_on_every_page_in_every_field(
    app: Flask, installation: Installation, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def visit_all(text: str) -> dict[str, str]:
        monkeypatch.setattr(pages, "EVIL", text)
        person = Person(app.test_client(), installation, headers={"Accept-Language": language})
        return {name: page.text for name, page in pages.all_pages(person).items()}

    plain = visit_all("harmless")
    offset = LANGUAGES.index(language)
    for text in STRINGS[offset :: amount(150, 3)]:
        for name, page in visit_all(text).items():
            assert_same_shape(f"{language} {name} {text!r}", page, plain[name])


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"  # type: ignore[union-attr]
    server.close()


@pytest.mark.browser
def test_a_browser_runs_none_of_them_and_its_guard_has_nothing_to_refuse(browser: Browser, address: str, rosa: Person) -> None:
    rosa.start(name="<script>canary()</script>")
    fill_in(rosa, STRINGS)
    watch = "window.seen = []; document.addEventListener('securitypolicyviolation', e => seen.push(e.blockedURI + e.sample));"
    with visit(browser, address, viewport=DESK) as page:
        page.add_init_script(f"{watch} window.canary = () => seen.push('ran');")
        for path in ("", "step/s1", "result", "description"):
            page.goto(f"{rosa.link}{path}")
            assert page.evaluate("seen") == [], path
            assert page.evaluate("typeof canary") == "function", path
