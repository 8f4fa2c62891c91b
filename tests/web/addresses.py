"""Addresses out of the rules of the app."""

from __future__ import annotations

import re


def with_choices(rule: str) -> str:
    """The rule with the first of its words in place of a part that is one of several words."""
    return re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule)
