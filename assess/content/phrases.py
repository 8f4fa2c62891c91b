"""The wording of reports, `reports/phrases/*.yaml`: read strictly, held to the same placeholders in every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from assess.content.document import Document, parse, read_bytes
from assess.content.parsing import Slug, Spec, validate
from assess.content.questionnaire_specs import TextSpec
from assess.core.errors import Invalid, NotFound, Problem
from assess.core.questionnaire import Text
from assess.core.report.words import Phrases, placeholders
from assess.resources import REPORTS

PHRASES_FOLDER = "phrases"


class PhrasesSpec(Spec):
    """A file of phrases/: some topics of the report."""

    schema_: Literal["kam-phrases/1"] = Field(alias="schema")
    phrases: dict[Slug, TextSpec]


@dataclass(frozen=True)
class Phrasebook:
    """Key -> wording in every language."""

    texts: Mapping[str, Text]

    def in_language(self, language: str) -> Phrases:
        """The phrases of one language, as compose() asks for them."""
        return lambda key: self.texts[key].of(language)


def load_phrases(folder: Path = REPORTS) -> Phrasebook:
    """The phrasebook of a reports folder, all its files together. Raises NotFound, or Invalid naming every problem."""
    paths = sorted((folder / PHRASES_FOLDER).glob("*.yaml"))
    if not paths:
        raise NotFound(f"there are no phrases in {folder / PHRASES_FOLDER}")
    return _read(tuple((read_bytes(path), str(path)) for path in paths))


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[bytes, str], ...]) -> Phrasebook:
    texts: dict[str, Text] = {}
    problems: list[Problem] = []
    for content, file in files:
        document = parse(content, file)
        spec = validate(PhrasesSpec, document)
        twice = texts.keys() & spec.phrases.keys()
        problems += [document.problem(("phrases", key), "stands in another file too") for key in sorted(twice)]
        found = {key: Text(text.en, text.zh_hant, text.zh_hans) for key, text in spec.phrases.items()}
        problems += _misplaced(found, document)
        texts |= found
    if problems:
        raise Invalid(problems)
    return Phrasebook(texts)


def _misplaced(texts: Mapping[str, Text], document: Document) -> list[Problem]:
    """A Chinese wording may leave out what only English needs for its plural, but never ask for more."""
    problems = []
    for key, text in texts.items():
        for language in ("zh-Hant", "zh-Hans"):
            unknown = placeholders(text.of(language)) - placeholders(text.en)
            if unknown:
                names = ", ".join(sorted(unknown))
                message = "asks for {names}, which the English wording does not"
                problems.append(document.problem(("phrases", key, language), message, names=names))
    return problems
