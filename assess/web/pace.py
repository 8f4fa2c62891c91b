"""How often one person may ask: a whole room is behind one address, so nothing here goes by address.

Counted in this process only, so that a save costs the database nothing more: with several processes one person gets at most as
many times as much. What must hold across processes and machines (signing in, codes, tokens, documents) is counted in the
database, by `storage/attempts.py`.
"""

from __future__ import annotations

from threading import Lock
from time import monotonic

VOTES_PER_SECOND, POLLS_PER_SECOND = 20, 5
SAVES_AT_ONCE = 60
"""A phone that comes back into the network delivers a whole questionnaire of 42 answers, and some changed twice, at once."""
MOST_KEPT = 10_000


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


class Allowance:
    """Up to `most` at once for each key, and what is used grows back at a steady rate: a token bucket."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def allows(self, key: str, per_second: int) -> bool:
        """Whether one more may be had now; per_second 0 sets no limit."""
        if not per_second:
            return True
        now = monotonic()
        with self._lock:
            left, seen = self._left.get(key, (float(self._most), now))
            left = min(float(self._most), left + (now - seen) * per_second)
            is_allowed = left >= 1
            self._left[key] = (left - 1 if is_allowed else left, now)
            if len(self._left) > MOST_KEPT:
                self._forget(now - self._most / per_second)
        return is_allowed

    def _forget(self, past: float) -> None:
        """Who has not asked since `past` has everything back. Called with the lock held."""
        self._left = {key: one for key, one in self._left.items() if one[1] > past}


votes, polls, saves = Pace(VOTES_PER_SECOND), Pace(POLLS_PER_SECOND), Allowance(SAVES_AT_ONCE)
