"""Whether a text fits its box on a slide: measured with our own fonts, which run a little wider than those of the reader."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache

from assess.render import fonts
from assess.resources import FONTS

LINE_HEIGHT = {"en": 1.22, "zh-Hant": 1.38, "zh-Hans": 1.38}
"""Height of a line of the reader's fonts, in sizes; Microsoft JhengHei stands taller than Arial."""
PARAGRAPH_GAP = 0.45
ELLIPSIS = "…"
_PIECES = re.compile(r"[\u2e80-\U0010ffff]|[^\s\u2e80-\U0010ffff]+|\s")


@cache
def _advances(bold: bool) -> dict[int, float]:
    """Code point -> width in sizes."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    file = next(face.file for face in fonts.FACES if face.family == fonts.LATIN and face.weight == (700 if bold else 400))
    with TTFont(FONTS / file, lazy=True) as font:
        em, widths = font["head"].unitsPerEm, font["hmtx"]
        return {code: widths[name][0] / em for code, name in font.getBestCmap().items()}


def wide(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text runs, in points."""
    advances = _advances(bold)
    return size * sum(1.0 if char > "\u2e7f" else advances.get(ord(char), 1.0) for char in text)


def lines(text: str, size: float, width: float, *, bold: bool = False) -> int:
    """How many lines a text takes in a box of that width; a word longer than a line is broken."""
    return sum(_lines(part, size, width, bold) for part in text.split("\n"))


def _lines(text: str, size: float, width: float, bold: bool) -> int:
    count, used = 1, 0.0
    for piece in _PIECES.findall(text):
        needed = wide(piece, size, bold=bold)
        if used and used + needed > width and not piece.isspace():
            count, used = count + 1, 0.0
        if needed > width:
            count += math.ceil(needed / width) - 1
            needed %= width
        used += needed
    return count


def height(texts: Sequence[str], size: float, width: float, language: str, *, bold: bool = False) -> float:
    """Points that paragraphs take, with the gaps between them."""
    rows = sum(lines(text, size, width, bold=bold) for text in texts)
    return rows * size * LINE_HEIGHT[language] + max(0, len(texts) - 1) * size * PARAGRAPH_GAP


def fit(
    texts: Sequence[str], box: tuple[float, float], sizes: Sequence[float], language: str, *, bold: bool = False
) -> tuple[float, list[str]]:
    """The largest of the sizes at which the texts fit the box (width, height in points), and the texts.

    What does not fit at the smallest size ends in an ellipsis; the notes of the slide have all of it.
    """
    width, tall = box
    for size in sizes:
        if height(texts, size, width, language, bold=bold) <= tall:
            return size, list(texts)
    return sizes[-1], shortened(texts, box, sizes[-1], language, bold=bold)


def shortened(texts: Sequence[str], box: tuple[float, float], size: float, language: str, *, bold: bool = False) -> list[str]:
    """The texts with the longest ones cut until they fit; in the last resort fewer of them."""
    left = list(texts)
    while left and height(left, size, box[0], language, bold=bold) > box[1]:
        place = max(range(len(left)), key=lambda n: len(left[n]))
        shorter = cut(left[place], max(8, int(len(left[place]) * 0.85)))
        if shorter == left[place] or lines(left[place], size, box[0], bold=bold) <= 1:
            left = left[:-1]
        else:
            left[place] = shorter
    return left


def cut(text: str, length: int) -> str:
    """At most that many characters, between words where there are any."""
    if len(text) <= length:
        return text
    kept = text[: max(1, length - 1)]
    if " " in kept[-16:]:
        kept = kept[: kept.rindex(" ")]
    return kept.rstrip(" ,.;:，。；：、…") + ELLIPSIS


def cut_to_lines(text: str, count: int, size: float, width: float, *, bold: bool = False) -> str:
    """The text in at most that many lines."""
    while lines(text, size, width, bold=bold) > count and len(text) > 4:
        text = cut(text, max(4, int(len(text) * 0.9)))
    return text
