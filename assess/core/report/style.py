"""What a report style is: a name, a paper size, and the sections it wants."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.questionnaire import Text


@dataclass(frozen=True)
class Style:
    """paper is a4 or letter; sections are ids of compose.SECTIONS in the order of the style."""

    id: str
    name: Text
    summary: Text
    paper: str
    sections: tuple[str, ...]
