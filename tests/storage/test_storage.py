"""The database, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, insert, select, text, update

from assess.core.answers import Answer, Assessment, Organisation
from assess.core.decisions import Decision
from assess.core.errors import Failed, Invalid, NotFound
from assess.storage import assessments, documents, plans, queue, schema, wakeups
from assess.storage.attempts import count_attempt
from assess.storage.documents import DocumentRow
from assess.storage.engine import Storage, sqlite_driver, wal_is_sound
from assess.storage.tables import answer, answer_event, document, metadata, questionnaire_copy, respondent

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FILES = {"questionnaire.yaml": b"a: 1\n", "actions.yaml": b"b: 2\n"}
VALUES = Assessment("mini", Organisation("Ümlaut 關鍵", "machinery", "eu", "50-249"), NOW.date(), (), version="1.0.0")


def add(storage: Storage, token: str = "secret-token") -> assessments.StoredAssessment:
    with storage.writing() as connection:
        digest = assessments.keep_questionnaire(connection, FILES)
        assessments.add_assessment(connection, token, digest, VALUES, "kam", "zh-Hant", 4, NOW)
    return load(storage, token)


def load(storage: Storage, token: str = "secret-token") -> assessments.StoredAssessment:
    with storage.reading() as connection:
        return assessments.load_assessment(connection, token)


def test_the_migrations_make_exactly_the_tables_of_the_code(storage: Storage) -> None:
    with storage.reading() as connection:
        options = {"compare_type": True, "include_name": lambda name, *_: not str(name).startswith(wakeups.PREFIX)}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_is_upgraded_once(empty_storage: Storage) -> None:
    assert schema.is_empty(empty_storage)
    assert schema.upgrade(empty_storage) == (None, schema.newest())
    assert schema.upgrade(empty_storage) == (schema.newest(), schema.newest())
    schema.require_current(empty_storage)


def test_an_upgrade_may_take_its_time_on_postgresql(storage: Storage) -> None:
    def limits(connection: Connection) -> list[str]:
        names = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")
        return [connection.scalar(text(f"SHOW {name}")) for name in names]

    if storage.is_sqlite:
        pytest.skip("SQLite has no such limits")
    with storage.writing() as connection:
        schema.upgrade_on(connection)
        assert limits(connection) == ["0", "0", "1min"]
    with storage.writing() as connection:
        assert limits(connection) == ["10s", "30s", "3s"]


def test_an_older_schema_is_refused_with_the_command_to_run(empty_storage: Storage) -> None:
    with pytest.raises(Invalid, match="kam-assess db upgrade"):
        schema.require_current(empty_storage)


def test_a_newer_schema_is_refused(storage: Storage) -> None:
    with storage.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Invalid, match="newer version of kam-assess"):
        schema.require_current(storage)
    with pytest.raises(Invalid, match="newer version of kam-assess"):
        schema.upgrade(storage)


def test_an_assessment_comes_back_as_it_was_stored(storage: Storage) -> None:
    stored = add(storage)
    assert stored.assessment.organisation == VALUES.organisation
    assert (stored.language, stored.capacity, stored.start) == ("zh-Hant", 4, None)
    assert (stored.created_at, stored.changed_at) == (NOW, NOW)
    assert [person.role for person in stored.assessment.respondents] == ["kam"]


def test_a_look_is_consistent_whatever_others_write_meanwhile(storage: Storage) -> None:
    add(storage)
    counted = select(func.count()).select_from(respondent)
    with storage.reading() as connection:
        assert connection.scalar(counted) == 1
        with ThreadPoolExecutor(1) as pool:
            pool.submit(add, storage, "another-token").result(30)
        assert connection.scalar(counted) == 1
    with storage.reading() as connection:
        assert connection.scalar(counted) == 2


def test_who_looks_can_not_write(storage: Storage) -> None:
    with pytest.raises(Failed, match=r"read-?only"), storage.reading() as connection:
        connection.execute(update(respondent).values(role="sales"))
    with storage.writing() as connection:
        connection.execute(update(respondent).values(role="sales"))


def test_the_private_link_is_stored_as_a_hash_only(storage: Storage) -> None:
    add(storage, "very-secret")
    with storage.reading() as connection:
        everything = str(connection.execute(text("SELECT * FROM assessment")).all())
    assert "very-secret" not in everything
    with pytest.raises(NotFound):
        load(storage, "another-token")


def test_equal_questionnaires_are_kept_once(storage: Storage) -> None:
    first, second = add(storage, "one"), add(storage, "two")
    assert first.digest == second.digest
    with storage.reading() as connection:
        assert len(connection.execute(select(questionnaire_copy.c.name)).all()) == 2
        assert assessments.load_questionnaire_files(connection, first.digest) == FILES


def test_answers_are_put_in_place_and_their_history_is_kept(storage: Storage) -> None:
    stored = add(storage)
    given = Answer(level=4, evidence="charter <b>", comment="line 1\nline 2 評語")
    with storage.writing() as connection:
        assessments.save_answer(connection, stored.respondent_id, "s1.1", Answer(level=2), NOW)
        assessments.save_answer(connection, stored.respondent_id, "s1.1", given, NOW)
        assessments.save_answer(connection, stored.respondent_id, "s1.2", Answer(not_applicable="constraint"), NOW)
        assessments.save_answer(connection, stored.respondent_id, "s1.3", Answer(dont_know=True), NOW)
        assessments.save_answer(connection, stored.respondent_id, "s1.3", None, NOW)
    assert load(storage).assessment.respondents[0].answers == {"s1.1": given, "s1.2": Answer(not_applicable="constraint")}
    with storage.reading() as connection:
        events = connection.execute(select(answer_event.c.item).order_by(answer_event.c.id)).scalars().all()
        versions = dict(connection.execute(select(answer.c.item, answer.c.version)).all())
    assert events == ["s1.1", "s1.1", "s1.2", "s1.3", "s1.3"]
    assert versions == {"s1.1": 2, "s1.2": 1, "s1.3": 2}


def test_a_transaction_that_fails_leaves_nothing_behind(storage: Storage) -> None:
    stored = add(storage)

    def save_and_fail() -> None:
        with storage.writing() as connection:
            assessments.save_answer(connection, stored.respondent_id, "s1.1", Answer(level=2), NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_and_fail()
    assert load(storage).assessment.respondents[0].answers == {}


def test_erasing_takes_answers_history_and_documents_along(storage: Storage) -> None:
    stored = add(storage)
    with storage.writing() as connection:
        assessments.save_answer(connection, stored.respondent_id, "s1.1", Answer(level=2), NOW)
        documents.add_document(connection, row("d1"), stored.id, "{}")
        assessments.erase_assessment(connection, stored.id)
    with storage.reading() as connection:
        for table in (respondent, answer, answer_event, document):
            assert connection.execute(select(table)).all() == []


def test_a_plan_is_chosen_and_read_back(storage: Storage) -> None:
    stored = add(storage)
    with storage.writing() as connection:
        assessments.choose_plan(connection, stored.id, "starting", date(2027, 1, 4), 2)
    again = load(storage)
    assert (again.assessment.profile, again.start, again.capacity) == ("starting", date(2027, 1, 4), 2)


def test_parallel_writers_lose_nothing(storage: Storage) -> None:
    stored = add(storage)

    def write(number: int) -> None:
        with storage.writing() as connection:
            assessments.save_answer(connection, stored.respondent_id, f"i{number % 40}", Answer(level=1 + number % 5), NOW)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(200)))
    with storage.reading() as connection:
        assert len(connection.execute(select(answer_event.c.id)).all()) == 200
        assert sum(connection.execute(select(answer.c.version)).scalars()) == 200


def row(id_: str, owner: str = "sample-x", content_hash: str = "h", at: datetime = NOW) -> DocumentRow:
    return DocumentRow(id_, owner, "pdf", "full", "en", content_hash, "a.pdf", "queued", 0, at, None, None, None)


def add_row(storage: Storage, *rows: DocumentRow) -> None:
    with storage.writing() as connection:
        for each in rows:
            documents.add_document(connection, each, None, "{}")


def claim(storage: Storage, now: datetime = NOW) -> documents.Claim | None:
    with storage.writing() as connection:
        return documents.claim_next(connection, now)


def test_documents_are_made_in_the_order_they_were_asked_for(storage: Storage) -> None:
    add_row(storage, row("late", at=NOW + timedelta(seconds=1)), row("early"))
    claims = [claim(storage), claim(storage), claim(storage)]
    assert [each and each.id for each in claims] == ["early", "late", None]


def test_a_finished_document_gives_its_bytes_to_its_owner_only(storage: Storage) -> None:
    add_row(storage, row("d1"))
    held = claim(storage)
    assert held is not None
    with storage.writing() as connection:
        assert documents.finish(connection, held, b"%PDF", NOW)
    with storage.reading() as connection:
        assert documents.load_content(connection, "sample-x", "d1") == b"%PDF"
        assert documents.find_document(connection, "sample-x", "d1").size == 4
        for reading in (documents.load_content, documents.find_document):
            with pytest.raises(NotFound):
                reading(connection, "somebody else", "d1")


def test_a_document_whose_worker_died_is_given_to_another_and_the_first_cant_finish_it(storage: Storage) -> None:
    add_row(storage, row("d1"))
    first = claim(storage)
    assert claim(storage, NOW + timedelta(seconds=30)) is None
    second = claim(storage, NOW + queue.LEASE + timedelta(seconds=1))
    assert first is not None
    assert second is not None
    assert (second.id, second.attempt) == ("d1", 2)
    with storage.writing() as connection:
        assert not documents.finish(connection, first, b"old", NOW)
        assert documents.finish(connection, second, b"new", NOW)
    with storage.reading() as connection:
        assert documents.load_content(connection, "sample-x", "d1") == b"new"


def test_a_document_that_takes_its_worker_down_three_times_fails(storage: Storage) -> None:
    add_row(storage, row("d1"))
    now = NOW
    for _ in range(queue.MAX_ATTEMPTS):
        assert claim(storage, now) is not None
        now += queue.LEASE + timedelta(seconds=1)
    assert claim(storage, now) is None
    with storage.reading() as connection:
        assert documents.find_document(connection, "sample-x", "d1").state == "failed"


def test_a_heartbeat_keeps_the_claim(storage: Storage) -> None:
    add_row(storage, row("d1"))
    held = claim(storage)
    assert held is not None
    with storage.writing() as connection:
        assert documents.extend_lease(connection, held, NOW + timedelta(seconds=50))
    assert claim(storage, NOW + timedelta(seconds=100)) is None


def test_a_failed_document_can_be_tried_again(storage: Storage) -> None:
    add_row(storage, row("d1"))
    held = claim(storage)
    assert held is not None
    with storage.writing() as connection:
        documents.fail(connection, held, "too_long", NOW)
        assert documents.find_same(connection, "sample-x", "h") is None
        documents.requeue(connection, "sample-x", "d1")
    again = claim(storage)
    assert again is not None
    assert again.attempt == 1


def test_two_workers_never_get_the_same_document(storage: Storage) -> None:
    add_row(storage, *(row(f"d{number}") for number in range(20)))
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: claim(storage), range(40)))
    ids = [each.id for each in claims if each is not None]
    assert sorted(ids) == sorted({f"d{number}" for number in range(20)})


def test_of_many_who_decide_on_one_edition_one_is_heard(storage: Storage) -> None:
    assessment_id = add(storage).id

    def decide(owner: str, base: int) -> bool:
        with storage.writing() as connection:
            return plans.put_decision(connection, assessment_id, "act", Decision(owner), base)

    for base in range(3):
        with ThreadPoolExecutor(8) as pool:
            heard = list(pool.map(decide, map(str, range(8)), [base] * 8))
        assert sorted(heard) == [False] * 7 + [True]
        assert load(storage).decision_versions == {"act": base + 1}
        assert load(storage).assessment.adoption.decisions["act"].owner == str(heard.index(True))


def test_what_is_written_within_a_transaction_of_the_thread_is_a_part_of_it(storage: Storage) -> None:
    def put(name: str) -> None:
        with storage.writing() as connection:
            connection.execute(insert(questionnaire_copy).values(digest="x", name=name, content=b""))

    def put_in_vain(name: str) -> None:
        with storage.writing():
            put(name)
            raise LookupError

    def names() -> set[str]:
        with storage.reading() as connection:
            return set(connection.scalars(select(questionnaire_copy.c.name)))

    with storage.writing():
        put("kept")
        with pytest.raises(LookupError):
            put_in_vain("undone alone")
        assert names() == {"kept"}
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(names).result() == set(), "others see it when it is committed"
    with pytest.raises(LookupError):
        put_in_vain("undone, the part included")
    assert names() == {"kept"}


def test_sqlite_runs_with_full_synchronisation_and_foreign_keys(tmp_path: Path) -> None:
    storage = Storage(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    with storage.reading() as connection:
        pragmas = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("synchronous", "foreign_keys", "journal_mode")}
    storage.close()
    journal = "wal" if wal_is_sound(sqlite_driver().sqlite_version_info) else "delete"
    assert pragmas == {"synchronous": 2, "foreign_keys": 1, "journal_mode": journal}


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_wal_is_used_only_where_it_cant_lose_writes(version: tuple[int, ...], sound: bool) -> None:
    assert wal_is_sound(version) is sound


def test_a_full_disk_is_said_and_nothing_is_acknowledged(tmp_path: Path) -> None:
    storage = Storage(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    schema.upgrade(storage)
    stored = add(storage)
    with storage.writing() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count = {pages + 4}"))

    def save_until_full() -> None:
        for number in range(50):
            given = Answer(level=1, comment="x" * 4000)
            with storage.writing() as connection:
                connection.execute(text(f"PRAGMA max_page_count = {pages + 4}"))
                assessments.save_answer(connection, stored.respondent_id, f"i{number}", given, NOW)

    with pytest.raises(Failed, match="full"):
        save_until_full()
    answers = load(storage).assessment.respondents[0].answers
    with storage.reading() as connection:
        assert len(connection.execute(select(answer_event.c.id)).all()) == len(answers)
    storage.close()


_WRITER = """
import sys
from datetime import UTC, datetime
from assess.core.answers import Answer
from assess.storage import assessments
from assess.storage.engine import Storage
storage = Storage(sys.argv[1])
for number in range(100000):
    with storage.writing() as connection:
        assessments.save_answer(connection, int(sys.argv[2]), f"i{number}", Answer(level=3), datetime.now(UTC))
    print(number, flush=True)
"""


def test_a_killed_writer_loses_no_acknowledged_answer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    storage = Storage(url)
    schema.upgrade(storage)
    for round_ in range(5):
        stored = add(storage, f"token-{round_}")
        command = [sys.executable, "-c", _WRITER, url, str(stored.respondent_id)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(5 + round_)]
        time.sleep(0.01 * round_)
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout.read().split()]
        writer.stdout.close()
        writer.wait()
        answers = load(storage, f"token-{round_}").assessment.respondents[0].answers
        assert {f"i{number}" for number in acknowledged} <= set(answers)
    with storage.reading() as connection:
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    storage.close()


def test_a_wrong_database_url_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="KAM_DATABASE_URL"):
        Storage("not a url")
    with pytest.raises(Failed):
        schema.is_empty(Storage(f"sqlite:///{tmp_path / 'missing' / 'a.sqlite3'}"))


def test_revisions_are_told_from_their_files_as_alembic_tells_them() -> None:
    script = ScriptDirectory(str(schema.MIGRATIONS))
    assert schema.newest() == script.get_current_head()
    assert schema.known_revisions() == tuple(sorted(one.revision for one in script.walk_revisions()))


def test_a_document_whose_worker_died_before_the_clock_was_set_back_is_given_to_another(storage: Storage) -> None:
    add_row(storage, row("d1"))
    assert claim(storage) is not None
    assert claim(storage, NOW - timedelta(seconds=30)) is None
    again = claim(storage, NOW - timedelta(days=1))
    assert again is not None
    assert again.attempt == 2


def test_attempts_counted_before_the_clock_was_set_back_lock_nobody_out(storage: Storage) -> None:
    with storage.writing() as connection:
        assert [count_attempt(connection, "sign-in", "Rosa", 900, NOW) for _ in range(6)][-1] == 6
        assert count_attempt(connection, "sign-in", "Rosa", 900, NOW - timedelta(minutes=5)) == 7
        assert count_attempt(connection, "sign-in", "Rosa", 900, NOW - timedelta(hours=1)) == 1
        assert count_attempt(connection, "sign-in", "Rosa", 900, NOW + timedelta(days=1)) == 1


def test_a_writer_that_gets_no_turn_gives_up_and_the_next_one_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assess.storage.engine.TURN_SECONDS", 0.05)
    storage = Storage(f"sqlite:///{tmp_path / 'turns.sqlite3'}")
    schema.upgrade(storage)
    with (tmp_path / "turns.sqlite3.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Failed, match="another process is writing"), storage.writing():
            raise AssertionError("no turn was free")
    with (
        storage.writing(),
        ThreadPoolExecutor(1) as pool,
        pytest.raises(Failed, match="too many others are writing"),
    ):
        pool.submit(lambda: storage.writing().__enter__()).result(30)
    with storage.writing() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    storage.close()
