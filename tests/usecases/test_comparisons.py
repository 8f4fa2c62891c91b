"""An assessment among its peers: in documents, in snapshots, on screen."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Event

import pytest
from sqlalchemy import select

from assess.content.comparisons import dump_comparison, load_comparison
from assess.content.library import thaw
from assess.core.answers import Answer, Organisation
from assess.core.benchmark import Comparison
from assess.core.evaluation import Evaluation
from assess.core.staff import Actor
from assess.jobs import Limits, work_once
from assess.storage.tables import document
from assess.usecases import answers, assessments, benchmarks, documents, engagements, peer_rows, snapshots
from assess.usecases.comparisons import Peers, look_among_peers
from assess.usecases.installation import Installation
from assess.usecases.requests import evaluate_request
from tests.staff import become_admin, invite_one, respond, start_run
from tests.usecases.test_benchmark_clients import closed

HEADER = "organisation,questionnaire,version,completed_on,industry,region,size,s1,s2,s3\n"


@pytest.fixture
def token(installation: Installation) -> str:
    """A self-assessment with 3.00 in step 1, of machinery in Mars."""
    where = Organisation("Acme", "machinery", "mars", "")
    started = assessments.start(installation, questionnaire="mini", role="kam", language="en", organisation=where)
    answers.save_answers(installation, started, {f"s1.{n}": Answer(level=3) for n in range(1, 5)})
    return started


def take(installation: Installation, first: int, last: int, region: str = "mars", *, releases: bool = True) -> None:
    """Organisations with 1, 2, 3, 4, 5, 1, ... in step 1."""
    core = thaw(installation.library.frozen("mini"))
    lines = [f"O{n},mini,1.0.0,2026-01-01,machinery,{region},big,{1 + n % 5},2,2\n" for n in range(first, last)]
    peer_rows.import_rows_of(installation, (HEADER + "".join(lines)).encode(), f"{first}.csv", "f", core)
    if releases:
        benchmarks.make_release(installation, "mini", 1)


def ask(installation: Installation, token: str) -> str:
    return documents.request_document(installation, token, fmt="json", style="full", language="en").id


def report(installation: Installation, token: str, id_: str) -> dict[str, object]:
    while work_once(installation, Event(), Limits()):
        pass
    found: dict[str, object] = json.loads(documents.document_bytes(installation, token, id_))
    return found


def evaluated(installation: Installation, id_: str) -> Evaluation:
    """What a document is made from."""
    with installation.storage.reading() as connection:
        request = connection.execute(select(document.c.request).where(document.c.id == id_)).scalar_one()
    return evaluate_request(installation.storage, request)


def comparison_of(installation: Installation, id_: str) -> Comparison | None:
    return evaluated(installation, id_).comparison


def look(installation: Installation, token: str, key: str = "") -> Peers | None:
    opened = assessments.open_by_link(installation, token)
    return look_among_peers(installation, opened, assessments.evaluate_open(opened).scorecard, key)


def test_a_document_carries_the_peers_of_the_moment_it_was_asked_for(installation: Installation, token: str) -> None:
    without = ask(installation, token)
    assert comparison_of(installation, without) is None
    take(installation, 0, 10)
    asked = ask(installation, token)
    assert asked != without
    assert ask(installation, token) == asked
    found = comparison_of(installation, asked)
    assert found is not None
    assert (found.n, found.n_to, found.group) == (10, 14, {"industry": "machinery", "region": "mars"})
    # Ten organisations with 1, 1, 2, 2, 3, 3, 4, 4, 5, 5.
    assert (found.dimensions["s1"].own, found.dimensions["s1"].median) == (3, 3)
    assert [source.number for source in found.sources] == [1]
    take(installation, 10, 20)
    later = ask(installation, token)
    assert later != asked
    assert comparison_of(installation, asked) == found
    assert "10–14 organisations" in json.dumps(report(installation, token, asked), ensure_ascii=False)
    again = comparison_of(installation, later)
    assert again is not None
    assert (again.n, again.sources[0].number) == (20, 2)


def test_rows_that_wait_for_a_release_make_no_other_document(installation: Installation, token: str) -> None:
    first = ask(installation, token)
    take(installation, 0, 10, releases=False)
    assert ask(installation, token) == first


def test_a_snapshot_keeps_its_peers_and_brings_them_along_as_the_earlier_run(installation: Installation, token: str) -> None:
    take(installation, 0, 10)
    snapshots.close(installation, token)
    take(installation, 10, 20)
    again = snapshots.reassess(installation, token, copies_answers=True)
    evaluation = evaluated(installation, ask(installation, again))
    assert evaluation.comparison is not None
    assert evaluation.earlier is not None
    assert evaluation.earlier.comparison is not None
    assert (evaluation.earlier.comparison.n, evaluation.comparison.n) == (10, 20)
    assert all(view.is_whole for view in snapshots.history(installation, again))


def test_a_client_who_contributed_is_no_peer_of_its_own(installation: Installation) -> None:
    ada: Actor = become_admin(installation)
    runs = [closed(installation, ada, f"Client {number}", 1 + number % 5) for number in range(10)]
    benchmarks.make_release(installation, "mini", 1)
    code = engagements.open_engagement(installation, ada, runs[0]).assessments[0].code
    mine = comparison_of(installation, ask(installation, engagements.key_to(installation, ada, code)))
    stranger = start_run(installation, ada, client="Stranger")
    respond(installation, invite_one(installation, ada, stranger.code), "kam", 1, "s1.1", "s1.2", "s1.3", "s1.4")
    theirs = comparison_of(installation, ask(installation, engagements.key_to(installation, ada, stranger.code)))
    assert mine is not None
    assert theirs is not None
    assert (mine.n, theirs.n) == (5, 10)


def test_only_a_group_of_the_fixed_set_can_be_chosen(installation: Installation, token: str) -> None:
    take(installation, 0, 10)
    take(installation, 10, 30, "venus")
    nearest = look(installation, token)
    assert nearest is not None
    assert (nearest.comparison.n, nearest.chosen) == (10, "")
    for wrong in ('["machinery","pluto",null]', "x", "null", '["machinery",null,"big"]' * 99):
        assert look(installation, token, wrong) == nearest
    venus = next(key for key, cell in nearest.offered if cell == ("machinery", "venus", None))
    chosen = look(installation, token, venus)
    assert chosen is not None
    assert (chosen.comparison.n, chosen.comparison.group["region"], chosen.chosen) == (20, "venus", venus)


def test_how_many_are_missing_counts_those_at_hand_and_says_when_only_a_release_is(
    installation: Installation, token: str
) -> None:
    empty = look(installation, token)
    assert empty is not None
    assert (empty.comparison.missing, empty.waits, empty.offered) == (5, False, ())
    take(installation, 0, 4, releases=False)
    four = look(installation, token)
    assert four is not None
    assert (four.comparison.missing, four.waits) == (1, False)
    take(installation, 4, 5, releases=False)
    five = look(installation, token)
    assert five is not None
    assert five.waits


def test_made_up_organisations_are_not_compared_with_real_ones(installation: Installation) -> None:
    opened = assessments.open_by_link(installation, "sample-beginner")
    card = assessments.evaluate_open(opened).scorecard
    assert look_among_peers(installation, opened, card) is None


def test_a_comparison_is_the_same_after_writing_and_reading(installation: Installation, token: str) -> None:
    for first, last in ((0, 5), (5, 60)):
        take(installation, first, last)
        found = look(installation, token)
        assert found is not None
        text = json.dumps(dump_comparison(found.comparison))
        assert load_comparison(json.loads(text)) == replace(found.comparison)
