"""The report as slides for a board meeting, 16:9: native text and tables, charts as pictures, sources in the notes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

import pptx
from lxml import etree
from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from assess.core.brand import fit_logo
from assess.core.colours import Palette
from assess.core.report.values import LogoMark, ReportContent
from assess.render.office import AUTHOR, SCRIPTS, clean, drop_thumbnail, fixed_zip, line, property_text
from assess.render.pictures import Picture, Pictures
from assess.render.pptx_board import BOTTOM, HEIGHT, INNER, MARGIN, WIDTH, Box, Line, picture, put, rgb, write
from assess.render.pptx_fit import fit
from assess.render.pptx_slides import Deck, has
from assess.render.templates import shorten

MOST = 12
"""Slides at most, the first included."""
TITLE_BOX = Box(MARGIN, 0.42, INNER, 1.05)
TITLE_SIZES = (28.0, 26.0, 24.0, 22.0, 20.0, 18.0)
TITLE_LAYOUT, PLAIN_LAYOUT = 0, 5
FOOT_TOP, FOOT_HEIGHT = 6.98, 0.32
MM_PER_INCH = 25.4


def render_pptx(content: ReportContent, pictures: Mapping[str, bytes]) -> bytes:
    """A .pptx of 8 to 12 slides, fewer where hardly anything was answered. pictures: sha256 -> PNG of the brand's logos."""
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    _dress(deck, content)
    _first(deck, content, pictures)

    def add(title: str, notes: list[str]) -> Any:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        _set_title(slide, title, content.language, content.brand.palette)
        slide.notes_slide.notes_text_frame.text = clean("\n".join(note for note in notes if note))
        _foot(slide, content)
        return slide

    made = Deck(content, Pictures(content), add)
    kinds = list(has(content))
    spare = sorted((kind for kind in kinds if kind.spare), key=lambda kind: kind.spare)
    while len(kinds) + 1 > MOST and spare:
        kinds.remove(spare.pop())
    for kind in kinds:
        kind.make(made)
    _finish(deck, content)
    drop_thumbnail(deck.part.package._rels)  # noqa: SLF001 - python-pptx shows them to itself only
    out = io.BytesIO()
    deck.save(out)
    return fixed_zip(out.getvalue())


def _dress(deck: Any, content: ReportContent) -> None:
    """Master and the two layouts that are used, for 16:9, in the colours and fonts of the report."""
    master = deck.slide_master
    layouts = deck.slide_layouts
    kept = {layouts[TITLE_LAYOUT].name, layouts[PLAIN_LAYOUT].name}
    for layout in [each for each in layouts if each.name not in kept]:
        layouts.remove(layout)
    _theme(master, content)
    for holder in (master, *deck.slide_layouts):
        for shape in holder.placeholders:
            _arrange(shape)
    look = master.element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    look.set("algn", "l")


def _arrange(shape: Any) -> None:
    """A placeholder of the 4:3 master to its place on a wide slide."""
    boxes = {
        PP_PLACEHOLDER.TITLE: TITLE_BOX,
        PP_PLACEHOLDER.CENTER_TITLE: Box(MARGIN, 2.2, INNER, 1.7),
        PP_PLACEHOLDER.SUBTITLE: Box(MARGIN, 4.0, INNER, 1.2),
        PP_PLACEHOLDER.BODY: Box(MARGIN, 1.62, INNER, BOTTOM - 1.62),
        PP_PLACEHOLDER.DATE: Box(MARGIN, FOOT_TOP, 2.0, FOOT_HEIGHT),
        PP_PLACEHOLDER.FOOTER: Box(MARGIN, FOOT_TOP, 10.0, FOOT_HEIGHT),
        PP_PLACEHOLDER.SLIDE_NUMBER: Box(WIDTH - MARGIN - 1.5, FOOT_TOP, 1.5, FOOT_HEIGHT),
    }
    box = boxes.get(shape.placeholder_format.type)
    if box is not None:
        shape.left, shape.top, shape.width, shape.height = box.emu
    if shape.placeholder_format.type == PP_PLACEHOLDER.FOOTER:
        for look in shape._element.iter(qn("a:lvl1pPr")):  # noqa: SLF001 - python-pptx has no list styles
            look.set("algn", "l")


def _theme(master: Any, content: ReportContent) -> None:
    """Colours and fonts of the theme, so that another template changes all of them at once."""
    palette, script = content.brand.palette, SCRIPTS[content.language]
    part = next(rel.target_part for rel in master.part.rels.values() if rel.reltype.endswith("/theme"))
    theme = etree.fromstring(part.blob)
    names = {"a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
    colours = {
        "dk1": palette.ink,
        "lt1": "#ffffff",
        "dk2": palette.accent_dark,
        "lt2": palette.faint,
        "accent1": palette.accent,
        "accent2": palette.warm,
        "accent3": palette.accent_dark,
        "accent4": palette.muted,
        "accent5": palette.tints[3],
        "accent6": palette.link,
        "hlink": palette.accent,
        "folHlink": palette.muted,
    }
    for name, colour in colours.items():
        found = theme.find(f".//a:clrScheme/a:{name}", names)
        for old in list(found):
            found.remove(old)
        etree.SubElement(found, qn("a:srgbClr")).set("val", colour.removeprefix("#").upper())
    for kind in ("majorFont", "minorFont"):
        fonts = theme.find(f".//a:fontScheme/a:{kind}", names)
        fonts.find("a:latin", names).set("typeface", script.latin)
        fonts.find("a:ea", names).set("typeface", script.east_asian)
    part._blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)  # noqa: SLF001 - a part has no setter


def _first(deck: Any, content: ReportContent, pictures: Mapping[str, bytes]) -> None:
    """The title: client, what it is about, day, notices, logos."""
    cover, palette, labels = content.cover, content.brand.palette, content.labels
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    band = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, Inches(WIDTH), Inches(2.0))
    band.fill.solid()
    band.fill.fore_color.rgb = rgb(palette.band)
    band.line.fill.background()
    band.name = "Band"
    _decorative(band)
    slide.shapes._spTree.remove(band._element)  # noqa: SLF001 - the band goes behind the text
    slide.shapes._spTree.insert(2, band._element)  # noqa: SLF001
    language = content.language
    write(slide, Box(MARGIN, 0.5, INNER, 0.4), [Line(labels["prepared_for"], colour=palette.on_band)], language, sizes=(14.0,))
    client = [Line(line(cover.client), bold=True, colour=palette.on_band)]
    write(slide, Box(MARGIN, 0.9, INNER, 0.9), client, language, sizes=(32.0, 28.0, 24.0, 20.0, 16.0))
    _set_title(slide, cover.title, language, palette, Box(MARGIN, 2.3, INNER, 1.5), (40.0, 36.0, 32.0, 28.0))
    below = slide.placeholders[1]
    below.left, below.top, below.width, below.height = Box(MARGIN, 3.85, INNER, 0.95).emu
    _set_lines(below.text_frame, [cover.programme, cover.date.text], language, (INNER, 0.95), (20.0, 18.0, 16.0), palette)
    notices = [Line(f"{cover.sample}. {cover.sample_note}", colour=palette.warm_dark)] if cover.sample else []
    notices.append(Line(cover.confidentiality, colour=palette.muted))
    if content.brand.name:
        notices.append(Line(f"{labels['prepared_by']} {content.brand.name}", colour=palette.muted))
    write(slide, Box(MARGIN, 5.9, 8.2, 1.05), notices, language, sizes=(13.0, 12.0, 11.0, 10.0, 9.0))
    _logos(slide, content, pictures)
    facts = [f"{fact.name}: {fact.text}" for fact in cover.facts]
    slide.notes_slide.notes_text_frame.text = clean("\n".join(facts))


def _logos(slide: Any, content: ReportContent, pictures: Mapping[str, bytes]) -> None:
    """The logos at the lower right."""
    right = WIDTH - MARGIN
    for mark in (content.brand.facilitator, content.brand.client):
        if mark is not None:
            wide, tall = (size / MM_PER_INCH for size in fit_logo(mark, 60, 26))
            ground = content.brand.palette.band if mark.is_light else ""
            _logo(slide, Box(right - wide, 6.85 - tall, wide, tall), mark, pictures[mark.sha256], ground)
            right -= wide + 0.4


def _logo(slide: Any, box: Box, mark: LogoMark, png: bytes, ground: str) -> None:
    if ground:
        plate = slide.shapes.add_shape(
            MSO_SHAPE.RECTANGLE, *Box(box.left - 0.08, box.top - 0.08, box.width + 0.16, box.height + 0.16).emu
        )
        plate.fill.solid()
        plate.fill.fore_color.rgb = rgb(ground)
        plate.line.fill.background()
        _decorative(plate)
    picture(slide, box, Picture(png, mark.width, mark.height, mark.text, ""))


def _decorative(shape: Any) -> None:
    """A shape that screen readers pass over: its alternative text is empty."""
    shape._element.nvSpPr.cNvPr.set("descr", "")  # noqa: SLF001 - python-pptx has no other way to it


def _set_title(
    slide: Any,
    title: str,
    language: str,
    palette: Palette,
    box: Box = TITLE_BOX,
    sizes: tuple[float, ...] = TITLE_SIZES,
) -> None:
    """The message of the slide in its title placeholder, at the largest size that fits."""
    size, texts = fit([line(title)], box.room, sizes, language, bold=True)
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = box.emu
    frame = shape.text_frame
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP if box is TITLE_BOX else MSO_ANCHOR.MIDDLE
    frame.margin_left = frame.margin_right = Inches(0.06)
    put(frame.paragraphs[0], " ".join(texts), size, bold=True, colour=palette.accent_dark)


def _set_lines(
    frame: Any, texts: list[str], language: str, room: tuple[float, float], sizes: tuple[float, ...], palette: Palette
) -> None:
    size, shown = fit([line(text) for text in texts], (room[0] * 72, room[1] * 72), sizes, language)
    frame.word_wrap = True
    for place, text in enumerate(shown):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        look = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - the master of the title slide centres
        look.set("algn", "l")
        paragraph.space_before = Pt(0)
        put(paragraph, text, size, colour=palette.accent)


def _foot(slide: Any, content: ReportContent) -> None:
    """Footer and slide number, taken over from the layout: new slides come without."""
    cover = content.cover
    told = [shorten(line(cover.client), 60), cover.date.text, cover.sample, shorten(line(content.brand.footer), 80)]
    for shape in slide.slide_layout.placeholders:
        kind = shape.placeholder_format.type
        if kind not in {PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER}:
            continue
        element = deepcopy(shape._element)  # noqa: SLF001 - python-pptx can't add these placeholders
        slide.shapes._spTree.append(element)  # noqa: SLF001
        if kind == PP_PLACEHOLDER.FOOTER:
            frame = slide.shapes[-1].text_frame
            put(frame.paragraphs[0], " · ".join(text for text in told if text), 10, colour=content.brand.palette.muted)


def _finish(deck: Any, content: ReportContent) -> None:
    """Language of every run, numbers of shapes, properties."""
    script = SCRIPTS[content.language]
    for slide in deck.slides:
        for look in slide._element.iter(qn("a:rPr"), qn("a:endParaRPr")):  # noqa: SLF001 - python-pptx has no language of a run
            look.set("lang", script.tag)
            if content.language != "en":
                look.set("altLang", "en-US")
        for place, described in enumerate(slide._element.iter(qn("p:cNvPr")), start=1):  # noqa: SLF001
            described.set("id", str(place))
    properties, day = deck.core_properties, datetime.fromisoformat(content.cover.date.iso)
    properties.title = property_text(f"{content.cover.client} – {content.cover.title}")
    properties.subject = property_text(content.summary.heading.finding)
    properties.author = properties.last_modified_by = property_text(content.brand.name) or AUTHOR
    properties.keywords = property_text(", ".join(content.cover.keywords))
    properties.language = script.tag
    properties.comments = ""
    properties.revision = 1
    properties.created = properties.modified = day
