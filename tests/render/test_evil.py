"""Evil documents: whatever stands in any field is printed as text, and nothing is fetched, run or turned around by it."""

from __future__ import annotations

import random
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from assess.content.phrases import load_phrases
from assess.content.questionnaires import load_folder
from assess.content.styles import load_style
from assess.core.answers import Answer, Assessment, Consensus, Evidence, Organisation
from assess.core.evaluation import evaluate
from assess.core.questionnaire import LANGUAGES, Questionnaire, Text
from assess.core.report import ReportContent, compose
from assess.jobs import CPU_SECONDS
from assess.render import fonts, pdf
from assess.render.fetcher import LockedFetcher
from assess.render.formats import formats_of
from assess.render.html import Page, page_for_print, render_html
from assess.resources import REPORTS
from tests.fuzzing import amount
from tests.reports import assessment, peers, rich

VECTORS = Path(__file__).parent.parent / "vectors"
DOCUMENTS, SET_EVERY, HOSTILE = 200, amount(90, 10), 0.3
"""Every document goes through both kinds of HTML; some are set, at fifty times the cost. The last is a share of texts."""
HTML_EVERY = amount(5, 1)
"""In the suite every fifth of them: forty; `make fuzz` takes all."""
LONGEST_SECONDS = 2 * 2
"""Of processor time, for both kinds of HTML together."""
OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[int, list[str]]]:
    """A loopback server that must not be asked for anything: its port, and what it was asked."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1)
                    asked.append(connection.recv(200).decode(errors="replace"))

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], asked
        stop.set()
        thread.join(5)


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secret") / "secret.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>CANARYCANARY</text></svg>', encoding="utf-8")
    return path


def hostile(port: int, secret: Path) -> list[str]:
    """What people might write, or paste, into a field."""
    world = (f"http://127.0.0.1:{port}/", secret.as_uri())
    fetching = [
        vector
        for url in world
        for vector in (
            f'<link rel="stylesheet" href="{url}">',
            f'<style>@import "{url}";</style>',
            f"<style>@font-face{{font-family:x;src:url({url})}}</style>",
            f"<p style=\"background:url('{url}')\">",
            f'"><img src="{url}" onerror="alert(1)">',
            f'<a rel="attachment" href="{url}">x</a>',
            f'<object data="{url}"></object>',
            f'<svg><image href="{url}"/><use href="{url}#a"/></svg>',
            f"</text></svg><script>fetch('{url}')</script>",
            f"}} * {{ content: url({url}) }} /*",
        )
    ]
    return [
        *fetching,
        "{{ 7*7 }} {% include '/etc/passwd' %} {# #} ${7*7} #{7*7} {title} {0} %s %(x)s",
        "</style></title></script><script>alert(1)</script><!-- ]]> <![CDATA[",
        "javascript:alert(1)",
        "file:///etc/passwd",
        f"Acme \u202egnp.exe\u202c {OVERRIDES} end",
        "שלום עולם (3) 1.2 مرحبا",
        "\u200b\u200d\u2060\ufeff\u00ad\u200e\u200f soft",
        "🎉👩‍👩‍👧‍👦🏳️‍🌈 e\u0301\u0302\u0303 Z̸̡͈a̷lgo " + "\u0301" * 40,
        "長" * 150 + "。",
        "W" * 250,
        "& &amp; &lt; &#0; &#x202e; \" ' ` \\ \\22 \\a;",
        "line\none\r\nline\ttwo\u2028three\u2029four\x85five",
        "\x00\x01\x08\x0b\x0c\x1b[31m\x7f",
        "half \ud800 of a pair \udfff",
        "=cmd|'/C calc'!A0",
        " ",
        "\u3000\u00a0",
    ]


class Walk:
    """A copy of any of our values with hostile texts in all its human words; ids stay, for the method reads them."""

    def __init__(self, seed: int, texts: list[str]) -> None:
        self.chance, self.texts = random.Random(seed), texts

    def text(self, before: str = "") -> str:
        return before + " ".join(self.chance.choices(self.texts, k=1))

    def words(self, value: Any) -> Any:
        if isinstance(value, Text) and self.chance.random() > HOSTILE:
            return value
        if isinstance(value, Text):
            return Text(*(self.text(value.en[:8]) for _ in LANGUAGES))
        if isinstance(value, tuple):
            return tuple(self.words(each) for each in value)
        if isinstance(value, Mapping):
            return MappingProxyType({key: self.words(each) for key, each in value.items()})
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{f.name: self.words(getattr(value, f.name)) for f in fields(value) if f.init})
        return value

    def answer(self, base: Answer) -> Answer:
        if self.chance.random() < 0.7:
            return base
        return replace(base, evidence=self.text(), comment=self.text())

    def assessment(self, base: Assessment) -> Assessment:
        names = {person.id: f"{person.id} {self.text()}" for person in base.respondents}
        people = tuple(
            replace(person, id=names[person.id], answers={item: self.answer(one) for item, one in person.answers.items()})
            for person in base.respondents
        )
        return replace(
            base,
            organisation=Organisation(self.text(), self.text(), self.text(), self.text()),
            respondents=people,
            consensus={"s1.2": Consensus(3, rationale=self.text(), dissent=self.text())},
            evidence={"s1.1": (Evidence(self.text(), self.text()),), "s1.3": (Evidence(self.text(), "https://example.org"),)},
        )


def evil_content(seed: int, mini: Questionnaire, texts: list[str], style: str = "full") -> ReportContent:
    walk = Walk(seed, texts)
    questionnaire: Questionnaire = walk.words(rich(mini))
    given = walk.assessment(assessment(mini, sample=bool(seed % 2)))
    others = tuple(replace(peer, organisation=f"{peer.organisation} {walk.text()}") for peer in peers(12))
    language = LANGUAGES[seed % 3]
    return compose(
        evaluate(questionnaire, (), given, peers=others, segments={}),
        language=language,
        formats=formats_of(language),
        phrases=load_phrases().in_language(language),
        style=load_style(style),
    )


@pytest.fixture(scope="module")
def mini() -> Questionnaire:
    return load_folder(VECTORS / "mini")


@pytest.fixture(scope="module")
def texts(canary: tuple[int, list[str]], secret: Path) -> list[str]:
    return hostile(canary[0], secret)


class Tags(HTMLParser):
    """The elements and attributes a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attributes)))


def check_markup(html: str, medium: str) -> None:
    """No element or attribute that people's text could have brought along."""
    tags = Tags()
    tags.feed(html)
    names = {tag for tag, _ in tags.seen}
    forbidden = {"script", "link", "iframe", "object", "embed", "form", "base", "audio", "video", "image", "use"}
    assert not names & forbidden, f"{medium}: {names & forbidden}"
    for tag, attributes in tags.seen:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], f"{medium}: {tag} {attributes}"
        for name in ("src", "href", "data", "srcset", "action"):
            address = attributes.get(name)
            assert address is None or address.startswith(("#", "asset:", "data:image/")), f"{medium}: {tag} {address}"
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    assert not re.search(r"@import|url\((?!'asset:)", re.sub(r'"[^"\n]*"', "", styles)), medium


@pytest.mark.parametrize("part", range(4))
def test_two_hundred_evil_documents_are_text_in_html_and_for_print(mini: Questionnaire, texts: list[str], part: int) -> None:
    for seed in range(part * HTML_EVERY, DOCUMENTS, 4 * HTML_EVERY):
        began = time.process_time()
        content = evil_content(seed, mini, texts)
        screen = render_html(content, (REPORTS,)).decode()
        check_markup(screen, f"screen {seed}")
        printed = page_for_print(content, (REPORTS,))
        check_markup(printed.html, f"print {seed}")
        for text in (screen, printed.html):
            assert not set(text) & set(OVERRIDES + "\0\x1b\ud800"), seed
            assert "root:x:0" not in text
        assert time.process_time() - began < LONGEST_SECONDS, seed


@pytest.mark.parametrize("seed", range(0, DOCUMENTS, SET_EVERY))
def test_evil_documents_are_set_without_fetching_within_limits(
    mini: Questionnaire, texts: list[str], canary: tuple[int, list[str]], seed: int
) -> None:
    page = page_for_print(evil_content(seed, mini, texts, "full" if seed % 4 == 2 else "brief"), (REPORTS,))
    began = time.process_time()
    document = pdf.set_pages(pdf.load_weasyprint(), page)
    assert time.process_time() - began < CPU_SECONDS
    assert len(document) < 8_000_000
    read = subprocess.run(["pdftotext", "-", "-"], input=document, capture_output=True, check=True).stdout.decode()
    assert "CANARY" not in read
    assert "root:x:0" not in read
    assert canary[1] == []


def test_the_locked_fetcher_denies_each_way_out(canary: tuple[int, list[str]], secret: Path) -> None:
    port, asked = canary
    ways = []
    for url in (f"http://127.0.0.1:{port}/x", secret.as_uri()):
        ways += [
            f'<link rel="stylesheet" href="{url}?1">',
            f'<style>@import "{url}?2";</style>',
            f"<style>@font-face {{ font-family: x; src: url({url}?3) }}</style><p style='font-family: x'>a",
            f"<p style=\"background: url('{url}?4')\">a",
            f'<img src="{url}?5" alt="a">',
            f'<link rel="attachment" href="{url}?6">',
            f'<object data="{url}?7"></object>',
            f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{url}?8" width="9" height="9"/></svg>',
            f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><use href="{url}?9#a"/></svg>',
        ]
    fetcher = LockedFetcher({})
    head = '<html lang="en"><title>x</title><meta name="dcterms.created" content="2026-11-21">'
    document = pdf.load_weasyprint().HTML(string=head + "".join(ways), base_url="asset:/", url_fetcher=fetcher).write_pdf()
    assert {int(url.rsplit("?", 1)[1][0]) for url in fetcher.denied} >= {1, 2, 3, 4, 5, 6, 7, 8}
    assert asked == []
    assert b"CANARY" not in document


def test_the_same_page_through_our_setter_asks_for_nothing(canary: tuple[int, list[str]], secret: Path) -> None:
    port, asked = canary
    html = (
        f'<html lang="en"><title>x</title><p>a<img src="http://127.0.0.1:{port}/" alt="b"><img src="{secret.as_uri()}" alt="c">'
    )
    document = pdf.set_pages(pdf.load_weasyprint(), Page(html))
    read = subprocess.run(["pdftotext", "-", "-"], input=document, capture_output=True, check=True).stdout.decode()
    assert "CANARY" not in read
    assert asked == []


@pytest.mark.parametrize("char", OVERRIDES)
def test_what_turns_the_text_around_is_shown_and_does_nothing(char: str) -> None:
    assert fonts.harmless(f"a{char}b") == "a□b"
    assert fonts.printable(f"a{char}b") == "a□b"


def test_names_do_not_turn_around_what_stands_next_to_them(mini: Questionnaire) -> None:
    given = assessment(mini, organisation=Organisation("Acme \u202egnp.exe"))
    content = compose(
        evaluate(rich(mini), (), given),
        language="en",
        formats=formats_of("en"),
        phrases=load_phrases().in_language("en"),
        style=load_style("full"),
    )
    document = pdf.set_pages(pdf.load_weasyprint(), page_for_print(content, (REPORTS,)))
    cover = subprocess.run(["pdftotext", "-l", "1", "-", "-"], input=document, capture_output=True, check=True).stdout.decode()
    assert "Acme □gnp.exe" in cover
    assert "Acme □gnp.exe" in render_html(content, (REPORTS,)).decode()


def test_a_word_of_ten_thousand_letters_stays_on_the_page(mini: Questionnaire) -> None:
    base = assessment(mini)
    first = base.respondents[0]
    talk = replace(first, answers={**first.answers, "s3.1": Answer(level=4, comment="W" * 10_000)})
    content = compose(
        evaluate(rich(mini), (), replace(base, respondents=(talk, *base.respondents[1:]))),
        language="en",
        formats=formats_of("en"),
        phrases=load_phrases().in_language("en"),
        style=load_style("full"),
    )
    document = pdf.set_pages(pdf.load_weasyprint(), page_for_print(content, (REPORTS,)))
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=document, capture_output=True, check=True).stdout.decode()
    assert boxes.count("W" * 20) > 50
    assert max(float(x) for x in re.findall(r'xMax="([0-9.]+)"', boxes)) < 595
