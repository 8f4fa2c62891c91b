"""How often one person may ask within a second: a whole room is behind one address, so nothing here goes by address.

Counted in this process only and forgotten after a second; what must hold across processes is counted in the database.
"""

from __future__ import annotations

from threading import Lock
from time import monotonic

VOTES_PER_SECOND, POLLS_PER_SECOND = 20, 5


class Pace:
    """At most `most` of something for each key within a second."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._second = 0
        self._counts: dict[str, int] = {}

    def allows(self, key: str) -> bool:
        second = int(monotonic())
        with self._lock:
            if second != self._second:
                self._second, self._counts = second, {}
            times = self._counts[key] = self._counts.get(key, 0) + 1
        return times <= self._most


votes, polls = Pace(VOTES_PER_SECOND), Pace(POLLS_PER_SECOND)
