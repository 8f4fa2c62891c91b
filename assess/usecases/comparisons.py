"""An assessment among the released figures of this installation: for its documents, and on screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from assess.content.exchange import cell_from_key
from assess.core.benchmark import MIN_PEERS, SEGMENTS, Comparison
from assess.core.release import Cell, Release, by_width
from assess.core.release_comparison import compare_released
from assess.core.scoring import Scorecard, score
from assess.storage import peers as rows
from assess.usecases.assessments import OpenAssessment
from assess.usecases.benchmarks import releases_for
from assess.usecases.installation import Installation


@dataclass(frozen=True)
class Peers:
    """What is shown of the peers of an assessment.

    offered are the groups one may choose, by key; chosen is the key of the one looked at, empty for the one nearest to the
    organisation. waits: organisations enough are at hand for a first figure, only a release has to be made.
    """

    comparison: Comparison
    offered: tuple[tuple[str, Cell], ...]
    chosen: str
    waits: bool


def comparison_now(connection: Connection, opened: OpenAssessment, card: Scorecard | None = None) -> Comparison | None:
    """The comparison that a document made now carries; None before the first release and for made-up organisations.

    A function of the answers and the releases only, so that the same content asked for again is the same document.
    """
    if opened.assessment.sample:
        return None
    found = _found(connection, opened, _own_segments(opened))
    if not any(release.number for release in found):
        return None
    return compare_released(opened.questionnaire, card or _card(opened), found, _own_segments(opened))


def look_among_peers(installation: Installation, opened: OpenAssessment, card: Scorecard, key: str = "") -> Peers | None:
    """The comparison to look at, in a group of the fixed set; a key that is not offered chooses the nearest group.

    None for made-up organisations: they are not compared with real ones.
    """
    if opened.assessment.sample:
        return None
    core = opened.questionnaire
    with installation.storage.reading() as connection:
        states = rows.list_releases(connection, core.id, core.major)
        cells = {one: cell_from_key(one) for state in states for one in rows.cell_keys(connection, state.id)}
        segments = _segments(cells[key]) if key in cells else _own_segments(opened)
        found = _found(connection, opened, segments)
        known = sum(rows.count_organisations(connection, state.id) for state in states if not state.key)
    comparison = compare_released(core, card, found, segments)
    if not cells:
        comparison = replace(comparison, n=min(known, MIN_PEERS - 1), missing=max(1, MIN_PEERS - known))
    offered = tuple(sorted(cells.items(), key=lambda pair: by_width(pair[1])))
    return Peers(comparison, offered, key if key in cells else "", waits=not cells and known >= MIN_PEERS)


def _found(connection: Connection, opened: OpenAssessment, segments: Mapping[str, str]) -> tuple[Release, ...]:
    client = None if opened.id is None else rows.client_of_assessment(connection, opened.id)
    return releases_for(connection, opened.questionnaire, segments, None if client is None else client[0])


def _card(opened: OpenAssessment) -> Scorecard:
    return score(opened.questionnaire, opened.assessment)


def _own_segments(opened: OpenAssessment) -> dict[str, str]:
    return {segment: getattr(opened.assessment.organisation, segment) for segment in SEGMENTS}


def _segments(cell: Cell) -> dict[str, str]:
    return {segment: value for segment, value in zip(SEGMENTS, cell, strict=True) if value is not None}
