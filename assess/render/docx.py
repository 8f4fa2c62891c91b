"""The report as a Word document that people can go on writing in: real headings, styles, tables and fields."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm

from assess.core.brand import fit_logo
from assess.core.report.values import LogoMark, ReportContent
from assess.render.docx_parts import Desk
from assess.render.docx_sections import SECTIONS, cover
from assess.render.docx_styles import dress
from assess.render.docx_xml import NAMESPACES, drawing, field, link, para, run, says
from assess.render.office import AUTHOR, SCRIPTS, drop_thumbnail, fixed_zip, line, property_text
from assess.render.pictures import Picture, Pictures
from assess.render.templates import shorten

PAPERS = {"a4": (Mm(210), Mm(297)), "letter": (Mm(215.9), Mm(279.4))}
SIDE, TOP, BOTTOM = Mm(20), Mm(22), Mm(20)
TWIPS_PER_EMU = 1 / 635
WORTH_CONTENTS = 4
"""A report of fewer sections is seen at a glance."""
LOGO_WIDTH, LOGO_HEIGHT = 70.0, 24.0
MM_PER_INCH, PX_PER_INCH = 25.4, 96
_AMBIGUOUS = frozenset("“”‘’…—–·×→△▲◆")
"""Signs that Word sets in the Latin font unless told that the text around them is Chinese."""


def render_docx(content: ReportContent, pictures: Mapping[str, bytes]) -> bytes:
    """A .docx of everything the report says, in its order. pictures: sha256 -> PNG of the logos that content.brand names."""
    document = docx.Document()
    dress(document, content.brand.palette, content.language)
    width = _set_page(document, content)
    desk = Desk(content, Pictures(content), width, _placer(document), _lister(document))
    body = "".join([*_logos(desk, pictures), *cover(desk), *_sections(desk)])
    _put(document, body, content.language)
    _header_and_footer(document, content)
    _describe(document, content)
    drop_thumbnail(document.part.package.rels)
    out = io.BytesIO()
    document.save(out)
    return fixed_zip(out.getvalue())


def _sections(desk: Desk) -> Iterator[str]:
    """The sections in their order, the contents after the first of them."""
    for place, name in enumerate(desk.content.sections):
        yield from SECTIONS[name](desk)
        if place == 0 and len(desk.content.sections) >= WORTH_CONTENTS:
            yield from _contents(desk)


def _contents(desk: Desk) -> Iterator[str]:
    """A field that Word can bring up to date, filled with links that work before it does."""
    yield says(desk.labels["contents"], "TOCHeading")
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    entries = desk.content.contents
    for place, entry in enumerate(entries):
        body = link(entry.id, run(f"{entry.number}\t{entry.title}"))
        yield para((begin if place == 0 else "") + body + (end if place == len(entries) - 1 else ""), f"TOC{entry.depth}")


def _logos(desk: Desk, pictures: Mapping[str, bytes]) -> Iterator[str]:
    """The logos side by side above the title."""
    brand = desk.content.brand
    marks = [mark for mark in (brand.client, brand.facilitator) if mark is not None]
    if marks:
        ground = "KAMLogosDark" if any(mark.is_light for mark in marks) else "KAMLogos"
        yield para(run("\t").join(_logo(desk, mark, pictures[mark.sha256]) for mark in marks), ground)


def _logo(desk: Desk, mark: LogoMark, png: bytes) -> str:
    width = fit_logo(mark, LOGO_WIDTH, LOGO_HEIGHT)[0] / MM_PER_INCH * PX_PER_INCH
    return drawing(desk.place(png), Picture(png, mark.width, mark.height, mark.text, ""), width)


def _set_page(document: Any, content: ReportContent) -> int:
    """Paper and margins; returns the width of the text in twips."""
    section = document.sections[0]
    section.page_width, section.page_height = PAPERS[content.paper]
    section.left_margin = section.right_margin = SIDE
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.header_distance = section.footer_distance = Mm(11)
    section.different_first_page_header_footer = True
    return round(int(section.page_width - 2 * SIDE) * TWIPS_PER_EMU)


def _placer(document: Any) -> Any:
    def place(png: bytes) -> str:
        return str(document.part.get_or_add_image(io.BytesIO(png))[0])

    return place


def _lister(document: Any) -> Any:
    """Numbered lists that each begin at 1, on the definition that Word's own List Number has."""
    numbering = document.part.numbering_part.element
    style = next(s for s in document.styles.element.findall(qn("w:style")) if s.get(qn("w:styleId")) == "ListNumber")
    number = style.find(f".//{qn('w:numId')}").get(qn("w:val"))
    pattern = next(num for num in numbering.findall(qn("w:num")) if num.get(qn("w:numId")) == number)

    def new_list() -> int:
        fresh = deepcopy(pattern)
        place = 1 + max(int(num.get(qn("w:numId"))) for num in numbering.findall(qn("w:num")))
        fresh.set(qn("w:numId"), str(place))
        fresh.append(parse_xml(f'<w:lvlOverride {NAMESPACES} w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'))
        numbering.append(fresh)
        return place

    return new_list


def _put(document: Any, body: str, language: str) -> None:
    """The text into the document, with every bookmark and picture numbered."""
    made = parse_xml(f"<w:body {NAMESPACES}>{body}</w:body>")
    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        for place, mark in enumerate(made.iter(qn(tag)), start=1):
            mark.set(qn("w:id"), str(place))
    for place, properties in enumerate(made.iter(qn("wp:docPr")), start=1):
        properties.set("id", str(place))
        properties.set("name", f"Picture {place}")
    _loosen(made)
    if language != "en":
        _hint(made)
    target = document.element.body
    for found in list(target):
        if found.tag != qn("w:sectPr"):
            target.remove(found)
    for place, found in enumerate(list(made)):
        target.insert(place, found)


def _loosen(body: Any) -> None:
    """A link to what this report leaves out becomes plain text."""
    known = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    for found in [each for each in body.iter(qn("w:hyperlink")) if each.get(qn("w:anchor")) not in known]:
        parent, place = found.getparent(), found.getparent().index(found)
        for run_ in list(found):
            parent.insert(place, run_)
            place += 1
        parent.remove(found)


def _hint(body: Any) -> None:
    """Tell Word that the quotation marks and dashes of a Chinese text are Chinese."""
    for each in body.iter(qn("w:r")):
        if any(_AMBIGUOUS & set(text.text or "") for text in each.findall(qn("w:t"))):
            look = each.find(qn("w:rPr"))
            if look is None:
                look = parse_xml(f"<w:rPr {NAMESPACES}/>")
                each.insert(0, look)
            place = 1 if look.find(qn("w:rStyle")) is not None else 0
            look.insert(place, parse_xml(f'<w:rFonts {NAMESPACES} w:hint="eastAsia"/>'))


def _header_and_footer(document: Any, content: ReportContent) -> None:
    """Client and title above, date, notice and page x of y below; the cover has neither."""
    section, labels = document.sections[0], content.labels
    pages = (
        run(labels["page_before"])
        + field("PAGE", "1")
        + run(labels["page_between"])
        + field("NUMPAGES", "1")
        + run(labels["page_after"])
    )
    note = " · ".join(text for text in (content.cover.date.text, content.cover.sample, content.brand.footer) if text)
    _fill(section.header, run(f"{shorten(line(content.cover.client), 42)}\t{content.cover.title}"), "Header", section)
    _fill(section.footer, run(note + "\t") + pages, "Footer", section)
    for empty in (section.first_page_header, section.first_page_footer):
        empty.is_linked_to_previous = False


def _fill(place: Any, body: str, style: str, section: Any) -> None:
    width = round((section.page_width - 2 * SIDE) * TWIPS_PER_EMU)
    look = f'<w:pPr><w:pStyle w:val="{style}"/><w:tabs><w:tab w:val="right" w:pos="{width}"/></w:tabs></w:pPr>'
    place.is_linked_to_previous = False
    element = place._element  # noqa: SLF001 - python-docx has no other way to a header's content
    for found in list(element):
        element.remove(found)
    element.append(parse_xml(f"<w:p {NAMESPACES}>{look}{body}</w:p>"))


def _describe(document: Any, content: ReportContent) -> None:
    """The properties a reader sees in the file's information."""
    properties, day = document.core_properties, datetime.fromisoformat(content.cover.date.iso)
    properties.title = property_text(f"{content.cover.client} – {content.cover.title}")
    properties.subject = property_text(content.summary.heading.finding)
    properties.author = properties.last_modified_by = property_text(content.brand.name) or AUTHOR
    properties.keywords = property_text(", ".join(content.cover.keywords))
    properties.language = SCRIPTS[content.language].tag
    properties.comments = ""
    properties.revision = 1
    properties.created = properties.modified = day
