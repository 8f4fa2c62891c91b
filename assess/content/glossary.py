"""The glossaries: one word per concept and language, and the words that must not stand for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from assess.content.document import Document, read_file
from assess.content.parsing import FilledWords, Slug, Spec, validate
from assess.core.errors import Invalid, Problem
from assess.resources import QUESTIONNAIRES

GLOSSARIES = QUESTIONNAIRES / "glossary"


class AvoidSpec(Spec):
    """A word that must not appear, except inside one of the longer words of `unless`."""

    word: FilledWords
    reason: FilledWords
    unless: list[FilledWords] = Field(default_factory=list)


class ConceptSpec(Spec):
    id: Slug
    term: FilledWords
    avoid: list[AvoidSpec] = Field(default_factory=list)


class GlossarySpec(Spec):
    """glossary/<language>.yaml"""

    schema_: Literal["kam-glossary/1"] = Field(alias="schema")
    language: Literal["en", "zh-Hant", "zh-Hans"]
    concepts: list[ConceptSpec]


@dataclass(frozen=True)
class Avoided:
    """A word, the term to use in its place and why. What matches `unless` is not a breach."""

    word: str
    term: str
    reason: str
    unless: tuple[str, ...] = ()

    @cached_property
    def _word(self) -> re.Pattern[str]:
        return _pattern([self.word])

    @cached_property
    def _allowed(self) -> re.Pattern[str] | None:
        return _pattern(self.unless) if self.unless else None

    def is_in(self, text: str) -> bool:
        left = self._allowed.sub(" ", text) if self._allowed else text
        return self._word.search(left) is not None


@dataclass(frozen=True)
class Glossary:
    """Concept id -> term, and every avoided word of one language."""

    language: str
    terms: dict[str, str]
    avoided: tuple[Avoided, ...]

    def breaches(self, text: str) -> Iterator[Avoided]:
        return (avoided for avoided in self.avoided if avoided.is_in(text))


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Any of the words, the longest that fits; Latin ones only as whole words, whatever their capitals."""
    parts = [re.escape(word) for word in sorted(words, key=len, reverse=True)]
    return re.compile("|".join(rf"(?<![A-Za-z]){part}(?![A-Za-z])" if part.isascii() else part for part in parts), re.I)


def load_glossaries(folder: Path = GLOSSARIES) -> tuple[Glossary, ...]:
    """The glossaries of a folder, none when it has none. Raises Invalid naming every problem of the first wrong file."""
    return tuple(_load(path) for path in sorted(folder.glob("*.yaml")))


def _load(path: Path) -> Glossary:
    document = read_file(path)
    spec = validate(GlossarySpec, document)
    problems = list(_repeated(spec, document))
    if problems:
        raise Invalid(problems)
    return Glossary(
        spec.language,
        {concept.id: concept.term for concept in spec.concepts},
        tuple(
            Avoided(avoid.word, concept.term, avoid.reason, tuple(avoid.unless))
            for concept in spec.concepts
            for avoid in concept.avoid
        ),
    )


def _repeated(spec: GlossarySpec, document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, concept in enumerate(spec.concepts):
        if concept.id in seen:
            yield document.problem(("concepts", place, "id"), "{id} is used twice", id=concept.id)
        seen.add(concept.id)
