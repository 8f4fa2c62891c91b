"""What the sections of the Word report are made of: headings, cells, terms, levels, pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assess.core.report.values import Figure, Heading, LevelMark, ReportContent, Term
from assess.render.docx_styles import bare
from assess.render.docx_xml import Cell, drawing, link, para, run, says, table
from assess.render.pictures import Picture, Pictures

TWIPS_PER_PX = 15
NOTHING = "–"


@dataclass(frozen=True)
class Desk:
    """What a section is written with: the content, the charts, the width of the text in twips.

    place puts a picture into the file and gives its relation, new_list starts a numbered list and gives its number.
    """

    content: ReportContent
    pictures: Pictures
    width: int
    place: Callable[[bytes], str]
    new_list: Callable[[], int]

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.content.labels)


def opening(heading: Heading, anchor: str = "") -> str:
    """Number and title as heading 1, then the finding."""
    return says(numbered(heading), "Heading1", anchor=anchor or heading.id) + says(heading.finding, "KAMFinding")


def numbered(heading: Heading) -> str:
    return f"{heading.number} {heading.title}".strip()


def part(title: str) -> str:
    return says(title, "Heading2")


def paragraphs(texts: Iterable[str], style: str = "") -> str:
    return "".join(says(text, style) for text in texts if text)


def bullets(texts: Iterable[str]) -> str:
    return paragraphs(texts, "ListBullet")


def cell(text: str, style: str = "KAMCell", *, strong: bool = False, fill: str = "", anchor: str = "") -> Cell:
    return Cell(para(link(anchor, run(text, "KAMStrong" if strong else "")), style), fill)


def number(text: str, *, strong: bool = False) -> Cell:
    return cell(text, "KAMCellNumber", strong=strong)


def figure(value: Figure, *, strong: bool = False) -> Cell:
    return number(value.text, strong=strong)


def head(text: str, columns: int = 1) -> Cell:
    return Cell(says(text, "KAMCellHead"), columns=columns)


def number_head(text: str, columns: int = 1) -> Cell:
    return Cell(says(text, "KAMCellNumberHead"), columns=columns)


def heads(texts: Sequence[str], numbers: Iterable[int] = ()) -> list[Cell]:
    """A head row; numbers are the places of columns that hold numbers."""
    right = set(numbers)
    return [number_head(text) if place in right else head(text) for place, text in enumerate(texts)]


def cells(*texts: str) -> list[Cell]:
    return [cell(text) for text in texts]


def grid(
    desk: Desk,
    caption: str,
    titles: Sequence[str],
    widths: Sequence[float],
    rows: Iterable[Sequence[Cell]],
    numbers: Iterable[int] = (),
) -> str:
    """A data table with one head row."""
    return table(widths, [heads(titles, numbers)], rows, total=desk.width, caption=caption)


def terms(desk: Desk, caption: str, entries: Sequence[Term], share: float = 0.27) -> str:
    """Names and what is said under them, side by side."""
    rows = [[cell(term.name, strong=True), cell(term.text)] for term in entries]
    return table([share, 1 - share], [], rows, total=desk.width, caption=caption) if rows else ""


def level_run(mark: LevelMark) -> str:
    """The level as its shaded number and its name; the reason where there is none."""
    if mark.level is None:
        return run(mark.name, "KAMMuted")
    return run(f" {mark.level} ", f"KAMLevel{mark.level}") + run(f" {mark.name}")


def level_cell(mark: LevelMark) -> Cell:
    return Cell(para(level_run(mark), "KAMCell"))


def joined(runs: Sequence[str], between: str = " · ") -> str:
    return run(between).join(found for found in runs if found)


def labelled(label: str, text: str, style: str) -> str:
    return para(run(label, "KAMLabel") + run(f" {text}"), style) if text else ""


def shown(desk: Desk, picture: Picture, share: float = 1.0, style: str = "KAMFigure") -> str:
    """A picture over that share of the width of the text."""
    return para(drawing(desk.place(picture.png), picture, desk.width * share / TWIPS_PER_PX), style)


def titled(desk: Desk, picture: Picture, share: float = 1.0) -> str:
    return says(picture.title, "Caption") + shown(desk, picture, share)


def tint(desk: Desk, shade: int) -> str:
    return bare(desk.content.brand.palette.tints[shade])
