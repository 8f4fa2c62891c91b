"""From the consent of a client to a peer row and back, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from assess.core.staff import Actor
from assess.storage.tables import peer_row
from assess.usecases import benchmarks, engagements, peer_rows, snapshots
from assess.usecases.installation import Installation
from tests.staff import invite_one, respond, start_run, work
from tests.usecases.test_staff import ada

S1 = [f"s1.{number}" for number in range(1, 5)]
__all__ = ("ada",)


def closed(installation: Installation, actor: Actor, client: str, level: int = 3, *, agrees: bool = True) -> str:
    """A client's engagement with one closed assessment."""
    run = start_run(installation, actor, client=client)
    engagements.change_engagement(installation, actor, run.engagement, work(client=client, pool_consent=agrees))
    respond(installation, invite_one(installation, actor, run.code), "kam", level, *S1, "s2.1")
    snapshots.close(installation, engagements.key_to(installation, actor, run.code))
    return run.engagement


def known(installation: Installation) -> int:
    (release,) = benchmarks.overview(installation).releases
    return benchmarks.overview(installation).organisations[release.id]


def test_a_closed_assessment_is_a_peer_only_when_the_client_agreed(installation: Installation, ada: Actor) -> None:
    closed(installation, ada, "No", agrees=False)
    assert benchmarks.overview(installation).releases == ()
    closed(installation, ada, "Yes")
    assert known(installation) == 1
    with installation.storage.reading() as connection:
        (row,) = connection.execute(select(peer_row))
    assert row.origin.startswith("client:")
    assert row.scores == '{"s1": "3"}'


def test_five_clients_make_a_release_and_who_takes_consent_back_is_erased(installation: Installation, ada: Actor) -> None:
    runs = [closed(installation, ada, f"Client {number}", 1 + number % 5) for number in range(11)]
    made = benchmarks.make_release(installation, "mini", 1)
    assert (made.known, made.groups > 0) == (11, True)
    for run in runs[:5]:
        name = engagements.open_engagement(installation, ada, run).engagement.organisation.name
        engagements.change_engagement(installation, ada, run, work(client=name, pool_consent=False))
    assert known(installation) == 6
    with installation.storage.reading() as connection:
        erased = connection.execute(select(peer_row).where(peer_row.c.version == "")).all()
    assert {(row.scores, row.origin, row.industry, bytes(row.bins)) for row in erased} == {("{}", None, "", b"")}
    made = benchmarks.make_release(installation, "mini", 1)
    assert (made.number, made.known, made.leaving) == (2, 6, 0)
    with installation.storage.reading() as connection:
        assert len(connection.execute(select(peer_row)).all()) == 6


@pytest.mark.parametrize("ends", ["deleted", "consent taken back"])
def test_an_engagement_that_ends_takes_its_rows_along(installation: Installation, ada: Actor, ends: str) -> None:
    run = closed(installation, ada, "Acme")
    if ends == "deleted":
        engagements.delete_engagement(installation, ada, run)
    else:
        engagements.change_engagement(installation, ada, run, work(client="Acme", pool_consent=False))
    assert known(installation) == 0


def test_a_files_rows_are_erased_and_released_again_alike_on_both_databases(installation: Installation) -> None:
    from assess.content.library import thaw

    core = thaw(installation.library.frozen("mini"))
    header = "organisation,questionnaire,version,completed_on,industry,region,size,s1,s2,s3\n"
    lines = [f"Org {n},mini,1.0.0,2026-01-0{1 + n % 9},it,eu,1-9,{1 + n % 5},2,3\n" for n in range(23)]
    peer_rows.import_rows_of(installation, (header + "".join(lines[:12])).encode(), "a.csv", "a.csv", core)
    peer_rows.import_rows_of(installation, (header + "".join(lines[12:])).encode(), "b.csv", "b.csv", core)
    assert benchmarks.make_release(installation, "mini", 1).groups == 6
    peer_rows.remove_file(installation, benchmarks.overview(installation).sources[0].id)
    made = benchmarks.make_release(installation, "mini", 1)
    assert (made.number, made.known, made.leaving, made.waiting) == (2, 11, 0, 0)
    text = benchmarks.export_release(installation, "mini", 1, "House")
    assert '"n": 10' in text
