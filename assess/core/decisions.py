"""What people decided on a roadmap, as plain values: owners, dates, status, notes, initiatives of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from assess.core.questionnaire import Lift

PLANNED, RUNNING, DONE, STOPPED = "planned", "running", "done", "stopped"
STATUSES = (PLANNED, RUNNING, DONE, STOPPED)
OWN_PREFIX = "own-"
"""Ids of initiatives that are not in the catalogue; a catalogue id never begins so (content.advice)."""


@dataclass(frozen=True)
class Decision:
    """What people decided about one initiative; "" and None keep what was planned. `last_day` is the last day of work."""

    owner: str = ""
    start: date | None = None
    last_day: date | None = None
    status: str = PLANNED
    notes: str = ""
    is_left_out: bool = False


@dataclass(frozen=True)
class OwnInitiative:
    """An initiative the catalogue does not have; its id begins with OWN_PREFIX. effort is 1..5, `last_day` its last day."""

    id: str
    title: str
    owner_role: str
    start: date
    last_day: date
    effort: int = 3
    done_when: str = ""
    lifts: tuple[Lift, ...] = ()


@dataclass(frozen=True)
class Adoption:
    """Every decision on a roadmap, by action id or id of an own initiative."""

    decisions: Mapping[str, Decision]
    own: tuple[OwnInitiative, ...] = ()


NOTHING_DECIDED = Adoption({})
