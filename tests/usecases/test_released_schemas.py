"""What installations of every released schema hold is brought up to date and still read, on SQLite and on PostgreSQL.

The databases are files of tests/schemas, as their engines dumped them; see tests/schemas/__main__.py.
"""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from assess.config import Settings, read_settings
from assess.core.errors import Invalid
from assess.core.staff import Actor
from assess.storage import schema
from assess.storage.engine import Storage
from assess.storage.tables import audit_entry
from assess.usecases import assessments, audit, benchmarks, desks, documents, engagements, snapshots
from assess.usecases import tokens as token_cases
from assess.usecases.checks import OK, check_installation
from assess.usecases.installation import Installation, open_installation
from tests.databases import temporary_database
from tests.schemas.__main__ import ENGINES, fixture_path, released
from tests.schemas.filling import ANSWERS, ORGANISATION, TOKEN, VECTORS
from tests.staff import CHEAP, signed_in

MAY_BE_EMPTY = {"alembic_version"}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=released())
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(request: pytest.FixtureRequest, engine: str, revision: str, tmp_path: Path) -> Iterator[Settings]:
    """An installation as somebody has it who last upgraded to that revision."""
    dump = gzip.decompress(fixture_path(revision, engine).read_bytes()).decode()
    given = read_settings({"KAM_DATA_DIR": str(tmp_path)})
    if engine == "sqlite":
        with closing(sqlite3.connect(tmp_path / "kam-assess.sqlite3")) as connection:
            connection.executescript(dump)
        yield given
        return
    import psycopg

    with temporary_database(request.getfixturevalue("postgresql")) as url:
        with psycopg.connect(url) as connection:
            connection.execute(dump)  # type: ignore[arg-type]  # a whole script
        yield replace(given, database_url=url)


def counts(storage: Storage) -> dict[str, int]:
    with storage.reading() as connection:
        names = set(inspect(connection).get_table_names()) - MAY_BE_EMPTY
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in sorted(names)}


@contextmanager
def opened(settings: Settings) -> Iterator[Installation]:
    installation = open_installation(replace(settings, questionnaires=(VECTORS,)))
    try:
        yield replace(installation, passwords=CHEAP)
    finally:
        installation.storage.close()


@pytest.fixture
def storage(settings: Settings) -> Iterator[Storage]:
    storage = Storage(settings.database_url)
    yield storage
    storage.close()


def test_what_was_stored_is_read_after_the_upgrade(settings: Settings, storage: Storage, revision: str) -> None:
    before = counts(storage)
    assert [name for name, rows in before.items() if not rows] == []
    assert schema.upgrade(storage) == (revision, schema.newest())
    after = counts(storage)
    assert {name: after[name] for name in before} == before
    with opened(settings) as installation:
        read_self_assessment(installation)
        if revision >= "0003":
            read_practice(installation, revision)
        if revision >= "0004":
            (release,) = benchmarks.overview(installation).releases
            assert (release.questionnaire, release.number) == ("mini", 1)
    found = check_installation(settings)
    assert [(one.name, [str(problem) for problem in one.problems]) for one in found.findings if one.state != OK] == []


def read_self_assessment(installation: Installation) -> None:
    run = assessments.open_by_link(installation, TOKEN)
    assert run.assessment.organisation == ORGANISATION
    assert dict(run.assessment.respondents[0].answers) == ANSWERS
    assert assessments.evaluate_open(run).scorecard.claimed.score is not None
    done, waiting = sorted(documents.list_documents(installation, TOKEN), key=lambda one: one.state)
    assert (done.state, waiting.state) == ("done", "queued")
    assert documents.document_bytes(installation, TOKEN, done.id).startswith(b"%PDF-1.7")


def read_practice(installation: Installation, revision: str) -> None:
    ada = signed_in(installation, "ada@example.org")
    log = audit.show_log(installation, ada)
    assert log.broken is None
    assert log.total > 5
    (work,) = engagements.list_engagements(installation, ada)
    assert work.organisation.name == "Acme"
    lea = signed_in(installation, "lea@example.org")
    assert lea.role == "client_lead"
    if revision >= "0005":
        assert all(one.is_whole for one in snapshots.history(installation, "another-link"))
    if revision >= "0007":
        (token,) = token_cases.my_tokens(installation, ada)
        assert token.name == "reporting"
    if revision >= "0008":
        read_workshop(installation, ada)


def read_workshop(installation: Installation, ada: Actor) -> None:
    (work,) = engagements.list_engagements(installation, ada)
    (run,) = engagements.open_engagement(installation, ada, work.id).assessments
    desk = desks.open_desk(installation, engagements.key_to(installation, ada, run.code))
    assert desk.room.last == 1
    run_now = assessments.open_by_link(installation, engagements.key_to(installation, ada, run.code))
    assert run_now.assessment.consensus["s1.1"].rationale == "No charter yet."


def test_a_database_is_kept_for_every_released_schema_on_both_engines() -> None:
    known = schema.known_revisions()
    assert released() == known[: len(released())], "run: make schema-fixtures"
    assert all(fixture_path(one, engine).exists() for one in released() for engine in ENGINES)


@pytest.mark.parametrize("revision", ["0009"])
def test_an_older_schema_is_refused_and_its_audit_log_still_refuses_changes_after_the_upgrade(
    settings: Settings, storage: Storage
) -> None:
    with pytest.raises(Invalid, match="kam-assess db upgrade"):
        open_installation(settings)
    schema.upgrade(storage)
    with pytest.raises(Exception, match="append-only"), storage.writing() as connection:
        connection.execute(audit_entry.delete())
