"""The file of a backup: what was written is read, and nothing that was changed, cut or made to do harm is believed."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from assess.content import backup_files
from assess.content.backup_files import DATABASE, MANIFEST, About, check_backup, kept_files, unpack_backup, write_backup
from assess.core.errors import Full, Invalid

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ABOUT = About("0.1.0", NOW, "sqlite 3.53.4", "0010", True, {"answer": 2}, ())
SQLITE = b"SQLite format 3\0" + bytes(range(256)) * 8


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A small backup with a key and a questionnaire of its own."""
    data = tmp_path / "data"
    (data / "questionnaires" / "關鍵").mkdir(parents=True)
    (data / "secret-key").write_text("k" * 48)
    (data / "questionnaires" / "關鍵" / "questionnaire.yaml").write_text("id: x\n")
    (tmp_path / "db").write_bytes(SQLITE)
    write_backup(tmp_path / "b.zip", ABOUT, tmp_path / "db", kept_files(data)[0])
    return tmp_path / "b.zip"


def refused(path: Path, tmp_path: Path) -> str:
    """Why it is refused; nothing may stand anywhere but in the folder it was to be unpacked to."""
    into = tmp_path / "into" / "deep"
    into.mkdir(parents=True)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(Invalid) as caught:
        unpack_backup(path, into)
    assert {each for each in tmp_path.rglob("*") if not each.is_relative_to(into)} == before - {into}
    shutil.rmtree(tmp_path / "into")
    return str(caught.value)


def sealed(path: Path, parts: dict[str, bytes], change: Callable[[ZipFile, dict[str, object]], None] | None = None) -> Path:
    """A file somebody made with all the right hashes, to do harm."""
    listed = [{"name": name, "size": len(content), "sha256": sha256(content).hexdigest()} for name, content in parts.items()]
    manifest: dict[str, object] = {
        "schema": "kam-backup/1",
        "product": "0.1.0",
        "made_at": "2026-11-21T12:00:00Z",
        "engine": "sqlite 3",
        "revision": "0010",
        "keeps_key": False,
        "tables": {},
        "left_out": [],
        "parts": listed,
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
        if change:
            change(archive, manifest)
        archive.writestr(MANIFEST, json.dumps(manifest))
        archive.comment = b"0" * 64
    return reseal(path)


def reseal(path: Path) -> Path:
    content = path.read_bytes()[:-64]
    path.write_bytes(content + sha256(content).hexdigest().encode())
    return path


def test_what_was_written_comes_back_byte_for_byte(backup: Path, tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    manifest = unpack_backup(backup, into)
    assert check_backup(backup) == manifest
    assert (manifest.revision, manifest.rows, manifest.keeps_key, manifest.made_at) == ("0010", 2, True, NOW)
    assert (into / DATABASE).read_bytes() == SQLITE
    assert (into / "data/secret-key").read_text() == "k" * 48
    assert (into / "data/questionnaires/關鍵/questionnaire.yaml").read_text() == "id: x\n"
    assert {part.name for part in manifest.parts} == {
        DATABASE,
        "data/secret-key",
        "data/questionnaires/關鍵/questionnaire.yaml",
    }


def test_only_its_user_can_read_a_backup_and_what_is_unpacked(backup: Path, tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    unpack_backup(backup, into)
    files = [backup, into / DATABASE, into / "data/secret-key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_file_that_is_there_is_never_overwritten(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="File exists"):
        write_backup(backup, ABOUT, tmp_path / "db", [])


def test_any_changed_byte_and_any_cut_is_found(backup: Path, tmp_path: Path) -> None:
    whole, random = backup.read_bytes(), Random(8)
    for place in random.sample(range(len(whole)), 300):
        damaged = bytearray(whole)
        damaged[place] ^= random.randrange(1, 256)
        backup.write_bytes(damaged)
        with pytest.raises(Invalid):
            check_backup(backup)
    for length in random.sample(range(len(whole)), 100):
        backup.write_bytes(whole[:length])
        with pytest.raises(Invalid):
            check_backup(backup)
    backup.write_bytes(whole + b"\n")
    assert "cut off" in refused(backup, tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"hello" * 100, SQLITE, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_backup_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    assert "is not a backup of kam-assess" in refused(tmp_path / "x.zip", tmp_path)


def test_another_zip_file_is_no_backup_even_with_the_right_hash_at_its_end(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
        archive.comment = b"0" * 64
    assert "a name that no backup has: readme.txt" in refused(reseal(tmp_path / "x.zip"), tmp_path)


def test_a_folder_a_pipe_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("missing", "cannot be read"), ("", "is not a file"), ("pipe", "is not a file")):
        with pytest.raises(Invalid, match=reason):
            check_backup(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    [
        "../escape",
        "data/../../escape",
        "data/benchmark/../../../escape",
        "/tmp/escape",
        "data//secret-key",
        "data/benchmark/./x",
        "data\\secret-key",
        "data/benchmark/..\\..\\x",
        "data/other",
        "data/kam-assess.sqlite3",
        "data/C:/x",
        "data/uploads/a\x00b",
        "data/uploads/a\nb",
        "data/uploads/" + "x" * 256,
        "data/uploads/\u202egnp.exe",
        "data/secret-key/",
        "data/",
    ],
)
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    message = refused(sealed(tmp_path / "x.zip", {DATABASE: SQLITE, name: b"evil"}), tmp_path)
    assert "a name that no backup has" in message or "does not hold the parts" in message


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFDIR])
def test_links_devices_and_folders_are_refused(kind: int, tmp_path: Path) -> None:
    def add(archive: ZipFile, _manifest: dict[str, object]) -> None:
        info = ZipInfo("data/secret-key")
        info.external_attr = (kind | 0o777) << 16
        archive.writestr(info, "/etc/passwd")

    message = refused(sealed(tmp_path / "x.zip", {DATABASE: SQLITE}, add), tmp_path)
    assert "something that is not a plain file: data/secret-key" in message


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_files, "_RATIO_COUNTS_FROM", 1000)
    size = 1024 * 1024
    message = refused(sealed(tmp_path / "x.zip", {DATABASE: b"SQLite format 3\0" + bytes(size)}), tmp_path)
    assert "unpacks to far more than a backup does" in message


def test_a_database_that_packs_that_small_is_stored_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_files, "_RATIO_COUNTS_FROM", 1000)
    (tmp_path / "db").write_bytes(b"SQLite format 3\0" + bytes(1_000_000))
    write_backup(tmp_path / "b.zip", ABOUT, tmp_path / "db", [])
    assert check_backup(tmp_path / "b.zip").size == 1_000_016


def test_a_backup_larger_than_the_disk_is_refused_before_it_is_unpacked(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_files, "_SPARE", 1 << 60)
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(Full, match="no room"):
        unpack_backup(backup, into)
    assert list(into.iterdir()) == []


def test_a_manifest_must_fit_what_is_there(tmp_path: Path) -> None:
    def lie(name: str, value: object) -> Callable[[ZipFile, dict[str, object]], None]:
        return lambda _archive, manifest: manifest.update({name: value})

    wrong = [
        ("parts", []),
        ("parts", "x"),
        ("schema", 1),
        ("schema", "other/1"),
        ("made_at", "yesterday"),
        ("extra", 1),
        ("tables", 3),
    ]
    for name, value in wrong:
        message = refused(sealed(tmp_path / "x.zip", {DATABASE: SQLITE}, lie(name, value)), tmp_path)
        assert "manifest" in message, name
    part = {"name": DATABASE, "size": len(SQLITE), "sha256": "0" * 64}
    assert "not as it was" in refused(sealed(tmp_path / "x.zip", {DATABASE: SQLITE}, lie("parts", [part])), tmp_path)
    assert "newer version" in refused(sealed(tmp_path / "x.zip", {DATABASE: SQLITE}, lie("schema", "kam-backup/2")), tmp_path)
    assert "not one of SQLite" in refused(sealed(tmp_path / "x.zip", {DATABASE: b"hello"}), tmp_path)
    assert "does not hold the parts" in refused(sealed(tmp_path / "x.zip", {"data/secret-key": b"k"}), tmp_path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_are_there_twice_and_unknown_packings_are_refused(tmp_path: Path) -> None:
    def twice(archive: ZipFile, _manifest: dict[str, object]) -> None:
        archive.writestr(DATABASE, SQLITE)

    def packed(archive: ZipFile, _manifest: dict[str, object]) -> None:
        archive.writestr("data/secret-key", b"x", ZIP_BZIP2)

    assert "is not a backup" in refused(sealed(tmp_path / "x.zip", {DATABASE: SQLITE}, twice), tmp_path)
    assert "not a plain file" in refused(sealed(tmp_path / "y.zip", {DATABASE: SQLITE}, packed), tmp_path)


def test_links_into_the_kept_folders_are_followed_once_and_what_cant_be_kept_is_named(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    (elsewhere / "mine").mkdir(parents=True)
    (elsewhere / "mine" / "questionnaire.yaml").write_text("x")
    (elsewhere / "round").symlink_to(elsewhere)
    (elsewhere / "gone").symlink_to("nowhere")
    data.mkdir()
    (data / "questionnaires").symlink_to(elsewhere)
    (data / "reports").mkdir()
    (data / "reports" / "a\nb").write_text("x")
    os.mkfifo(data / "reports" / "pipe")
    (data / "replaced-20261121").mkdir()
    taken, left = kept_files(data)
    assert [name for name, _ in taken] == ["data/questionnaires/mine/questionnaire.yaml"]
    assert left == ("questionnaires/gone", "questionnaires/round", "reports/a\\nb", "reports/pipe")
