"""Backups made while people write, restored to the same and to the other database, and everything that is refused."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from assess.config import Settings, read_settings
from assess.content import backup_files
from assess.core.errors import Failed, Full, Invalid
from assess.storage import schema
from assess.storage.engine import Storage, sqlite_driver
from assess.storage.tables import audit_entry, metadata
from assess.usecases import assessments, backups, documents
from assess.usecases.backups import make_backup, restore, upgrade
from assess.usecases.checks import check_installation, drill
from assess.usecases.installation import open_installation
from assess.usecases.presence import alone, in_use
from tests.bench.backups import write_and_back_up
from tests.databases import temporary_database
from tests.schemas.filling import ANSWERS, NOW, TOKEN, VECTORS, fill

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, postgresql: str) -> Iterator[dict[str, Settings]]:
    """An installation on each database with rows in every table and files of its own; nobody changes it."""
    folder = tmp_path_factory.mktemp("full")
    filled = fill(folder / "sqlite")
    filled.storage.close()
    settings = replace(filled.settings, secret_key="")
    own = settings.data_dir / "questionnaires" / "mine"
    own.mkdir(parents=True)
    (own / "questionnaire.yaml").write_text("id: mine\n")
    with temporary_database(postgresql) as url:
        scaled = replace(settings, data_dir=folder / "postgresql", database_url=url)
        restore(scaled, make_backup(settings, folder / "first.zip").path)
        yield {"sqlite": settings, "postgresql": scaled}


@pytest.fixture(scope="module")
def backup(full: dict[str, Settings], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("backups")
    return {name: make_backup(settings, folder / f"{name}.zip", NOW).path for name, settings in full.items()}


@pytest.fixture
def place(tmp_path: Path, postgresql: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Where nothing is yet, on SQLite or PostgreSQL."""
    given = read_settings({"KAM_DATA_DIR": str(tmp_path / "place")})
    if getattr(request, "param", "sqlite") == "sqlite":
        yield given
    else:
        with temporary_database(postgresql) as url:
            yield replace(given, database_url=url)


def everything(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    storage = Storage(settings.database_url)
    with storage.reading() as connection:
        found = {
            one.name: sorted((tuple(row) for row in connection.execute(select(one))), key=repr)
            for one in metadata.sorted_tables
        }
    storage.close()
    return found


def snapshot_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, to see that nothing was changed; the lock is no content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (".in-use", "kam-assess.sqlite3.lock")
    }


@pytest.mark.parametrize("place", ENGINES, indirect=True)
@pytest.mark.parametrize("origin", ENGINES)
def test_a_restored_installation_holds_every_row_and_file_on_either_database(
    full: dict[str, Settings], backup: dict[str, Path], place: Settings, origin: str
) -> None:
    restored = restore(place, backup[origin], now=NOW)
    assert (restored.revision, restored.aside) == (schema.newest(), ())
    assert everything(place) == everything(full[origin])
    assert all(rows for rows in everything(place).values())
    for name in ("secret-key", "benchmark/name-secret", "questionnaires/mine/questionnaire.yaml"):
        assert (place.data_dir / name).read_bytes() == (full[origin].data_dir / name).read_bytes()
    assert [one for one in check_installation(place).findings if one.state != "ok"] == []
    opened = open_installation(replace(place, questionnaires=(VECTORS,)))
    run = assessments.open_by_link(opened, TOKEN)
    assert run.assessment.respondents[0].answers == ANSWERS
    (done,) = [one for one in documents.list_documents(opened, TOKEN) if one.state == "done"]
    assert documents.document_bytes(opened, TOKEN, done.id).startswith(b"%PDF-1.7")
    other = assessments.start(
        opened, questionnaire="mini", role="kam", language="en", organisation=run.assessment.organisation
    )  # numbering goes on after the rows that were brought
    assert assessments.open_by_link(opened, other).id not in (None, run.id)
    opened.storage.close()


def test_a_backup_is_one_file_for_its_user_only_and_leaves_nothing_beside_it(full: dict[str, Settings], tmp_path: Path) -> None:
    made = make_backup(full["sqlite"], tmp_path, NOW)
    assert made.path == tmp_path / "kam-assess-20261121T120000Z.zip"
    assert list(tmp_path.iterdir()) == [made.path]
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert made.manifest.tables["assessment"] == 4
    assert (made.manifest.engine.split()[0], made.manifest.keeps_key) == ("sqlite", True)


def test_a_target_that_is_there_stays_as_it_is(full: dict[str, Settings], tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("precious")
    with pytest.raises(Invalid, match="is there already"):
        make_backup(full["sqlite"], tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_text() == "precious"
    with pytest.raises(Invalid, match="there is no folder"):
        make_backup(full["sqlite"], tmp_path / "none" / "b.zip")


def test_a_wrong_setting_makes_no_empty_backup(place: Settings, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="there is no such database"):
        make_backup(place, tmp_path / "b.zip")
    place.data_dir.mkdir()
    (place.data_dir / "kam-assess.sqlite3").write_bytes(b"")
    with pytest.raises(Invalid, match="nothing in the database"):
        make_backup(place, tmp_path / "b.zip")
    (place.data_dir / "kam-assess.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(Failed, match="not a database"):
        make_backup(place, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_full_disk_is_said_and_nothing_is_left(
    full: dict[str, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_SPARE", 1 << 60)
    with pytest.raises(Full, match="no room for a backup"):
        make_backup(full["sqlite"], tmp_path / "b.zip")
    monkeypatch.undo()

    def no_room(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_files.os, "fsync", no_room)
    with pytest.raises(Full, match="No space left on device"):
        make_backup(full["sqlite"], tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_makes_no_backup(full: dict[str, Settings], tmp_path: Path) -> None:
    shutil.copytree(full["sqlite"].data_dir, tmp_path / "data")
    damaged = read_settings({"KAM_DATA_DIR": str(tmp_path / "data")})
    with (tmp_path / "data" / "kam-assess.sqlite3").open("r+b") as stream:
        for page in range(3, 40):
            stream.seek(page * 4096)
            stream.write(os.urandom(64))
    with pytest.raises(Failed):
        make_backup(damaged, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()
    found = check_installation(damaged)
    assert not found.is_sound
    assert [one.state for one in found.findings if one.name == "pages"] == ["wrong"]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_write_acknowledged_before_a_backup_began_is_in_it(engine: str, place: Settings, postgresql: str) -> None:
    with temporary_database(postgresql) as url:
        given = place if engine == "sqlite" else replace(place, database_url=url)
        rounds = write_and_back_up(given, place.data_dir.parent, rounds=3, seed=8)
    assert [one.lost for one in rounds] == [0] * 3
    assert all(one.before > 0 for one in rounds)
    assert all(one.during > 0 for one in rounds), "nobody wrote while the backup was made"


@pytest.mark.parametrize("place", ENGINES, indirect=True)
def test_a_place_that_is_not_free_is_restored_to_only_when_asked_and_moves_aside(
    backup: dict[str, Path], place: Settings
) -> None:
    restore(place, backup["sqlite"], now=NOW)
    (place.data_dir / "secret-key").write_text("of-before-" * 5)
    rows = everything(place)  # opens the database, which changes its file
    before = snapshot_of(place.data_dir)
    with pytest.raises(Invalid, match="is not empty; --replace") as refused:
        restore(place, backup["sqlite"])
    assert str(place.data_dir / "secret-key") in str(refused.value)
    assert snapshot_of(place.data_dir) == before
    done = restore(place, backup["sqlite"], replace=True, now=NOW)
    aside = place.data_dir / "replaced-20261121T120000Z"
    assert str(aside) in done.aside
    assert snapshot_of(aside) == {
        name: content for name, content in before.items() if "/" in name or "." in name or name in before
    }
    assert everything(place) == rows
    if place.database_url.startswith("postgresql"):
        assert "schema replaced_20261121t120000z" in done.aside
        storage = Storage(place.database_url)
        with storage.reading() as connection:
            assert connection.scalar(text("SELECT count(*) FROM replaced_20261121t120000z.assessment")) == len(
                rows["assessment"]
            )
        storage.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_restored_under_a_running_program(
    engine: str, backup: dict[str, Path], place: Settings, postgresql: str, prepared_sqlite: Path
) -> None:
    place.data_dir.mkdir()
    shutil.copy(prepared_sqlite, place.data_dir / "kam-assess.sqlite3")
    with temporary_database(postgresql) as url:
        settings = place if engine == "sqlite" else replace(place, database_url=url)
        with in_use(place.data_dir), pytest.raises(Invalid, match="in use by a server or worker"):
            restore(settings, backup["sqlite"], replace=True)
        storage = Storage(settings.database_url)
        with storage.reading() as connection:
            connection.execute(text("SELECT 1")).all()
        with pytest.raises(Invalid, match="in use by another program"):
            restore(settings, backup["sqlite"], replace=True)
        storage.close()
    with alone(place.data_dir), pytest.raises(Invalid, match="is being restored"), in_use(place.data_dir):
        raise AssertionError


def test_a_failure_on_the_way_puts_everything_back(
    backup: dict[str, Path], place: Settings, monkeypatch: pytest.MonkeyPatch, postgresql: str
) -> None:
    restore(place, backup["sqlite"])
    rows = everything(place)  # opens the database, which changes its file
    before = snapshot_of(place.data_dir)
    real, count = backups._move, iter(range(100))

    def move(source: Path, target: Path) -> None:
        if next(count) == 4:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(backups, "_move", move)
    with pytest.raises(Full, match="everything is as it was"):
        restore(place, backup["sqlite"], replace=True)
    monkeypatch.undo()
    assert snapshot_of(place.data_dir) == before
    assert everything(place) == rows
    before = snapshot_of(place.data_dir)
    with temporary_database(postgresql) as url:
        scaled = replace(place, database_url=url)
        monkeypatch.setattr(backups.occupied.portable, "copy_into", lambda *_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(scaled, backup["sqlite"], replace=True)
        assert snapshot_of(place.data_dir) == before
        storage = Storage(url)
        assert schema.is_empty(storage)
        storage.close()


def remade(backup: Path, folder: Path, *statements: str, **changes: object) -> Path:
    """The same backup with another database and another manifest, with all the right hashes."""
    folder.mkdir()
    manifest = backup_files.unpack_backup(backup, folder)
    with closing(sqlite_driver().connect(str(folder / "database.sqlite3"), isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    about = {name: getattr(manifest, name) for name in backup_files.About.__dataclass_fields__}
    files, _ = backup_files.kept_files(folder / "data")
    target = folder / "remade.zip"
    backup_files.write_backup(target, backup_files.About(**{**about, **changes}), folder / "database.sqlite3", files)  # type: ignore[arg-type]
    return target


def test_a_backup_of_a_newer_schema_or_with_other_rows_is_refused(
    backup: dict[str, Path], place: Settings, tmp_path: Path
) -> None:
    newer = remade(backup["sqlite"], tmp_path / "a", "UPDATE alembic_version SET version_num = '9999'", revision="9999")
    with pytest.raises(Invalid, match="the schema 9999 of a newer version"):
        restore(place, newer)
    with pytest.raises(Invalid, match="does not hold the rows"):
        restore(place, remade(backup["sqlite"], tmp_path / "b", "DELETE FROM rate_count"))
    with pytest.raises(Invalid, match="not one of kam-assess"):
        restore(place, remade(backup["sqlite"], tmp_path / "c", "DROP TABLE alembic_version"))
    with pytest.raises(Invalid, match="can't be used"):
        restore(place, remade(backup["sqlite"], tmp_path / "d", "DELETE FROM assessment WHERE id = 1"))
    assert snapshot_of(place.data_dir) == {}


@pytest.mark.parametrize("place", ENGINES, indirect=True)
def test_an_older_schema_is_backed_up_before_it_is_changed_and_that_backup_restores(place: Settings, tmp_path: Path) -> None:
    is_sqlite = place.database_url.startswith("sqlite")
    place.data_dir.mkdir()
    storage = Storage(place.database_url)
    schema.upgrade(storage, "0003")
    with storage.writing() as connection:
        connection.execute(text("INSERT INTO workspace VALUES (1, 'Ada & Co', 'consultancy', '2026-11-21 12:00:00')"))
    storage.close()
    older = make_backup(place, tmp_path / "older.zip").path
    done = upgrade(place, now=NOW)
    kept = place.data_dir / "backups" / f"before-{schema.newest()}-20261121T120000Z.zip"
    assert (done.before, done.after, done.backup) == ("0003", schema.newest(), kept if is_sqlite else None)
    assert upgrade(place).backup is None
    before = done.backup or older
    assert backups.inspect_backup(before).revision == "0003"
    assert restore(place, before, replace=True).revision == schema.newest()
    assert len(everything(place)["workspace"]) == 1


def test_a_drill_restores_on_trial_and_finds_a_log_that_was_changed(
    full: dict[str, Settings], backup: dict[str, Path], tmp_path: Path
) -> None:
    before = snapshot_of(full["sqlite"].data_dir)
    manifest, report = drill(full["sqlite"], backup["postgresql"])
    assert (report.is_sound, manifest.engine.split()[0]) == (True, "postgresql")
    forged = remade(
        backup["sqlite"],
        tmp_path / "a",
        "DROP TRIGGER audit_entry_no_UPDATE",
        "UPDATE audit_entry SET actor = 'nobody' WHERE number = 2",
        "UPDATE document SET content = x'00' WHERE state = 'done'",
        "UPDATE snapshot SET roadmap = '{}'",
        "UPDATE questionnaire_copy SET content = x'00' WHERE name = 'actions.yaml'",
        "UPDATE brand SET content = '{}'",
    )
    _, report = drill(full["sqlite"], forged)
    wrong = {one.name: [str(problem) for problem in one.problems] for one in report.findings if one.state == "wrong"}
    assert set(wrong) == {"audit", "documents", "snapshots", "questionnaires", "brands"}
    assert "workspace 1, entry 2" in wrong["audit"][0]
    assert "trigger audit_entry_no_UPDATE is missing" in wrong["audit"][-1]
    assert snapshot_of(full["sqlite"].data_dir) == before


@pytest.mark.parametrize("engine", ENGINES)
def test_db_check_finds_what_is_wrong_with_schema_and_keys(engine: str, place: Settings, postgresql: str) -> None:
    with temporary_database(postgresql) as url:
        settings = place if engine == "sqlite" else replace(place, database_url=url)
        open_installation(settings).storage.close()
        assert check_installation(settings).is_sound
        storage = Storage(settings.database_url)
        with storage.writing() as connection:
            connection.execute(text("DROP INDEX ix_document_state"))
            connection.execute(text("ALTER TABLE answer ADD COLUMN extra INTEGER"))
        key = settings.data_dir / "secret-key"
        key.chmod(0o644)
        whole = key.read_text()
        states = {one.name: one for one in check_installation(settings).findings}
        said = " ".join(str(problem) for problem in states["tables"].problems)
        assert "ix_document_state" in said
        assert "extra" in said
        assert (states["tables"].state, states["keys"].state) == ("wrong", "warning")
        key.write_text("short")
        with storage.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        storage.close()
        states = {one.name: one for one in check_installation(settings).findings}
        assert (states["schema"].state, states["tables"].state, states["keys"].state) == ("wrong", "skipped", "wrong")
        key.write_text(whole)
        with pytest.raises(Invalid, match="newer version"):
            open_installation(settings)


def test_the_audit_log_of_postgresql_is_checked_too(full: dict[str, Settings]) -> None:
    assert check_installation(full["postgresql"]).is_sound
    storage = Storage(full["postgresql"].database_url)
    with storage.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"))
        connection.execute(audit_entry.update().where(audit_entry.c.number == 1).values(actor="nobody"))
        from assess.storage.checks import broken_audit

        assert broken_audit(connection)[-1] == "trigger audit_entry_append_only is missing"
        assert broken_audit(connection)[0] == "workspace 1, entry 1"
        transaction.rollback()
    storage.close()
