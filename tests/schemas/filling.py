"""An installation with rows in every table, made as people make it: what the databases of released schemas hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

from assess.config import read_settings
from assess.content.library import thaw
from assess.core.answers import Answer, Consensus, Evidence, Organisation
from assess.core.brand import Brand
from assess.core.decisions import Decision, OwnInitiative
from assess.core.workshop import LIVE, Ballot
from assess.storage import documents, readings, workers
from assess.usecases import (
    answers,
    assessments,
    benchmarks,
    brands,
    desks,
    engagements,
    peer_rows,
    plans,
    pool,
    reading_work,
    rooms,
    snapshots,
    tokens,
    workshops,
)
from assess.usecases import documents as document_cases
from assess.usecases import readings as reading_cases
from assess.usecases.installation import Installation, open_installation
from tests.staff import CHEAP, become_admin, invite_one, join, respond, start_run

VECTORS = Path(__file__).parent.parent / "vectors"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOKEN = "the-link-of-a-self-assessment"
ORGANISATION = Organisation("Ümlaut 關鍵", "machinery", "eu", "50-249")
ANSWERS = {"s1.1": Answer(level=4, evidence="charter", comment="評語"), "s1.2": Answer(level=2), "s2.1": Answer(dont_know=True)}
_ACCOUNTS = b"account,year,revenue\nA,2026,10\nB,2026,20\n"
_PEERS = "organisation,questionnaire,version,completed_on,industry,region,size,s1,s2,s3\n" + "".join(
    f"Org {n},mini,1.0.0,2026-01-0{1 + n % 9},food,eu,50-249,2.5,{1 + n % 4},3\n" for n in range(12)
)


def fill(data_dir: Path, database_url: str = "") -> Installation:
    """A new installation in the folder, full of rows."""
    settings = read_settings({"KAM_DATA_DIR": str(data_dir)} | ({"KAM_DATABASE_URL": database_url} if database_url else {}))
    opened = open_installation(replace(settings, questionnaires=(VECTORS,)))
    installation = replace(opened, clock=lambda: NOW, passwords=CHEAP)
    _self_assessments(installation)
    _practice(installation)
    _benchmark(installation)
    with installation.storage.writing() as connection:
        workers.note_beat(connection, "a worker", NOW)
    return installation


def _self_assessments(installation: Installation) -> None:
    """One that is answered, with everything around it; one that was closed and assessed again."""
    token = _begin(installation, TOKEN)
    assessments.keep_evidence(installation, token, "s1.1", [Evidence("the charter", "https://example.org", date(2027, 6, 30))])
    assessments.choose_targets(installation, token, {"s1": Fraction(7, 2)})
    own = OwnInitiative("", "Call the ten largest", "kam", date(2027, 1, 4), date(2027, 2, 26))
    kept = plans.keep_own(installation, token, own, None)
    plans.decide(installation, token, kept, Decision(owner="Ada", notes="soon"), 0)
    brands.keep_for_assessment(installation, token, Brand(primary="#123456"))
    _document(installation, token)
    _accounts(installation, token)
    closed = _begin(installation, "another-link")
    snapshots.close(installation, closed)
    snapshots.reassess(installation, closed, copies_answers=True)


def _begin(installation: Installation, token: str) -> str:
    """A self-assessment under a link that tests know."""
    frozen = installation.library.frozen("mini")
    from assess.core.answers import Assessment
    from assess.storage import assessments as rows

    values = Assessment("mini", ORGANISATION, NOW.date(), (), version="1.0.0")
    with installation.storage.writing() as connection:
        digest = rows.keep_questionnaire(connection, frozen.files)
        rows.add_assessment(connection, token, digest, values, "kam", "zh-Hant", 4, NOW)
    answers.save_answers(installation, token, ANSWERS)
    return token


def _document(installation: Installation, token: str) -> None:
    document_cases.request_document(installation, token, fmt="pdf", style="full", language="en")
    with installation.storage.writing() as connection:
        held = documents.claim_next(connection, NOW)
        assert held is not None
        assert documents.finish(connection, held, b"%PDF-1.7 a page\0\xff", NOW)
    document_cases.request_document(installation, token, fmt="html", style="full", language="zh-Hans")


def _accounts(installation: Installation, token: str) -> None:
    """Figures of one accounts file, and another that waits."""
    _upload(installation, token)
    _work(installation)
    row = reading_cases.reading_of(installation, assessments.open_by_link(installation, token))
    assert row is not None
    reading_cases.start_reading(installation, token, row.choices)
    _work(installation)
    _upload(installation, token)


def _upload(installation: Installation, token: str) -> None:
    with reading_cases.receiving(installation) as open_new:
        part = open_new()
        part.write(_ACCOUNTS)
        reading_cases.take(installation, token, part, "accounts.csv", keeps=True)


def _work(installation: Installation) -> None:
    with installation.storage.writing() as connection:
        claim = readings.claim_next(connection, NOW)
        assert claim is not None
    content = reading_work.work_on(installation.settings, claim, None)
    with installation.storage.writing() as connection:
        assert reading_work.finish_reading(connection, claim, content, NOW)


def _practice(installation: Installation) -> None:
    """A consultancy with an engagement, its people, a token of the API and a workshop."""
    ada = become_admin(installation)
    run = start_run(installation, ada)
    join(installation, ada, "lea@example.org", "client_lead", run.engagement)
    respond(installation, invite_one(installation, ada, run.code), "kam", 3, "s1.1", "s1.2")
    invite_one(installation, ada, run.code, "Rob")
    _, secret = tokens.add_token(installation, ada, name="reporting", scopes=("read", "write"), days=30)
    caller = tokens.authenticate(installation, secret)
    assert caller is not None
    tokens.count_call(installation, caller)
    tokens.create_once(installation, caller, "a-key", b"a request", lambda: ["id"])
    key = engagements.key_to(installation, ada, run.code)
    workshops.start_workshop(installation, key)
    desk = desks.open_desk(installation, key)
    seats = [
        rooms.join(installation, desk.join_token, name="", role=role, language="en", address="10.0.0.1")
        for role in ("kam", "kam", "executive")
    ]
    workshops.take_item(installation, key, "s1.1", LIVE)
    number = desks.open_desk(installation, key).room.last
    assert number
    for own in seats:
        rooms.cast(installation, own, number, Ballot("", 2), key=str(uuid4()))
    workshops.reveal_votes(installation, key)
    workshops.decide_item(installation, key, Consensus(level=2, rationale="No charter yet."))
    workshops.add_entry(installation, key, "parked", "Who owns the list?")


def _benchmark(installation: Installation) -> None:
    core = thaw(installation.library.frozen("mini"))
    peer_rows.import_rows_of(installation, _PEERS.encode(), "peers.csv", "peers.csv", core)
    benchmarks.make_release(installation, core.id, core.major)
    pool.order_release(installation, become_admin(installation, "ben@example.org", "Ben Ltd"), core.id, core.major)
