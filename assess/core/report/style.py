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

    def label(self, language: str) -> str:
        """Name and summary on one line, for lists to choose from."""
        colon = "：" if language.startswith("zh") else ": "
        return self.name.of(language) + colon + self.summary.of(language)
