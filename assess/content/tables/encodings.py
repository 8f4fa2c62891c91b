"""Which encoding a text file is in: by its mark, by being valid UTF-8, else by which of the usual ones reads naturally."""

from __future__ import annotations

import codecs
from pathlib import Path

_CHUNK = 1 << 20
_SAMPLE = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WESTERN = frozenset("äöüÄÖÜßéèêëàâáãåçñíìîïóòôõúùûøæœØÆÅÉÈÀÁÇÑÓÚ€£’‘“”–—…°´§²³®©ªº\xa0«»¿¡")


GUESSED = frozenset({"cp1252", "cp950", "gb18030"})
"""What is only likely: a byte that does not fit becomes a replacement character there instead of failing the file."""


def encoding_of(path: Path) -> str:
    """utf-8-sig, utf-16, utf-16-le, utf-16-be, utf-8, or one of GUESSED."""
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if (zeros := _zero_halves(head)) is not None:
        return zeros
    return "utf-8" if _is_utf8(path) else _most_natural(_strange_lines(path))


def _zero_halves(head: bytes) -> str | None:
    """UTF-16 without a mark: text holds no zero bytes, but the commas and digits of UTF-16 do, all in the same half."""
    odd, even = head[1::2].count(0), head[::2].count(0)
    if odd + even < max(1, len(head) * 0.02):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _strange_lines(path: Path) -> bytes:
    """The lines that are not plain ASCII, as far as a sample holds them."""
    found, size = [], 0
    with path.open("rb") as stream:
        for line in stream:
            if not line.isascii():
                found.append(line)
                size += len(line)
                if size > _SAMPLE:
                    break
    return b"".join(found)


def _most_natural(sample: bytes) -> str:
    scores = {"cp1252": _western(sample), "gb18030": _han(sample, "gb18030"), "cp950": _han(sample, "cp950")}
    return max(scores, key=lambda name: scores[name])


def _western(sample: bytes) -> float:
    """Share of the non-ASCII characters that Western European text is made of."""
    strange = [char for char in sample.decode("cp1252", errors="replace") if ord(char) > 0x7F]
    return sum(char in _WESTERN for char in strange) / max(len(strange), 1)


def _han(sample: bytes, encoding: str) -> float:
    """Share of the non-ASCII characters that are frequent ones of a Chinese encoding; what is none of its counts against it."""
    strange = [char for char in sample.decode(encoding, errors="replace") if ord(char) > 0x7F]
    known = [char for char in strange if char != "\ufffd"]
    return sum(_is_frequent(char.encode(encoding, errors="replace"), encoding) for char in known) / max(len(strange), 1)


def _is_frequent(code: bytes, encoding: str) -> bool:
    """The characters of first rank, ordered by use in both standards, and the punctuation before them."""
    if len(code) != 2:
        return False
    lead, trail = code
    if encoding == "gb18030":
        return trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3)
    return 0xA4 <= lead <= 0xC6 or (lead in (0xA1, 0xA2) and trail >= 0x40)
