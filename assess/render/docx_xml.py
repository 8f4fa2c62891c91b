"""The pieces of a Word text as WordprocessingML: runs, paragraphs, links, tables, pictures. Pure functions, text to text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from xml.sax.saxutils import escape, quoteattr

from assess.render.office import clean, line
from assess.render.pictures import Picture

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
EMU_PER_PX = 9525
LONG_CELL = 900
"""From this many characters on a row may break across pages."""


@dataclass(frozen=True)
class Cell:
    """A cell: its paragraphs as XML, the fill as RRGGBB ("" none), how many columns and rows it spans."""

    body: str
    fill: str = ""
    columns: int = 1
    rows: int = 1
    goes_on: bool = False


def attribute(text: str) -> str:
    return quoteattr(line(text))


def run(text: str, style: str = "") -> str:
    """A run in a character style; line feeds become breaks."""
    look = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    parts = clean(text).split("\n")
    inner = "<w:br/>".join(_tabbed(part) for part in parts)
    return f"<w:r>{look}{inner}</w:r>" if text else ""


def _tabbed(text: str) -> str:
    return "<w:tab/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' if part else "" for part in text.split("\t"))


def para(body: str, style: str = "", *, anchor: str = "", new_page: bool = False, numbering: int = 0) -> str:
    """A paragraph of runs in a paragraph style; anchor makes it a place that links lead to, numbering an entry of that list."""
    rules = f'<w:pStyle w:val="{style}"/>' if style else ""
    rules += "<w:pageBreakBefore/>" if new_page else ""
    rules += f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{numbering}"/></w:numPr>' if numbering else ""
    look = f"<w:pPr>{rules}</w:pPr>" if rules else ""
    return f"<w:p>{look}{marked(anchor, body) if anchor else body}</w:p>"


def says(text: str, style: str = "", *, anchor: str = "", new_page: bool = False) -> str:
    return para(run(text), style, anchor=anchor, new_page=new_page)


def bookmark(anchor: str) -> str:
    """The name of an anchor as Word takes it: letters, digits and low lines, at most 40."""
    name = re.sub(r"[^A-Za-z0-9]", "_", anchor)
    if len(name) > 30 or name != anchor.replace("-", "_").replace(".", "_"):
        name = f"{name[:20]}_{sha256(anchor.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"
    return f"kam_{name}"


def marked(anchor: str, body: str) -> str:
    """Numbered when the document is put together: `0` here."""
    return f'<w:bookmarkStart w:id="0" w:name="{bookmark(anchor)}"/>{body}<w:bookmarkEnd w:id="0"/>'


def link(anchor: str, body: str) -> str:
    return f'<w:hyperlink w:anchor="{bookmark(anchor)}" w:history="1">{body}</w:hyperlink>' if anchor else body


def field(code: str, shown: str) -> str:
    """A simple field with what it shows until it is brought up to date."""
    return f"<w:fldSimple w:instr={quoteattr(f' {code} ')}>{run(shown)}</w:fldSimple>"


def table(
    widths: Sequence[float],
    head: Sequence[Sequence[Cell]],
    rows: Iterable[Sequence[Cell]],
    *,
    total: int,
    caption: str,
    style: str = "KAMTable",
) -> str:
    """A table of `total` twips; widths are shares. The head is repeated on every page; caption is for screen readers."""
    share = total / sum(widths)
    sizes = [round(width * share) for width in widths]
    grid = "".join(f'<w:gridCol w:w="{size}"/>' for size in sizes)
    body = "".join(_row(row, sizes, is_head=True) for row in head) + "".join(_row(row, sizes) for row in rows)
    first = 1 if head else 0
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(sizes)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/>'
        f'<w:tblLook w:val="0{"4A0" if first else "480"}" w:firstRow="{first}" w:lastRow="0" w:firstColumn="1" '
        f'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={attribute(caption)}/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"
    )


def _row(cells: Sequence[Cell], sizes: Sequence[int], *, is_head: bool = False) -> str:
    whole = sum(len(cell.body) for cell in cells) < LONG_CELL * 4 or is_head
    rules = ("<w:cantSplit/>" if whole else "") + ("<w:tblHeader/>" if is_head else "")
    place, body = 0, []
    for cell in cells:
        body.append(_cell(cell, sum(sizes[place : place + cell.columns])))
        place += cell.columns
    return f"<w:tr>{f'<w:trPr>{rules}</w:trPr>' if rules else ''}{''.join(body)}</w:tr>"


def _cell(cell: Cell, size: int) -> str:
    span = f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else ""
    down = "<w:vMerge/>" if cell.goes_on else '<w:vMerge w:val="restart"/>' if cell.rows > 1 else ""
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{cell.fill}"/>' if cell.fill else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{size}" w:type="dxa"/>{span}{down}{fill}</w:tcPr>{cell.body}</w:tc>'


def drawing(relation: str, picture: Picture, width: float) -> str:
    """The picture `width` px wide in a run; numbered when the document is put together."""
    wide, tall = round(width * EMU_PER_PX), round(width * picture.height / picture.width * EMU_PER_PX)
    title, text = attribute(picture.title), attribute(picture.alternative)
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{tall}"/>'
        f'<wp:docPr id="0" name="Picture" descr={text} title={title}/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="0" name="Picture" descr={text}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{tall}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r>"
    )
