"""Small questionnaires and assessments, built in the words of the method."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from assess.core.answers import Answer, Assessment, Consensus, Evidence, Organisation, Respondent
from assess.core.questionnaire import Action, Dimension, Item, Level, Lift, Profile, Questionnaire, Role, Text

DAY = date(2026, 11, 21)
ROLES = ("executive", "sales", "kam", "operations")
DK = Answer(dont_know=True)
NA = Answer(not_applicable="out_of_scope")


def text(words: str = "words") -> Text:
    return Text(words, words, words)


def item(id_: str, *, gate: bool = False, weight: int = 1, contradicts: tuple[str, ...] = ()) -> Item:
    levels = {level: text() for level in range(1, 6)}
    return Item(id_, text(), levels, gate=gate, weight=weight, contradicts=contradicts)


def dimension(id_: str, *items: Item, weight: int = 1) -> Dimension:
    return Dimension(id_, text(), text(), items, weight)


def plain(id_: str, count: int) -> Dimension:
    """A dimension of `count` items of weight 1 without gates: a -> a1, a2, ..."""
    return dimension(id_, *(item(f"{id_}{number}") for number in range(1, count + 1)))


def action(id_: str, *lifts: tuple[str, int], effort: int = 1, weeks: int = 1, requires: tuple[str, ...] = ()) -> Action:
    return Action(
        id=id_,
        title=text(),
        why=text(),
        how=(text(),),
        done_when=text(),
        kpi=text(),
        owner_role="kam",
        effort=effort,
        weeks=weeks,
        lifts=tuple(Lift(*lift) for lift in lifts),
        requires=requires,
    )


def questionnaire(
    *dimensions: Dimension,
    id_: str = "q",
    version: str = "1.0.0",
    kind: str = "core",
    actions: tuple[Action, ...] = (),
    profiles: Mapping[str, Mapping[str, int]] | None = None,
) -> Questionnaire:
    return Questionnaire(
        id=id_,
        version=version,
        kind=kind,
        title=text(),
        noun=text(),
        levels=tuple(Level(level, text(), text()) for level in range(1, 6)),
        roles=tuple(Role(role, text()) for role in ROLES),
        sources=(),
        profiles=tuple(
            Profile(name, text(), {id_: Fraction(level) for id_, level in targets.items()})
            for name, targets in (profiles or {}).items()
        ),
        dimensions=dimensions,
        sha256="0" * 64,
        actions=actions,
    )


def answer(given: int | Answer) -> Answer:
    return given if isinstance(given, Answer) else Answer(level=given)


def person(id_: str, role: str, answers: Mapping[str, int | Answer]) -> Respondent:
    return Respondent(id_, role, {key: answer(given) for key, given in answers.items()})


def assessed(*people: Respondent, **changes: Any) -> Assessment:
    return Assessment("q", Organisation("Acme"), DAY, people, **changes)


def alone(answers: Mapping[str, int | Answer], **changes: Any) -> Assessment:
    """One person's self-assessment."""
    return assessed(person("r1", "kam", answers), **changes)


def panel(item_: str, **ratings: list[int | Answer]) -> Assessment:
    """Ratings of one item by role: sales=[2, 3], executive=[5]."""
    people = [(role, given) for role, many in ratings.items() for given in many]
    return assessed(*(person(f"r{number}", role, {item_: given}) for number, (role, given) in enumerate(people, 1)))


def agreed(level: int | None = None, **parts: Any) -> Consensus:
    return Consensus(level, **parts)


def proof(words: str = "board minute", **parts: Any) -> tuple[Evidence, ...]:
    return (Evidence(words, **parts),)
