"""How far a library has come with a workbook while it reads it in one call and says nothing."""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_NAME = "watching a workbook"
_EVERY = 0.25
"""Seconds between two looks."""
_STRINGS, _SHEETS, _CONTENT = "xl/sharedStrings", "xl/worksheets/", "content.xml"
_HEADER = 30
"""Bytes of an archive's local header, before the name of the entry."""


@dataclass(frozen=True)
class Stretch:
    """Where an entry lies in the archive, and how many bytes of work come before it."""

    start: int
    end: int
    before: int


@dataclass(frozen=True)
class Layout:
    """The entries of a workbook that take time: the shared texts, then one sheet. total: bytes of both."""

    stretches: tuple[Stretch, ...]
    total: int

    def share_at(self, position: int) -> float | None:
        """The share 0..1 that is done when the file is read at this place; None where it tells nothing."""
        for one in self.stretches:
            if one.start <= position <= one.end:
                return min(1.0, (one.before + position - one.start) / self.total)
        return None


def layout_of(path: Path) -> Layout | None:
    """None for a file that is no archive or holds no sheet."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        return None
    strings = [entry for entry in entries if entry.filename.startswith(_STRINGS)]
    sheets = [entry for entry in entries if entry.filename.startswith(_SHEETS) or entry.filename == _CONTENT]
    if not sheets:
        return None
    before = sum(entry.compress_size for entry in strings)
    total = before + max(entry.compress_size for entry in sheets)
    found = [_stretch(entry, 0) for entry in strings] + [_stretch(entry, before) for entry in sheets]
    return Layout(tuple(found), max(total, 1))


def _stretch(entry: zipfile.ZipInfo, before: int) -> Stretch:
    start = entry.header_offset + _HEADER + len(entry.filename)
    return Stretch(start, start + entry.compress_size, before)


@contextmanager
def watched(path: Path, progress: Callable[[float], None]) -> Iterator[None]:
    """Tell progress, from a thread of its own, how far the body is with reading path; silent where the kernel does not tell."""
    layout = layout_of(path)
    if layout is None:
        yield
        return
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(path, layout, progress, over), name=_NAME, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _watch(path: Path, layout: Layout, progress: Callable[[float], None], over: threading.Event) -> None:
    furthest = 0.0
    while not over.wait(_EVERY):
        position = position_in(path)
        share = None if position is None else layout.share_at(position)
        if share is not None and share > furthest:
            furthest = share
            progress(share)


def position_in(path: Path) -> int | None:
    """Where this program stands in a file it has open; None where it has not, or the kernel keeps no /proc (proc(5))."""
    try:
        there = path.stat()
        for link in Path("/proc/self/fd").iterdir():
            if _is_same(link, there):
                return int(Path("/proc/self/fdinfo", link.name).read_text().split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return None


def _is_same(link: Path, there: os.stat_result) -> bool:
    try:
        return os.path.samestat(link.stat(), there)
    except OSError:
        return False
