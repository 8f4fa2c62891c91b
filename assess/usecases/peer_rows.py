"""Peers of this installation, a row for each organisation: from files and from closed assessments of clients who agreed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from assess.content import exchange
from assess.content.document import decode, read_bytes
from assess.content.peers import MAX_BYTES, parse_peers
from assess.core.answers import Assessment
from assess.core.benchmark import SEGMENTS, Peer, weighted_score
from assess.core.errors import Conflict
from assess.core.questionnaire import Questionnaire
from assess.core.release import OVERALL, bin_of
from assess.core.scoring import SCORED, Scorecard
from assess.core.staff import Actor
from assess.storage import peers as rows
from assess.storage.peers import OWN, PeerIn, ReleaseRow
from assess.usecases import benchmark_keys as keys
from assess.usecases.audit import record
from assess.usecases.installation import Installation


@dataclass(frozen=True)
class Imported:
    """What an imported file brought. rows of another questionnaire or major version are left out."""

    rows: int
    left_out: int
    questionnaire: str
    major: int


def import_rows(installation: Installation, path: Path, questionnaire: Questionnaire) -> Imported:
    """Take in a benchmark file (CSV) of individual rows. Raises Invalid with every problem, NotFound, Conflict when known."""
    return import_rows_of(installation, read_bytes(path, MAX_BYTES), path.name, str(path), questionnaire)


def import_rows_of(
    installation: Installation, content: bytes, name: str, file: str, questionnaire: Questionnaire, actor: Actor | None = None
) -> Imported:
    """The same for a file's bytes; actor: the member of staff who is noted in the audit log."""
    read = parse_peers(decode(content, file), file, questionnaire)
    mine = [p for p in read if p.questionnaire == questionnaire.id and p.major == questionnaire.major and p.scores]
    now, hashed = installation.clock(), keys.organisation_hash(installation.settings.data_dir)
    with installation.storage.writing() as connection:
        state = _state(connection, questionnaire)
        source = rows.add_source(connection, state.id, rows.FILE, name[:200], sha256(content).hexdigest(), now)
        if source is None:
            raise Conflict(f"{file} was imported before")
        given = (_row(peer, hashed(peer.organisation), questionnaire, state.steps) for peer in mine)
        count = rows.add_rows(connection, state.id, source, given, now)
        note(installation, connection, actor, "benchmark.rows_imported", f"file {source}", file=name, rows=count)
    return Imported(count, len(read) - count, questionnaire.id, questionnaire.major)


def remove_file(installation: Installation, source: int, actor: Actor | None = None) -> None:
    """Erase the rows of an imported file; figures that hold them are renewed with later releases. Raises NotFound."""
    with installation.storage.writing() as connection:
        rows.remove_source(connection, source, installation.clock())
        note(installation, connection, actor, "benchmark.rows_removed", f"file {source}")


def note(
    installation: Installation, connection: Connection, actor: Actor | None, action: str, object_: str, **values: object
) -> None:
    if actor is not None:
        record(connection, actor, action, object_, installation.clock(), **values)


def contribute(
    installation: Installation, connection: Connection, questionnaire: Questionnaire, card: Scorecard, peer: Peer, origin: str
) -> None:
    """A closed assessment of a client who agreed becomes a peer row; it is in no figure before a release takes it in.

    origin names the client within the installation. In the caller's transaction, so that closing and contributing are one.
    Steps that are not covered well enough for a level are left out.
    """
    scores = {
        step.id: step.claimed.score for step in card.dimensions if step.status == SCORED and step.claimed.score is not None
    }
    if not scores:
        return
    now, hashed = installation.clock(), keys.organisation_hash(installation.settings.data_dir)
    state = _state(connection, questionnaire)
    source = rows.add_source(connection, state.id, OWN, "", "", now)
    if source is not None:
        row = _row(replace(peer, scores=scores), hashed(peer.organisation), questionnaire, state.steps)
        rows.add_rows(connection, state.id, source, [replace(row, origin=origin)], now)


def contribute_closed(
    installation: Installation,
    connection: Connection,
    assessment_id: int,
    questionnaire: Questionnaire,
    card: Scorecard,
    of: Assessment,
) -> None:
    """A closed assessment becomes a peer row when it is an engagement's whose client agreed; demo data never does."""
    client = rows.client_of_assessment(connection, assessment_id)
    if client is not None and client[1]:
        about = of.organisation
        segments = {segment: getattr(about, segment) for segment in SEGMENTS}
        peer = Peer(about.name, questionnaire.id, questionnaire.version, of.date, {}, **segments)
        contribute(installation, connection, questionnaire, card, peer, client[0])


def withdraw_engagement(installation: Installation, connection: Connection, engagement_id: str) -> None:
    """The client of an engagement takes its consent back, or the engagement goes."""
    client = rows.client_of_engagement(connection, engagement_id)
    if client is not None:
        withdraw(installation, connection, client[0])


def withdraw(installation: Installation, connection: Connection, origin: str) -> int:
    """Erase every row of a client; how many there were. Released figures are renewed once five can leave together."""
    return rows.remove_client(connection, origin, installation.clock())


def _state(connection: Connection, questionnaire: Questionnaire) -> ReleaseRow:
    steps = [OVERALL, *(dimension.id for dimension in questionnaire.dimensions)]
    return rows.own_release(connection, questionnaire.id, questionnaire.major, steps)


def _row(peer: Peer, organisation: bytes, questionnaire: Questionnaire, steps: Sequence[str]) -> PeerIn:
    weights = {dimension.id: dimension.weight for dimension in questionnaire.dimensions}
    overall = weighted_score(weights, peer.scores)
    known = {**peer.scores, **({} if overall is None else {OVERALL: overall})}
    return PeerIn(
        organisation=organisation,
        version=peer.version,
        completed_on=peer.completed_on,
        industry=peer.industry,
        region=peer.region,
        size=peer.size,
        scores=json.dumps({step: str(score) for step, score in peer.scores.items()}),
        bins=exchange.pack_bins(bin_of(known[step]) if step in known else None for step in steps),
    )
