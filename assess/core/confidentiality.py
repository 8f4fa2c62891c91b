"""Which groups may be shown when people were promised confidentiality (method section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

MIN_GROUP = 3


def kept_time(now: datetime, *, confidential: bool) -> datetime:
    """The time that is stored beside what somebody did: in confidence only the day, so that it leads nobody to the person."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) if confidential else now


def suppressed_groups(counts: Mapping[str, int]) -> frozenset[str]:
    """Groups to hide: those under MIN_GROUP respondents, and then the next smallest until no hidden one can be subtracted out.

    Hiding is enough once at least two groups with together MIN_GROUP respondents are hidden, or all of them are.
    """
    order = sorted(counts, key=lambda group: (counts[group], group))
    hidden = [group for group in order if counts[group] < MIN_GROUP]
    if not hidden:
        return frozenset()
    shown = order[len(hidden) :]
    while shown and (len(hidden) < 2 or sum(counts[group] for group in hidden) < MIN_GROUP):
        hidden.append(shown.pop(0))
    return frozenset(hidden)
