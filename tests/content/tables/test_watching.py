"""How far the unpacking of a workbook is, told from where the file is being read."""

from __future__ import annotations

import threading
import zipfile
from pathlib import Path

import pytest

from assess.content.tables.watching import layout_of, position_in, watched


def a_book(folder: Path, **sizes: int) -> Path:
    """An archive whose entries are stored, so that their sizes are those of the file."""
    path = folder / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, size in sizes.items():
            archive.writestr(name.replace("__", "/") + ".xml", b"x" * size)
    return path


def start_of(path: Path, name: str) -> int:
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo(name).header_offset + 30 + len(name)


def test_texts_come_before_the_sheet_and_other_entries_tell_nothing(tmp_path: Path) -> None:
    path = a_book(tmp_path, xl__worksheets__sheet1=3000, xl__theme=500, xl__sharedStrings=1000)
    layout = layout_of(path)
    assert layout is not None
    strings, sheet, theme = (start_of(path, f"xl/{name}.xml") for name in ("sharedStrings", "worksheets/sheet1", "theme"))
    assert layout.share_at(strings + 500) == 500 / 4000
    assert layout.share_at(sheet) == 1000 / 4000
    assert layout.share_at(sheet + 1500) == 2500 / 4000
    assert layout.share_at(theme + 100) is None


def test_the_largest_sheet_counts_until_it_is_known_which_one_is_read(tmp_path: Path) -> None:
    path = a_book(tmp_path, xl__worksheets__sheet1=1000, xl__worksheets__sheet2=2000)
    layout = layout_of(path)
    assert layout is not None
    assert layout.share_at(start_of(path, "xl/worksheets/sheet1.xml") + 1000) == 0.5
    assert layout.share_at(start_of(path, "xl/worksheets/sheet2.xml") + 2000) == 1


def test_a_file_that_is_no_archive_has_no_layout(tmp_path: Path) -> None:
    path = tmp_path / "old.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0")
    assert layout_of(path) is None
    assert layout_of(a_book(tmp_path, xl__theme=5)) is None


def test_a_body_that_reads_a_file_is_watched(tmp_path: Path) -> None:
    path = a_book(tmp_path, xl__worksheets__sheet1=100_000)
    if position_in(path) is None and not Path("/proc/self/fdinfo").is_dir():
        pytest.skip("this kernel does not tell")
    assert position_in(path) is None
    told, was_told = [], threading.Event()

    def progress(share: float) -> None:
        told.append(share)
        was_told.set()

    with watched(path, progress), path.open("rb") as stream:
        stream.seek(start_of(path, "xl/worksheets/sheet1.xml") + 40_000)
        assert was_told.wait(30)
    assert told == [0.4]


def test_an_error_of_the_body_is_passed_on_and_the_watcher_ends(tmp_path: Path) -> None:
    path = a_book(tmp_path, xl__worksheets__sheet1=10)
    with pytest.raises(ValueError, match="broken"), watched(path, lambda _share: None):
        raise ValueError("broken")
    assert not [thread for thread in threading.enumerate() if thread.name == "watching a workbook"]
