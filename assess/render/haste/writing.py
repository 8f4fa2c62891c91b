"""Writing: a PDF with an identifier is put into bytes twice, and the list of its pages is made anew for every tag."""

from __future__ import annotations

import zlib
from typing import Any

import pydyf  # type: ignore[import-untyped]

COMPRESSION = 6
"""Of zlib; the library's 9 takes twice the time to save one per cent."""


class Written(pydyf.Object):  # type: ignore[misc]
    """An object whose bytes are final."""

    data = b""
    compressible = False

    def __init__(self, source: Any) -> None:
        self.number, self.generation, self.free = source.number, source.generation, source.free
        self.offset, self.compressible, self.data = 0, source.compressible, source.data


_write = pydyf.PDF.write


def write(self: Any, *args: Any, **named: Any) -> None:
    self.objects[:] = [each if each.free == "f" else Written(each) for each in self.objects]
    _write(self, *args, **named)


def page_references(self: Any) -> tuple[bytes, ...]:
    known: tuple[bytes, ...] = self.__dict__.get("known_references", ())
    if 3 * len(known) != len(self.pages["Kids"]):
        known = self.known_references = tuple(b"%d 0 R" % number for number in self.pages["Kids"][::3])
    return known


def data(self: Any) -> bytes:
    """Kept, for it is asked for only when the document is written, and then twice."""
    known: bytes | None = self.__dict__.get("known_data")
    if known is None:
        stream = b"\n".join(pydyf._to_bytes(item) for item in self.stream)  # noqa: SLF001 - as the original does
        extra = pydyf.Dictionary(self.extra.copy())
        if self.compress:
            extra["Filter"] = "/FlateDecode"
            stream = zlib.compress(stream, COMPRESSION)
        extra["Length"] = len(stream)
        known = self.known_data = b"\n".join((extra.data, b"stream", stream, b"endstream"))
    return known


REPLACEMENTS: tuple[tuple[Any, str, Any], ...] = (
    (pydyf.PDF, "write", write),
    (pydyf.PDF, "page_references", property(page_references)),
    (pydyf.Stream, "data", property(data)),
)
