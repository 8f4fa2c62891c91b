"""The styles of the Word report: named, built on Word's own, so that a corporate template restyles all of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import qn

from assess.core.colours import Palette
from assess.render.docx_xml import NAMESPACES
from assess.render.office import SCRIPTS

REPLACED = ("Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "caption", "header", "footer", "TOC Heading")
KEPT_TABLES = ("TableNormal", "TableGrid")


@dataclass(frozen=True)
class Para:
    """A paragraph style. Sizes in half points, distances in twips; before and after stand in for empty paragraphs."""

    id: str
    name: str
    based_on: str = "Normal"
    size: int = 0
    colour: str = ""
    bold: bool = False
    before: int = 0
    after: int = 0
    rules: str = ""
    following: str = "Normal"
    outline: int | None = None


def paragraph_styles(palette: Palette) -> Iterator[Para]:
    """Every paragraph style a report uses beside Normal and the lists."""
    dark, accent, muted, body = palette.accent_dark, palette.accent, palette.muted, palette.body
    keep, page = "<w:keepNext/>", "<w:pageBreakBefore/>"
    yield Para("Title", "Title", size=60, colour=dark, bold=True, before=1400, after=240)
    yield Para("Subtitle", "Subtitle", size=28, colour=accent, after=120)
    yield Para("Heading1", "heading 1", size=28, colour=accent, bold=True, after=60, rules=keep + page, outline=0)
    yield Para("Heading2", "heading 2", size=25, colour=dark, bold=True, before=320, after=100, rules=keep, outline=1)
    yield Para("Heading3", "heading 3", size=21, colour=palette.ink, bold=True, before=240, after=60, rules=keep, outline=2)
    yield Para("Caption", "caption", size=20, colour=palette.ink, bold=True, before=200, after=60, rules=keep)
    yield Para("Header", "header", size=17, colour=muted)
    yield Para("Footer", "footer", size=17, colour=muted)
    yield Para("TOCHeading", "TOC Heading", size=28, colour=accent, bold=True, after=200, rules=keep + page)
    tabs = '<w:tabs><w:tab w:val="left" w:pos="{left}"/><w:tab w:val="right" w:leader="dot" w:pos="9600"/></w:tabs>'
    yield Para("TOC1", "toc 1", bold=True, before=100, rules=tabs.format(left=560))
    yield Para("TOC2", "toc 2", rules=tabs.format(left=1240) + '<w:ind w:left="560"/>')
    yield Para("KAMTitle", "KAM Title", "Title")
    yield Para("KAMClient", "KAM Client", "Subtitle", size=36, colour=palette.ink, bold=True)
    yield Para("KAMCoverNote", "KAM Cover Note", "Subtitle", size=20, colour=muted)
    yield Para("KAMFinding", "KAM Finding", size=34, colour=dark, bold=True, after=200, rules=keep)
    yield Para("KAMLead", "KAM Lead", size=21, colour=body, after=160)
    yield Para("KAMNote", "KAM Note", size=18, colour=muted, before=80, after=100)
    yield Para("KAMFigure", "KAM Figure", before=40, after=120)
    tab = '<w:tabs><w:tab w:val="right" w:pos="9600"/></w:tabs>'
    yield Para("KAMLogos", "KAM Logos", after=240, rules=tab)
    ground = f'<w:shd w:val="clear" w:color="auto" w:fill="{bare(palette.band)}"/>'
    yield Para("KAMLogosDark", "KAM Logos Dark", "KAMLogos", after=240, rules=ground)
    yield Para("KAMMeta", "KAM Meta", size=18, colour=muted, after=80, rules=keep)
    yield Para("KAMProof", "KAM Proof", size=18, colour=body, before=80, after=40)
    panel = f'<w:shd w:val="clear" w:color="auto" w:fill="{bare(palette.faint)}"/>'
    yield Para("KAMCap", "KAM Cap", size=20, colour=body, before=120, after=160, rules=panel)
    warm = (
        f'<w:keepLines/><w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="{bare(palette.warm)}"/></w:pBdr>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{bare(palette.warm_soft)}"/><w:ind w:left="200"/>'
    )
    yield Para("KAMConstraint", "KAM Constraint", size=19, rules=keep + warm)
    yield Para("KAMSample", "KAM Sample", size=20, colour=palette.warm_dark, before=240, after=240, rules=warm)
    yield Para("KAMCell", "KAM Cell", size=18, after=20)
    yield Para("KAMCellHead", "KAM Cell Head", "KAMCell", colour=dark, bold=True, rules=keep)
    yield Para("KAMCellNumber", "KAM Cell Number", "KAMCell", rules='<w:ind w:right="80"/><w:jc w:val="right"/>')
    yield Para("KAMCellNumberHead", "KAM Cell Number Head", "KAMCellHead", rules='<w:ind w:right="80"/><w:jc w:val="right"/>')
    yield Para("KAMCellCentre", "KAM Cell Centre", "KAMCell", rules='<w:jc w:val="center"/>')
    yield Para("KAMCellList", "KAM Cell List", "KAMCell", rules='<w:ind w:left="300" w:hanging="300"/>')
    yield Para("KAMCellValue", "KAM Cell Value", "KAMCell", size=32, colour=accent, bold=True)
    yield Para("KAMSource", "KAM Source", size=18, after=60, rules='<w:ind w:left="280" w:hanging="280"/>')


def character_styles(palette: Palette) -> Iterator[tuple[str, str, str]]:
    """(id, name, run properties) of every character style."""
    yield "KAMStrong", "KAM Strong", "<w:b/><w:bCs/>"
    yield "KAMMuted", "KAM Muted", f'<w:color w:val="{bare(palette.muted)}"/>'
    yield "KAMLabel", "KAM Label", f'<w:b/><w:bCs/><w:color w:val="{bare(palette.accent)}"/>'
    yield "KAMWarm", "KAM Warm", f'<w:b/><w:bCs/><w:color w:val="{bare(palette.warm_dark)}"/>'
    yield "KAMCode", "KAM Code", '<w:sz w:val="15"/><w:szCs w:val="15"/>'
    yield "KAMEnglish", "KAM English", '<w:lang w:val="en-GB"/>'
    for level in range(1, 6):
        fill, colour = bare(palette.tints[level]), bare(palette.on_tints[level])
        chip = f'<w:b/><w:bCs/><w:color w:val="{colour}"/><w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'
        yield f"KAMLevel{level}", f"KAM Level {level}", chip


def bare(colour: str) -> str:
    """#rrggbb as office files write it."""
    return colour.removeprefix("#").upper()


def dress(document: Any, palette: Palette, language: str) -> None:
    """Give a new document our styles, its language and its fonts."""
    sheet = document.styles.element
    replaced = {name.lower() for name in REPLACED}
    for style in list(sheet.findall(qn("w:style"))):
        name = style.find(qn("w:name")).get(qn("w:val")).lower()
        is_spare = style.get(qn("w:type")) == "table" and style.get(qn("w:styleId")) not in KEPT_TABLES
        if name in replaced or is_spare or name.endswith(" char"):
            sheet.remove(style)
        else:
            _plain(style)
    _defaults(sheet, language)
    for para in paragraph_styles(palette):
        sheet.append(_made(_paragraph_xml(para)))
    for id_, name, look in character_styles(palette):
        sheet.append(
            _made(
                f'<w:style w:type="character" w:customStyle="1" w:styleId="{id_}"><w:name w:val="{name}"/>'
                f'<w:basedOn w:val="DefaultParagraphFont"/><w:uiPriority w:val="1"/><w:qFormat/><w:rPr>{look}</w:rPr></w:style>'
            )
        )
    sheet.append(_made(_table_xml(palette)))


def _plain(style: Any) -> None:
    """Fonts, colours and links to styles that were removed go; the fonts of the document hold everywhere."""
    for tag in ("w:rFonts", "w:color", "w:link"):
        for found in style.findall(f".//{qn(tag)}"):
            found.getparent().remove(found)


def _made(fragment: str) -> Any:
    return parse_xml(fragment.replace(">", f" {NAMESPACES}>", 1))


def _defaults(sheet: Any, language: str) -> None:
    script = SCRIPTS[language]
    fonts = f'w:ascii="{script.latin}" w:hAnsi="{script.latin}" w:cs="{script.latin}" w:eastAsia="{script.east_asian}"'
    new = _made(
        f"<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts {fonts}/>"
        '<w:sz w:val="20"/><w:szCs w:val="20"/>'
        f'<w:lang w:val="{script.tag if language == "en" else "en-US"}" w:eastAsia="{script.east_asian_tag}" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>"
        '<w:spacing w:before="0" w:after="80" w:line="271" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
    )
    sheet.replace(sheet.find(qn("w:docDefaults")), new)


def _paragraph_xml(para: Para) -> str:
    own = "" if para.id in {"Title", "Subtitle"} or not para.id.startswith("KAM") else ' w:customStyle="1"'
    rules = para.rules
    ahead, indent = "", ""
    for mark in ("<w:ind", "<w:jc"):  # the schema wants spacing before these
        if mark in rules:
            place = rules.index(mark)
            rules, indent = rules[:place], rules[place:]
    if para.before or para.after or not para.based_on.startswith("KAM"):
        ahead = f'<w:spacing w:before="{para.before}" w:after="{para.after}"/>'
    level = "" if para.outline is None else f'<w:outlineLvl w:val="{para.outline}"/>'
    look = "<w:b/><w:bCs/>" if para.bold else ""
    look += f'<w:color w:val="{bare(para.colour)}"/>' if para.colour else ""
    look += f'<w:sz w:val="{para.size}"/><w:szCs w:val="{para.size}"/>' if para.size else ""
    return (
        f'<w:style w:type="paragraph"{own} w:styleId="{para.id}"><w:name w:val="{para.name}"/>'
        f'<w:basedOn w:val="{para.based_on}"/><w:next w:val="{para.following}"/><w:uiPriority w:val="9"/><w:qFormat/>'
        f"<w:pPr>{rules}{ahead}{indent}{level}</w:pPr><w:rPr>{look}</w:rPr></w:style>"
    )


def _table_xml(palette: Palette) -> str:
    hair, accent = bare(palette.hairline), bare(palette.accent)
    return (
        '<w:style w:type="table" w:customStyle="1" w:styleId="KAMTable"><w:name w:val="KAM Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/><w:tblPr>'
        f'<w:tblBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="{hair}"/>'
        f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{hair}"/></w:tblBorders>'
        '<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="40" w:type="dxa"/>'
        '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        '<w:tblStylePr w:type="firstRow"><w:tblPr/><w:tcPr><w:tcBorders>'
        f'<w:bottom w:val="single" w:sz="12" w:space="0" w:color="{accent}"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr>'
        "</w:tblStylePr></w:style>"
    )
