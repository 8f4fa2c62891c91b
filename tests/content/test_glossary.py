"""The glossaries, and every text of the product held against them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from assess.content.advice import texts_of
from assess.content.document import read_file
from assess.content.glossary import Avoided, Glossary, load_glossaries
from assess.content.phrases import load_phrases
from assess.core.errors import Invalid
from assess.core.questionnaire import LANGUAGES
from assess.resources import TRANSLATIONS, questionnaire_folders

GLOSSARIES = {glossary.language: glossary for glossary in load_glossaries()}
LOCALES = {"zh-Hant": "zh_Hant", "zh-Hans": "zh_Hans"}


def breaches(glossary: Glossary, texts: Iterator[tuple[str, str]]) -> list[str]:
    return [f"{place}: {found.word} -> {found.term}: {text}" for place, text in texts for found in glossary.breaches(text)]


def written(folder: Path, language: str) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.glob("*.yaml")):
        for path, text in texts_of(read_file(file).data):
            yield f"{file.name} {path}", text[language]


def translated(language: str) -> Iterator[tuple[str, str]]:
    """Message and translation of the catalogue; English are the messages themselves."""
    locale = LOCALES.get(language, "zh_Hant")
    with (TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po").open("rb") as stream:
        for message in read_po(stream):
            for text in _forms(message.id if language == "en" else message.string):
                yield str(message.id), text


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def test_there_is_a_glossary_for_every_language() -> None:
    assert set(GLOSSARIES) == set(LANGUAGES)


def test_the_chinese_glossaries_explain_the_same_concepts() -> None:
    assert set(GLOSSARIES["zh-Hant"].terms) == set(GLOSSARIES["zh-Hans"].terms)
    only_english = set(GLOSSARIES["en"].terms) - set(GLOSSARIES["zh-Hans"].terms)
    only_chinese = set(GLOSSARIES["zh-Hans"].terms) - set(GLOSSARIES["en"].terms)
    assert (only_english, only_chinese) == ({"spelling", "plain-english"}, {"plain-chinese"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_term_is_avoided_by_its_own_glossary(language: str) -> None:
    assert breaches(GLOSSARIES[language], iter(GLOSSARIES[language].terms.items())) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", tuple(questionnaire_folders()), ids=lambda folder: folder.name)
def test_questionnaires_keep_to_the_glossary(folder: Path, language: str) -> None:
    assert breaches(GLOSSARIES[language], written(folder, language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_reports_keep_to_the_glossary(language: str) -> None:
    texts = load_phrases().texts.items()
    assert breaches(GLOSSARIES[language], ((key, text.of(language)) for key, text in texts)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_screens_and_messages_keep_to_the_glossary(language: str) -> None:
    assert breaches(GLOSSARIES[language], translated(language)) == []


@pytest.mark.parametrize(
    ("word", "unless", "text", "found"),
    [
        ("高管", ("最高管理",), "由最高管理階層負責", False),
        ("高管", ("最高管理",), "由最高管理階層與高管負責", True),
        ("synergy", (), "Synergy is a word", True),
        ("exec", (), "executive", False),
        ("KAM 捍衛者", (), "由KAM 捍衛者負責", True),
    ],
)
def test_a_word_is_found_unless_it_is_part_of_a_right_one(word: str, unless: tuple[str, ...], text: str, found: bool) -> None:
    assert Avoided(word, "term", "reason", unless).is_in(text) is found


def test_what_is_wrong_with_a_glossary_is_said(tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_text(
        "schema: kam-glossary/1\nlanguage: en\nconcepts:\n- {id: a, term: one}\n- {id: a, term: two}\n"
    )
    with pytest.raises(Invalid, match=r"en.yaml:5: concepts\[a\].id: a is used twice"):
        load_glossaries(tmp_path)
