"""The paper itself: pages, tags, fonts, bytes."""

from __future__ import annotations

import builtins
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from assess.content.questionnaires import load_folder
from assess.core.answers import Answer, Evidence, Organisation
from assess.core.errors import Failed, Invalid
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.report import ReportContent
from assess.render import fonts, pdf
from assess.render.documents import FORMATS, render
from tests.reports import EVIL, assessment, peers, report_of

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture(scope="session")
def small() -> Questionnaire:
    return load_folder(VECTORS / "mini")


def evil(small: Questionnaire) -> dict[str, Any]:
    """What people could write."""
    base = assessment(small)
    first = base.respondents[0]
    remark = Answer(level=4, comment=EVIL + " 🎉 Łódź 關鍵客戶 关键 " + "long " * 400)
    changed = type(first)(first.id, first.role, {**first.answers, "s3.1": remark})
    return {
        "respondents": (changed, *base.respondents[1:]),
        "organisation": Organisation(EVIL),
        "evidence": {"s1.1": (Evidence("See", "file:///etc/passwd"),)},
        "sample": True,
    }


@pytest.fixture(scope="session")
def contents(small: Questionnaire) -> dict[str, ReportContent]:
    return {language: report_of(small, language, given=peers(12), **evil(small)) for language in LANGUAGES}


@pytest.fixture(scope="session")
def documents(contents: dict[str, ReportContent]) -> dict[str, bytes]:
    """One PDF per language for the whole session."""
    return {language: render(content, "pdf") for language, content in contents.items()}


def opened(document: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(document))


def text_of(document: bytes) -> list[str]:
    """The text of each page, in reading order."""
    done = subprocess.run(["pdftotext", "-", "-"], input=document, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def fonts_in(pdf_bytes: bytes) -> set[str]:
    with opened(pdf_bytes) as document:
        return {
            str(font.BaseFont).split("+", 1)[-1] for page in document.pages for font in page.resources.get("/Font", {}).values()
        }


def outline(items: Any) -> Iterator[str]:
    for item in items:
        yield item.title
        yield from outline(item.children)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_tagged_titled_and_in_its_language(documents: dict[str, bytes], language: str) -> None:
    with opened(documents[language]) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == language
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert "Acme" not in str(document.docinfo.Title)
        assert str(document.docinfo.Author) == "kam-assess"
        assert str(document.docinfo.Keywords)
        assert b"pdfuaid" in document.Root.Metadata.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_our_fonts_are_embedded(documents: dict[str, bytes], language: str) -> None:
    names = fonts_in(documents[language])
    assert names
    assert all(name.startswith("KAM-") for name in names), names


def test_bookmarks_lead_to_every_section(documents: dict[str, bytes], contents: dict[str, ReportContent]) -> None:
    with opened(documents["en"]) as document, document.open_outline() as found:
        titles = list(outline(found.root))
    for entry in contents["en"].contents:
        if entry.id != "steps":
            assert f"{entry.number} {entry.title}" in titles


def test_the_contents_give_the_pages_the_sections_are_on(documents: dict[str, bytes]) -> None:
    pages = text_of(documents["en"])
    listing = next(page for page in pages if "Contents" in page.split("\n")[0:6])
    numbers = [int(number) for number in re.findall(r"^(\d+)$", listing, re.MULTILINE)]
    appendix = next(place for place, page in enumerate(pages, start=1) if "Everything behind the pages" in page)
    assert appendix in numbers


def test_every_page_but_the_cover_counts_and_says_sample(documents: dict[str, bytes]) -> None:
    pages = text_of(documents["en"])
    for place, page in enumerate(pages[1:], start=2):
        assert f"Page {place} of {len(pages)}" in page
        assert "Sample data" in page
    assert "Sample data" in pages[0]


def test_page_one_stays_on_one_page(documents: dict[str, bytes]) -> None:
    pages = text_of(documents["en"])
    assert "What holds the next level back" in pages[1]
    assert "First moves" in pages[1]
    assert "Contents" in pages[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_wrote_stays_text(documents: dict[str, bytes], language: str) -> None:
    joined = re.sub(r"\s+", "", "".join(text_of(documents[language])))
    assert "<script>alert(1)</script>" in joined
    assert "{{7*7}}" in joined
    assert b"root:x:0" not in documents[language]


def test_a_character_no_font_has_is_a_box_and_the_json_keeps_it(
    documents: dict[str, bytes], contents: dict[str, ReportContent]
) -> None:
    joined = "".join(text_of(documents["en"]))
    assert "🎉" not in joined
    assert "□" in joined
    assert "Łódź" in joined
    assert "🎉" in render(contents["en"], "json").decode()


def test_the_same_content_gives_the_same_bytes(documents: dict[str, bytes], contents: dict[str, ReportContent]) -> None:
    assert render(contents["zh-Hant"], "pdf") == documents["zh-Hant"]


def test_the_hash_of_questionnaire_and_input_stand_on_the_last_page(
    documents: dict[str, bytes], contents: dict[str, ReportContent]
) -> None:
    last = re.sub(r"\s+", "", text_of(documents["en"])[-1])
    for term in contents["en"].appendix.fingerprints:
        assert term.text in last


def test_charts_have_a_text_alternative(documents: dict[str, bytes]) -> None:
    with opened(documents["en"]) as document:
        figures = [o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"]
        assert figures
        assert all(str(figure.get("/Alt", "")).strip() for figure in figures)


def test_the_dates_are_those_of_the_assessment(documents: dict[str, bytes]) -> None:
    with opened(documents["en"]) as document:
        assert str(document.docinfo.CreationDate).startswith("D:20261121")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://localhost/", "https://example.org/x.css", "data:text/plain,x", "ftp://x/y"]
)
def test_the_fetcher_denies_the_world(url: str) -> None:
    from assess.render.fetcher import LockedFetcher

    fetcher = LockedFetcher({})
    with pytest.raises(ValueError, match="not allowed"):
        fetcher.fetch(url)
    assert fetcher.denied == [url]


def test_the_fetcher_serves_assets_from_memory_only() -> None:
    from weasyprint.urls import FatalURLFetchingError

    from assess.render.fetcher import LockedFetcher

    fetcher = LockedFetcher({"asset:chart/1.svg": b"<svg/>"})
    assert fetcher.fetch("asset:chart/1.svg").read() == b"<svg/>"
    with pytest.raises(FatalURLFetchingError):
        fetcher.fetch("asset:font/none.ttf")


def test_a_document_that_asks_for_the_world_gets_none_of_it() -> None:
    from assess.render.html import Page

    vectors = (
        '<link rel=stylesheet href="http://localhost:9/x.css"><style>@import "file:///etc/passwd"; '
        "@font-face{font-family:x;src:url(file:///etc/passwd)} p{background:url(http://localhost:9/)}</style>"
        '<p style="font-family:x">text<img src="file:///etc/passwd"><object data="file:///etc/passwd"></object>'
        '<svg><image href="file:///etc/passwd"/><use href="http://localhost:9/#x"/></svg>'
    )
    page = Page(f'<html lang="en"><title>x</title><meta name="dcterms.created" content="2026-11-21">{vectors}')
    assert b"root:x:0" not in pdf.set_pages(pdf.load_weasyprint(), page)


def test_a_missing_pango_says_which_packages_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(Failed, match="libpangoft2-1"):
        pdf.load_weasyprint()


def test_html_is_one_file_that_fetches_nothing(contents: dict[str, ReportContent]) -> None:
    for language, content in contents.items():
        html = render(content, "html").decode()
        assert f'<html lang="{language}">' in html
        assert "<svg" in html
        assert not re.search(r"<(?:script|link|img|iframe)\b|url\(|@import|asset:", html)


def test_json_holds_the_whole_report(contents: dict[str, ReportContent]) -> None:
    data = json.loads(render(contents["zh-Hans"], "json"))
    assert data["schema"] == "kam-report/1"
    assert data["language"] == "zh-Hans"
    assert [step["id"] for step in data["steps"]] == ["s1", "s2", "s3"]


def test_an_unknown_format_is_named(contents: dict[str, ReportContent]) -> None:
    with pytest.raises(Invalid, match="no report format odt"):
        render(contents["en"], "odt")
    assert set(FORMATS) == {"pdf", "html", "docx", "pptx", "xlsx", "json", "ics"}


def test_letter_paper_can_be_asked_for(small: Questionnaire, contents: dict[str, ReportContent]) -> None:
    from dataclasses import replace

    html = render(replace(contents["en"], paper="letter"), "html")
    assert html
    from assess.render.html import page_for_print
    from assess.resources import REPORTS

    assert "@page { size: letter; " in page_for_print(replace(contents["en"], paper="letter"), (REPORTS,)).html


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("Łódź 關鍵 关键 ✓ □", "Łódź 關鍵 关键 ✓ □"),
        ("a🎉b", "a□b"),
        ("e\u0301", "é"),
        ("x\ufe0f\u200by", "xy"),
        ("⚡", "□"),
        ("שלום", "□□□□"),
    ],
)
def test_characters_are_printed_in_our_fonts_or_as_a_box(given: str, printed: str) -> None:
    assert fonts.printable(given) == printed


def test_only_the_families_a_text_needs_are_loaded() -> None:
    assert fonts.needed_families("en", "plain English") == (fonts.LATIN,)
    assert fonts.needed_families("zh-Hant", "關鍵客戶") == (fonts.TRADITIONAL,)
    assert fonts.SIMPLIFIED in fonts.needed_families("zh-Hant", "镕")


def test_asking_for_documents_loads_no_page_setter() -> None:
    code = "import sys, assess.render.documents; print([m for m in ('weasyprint', 'jinja2', 'babel') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


RARE = "Łódź 𠮷野家 龘 🎉 ﷽ שלום ⚡ ✓ → 關鍵 关键 \u200b"


def test_two_processes_give_the_same_bytes_whatever_the_hash_seed_and_the_fonts_of_the_machine(tmp_path: Path) -> None:
    answers = (VECTORS / "panel.answers.yaml").read_text(encoding="utf-8").replace("name: Acme", f'name: "{RARE}"')
    (tmp_path / "a.answers.yaml").write_text(answers, encoding="utf-8")
    no_fonts = tmp_path / "fonts.conf"
    no_fonts.write_text('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>')
    made = []
    for seed, settings in (("1", {}), ("2", {"FONTCONFIG_FILE": str(no_fonts)})):
        output = tmp_path / f"{seed}.pdf"
        program = [sys.executable, "-m", "assess.cli.main", "report", str(tmp_path / "a.answers.yaml"), "-o", str(output)]
        program += ["--lang", "zh-Hant", "--questionnaires", str(VECTORS)]
        subprocess.run(program, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed, **settings})
        made.append(output.read_bytes())
    assert made[0] == made[1]
    assert all(name.startswith("KAM-") for name in fonts_in(made[0]))


def test_a_css_string_can_t_end_early_and_hides_no_character() -> None:
    from assess.render.templates import css_string

    assert css_string('a"}</style>\\') == '"a\\22 \\7d \\3c \\2f style\\3e \\5c "'
    assert css_string("關⚡ é") == '"關⚡ é"'


def test_chinese_numbers_keep_their_units_and_markup_stays_text() -> None:
    from assess.render.templates import keep_numbers

    assert keep_numbers("位於第3級，42項") == '位於<span class="keep">第3級</span>，<span class="keep">42項</span>'
    assert keep_numbers("<b>'3'</b>") == "&lt;b&gt;&#39;3&#39;&lt;/b&gt;"
    assert keep_numbers("Level 3, 42 items") == "Level 3, 42 items"
