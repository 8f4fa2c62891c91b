"""The run sheet of a workshop: what happens when, from the time there is and the number of questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assess.core.questionnaire import Item, Questionnaire

HALF_DAY = 240
MINUTES_AN_ITEM = 8
WELCOME, CALIBRATION, ITEMS, BREAK, PARKED, CLOSE = "welcome", "calibration", "items", "break", "parked", "close"
_FIXED = {WELCOME: 15, CALIBRATION: 15, BREAK: 15, PARKED: 20, CLOSE: 15}


@dataclass(frozen=True)
class Slot:
    """start and length in minutes; items are those that are talked about in it."""

    kind: str
    start: int
    length: int
    items: tuple[str, ...] = ()

    @property
    def clock(self) -> str:
        """Hours and minutes from the beginning."""
        return f"{self.start // 60}:{self.start % 60:02d}"


def run_sheet(items: Sequence[str], minutes: int = HALF_DAY) -> tuple[Slot, ...]:
    """As many of the items, in their order, as fit into the time, in two halves around a break."""
    room = minutes - sum(_FIXED.values())
    chosen = tuple(items[: max(1, room // MINUTES_AN_ITEM)])
    half = (len(chosen) + 1) // 2
    halves = chosen[:half], chosen[half:]
    lengths = {
        0: MINUTES_AN_ITEM * len(halves[0]),
        1: MINUTES_AN_ITEM * len(halves[1]),
    }
    plan = [
        (WELCOME, _FIXED[WELCOME], ()),
        (CALIBRATION, _FIXED[CALIBRATION], ()),
        (ITEMS, lengths[0], halves[0]),
        (BREAK, _FIXED[BREAK], ()),
        *([(ITEMS, lengths[1], halves[1])] if halves[1] else []),
        (PARKED, _FIXED[PARKED], ()),
        (CLOSE, _FIXED[CLOSE], ()),
    ]
    slots, start = [], 0
    for kind, length, talked in plan:
        slots.append(Slot(kind, start, length, talked))
        start += length
    return tuple(slots)


def calibration_item(questionnaire: Questionnaire) -> Item:
    """The item of the example: the first must-have, whose levels 3 and 4 are read out."""
    return next((item for item in questionnaire.items if item.gate), questionnaire.items[0])
