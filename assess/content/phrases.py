"""The wording of reports, `reports/phrases.yaml`: read strictly, held to the same placeholders in every language."""

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
from assess.core.errors import Invalid
from assess.core.questionnaire import Text
from assess.core.report.words import Phrases, placeholders
from assess.resources import REPORTS

PHRASES_FILE = "phrases.yaml"


class PhrasesSpec(Spec):
    """phrases.yaml"""

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
    """The phrasebook of a reports folder. Raises NotFound, or Invalid naming every problem."""
    path = folder / PHRASES_FILE
    return _read(read_bytes(path), str(path))


@lru_cache(maxsize=4)
def _read(content: bytes, file: str) -> Phrasebook:
    document = parse(content, file)
    spec = validate(PhrasesSpec, document)
    texts = {key: Text(text.en, text.zh_hant, text.zh_hans) for key, text in spec.phrases.items()}
    _check_placeholders(texts, document)
    return Phrasebook(texts)


def _check_placeholders(texts: Mapping[str, Text], document: Document) -> None:
    """A Chinese wording may leave out what only English needs for its plural, but never ask for more."""
    problems = []
    for key, text in texts.items():
        for language in ("zh-Hant", "zh-Hans"):
            unknown = placeholders(text.of(language)) - placeholders(text.en)
            if unknown:
                names = ", ".join(sorted(unknown))
                message = "asks for {names}, which the English wording does not"
                problems.append(document.problem(("phrases", key, language), message, names=names))
    if problems:
        raise Invalid(problems)
