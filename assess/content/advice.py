"""Advice to authors: rules of good content, beyond what makes a questionnaire valid."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from assess.content.document import Document, parse
from assess.content.glossary import Glossary
from assess.content.questionnaires import ACTIONS_FILE, FILES, QUESTIONNAIRE_FILE, Frozen, Path_
from assess.core.errors import Problem
from assess.core.questionnaire import LANGUAGES, LEVELS, Action, Item, Questionnaire, Text

MAX_ENGLISH_WORDS = 60
MAX_CHINESE_CHARACTERS = 120
MIN_STEPS, MAX_STEPS = 3, 6
WIDEST_STEP = 2
"""An action that takes an item further than this in one go does not say how to get there."""

_ENGLISH_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SIMPLIFIED = (
    "们这时说会对学国过开关员问题现从经应还进动业无实当将长两东请产总资认际观处类统约单织结级给组"
    "续维线绩继户为务变队买卖价议评责门间让记计录标权样数导报选达运连书见设谁该质险难顾项预领馈验"
)
_TRADITIONAL = (
    "們這時說會對學國過開關員問題現從經應還進動業無實當將長兩東請產總資認際觀處類統約單織結級給組"
    "續維線績繼戶為務變隊買賣價議評責門間讓記計錄標權樣數導報選達運連書見設誰該質險難顧項預領饋驗"
)
_OTHER_SCRIPT = {"zh-Hant": re.compile(f"[{_SIMPLIFIED}]"), "zh-Hans": re.compile(f"[{_TRADITIONAL}]")}
"""Frequent characters that the other Chinese script alone has: a slip of copying shows in a few words."""
_SPARE = {"en": 1, "zh-Hant": 2, "zh-Hans": 2}
"""What two descriptors must differ by more than: one English word, two Chinese characters."""


def documents_of(frozen: Frozen, folder: str = "") -> dict[str, Document]:
    """The files of a valid questionnaire folder with their lines; `folder` only names them in messages."""
    return {name: parse(content, f"{folder}/{name}" if folder else name) for name, content in frozen.files.items()}


def advise(
    questionnaire: Questionnaire, documents: Mapping[str, Document], glossaries: Sequence[Glossary] = ()
) -> list[Problem]:
    """Everything an author should look at again in a valid questionnaire, in the order of its files and lines."""
    main, catalogue = documents[QUESTIONNAIRE_FILE], documents[ACTIONS_FILE]
    found = [
        *_missing_steps_up(questionnaire, main),
        *_uncited_sources(questionnaire, main),
        *_thin_dimensions(questionnaire, main),
        *_items(questionnaire, main),
        *_orphans(questionnaire.actions, catalogue),
        *_thin_actions(questionnaire.actions, catalogue),
        *(problem for document in documents.values() for problem in _wording(document, glossaries)),
    ]
    order = [documents[name].file for name in FILES if name in documents]
    return sorted(found, key=lambda problem: (order.index(problem.file), problem.line or 0))


def _places(questionnaire: Questionnaire) -> Iterator[tuple[Path_, Item]]:
    for number, dimension in enumerate(questionnaire.dimensions):
        for place, item in enumerate(dimension.items):
            yield ("dimensions", number, "items", place), item


def _missing_steps_up(questionnaire: Questionnaire, document: Document) -> Iterator[Problem]:
    reached: defaultdict[str, set[int]] = defaultdict(set)
    for action in questionnaire.actions:
        for lift in action.lifts:
            reached[lift.item].add(lift.to)
    for path, item in _places(questionnaire):
        stuck = [str(level) for level in LEVELS[:-1] if not any(level < to <= level + WIDEST_STEP for to in reached[item.id])]
        if stuck:
            yield document.problem(path, "no action lifts it one or two levels from level {levels}", levels=", ".join(stuck))


def _uncited_sources(questionnaire: Questionnaire, document: Document) -> Iterator[Problem]:
    citing: Iterable[Item | Action] = (*questionnaire.items, *questionnaire.actions)
    cited = {source for one in citing for source in one.sources}
    cited |= {point.source for point in questionnaire.reference_points}
    citations = {citation for rule in questionnaire.account_rules for citation in rule.citations}
    cited |= {source.id for source in questionnaire.sources if source.citation in citations}
    cited |= set(questionnaire.tiers.sources if questionnaire.tiers else ())
    for place, source in enumerate(questionnaire.sources):
        if source.id not in cited:
            yield document.problem(("sources", place), "is listed but never cited")


def _thin_dimensions(questionnaire: Questionnaire, document: Document) -> Iterator[Problem]:
    for place, dimension in enumerate(questionnaire.dimensions):
        for part in ("good", "prompts"):
            if not getattr(dimension, part):
                yield document.problem(("dimensions", place), "has no {part}", part=part)


def _items(questionnaire: Questionnaire, document: Document) -> Iterator[Problem]:
    for path, item in _places(questionnaire):
        if item.why is None:
            yield document.problem(path, "has no {part}", part="why")
        yield from _long_descriptors(item, path, document)
        yield from _alike_descriptors(item, path, document)


def _long_descriptors(item: Item, path: Path_, document: Document) -> Iterator[Problem]:
    for level, text in item.levels.items():
        place = (*path, "levels", str(level))
        words = len(_ENGLISH_WORD.findall(text.en))
        if words > MAX_ENGLISH_WORDS:
            message = "has {count} words, more than {limit}"
            yield document.problem((*place, "en"), message, count=words, limit=MAX_ENGLISH_WORDS)
        for language in LANGUAGES[1:]:
            characters = len(text.of(language))
            if characters > MAX_CHINESE_CHARACTERS:
                message = "has {count} characters, more than {limit}"
                yield document.problem((*place, language), message, count=characters, limit=MAX_CHINESE_CHARACTERS)


def _alike_descriptors(item: Item, path: Path_, document: Document) -> Iterator[Problem]:
    for lower, higher in combinations(item.levels, 2):
        language = _language_alike(item.levels[lower], item.levels[higher])
        if language:
            place = (*path, "levels", str(higher), language)
            yield document.problem(place, "says nearly the same as level {level}", level=lower)


def _language_alike(one: Text, other: Text) -> str | None:
    """The first language in which the two texts can hardly be told apart; None when there is no such language."""
    for language in LANGUAGES:
        parts = [_normal(text.of(language), language) for text in (one, other)]
        if _differ_by(parts[0], parts[1]) <= _SPARE[language]:
            return language
    return None


def _normal(text: str, language: str) -> list[str]:
    """What counts when texts are compared: English words, Chinese characters; no capitals, spaces or punctuation."""
    words = [word.casefold() for word in _ENGLISH_WORD.findall(text)]
    return words if language == "en" else list("".join(words))


def _differ_by(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of what is left of the longer of the two between their common beginning and their common end."""
    shorter = min(len(one), len(other))
    start = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    end = next((n for n in range(shorter - start) if one[-1 - n] != other[-1 - n]), shorter - start)
    return max(len(one), len(other)) - start - end


def _orphans(actions: Sequence[Action], document: Document) -> Iterator[Problem]:
    required = {id_ for action in actions for id_ in action.requires}
    for place, action in enumerate(actions):
        if not action.lifts and action.id not in required:
            yield document.problem(("actions", place), "lifts no item and no other action requires it")


def _thin_actions(actions: Sequence[Action], document: Document) -> Iterator[Problem]:
    for place, action in enumerate(actions):
        if not MIN_STEPS <= len(action.how) <= MAX_STEPS:
            message = "has {count} steps; {least} to {most} can be followed"
            params = {"count": len(action.how), "least": MIN_STEPS, "most": MAX_STEPS}
            yield document.problem(("actions", place, "how"), message, **params)
        for part in ("measure", "raci"):
            if getattr(action, part) is None:
                yield document.problem(("actions", place), "has no {part}", part=part)


def _wording(document: Document, glossaries: Sequence[Glossary]) -> Iterator[Problem]:
    for path, text in texts_of(document.data):
        for language in LANGUAGES[1:]:
            yield from _script(text[language], (*path, language), document)
        for glossary in glossaries:
            for avoided in glossary.breaches(text[glossary.language]):
                message = "says {word}; the word is {term} ({reason})"
                params = {"word": avoided.word, "term": avoided.term, "reason": avoided.reason}
                yield document.problem((*path, glossary.language), message, **params)


def _script(text: str, path: Path_, document: Document) -> Iterator[Problem]:
    if not _HAN.search(text):
        yield document.problem(path, "is not Chinese")
    if strange := _OTHER_SCRIPT[str(path[-1])].findall(text):
        message = "holds characters of the other Chinese script: {characters}"
        yield document.problem(path, message, characters="".join(dict.fromkeys(strange)))


def texts_of(data: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Mapping[str, str]]]:
    """Every text of a valid file, with its place: a mapping of the languages."""
    if isinstance(data, dict):
        if data.keys() == set(LANGUAGES):
            yield path, {language: str(text) for language, text in data.items()}
            return
        for key, value in data.items():
            yield from texts_of(value, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from texts_of(value, (*path, place))
