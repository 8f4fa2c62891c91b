"""What all office files have in common: clean text, the fonts of a language, bytes that never change."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import Any

UNSEEN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that XML does not allow, so that nobody takes the text for whole."""

AUTHOR = "kam-assess"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Direction marks: they could make a sentence read in another order than it is written."""
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Script:
    """How a language is marked and set in office programs. The fonts are those their users have; `also` stands in."""

    tag: str
    east_asian_tag: str
    latin: str
    east_asian: str
    also: str


SCRIPTS = {
    "en": Script("en-GB", "zh-TW", "Arial", "Microsoft JhengHei", "Noto Sans TC"),
    "zh-Hant": Script("zh-TW", "zh-TW", "Arial", "Microsoft JhengHei", "Noto Sans TC"),
    "zh-Hans": Script("zh-CN", "zh-CN", "Arial", "Microsoft YaHei", "Noto Sans SC"),
}


def clean(text: str) -> str:
    """The text as XML allows it: line feeds only, no direction marks, UNSEEN for what must not stand in a file."""
    one_end = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text))
    return _ILLEGAL.sub(UNSEEN, _TURNING.sub("", one_end))


def line(text: str) -> str:
    """The same in one line, for titles, names and properties."""
    return re.sub(r"\s+", " ", clean(text)).strip()


def colon(language: str) -> str:
    """What stands between a label and what is said under it."""
    return "：" if language.startswith("zh") else ": "


def property_text(text: str) -> str:
    """A document property: at most 255 characters fit."""
    flat = line(text)
    return flat if len(flat) <= 255 else flat[:254] + "…"


def drop_thumbnail(relations: Any) -> None:
    """Out of the relations of a package with the picture of the empty template: a file browser would show it."""
    for id_ in [id_ for id_, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        relations.pop(id_)


def fixed_zip(package: bytes) -> bytes:
    """The same package with one date for every part, so that the same content gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, given.read(name))
    return out.getvalue()
