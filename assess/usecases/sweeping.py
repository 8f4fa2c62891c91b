"""What a worker clears away now and then, so that it goes even when nobody looks."""

from __future__ import annotations

from assess.usecases import engagements, readings
from assess.usecases.installation import Installation


def sweep(installation: Installation) -> None:
    """Delete accounts files that nobody came back to, and erase engagements whose time to be restored is over."""
    readings.sweep(installation)
    engagements.purge(installation)
