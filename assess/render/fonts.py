"""The reports' own fonts: families that no system font can stand in for, and the characters they have."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assess.resources import FONTS

SUBSTITUTE = "□"
"""Printed for a character that none of our fonts has, so that no font of the machine can slip in."""

LATIN, SYMBOLS, TRADITIONAL, SIMPLIFIED = "KAM Latin", "KAM Symbols", "KAM TC", "KAM SC"
STACKS = {
    "en": (LATIN, SYMBOLS, TRADITIONAL, SIMPLIFIED),
    "zh-Hant": (TRADITIONAL, SIMPLIFIED, LATIN, SYMBOLS),
    "zh-Hans": (SIMPLIFIED, TRADITIONAL, LATIN, SYMBOLS),
}
SCREEN_STACKS = {
    "en": "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif",
    "zh-Hant": "'PingFang TC', 'Microsoft JhengHei', 'Noto Sans TC', 'Noto Sans CJK TC', sans-serif",
    "zh-Hans": "'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', 'Noto Sans CJK SC', sans-serif",
}


@dataclass(frozen=True)
class Face:
    """One file of one family and weight; the family names of the files themselves are never asked for."""

    family: str
    weight: int
    file: str


FACES = (
    Face(LATIN, 400, "NotoSans-Regular.ttf"),
    Face(LATIN, 700, "NotoSans-Bold.ttf"),
    Face(SYMBOLS, 400, "NotoSansSymbols-Regular.ttf"),
    Face(SYMBOLS, 700, "NotoSansSymbols-Regular.ttf"),
    Face(TRADITIONAL, 400, "NotoSansTC-Regular.ttf"),
    Face(TRADITIONAL, 700, "NotoSansTC-Bold.ttf"),
    Face(SIMPLIFIED, 400, "NotoSansSC-Regular.ttf"),
    Face(SIMPLIFIED, 700, "NotoSansSC-Bold.ttf"),
)

# Characters drawn as pictures by default: Pango looks for an emoji font for them even where our fonts have them.
_PICTURES = re.compile(
    "[⌚⌛⏩-⏬⏰⏳◽◾☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓-❕❗➕-➗➰➿⬛⬜⭐⭕\U0001f000-\U0001faff]"
)
# What turns the direction of the text around it, or is no character of a text at all.
_HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# Joiners, variation selectors, direction marks and other signs without a form of their own.
_FORMLESS = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)


def family(language: str, needed: tuple[str, ...] | None = None) -> str:
    """The font-family value of a language on paper, of the families needed; None: all."""
    return ", ".join(f"'{name}'" for name in STACKS[language] if needed is None or name in needed)


@cache
def font_bytes(file: str, folder: Path = FONTS) -> bytes:
    return (folder / file).read_bytes()


@cache
def characters(name: str) -> frozenset[int]:
    """The code points that every file of a family has."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    covered = []
    for face in FACES:
        if face.family == name:
            with TTFont(FONTS / face.file, lazy=True) as font:
                covered.append(set(font.getBestCmap()))
    return frozenset(set.intersection(*covered))


@cache
def all_characters() -> frozenset[int]:
    return frozenset().union(*(characters(name) for name in STACKS["en"]))


def harmless(text: str) -> str:
    """The text with SUBSTITUTE for what would reorder or break the text around it, so that it is seen and does nothing."""
    return _HARMFUL.sub(SUBSTITUTE, text)


def printable(text: str) -> str:
    """The text with SUBSTITUTE for every character our fonts lack and without formless signs; line breaks stay."""
    clean = _PICTURES.sub(SUBSTITUTE, _FORMLESS.sub("", unicodedata.normalize("NFC", harmless(text))))
    missing = {ord(char) for char in set(clean)} - all_characters() - {9, 10, 13, 0x20}
    return clean.translate(dict.fromkeys(missing, SUBSTITUTE)) if missing else clean


def needed_families(language: str, text: str) -> tuple[str, ...]:
    """The families of the stack that this text takes characters from: loading the large ones costs time."""
    left = {ord(char) for char in set(text)} - {9, 10, 13}
    needed = []
    for name in STACKS[language]:
        if left & characters(name):
            needed.append(name)
            left -= characters(name)
    return tuple(needed)


def face_rules(families: tuple[str, ...]) -> str:
    """@font-face rules for the fetcher's asset addresses."""
    return "\n".join(
        f"@font-face {{ font-family: '{face.family}'; font-weight: {face.weight}; src: url('asset:font/{face.file}') }}"
        for face in FACES
        if face.family in families
    )


def face_assets(families: tuple[str, ...]) -> dict[str, bytes]:
    """Asset address -> bytes of the font files."""
    return {f"asset:font/{face.file}": font_bytes(face.file) for face in FACES if face.family in families}
