"""The file of a backup: a ZIP with the database as one SQLite file, files of the data folder, and a manifest of every part.

Its last 64 bytes, inside the ZIP's comment, are the SHA-256 of all bytes before them, so that any changed byte is found before
anything of it is believed. A backup that was made on purpose to do harm finds no place outside the folder it is unpacked into:
parts have plain names from a short list, are regular files, and unpack to exactly the size that the manifest says.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Annotated, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from assess.core.errors import Full, Invalid, Problem, refusal_of

SCHEMA = "kam-backup/1"
MANIFEST, DATABASE = "manifest.json", "database.sqlite3"
DATA = "data/"
KEPT = ("secret-key", "benchmark", "questionnaires", "reports", "uploads", "documents")
"""What belongs to a backup in the data folder: keys, own questionnaires and styles, files that rows of the database name."""
MAX_PARTS = 100_000
MAX_MANIFEST = 64 * 1024 * 1024
MAX_RATIO = 200
_RATIO_COUNTS_FROM = 64 * 1024 * 1024
_SPARE = 16 * 1024 * 1024
_SEAL = 64
_BLOCK = 1024 * 1024
_NAME = re.compile(r"[^\x00-\x1f\x7f\\/:]{1,255}\Z")
_SQLITE = b"SQLite format 3\0"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Strict):
    """One file of the backup; size in bytes."""

    name: Annotated[str, Field(max_length=2000)]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(_Strict):
    """tables: name -> rows. keeps_key: whether the secret key is a part; else it is in KAM_SECRET_KEY.

    left_out: what stood in the data folder but is no plain file with a plain name.
    """

    schema_: Literal["kam-backup/1"] = Field(default="kam-backup/1", alias="schema")
    product: Annotated[str, Field(max_length=40)]
    made_at: AwareDatetime
    engine: Annotated[str, Field(max_length=80)]
    revision: Annotated[str, Field(max_length=32)]
    keeps_key: bool
    tables: Mapping[str, int]
    left_out: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        return sum(self.tables.values())

    @property
    def size(self) -> int:
        """Bytes, unpacked."""
        return sum(part.size for part in self.parts)


@dataclass(frozen=True)
class About:
    """What a manifest says beside its parts."""

    product: str
    made_at: datetime
    engine: str
    revision: str
    keeps_key: bool
    tables: Mapping[str, int]
    left_out: tuple[str, ...]


def kept_files(data_dir: Path) -> tuple[tuple[tuple[str, Path], ...], tuple[str, ...]]:
    """Name in the backup and path of every file of the data folder that belongs to it, and what is there but can't be taken.

    A kept folder may be a link to one elsewhere; links to folders inside it are not followed. Raises Failed.
    """
    found = [entry for top in KEPT for entry in _files_below(data_dir / top, top)]
    taken = [(DATA + name, path) for name, path in found if _is_plain(DATA + name) and path.is_file()]
    left = [name for name, path in found if not (_is_plain(DATA + name) and path.is_file())]
    return tuple(taken), tuple(name.encode("unicode_escape", "backslashreplace").decode() for name in left)


def _files_below(start: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Everything below a path that is no folder to go into, by its name."""
    if not start.is_dir():
        if start.exists() or start.is_symlink():
            yield name, start
        return
    try:
        entries = sorted(start.iterdir())
    except OSError as error:
        raise refusal_of(error, f"{start} cannot be read") from error
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            yield from _files_below(entry, f"{name}/{entry.name}")
        else:
            yield f"{name}/{entry.name}", entry


def write_backup(target: Path, about: About, database: Path, files: Iterable[tuple[str, Path]]) -> Manifest:
    """Write a backup to the new file `target`, for its user only. Raises Full, Failed."""
    sources = [(DATABASE, database), *files]
    try:
        manifest, packed = _write(target, about, sources, ZIP_DEFLATED)
        if manifest.size > _RATIO_COUNTS_FROM and manifest.size > packed * MAX_RATIO // 2:
            target.unlink()  # packed so small that a reader must take it for a bomb
            manifest, _ = _write(target, about, sources, ZIP_STORED)
    except OSError as error:
        raise refusal_of(error, "the backup could not be written") from error
    return manifest


def read_manifest(path: Path) -> Manifest:
    """What a backup says it is, once the file itself is known to be whole and harmless. Raises Invalid."""
    _require_seal(path)
    with _opened(path) as archive:
        return _manifest_of(archive, path)


def check_backup(path: Path) -> Manifest:
    """Read every part of a backup and compare it with the manifest. Raises Invalid."""
    return _unpack(path, None)


def unpack_backup(path: Path, folder: Path) -> Manifest:
    """Unpack every part into an empty folder, each checked on the way. Raises Invalid on a bad backup, Full without room."""
    return _unpack(path, folder)


def _write(target: Path, about: About, sources: list[tuple[str, Path]], compression: int) -> tuple[Manifest, int]:
    """Manifest and size of the file."""
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "r+b") as stream:
        with ZipFile(stream, "w", compression) as archive:
            parts = [part for name, path in sources if (part := _add(archive, name, path, about.made_at)) is not None]
            manifest = Manifest(**vars(about), parts=tuple(parts))
            archive.writestr(_info(MANIFEST, about.made_at, compression), manifest.model_dump_json(by_alias=True, indent=1))
            archive.comment = b"0" * _SEAL
        stream.seek(0)
        seal = _digest(stream, target.stat().st_size - _SEAL)
        stream.write(seal.encode())
        stream.flush()
        os.fsync(stream.fileno())
        return manifest, stream.tell()


def _add(archive: ZipFile, name: str, path: Path, at: datetime) -> Part | None:
    """None where the file was removed meanwhile, as uploads are once they are read."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return None
    digest, size = sha256(), 0
    with source, archive.open(_info(name, at, archive.compression), "w", force_zip64=True) as into:
        while block := source.read(_BLOCK):
            digest.update(block)
            size += len(block)
            into.write(block)
    return Part(name=name, size=size, sha256=digest.hexdigest())


def _info(name: str, at: datetime, compression: int) -> ZipInfo:
    info = ZipInfo(name, at.timetuple()[:6])
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    info.compress_type = compression
    return info


def _require_seal(path: Path) -> None:
    """Raise Invalid unless the file ends with the hash of all that is before it."""
    if path.exists() and not path.is_file():
        raise _wrong(path, "is not a file")
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size <= _SEAL or stream.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
                raise _wrong(path, "is not a backup of kam-assess")
            stream.seek(0)
            found = _digest(stream, size - _SEAL)
            expected = stream.read(_SEAL)
    except OSError as error:
        raise _wrong(path, "cannot be read: {reason}", reason=error.strerror or error) from None
    if not re.fullmatch(rb"[0-9a-f]{64}", expected):
        raise _wrong(path, "is not a backup of kam-assess, or is cut off")
    if found.encode() != expected:
        raise _wrong(path, "was changed or damaged since it was made: its bytes do not have the SHA-256 at its end")


def _opened(path: Path) -> ZipFile:
    try:
        return ZipFile(path)
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        raise _wrong(path, "is not a backup of kam-assess") from None


def _manifest_of(archive: ZipFile, path: Path) -> Manifest:
    """The manifest, once every entry is a plain file with a plain name and is named in it. Raises Invalid."""
    entries = archive.infolist()
    if len(entries) > MAX_PARTS or sum(entry.compress_size for entry in entries) > path.stat().st_size:
        raise _wrong(path, "holds more than a backup can")
    if problems := [problem for entry in entries if (problem := _entry_problem(entry, path)) is not None]:
        raise Invalid(problems[:20])
    by_name = {entry.filename: entry for entry in entries}
    if MANIFEST not in by_name or by_name[MANIFEST].file_size > MAX_MANIFEST or len(by_name) != len(entries):
        raise _wrong(path, "is not a backup of kam-assess")
    manifest = _parsed(b"".join(_blocks(archive, by_name[MANIFEST], path)), path)
    listed = {part.name: part.size for part in manifest.parts}
    packed = {name: entry.file_size for name, entry in by_name.items() if name != MANIFEST}
    if listed != packed or len(listed) != len(manifest.parts) or DATABASE not in listed:
        raise _wrong(path, "does not hold the parts that its manifest names")
    return manifest


def _parsed(content: bytes, path: Path) -> Manifest:
    try:
        given = json.loads(content)
        named = str(given["schema"])
        if named.startswith("kam-backup/") and named != SCHEMA:
            message = "was made by a newer version of kam-assess ({version}); restore it with that version"
            raise _wrong(path, message, version=str(given.get("product", "?"))[:40])
        return Manifest.model_validate(given)
    except (ValidationError, ValueError, LookupError, TypeError, RecursionError):
        raise _wrong(path, "has a manifest that is not one of kam-assess") from None


def _entry_problem(entry: ZipInfo, path: Path) -> Problem | None:
    """What makes an entry of the archive none of a backup; None where nothing does."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    shown = {"name": entry.filename[:200]}
    if not _is_plain(entry.filename):
        return Problem("holds a file with a name that no backup has: {name}", shown, str(path))
    if kind not in (0, stat.S_IFREG) or entry.is_dir() or entry.flag_bits & 0x1:
        return Problem("holds something that is not a plain file: {name}", shown, str(path))
    if entry.compress_type not in (ZIP_DEFLATED, ZIP_STORED):
        return Problem("holds something that is not a plain file: {name}", shown, str(path))
    if entry.file_size > _RATIO_COUNTS_FROM and entry.file_size > entry.compress_size * MAX_RATIO:
        return Problem("unpacks to far more than a backup does: {name}", shown, str(path))
    return None


def _is_plain(name: str) -> bool:
    """Whether a name is the manifest's, the database's, or one below the kept names of the data folder."""
    if name in (MANIFEST, DATABASE):
        return True
    folders = name.removeprefix(DATA).split("/")
    is_ours = name.startswith(DATA) and folders[0] in KEPT and len(name) <= 2000
    is_safe = all(_NAME.match(each) and each not in (".", "..") for each in folders)
    return is_ours and is_safe and name.isprintable() and not any("\ud800" <= each <= "\udfff" for each in name)


def _unpack(path: Path, folder: Path | None) -> Manifest:
    _require_seal(path)
    with _opened(path) as archive:
        manifest = _manifest_of(archive, path)
        if folder is not None and manifest.size + _SPARE > shutil.disk_usage(folder).free:
            raise Full(f"there is no room to unpack the backup: it needs {manifest.size:,} bytes in {folder}")
        for part in manifest.parts:
            _unpack_part(archive, part, path, folder)
    return manifest


def _unpack_part(archive: ZipFile, part: Part, path: Path, folder: Path | None) -> None:
    digest = sha256()
    blocks = _blocks(archive, archive.getinfo(part.name), path)
    if folder is None:
        for block in blocks:
            digest.update(block)
    else:
        _write_blocks(folder / part.name, blocks, digest.update)
    if digest.hexdigest() != part.sha256:
        raise _wrong(path, "holds a part that is not as it was: {name}", name=part.name)


def _write_blocks(target: Path, blocks: Iterator[bytes], note: Callable[[bytes], None]) -> None:
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            for block in blocks:
                note(block)
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise refusal_of(error, "the backup could not be unpacked") from error


def _blocks(archive: ZipFile, entry: ZipInfo, path: Path) -> Iterator[bytes]:
    """An entry's bytes by and by, and never more than it says it has. The database must look like one from the start."""
    left = entry.file_size
    try:
        with archive.open(entry) as stream:
            while block := stream.read(min(_BLOCK, left + 1)):
                if entry.filename == DATABASE and left == entry.file_size and not block.startswith(_SQLITE):
                    raise _wrong(path, "holds a database that is not one of SQLite")
                left -= len(block)
                if left < 0:
                    raise _wrong(path, "holds a part that is not as it was: {name}", name=entry.filename)
                yield block
    except (BadZipFile, EOFError, ValueError, NotImplementedError, OSError, zlib.error):
        raise _wrong(path, "holds a part that is not as it was: {name}", name=entry.filename) from None


def _digest(stream: IO[bytes], size: int) -> str:
    """SHA-256 of the next bytes of the stream, which is left after them."""
    digest = sha256()
    while size and (block := stream.read(min(_BLOCK, size))):
        digest.update(block)
        size -= len(block)
    return digest.hexdigest()


def _wrong(path: Path, message: str, **params: object) -> Invalid:
    return Invalid([Problem(message, params, str(path))])
