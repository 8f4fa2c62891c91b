"""From an evaluation to the bytes of a report."""

from __future__ import annotations

FORMATS = ("pdf", "html", "json")
STYLES = ("full",)
