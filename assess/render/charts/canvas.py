"""What every chart is drawn with: colours, text that is measured and wrapped, marks, the scale of levels, the legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from assess.core.colours import Palette

_PLAIN = Palette()
INK, MUTED, RULE, FAINT = _PLAIN.ink, _PLAIN.muted, _PLAIN.rule, _PLAIN.faint
ACCENT, ACCENT_DARK, ACCENT_SOFT = _PLAIN.accent, _PLAIN.accent_dark, _PLAIN.accent_soft
WARM, LINK, TINTS = _PLAIN.warm, _PLAIN.link, _PLAIN.tints
SIZE = 11.5
LINE = 14


@dataclass(frozen=True)
class Look:
    """How text is set: the font stack on every svg root, and the language; and the colours to draw with."""

    font: str
    language: str
    palette: Palette = _PLAIN


def wide(text: str, size: float = SIZE) -> float:
    """About how wide a text runs, in px: a Han character takes one em, a Latin one a little over half."""
    return sum(size if ord(char) > 0x2E7F else size * 0.53 for char in text)


def wrap(text: str, width: float, size: float = SIZE) -> list[str]:
    """The text in lines of about that width; Latin breaks between words, Han anywhere."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and wide(line + piece.rstrip(), size) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines or [""]


def _pieces(text: str) -> list[str]:
    """Unbreakable pieces: words with the space after them, single Han characters with the punctuation after them."""
    pieces: list[str] = []
    for char in text:
        joins = pieces and (
            char in "，。：；、）」』！？,.:;)!?"
            or (char == " " and not pieces[-1].endswith(" "))
            or (ord(char) < 0x2E80 and char != " " and ord(pieces[-1][-1]) < 0x2E80 and not pieces[-1].endswith(" "))
        )
        if joins:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def picture(width: float, height: float, body: Sequence[str], look: Look, title: str, description: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'font-family="{escape(look.font)}" font-size="{SIZE}" lang="{look.language}" role="img" fill="{look.palette.ink}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(body)}</svg>"
    )


def words(
    x: float, y: float, text: str, *, anchor: str = "start", fill: str = "", bold: bool = False, size: float = SIZE
) -> str:
    """A line of text; fill "" is the ink of the picture."""
    style = (f' fill="{fill}"' if fill else "") + (' font-weight="700"' if bold else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}"{style}>{escape(text)}</text>'


def stroke(x1: float, y1: float, x2: float, y2: float, colour: str = RULE, width: float = 1, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"{dashes}/>'


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str = "none") -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0, width):.1f}" height="{height:.1f}" fill="{fill}" stroke="{stroke}"/>'


def diamond(x: float, y: float, r: float, fill: str, stroke: str) -> str:
    points = f"{x:.1f},{y - r:.1f} {x + r:.1f},{y:.1f} {x:.1f},{y + r:.1f} {x - r:.1f},{y:.1f}"
    return f'<polygon points="{points}" fill="{fill}" stroke="{stroke}" stroke-width="1.4"/>'


def dot(x: float, y: float, r: float, fill: str = ACCENT, stroke: str = ACCENT) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="{fill}" stroke="{stroke}" stroke-width="1.4"/>'


def scale(left: float, width: float, top: float, bottom: float, palette: Palette = _PLAIN) -> list[str]:
    """Grid lines and figures of levels 1 to 5."""
    body = []
    for level in range(1, 6):
        x = left + (level - 1) / 4 * width
        body.append(stroke(x, top, x, bottom, palette.rule, 0.8))
        body.append(words(x, top - 5, str(level), anchor="middle", fill=palette.muted, size=10.5))
    return body


def at(value: float, left: float, width: float) -> float:
    return left + (value - 1) / 4 * width


def legend(marks: Sequence[tuple[str, float, str]], width: float, top: float) -> tuple[list[str], float]:
    """Marks with their names, in as many lines as it takes: (drawing at 0/0, its width, name). Returns body and height."""
    x, y, body = 0.0, top, []
    for drawing, size, name in marks:
        needed = size + 6 + wide(name, 10.5) + 14
        if x and x + needed - 14 > width:
            x, y = 0.0, y + 15
        body += [f'<g transform="translate({x:.1f} {y:.1f})">{drawing}</g>', words(x + size + 6, y, name, size=10.5)]
        x += needed
    return body, y - top + 12
