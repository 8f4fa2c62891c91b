"""Arbitrary small questionnaires, assessments and catalogues."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from assess.core.answers import NOT_APPLICABLE_REASONS, Answer, Assessment, Consensus, Evidence, Respondent
from assess.core.questionnaire import Action, Questionnaire
from tests.core.builders import DAY, ROLES, action, alone, assessed, dimension, item, questionnaire

REASONS = st.sampled_from(NOT_APPLICABLE_REASONS)
PROOF = st.sampled_from(["", "", "", " ", "minute"])
LEVELS = st.integers(1, 5)


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    return questionnaire(
        *(
            dimension(
                name,
                *(
                    item(f"{name}{number}", gate=draw(st.booleans()), weight=draw(st.integers(1, 4)))
                    for number in range(1, draw(st.integers(1, 4)) + 1)
                ),
                weight=draw(st.integers(1, 3)),
            )
            for name in "abc"[: draw(st.integers(1, 3))]
        )
    )


def answers() -> st.SearchStrategy[Answer]:
    return st.one_of(
        st.builds(Answer, level=LEVELS, evidence=PROOF),
        st.builds(Answer, level=LEVELS, evidence=PROOF),
        st.builds(Answer, dont_know=st.just(True), evidence=PROOF),
        st.builds(Answer, not_applicable=REASONS),
    )


def agreements() -> st.SearchStrategy[Consensus]:
    return st.one_of(st.builds(Consensus, level=LEVELS), st.builds(Consensus, not_applicable=REASONS))


def registers() -> st.SearchStrategy[tuple[Evidence, ...]]:
    expires = st.one_of(st.none(), st.integers(-2, 2).map(lambda days: DAY + timedelta(days=days)))
    return st.lists(st.builds(Evidence, text=PROOF, expires=expires), max_size=2).map(tuple)


@st.composite
def assessments(draw: st.DrawFn, asked: Questionnaire, most: int = 5) -> Assessment:
    ids = [one.id for one in asked.items]
    people = tuple(
        Respondent(
            f"r{number}",
            draw(st.sampled_from(ROLES)),
            draw(st.dictionaries(st.sampled_from(ids), answers(), max_size=len(ids))),
        )
        for number in range(draw(st.integers(0, most)))
    )
    return assessed(
        *people,
        consensus=draw(st.dictionaries(st.sampled_from(ids), agreements(), max_size=2)),
        evidence=draw(st.dictionaries(st.sampled_from(ids), registers(), max_size=3)),
    )


@st.composite
def rated(draw: st.DrawFn) -> tuple[Questionnaire, Assessment]:
    asked = draw(questionnaires())
    return asked, draw(assessments(asked))


@st.composite
def catalogues(draw: st.DrawFn, ids: list[str]) -> tuple[Action, ...]:
    """Up to nine actions; each requires only earlier ones, so that there is no circle."""
    made: list[Action] = []
    for number in range(draw(st.integers(0, 9))):
        lifts = draw(st.dictionaries(st.sampled_from(ids), st.integers(2, 5), max_size=3))
        earlier = [one.id for one in made]
        requires = draw(st.lists(st.sampled_from(earlier), unique=True, max_size=3)) if earlier else []
        made.append(
            action(
                f"x{number}",
                *lifts.items(),
                effort=draw(st.integers(1, 5)),
                weeks=draw(st.integers(1, 30)),
                requires=tuple(requires),
            )
        )
    return tuple(draw(st.permutations(made)))


@st.composite
def planned(draw: st.DrawFn) -> tuple[Questionnaire, Assessment]:
    """A questionnaire with a catalogue and one person's answers to it."""
    asked = draw(questionnaires())
    ids = [one.id for one in asked.items]
    asked = replace(asked, actions=draw(catalogues(ids)))
    return asked, alone(draw(st.dictionaries(st.sampled_from(ids), answers(), min_size=len(ids) // 2)))
