"""Pages measured: what the layout engine placed where, without writing a PDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from weasyprint import HTML

from assess.core.report import ReportContent
from assess.render.fetcher import LockedFetcher
from assess.render.haste import hastened
from assess.render.html import page_for_print
from assess.resources import REPORTS

TOLERANCE = 1.0
HEADINGS = {"h1", "h2", "h3"}
HEADING_CLASSES = {"eyebrow", "figcaption", "group", "intro"}


@dataclass(frozen=True)
class Mark:
    """A line of text or a picture in px: its edges, the words, and the tag and classes of the elements around it."""

    left: float
    right: float
    top: float
    bottom: float
    text: str
    around: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def is_heading(self) -> bool:
        return any(tag in HEADINGS or HEADING_CLASSES & set(classes) for tag, classes in self.around)


@dataclass(frozen=True)
class Sheet:
    """One page: its content area, what stands in it, and whether a chapter begins on it."""

    number: int
    left: float
    right: float
    top: float
    bottom: float
    marks: tuple[Mark, ...]
    begins: tuple[str, ...]
    too_wide: tuple[str, ...]

    @property
    def fill(self) -> float:
        """Down to which share of the content area something stands."""
        lowest = max((mark.bottom for mark in self.marks), default=self.top)
        return (lowest - self.top) / (self.bottom - self.top)

    @property
    def outside(self) -> list[str]:
        """What stands over the edges of the content area; the cover's band goes to the edge of the paper, its text doesn't."""
        return [
            mark.text or "picture"
            for mark in self.marks
            if mark.left < self.left - TOLERANCE
            or mark.right > self.right + TOLERANCE
            or mark.top < self.top - TOLERANCE
            or mark.bottom > self.bottom + TOLERANCE
        ]

    @property
    def last(self) -> Mark | None:
        return max(self.marks, key=lambda mark: mark.bottom, default=None)


def sheets_of(content: ReportContent, folders: Any = (REPORTS,), pictures: Any = None) -> list[Sheet]:
    """The pages of a report."""
    page = page_for_print(content, folders, pictures)
    with hastened():
        document = HTML(string=page.html, base_url="asset:/", url_fetcher=LockedFetcher(page.assets)).render()
    return [_sheet(number, each._page_box) for number, each in enumerate(document.pages, start=1)]


def _sheet(number: int, box: Any) -> Sheet:
    left, top = box.content_box_x(), box.content_box_y()
    body = next(child for child in box.children if child.element_tag == "html")
    found = list(_walk(body, ()))
    return Sheet(
        number,
        left,
        left + box.width,
        top,
        top + box.height,
        tuple(mark for mark in found if isinstance(mark, Mark)),
        tuple(mark.text for mark in found if isinstance(mark, Mark) and any(tag == "h1" for tag, _ in mark.around)),
        tuple(words for words in found if isinstance(words, str)),
    )


def _walk(box: Any, around: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[Mark | str]:
    """Lines and pictures as marks, words that stand over the edge of their table cell as text."""
    kind = type(box).__name__
    if box.element is not None and (not around or box.element is not getattr(box, "_parent", None)):
        here = (box.element_tag or "", tuple((box.element.get("class") or "").split()))
        around = around if around and around[-1] == here else (*around, here)
    if any("spoken" in classes for _, classes in around):
        return
    if kind == "LineBox":
        parts = list(_texts(box))
        for part in parts:
            if part.text.strip():
                yield _mark(part, part.text, around)
        yield from (mark for child in box.children for mark in _pictures(child, around))
        return
    if kind.endswith("ReplacedBox"):
        yield _mark(box, "", around)
        return
    if kind == "TableCellBox":
        right = box.position_x + box.margin_width() + TOLERANCE
        yield from (t.text for t in _texts(box) if t.position_x + t.width > right and t.text.strip())
    for child in getattr(box, "children", ()):
        yield from _walk(child, around)


def _pictures(box: Any, around: Any) -> Iterator[Mark]:
    if type(box).__name__.endswith("ReplacedBox"):
        yield _mark(box, "", around)
    for child in getattr(box, "children", ()):
        yield from _pictures(child, around)


def _texts(box: Any) -> Iterator[Any]:
    if type(box).__name__ == "TextBox":
        yield box
    for child in getattr(box, "children", ()):
        yield from _texts(child)


def _mark(box: Any, text: str, around: Any) -> Mark:
    return Mark(box.position_x, box.position_x + box.width, box.position_y, box.position_y + box.height, text, around)
