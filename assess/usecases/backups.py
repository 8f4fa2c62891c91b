"""Keep an installation in one file, and make an installation of it again.

The file holds secrets: only its user may read it. Nothing that stood before is ever deleted by restoring: it is moved aside.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assess import __version__
from assess.config import Settings
from assess.content import backup_files
from assess.content.backup_files import DATA, DATABASE, KEPT, About, Manifest
from assess.core.errors import Failed, Full, Invalid, Problem, refusal_of
from assess.storage import occupied, portable, schema
from assess.storage.engine import Storage
from assess.usecases.installation import utc_now
from assess.usecases.presence import alone

SECRET_KEY = DATA + "secret-key"
BEFORE_UPGRADES = "backups"
_SPARE = 16 * 1024 * 1024


@dataclass(frozen=True)
class Backup:
    """A backup that was written and read again; size in bytes."""

    path: Path
    size: int
    manifest: Manifest


@dataclass(frozen=True)
class Restored:
    """revision: of the database now. aside: where what stood before was moved to, empty when nothing did."""

    manifest: Manifest
    revision: str
    aside: tuple[str, ...]


@dataclass(frozen=True)
class Upgraded:
    """before: None where the database was empty. backup: None where none was made."""

    before: str | None
    after: str
    backup: Path | None


def make_backup(settings: Settings, target: Path, now: datetime | None = None) -> Backup:
    """Write database and needed files as they are now to one new file; servers and workers may go on.

    target: a new file, or a folder that gets one named after the time. The file is read again before it gets its name.
    Raises Invalid on a target that can't be, Full without room, Failed when the installation can't be read.
    """
    made_at = now or utc_now()
    path = _free_path(target, made_at)
    storage = Storage(settings.database_url)
    try:
        _require_database(storage)
        with _working_folder(path.parent, ".kam-backup-") as folder:
            _require_room(storage, folder)
            manifest = _write_checked(settings, storage, folder, made_at)
            _give_name(folder / "backup", path)
    finally:
        storage.close()
    return Backup(path, path.stat().st_size, manifest)


def inspect_backup(path: Path) -> Manifest:
    """Read the whole file and compare it with its manifest. Raises Invalid."""
    return backup_files.check_backup(path)


def restore(settings: Settings, path: Path, *, replace: bool = False, now: datetime | None = None) -> Restored:
    """Make the installation of these settings from a backup, in the newest schema; with either engine, whichever it came from.

    replace: where there is something already, move it aside. Everything is checked before anything is moved.
    Raises Invalid, saying why, for a file that is no sound backup and a place that is not free; Full, Failed.
    """
    stamp = _stamp(now or utc_now())
    backup_files.read_manifest(path)
    _make_data_folder(settings)
    with alone(settings.data_dir), _working_folder(settings.data_dir, ".restore-") as folder:
        storage = Storage(settings.database_url)
        try:
            _require_free(settings, storage, replace)
            manifest = backup_files.unpack_backup(path, folder)
            prepare_copy(folder / DATABASE, manifest, path)
            aside = _put_in_place(settings, storage, folder, stamp)
        finally:
            storage.close()
    return Restored(manifest, schema.newest(), aside)


def upgrade(settings: Settings, wants_backup: bool | None = None, now: datetime | None = None) -> Upgraded:
    """Bring the schema up to date, after a backup into the data folder where something will change.

    wants_backup None: on SQLite, where it takes a moment; on PostgreSQL the operator chooses.
    """
    _make_data_folder(settings)
    storage = Storage(settings.database_url)
    try:
        found = schema.found_revision(storage)
        made = None
        if found not in (None, schema.newest()) and (storage.is_sqlite if wants_backup is None else wants_backup):
            made = _backup_before_upgrade(settings, now or utc_now())
        before, after = schema.upgrade(storage)
        return Upgraded(before, after, made)
    finally:
        storage.close()


def prepare_copy(copy: Path, manifest: Manifest, file: Path) -> None:
    """Bring an unpacked database to the newest schema, once it is known to be what the manifest says. Raises Invalid."""
    try:
        contents = portable.contents_of(copy)
    except Failed as error:
        raise Invalid([Problem("holds a database that can't be used: {reason}", {"reason": error}, str(file))]) from None
    if contents.revision not in schema.known_revisions():
        message = "holds the schema {revision} of a newer version of kam-assess ({version}); restore it with that version"
        raise Invalid([Problem(message, {"revision": contents.revision, "version": manifest.product}, str(file))])
    if (contents.revision, dict(contents.tables)) != (manifest.revision, dict(manifest.tables)):
        raise Invalid([Problem("does not hold the rows that its manifest names", {}, str(file))])
    storage = Storage(f"sqlite:///{copy}")
    try:
        schema.upgrade(storage)
    finally:
        storage.close()
    portable.settle(copy)


def _write_checked(settings: Settings, storage: Storage, folder: Path, made_at: datetime) -> Manifest:
    """The backup as the file `backup` in the folder, read again."""
    contents = portable.copy_out(storage, folder / DATABASE)
    portable.contents_of(folder / DATABASE)
    files, left_out = backup_files.kept_files(settings.data_dir)
    about = About(
        product=__version__,
        made_at=made_at,
        engine=contents.engine,
        revision=contents.revision,
        keeps_key=SECRET_KEY in dict(files),
        tables=contents.tables,
        left_out=left_out,
    )
    written = backup_files.write_backup(folder / "backup", about, folder / DATABASE, files)
    if backup_files.check_backup(folder / "backup") != written:
        raise Failed("the backup that was written does not read back as it was meant")
    return written


def _free_path(target: Path, now: datetime) -> Path:
    """Where the backup will be. Raises Invalid when something stands there or nothing can."""
    path = target / f"kam-assess-{_stamp(now)}.zip" if target.is_dir() else target
    if path.exists() or path.is_symlink():
        raise Invalid([Problem("is there already; choose a name that is free", {}, str(path))])
    if not path.parent.is_dir():
        raise Invalid([Problem("cannot be written: there is no folder {folder}", {"folder": path.parent}, str(path))])
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise Invalid([Problem("cannot be written: the folder {folder} is read-only", {"folder": path.parent}, str(path))])
    return path.absolute()


def _require_database(storage: Storage) -> None:
    """A look that makes no file: a wrong setting must not become an empty backup."""
    database = Path(storage.url.database or "")
    if storage.is_sqlite and not database.is_file():
        raise Invalid([Problem("there is no such database; check KAM_DATA_DIR and KAM_DATABASE_URL", {}, str(database))])
    if schema.found_revision(storage) is None:
        raise Invalid([Problem("there is nothing in the database yet")])


def _require_room(storage: Storage, folder: Path) -> None:
    if storage.is_sqlite:
        size = Path(storage.url.database or "").stat().st_size
        if size + _SPARE > shutil.disk_usage(folder).free:
            raise Full(f"there is no room for a backup: it needs at least {size:,} bytes in {folder.parent}")


def _give_name(made: Path, path: Path) -> None:
    """Put the finished file where it belongs, and never on top of another."""
    try:
        try:
            os.link(made, path)
        except OSError as error:
            if error.errno == errno.EEXIST or path.exists():
                raise Invalid([Problem("is there already; choose a name that is free", {}, str(path))]) from None
            made.rename(path)  # file systems without links, such as those of memory sticks
        _sync_folder(path.parent)
    except OSError as error:
        raise refusal_of(error, "the backup could not be written") from error


def _require_free(settings: Settings, storage: Storage, replace: bool) -> None:
    """Raises Invalid for what is in use, and for what would have to be moved aside unless that was asked for."""
    if occupied.is_in_use(storage):
        message = "is in use by another program, perhaps a server on another machine; stop it first"
        raise Invalid([Problem(message, {}, _shown(storage))])
    standing = [settings.data_dir / name for name in KEPT if _holds_something(settings.data_dir / name)]
    places = [str(path) for path in standing] + ([] if occupied.is_free(storage) else [_shown(storage)])
    if places and not replace:
        message = "is not empty; --replace moves what is there aside and restores then"
        raise Invalid([Problem(message, {}, place) for place in places])


def _put_in_place(settings: Settings, storage: Storage, folder: Path, stamp: str) -> tuple[str, ...]:
    """Move aside what stands, and what was unpacked to its place; all of it or nothing. Returns where the old things are."""
    aside = settings.data_dir / f"replaced-{stamp}"
    moves = [(settings.data_dir / name, aside / name) for name in KEPT if _is_there(settings.data_dir / name)]
    moves += [(path, settings.data_dir / path.name) for path in sorted((folder / DATA).glob("*"))]
    if storage.is_sqlite:
        database = Path(storage.url.database or "").absolute()
        beside = database.parent / aside.name
        moves += [(path, beside / path.name) for path in occupied.files_of(database) if _is_there(path)]
        moves.append((folder / DATABASE, database))
    moved_to = tuple(sorted({str(target.parent) for _, target in moves if target.parent.name == aside.name}))
    with _moved(moves):
        if storage.is_sqlite:
            return moved_to
        schema_aside = occupied.fill_postgresql(storage, folder / DATABASE, f"replaced_{stamp.lower()}")
        return moved_to if schema_aside is None else (*moved_to, schema_aside)


@contextmanager
def _moved(moves: Sequence[tuple[Path, Path]]) -> Iterator[None]:
    """Everything moved, and back again when that or what follows fails."""
    with ExitStack() as undo:
        try:
            for source, target in moves:
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _move(source, target)
                undo.callback(_move, target, source)
            for folder in {path.parent for pair in moves for path in pair}:
                _sync_folder(folder)
        except OSError as error:
            raise refusal_of(error, "the backup could not be put in place; everything is as it was") from error
        yield
        undo.pop_all()


def _move(source: Path, target: Path) -> None:
    """A rename, or a whole copy with a rename at its end where the places are on different disks."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f".{target.name}.moving")
        shutil.move(source, beside)
        beside.rename(target)


def _backup_before_upgrade(settings: Settings, now: datetime) -> Path:
    folder = settings.data_dir / BEFORE_UPGRADES
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise refusal_of(error, f"{folder} cannot be made") from error
    return make_backup(settings, folder / f"before-{schema.newest()}-{_stamp(now)}.zip", now).path


@contextmanager
def _working_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder for its user only, gone at the end."""
    try:
        folder = tempfile.TemporaryDirectory(prefix=prefix, dir=parent)
    except OSError as error:
        raise refusal_of(error, f"{parent} cannot be written") from error
    with folder as path:
        yield Path(path)


def _make_data_folder(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failed(f"{settings.data_dir} cannot be used as the data folder: {error.strerror or error}") from error


def _holds_something(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _shown(storage: Storage) -> str:
    """The database as people know it, without its password."""
    return storage.url.database or "" if storage.is_sqlite else storage.url.render_as_string(hide_password=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%SZ")
