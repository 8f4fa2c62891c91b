"""What a room sees at one moment of it, the same for everybody: loaded once for all the phones that ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import Connection

from assess.core import workshop as core
from assess.core.answers import Consensus
from assess.core.questionnaire import Dimension, Item, Questionnaire
from assess.core.workshop import Room, Tally
from assess.storage import assessments as assessment_rows
from assess.storage import workshops as rows
from assess.storage.consensus import load_consensus
from assess.usecases.copies import questionnaires_of
from assess.usecases.installation import Installation

KEPT_SECONDS, MOST_KEPT = 10.0, 64


@dataclass(frozen=True)
class Scene:
    """What the room sees, whoever looks: nothing of the votes before the reveal.

    item, dimension, questionnaire and number (of its round) are None in the lobby; result is None before the reveal; consensus
    is that of the item on the screen once it is decided. timer_ends is None without a timer, and may run in the lobby, too.
    """

    room: Room
    confidential: bool
    questionnaires: tuple[Questionnaire, ...]
    item: Item | None = None
    dimension: Dimension | None = None
    questionnaire: Questionnaire | None = None
    number: int | None = None
    result: Tally | None = None
    consensus: Consensus | None = None
    timer_ends: datetime | None = None
    is_locked: bool = False
    sample: bool = False

    @property
    def phase(self) -> str:
        return self.room.phase


_SCENES: dict[tuple[str, int], tuple[float, Scene]] = {}
"""By the room's serial and revision: every change at the desk makes another revision."""


def scene_of(installation: Installation, workshop_id: int, serial: str, revision: int) -> Scene:
    """The scene at this revision of a room, from this process's memory while it is fresh."""
    key, now = (serial, revision), monotonic()
    kept = _SCENES.get(key)
    if kept is not None and now - kept[0] < KEPT_SECONDS:
        return kept[1]
    with installation.storage.reading() as connection:
        scene = _load(connection, workshop_id)
    if len(_SCENES) >= MOST_KEPT:
        _SCENES.clear()
    _SCENES[key] = now, scene
    return scene


def _load(connection: Connection, workshop_id: int) -> Scene:
    workshop, row = rows.load_with_assessment(connection, workshop_id)
    questionnaires = questionnaires_of(connection, assessment_rows.digests_of(row))
    room = rows.load_room(connection, workshop)
    values: dict[str, Any] = {"room": room, "confidential": row.confidential, "questionnaires": questionnaires}
    values |= {"is_locked": workshop.is_locked, "sample": row.sample, "timer_ends": workshop.timer_ends}
    current = room.round
    if current is None or room.is_ended:
        return Scene(**values)
    for questionnaire in questionnaires:
        for dimension in questionnaire.dimensions:
            for item in dimension.items:
                if item.id == current.item:
                    values |= {"item": item, "dimension": dimension, "questionnaire": questionnaire}
    if room.shows_votes:
        values["result"] = rows.find_round(connection, workshop.id, current.number).result
    if room.phase == core.DECIDED:
        values["consensus"] = load_consensus(connection, workshop.assessment_id).get(current.item)
    return Scene(**values, number=current.number)
