"""Which role stands apart in a step, and what that pattern is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from assess.core.quality import ROLE_GAP
from assess.core.questionnaire import Dimension
from assess.core.report.setting import Setting
from assess.core.rounding import mean
from assess.core.scoring import DimensionScore

LEADERS = "executive"
OPTIMISM, SILO, DIFFER = "optimism", "silo", "differ"
HIGHER, LOWER, ON_AVERAGE, BETWEEN = "higher", "lower", "on_average", "between"


@dataclass(frozen=True)
class Apart:
    """kind names the pattern; role has `score` and stands against `other`.

    basis says what `other` is: the nearest of all other roles, every one of them higher or lower; their mean; or (BETWEEN)
    the lowest role `against`, where `role` is the highest.
    """

    kind: str
    basis: str
    role: str
    score: Fraction
    other: Fraction
    against: str = ""

    @property
    def gap(self) -> Fraction:
        return abs(self.score - self.other)


def role_apart(score: DimensionScore) -> Apart | None:
    """None where no two shown roles lie a level apart. Hidden roles take no part."""
    shown = {role: value.score for role, value in score.roles.items() if value.score is not None}
    if len(shown) < 2 or max(shown.values()) - min(shown.values()) < ROLE_GAP:
        return None
    alone = [found for role in shown if (found := _alone(shown, role)) is not None]
    leaders = next((found for found in alone if found.kind == OPTIMISM), None)
    if leaders is not None:
        return leaders
    # Two roles are equally far from each other, and of several loners none is *the* one: naming one would be arbitrary.
    if len(alone) == 1 and len(shown) > 2:
        return alone[0]
    return _above_the_mean(shown) or _between(shown)


def _alone(shown: dict[str, Fraction], role: str) -> Apart | None:
    """The role where it lies a level or more above all others, or below all others."""
    own, others = shown[role], [score for other, score in shown.items() if other != role]
    if own - max(others) >= ROLE_GAP:
        return Apart(OPTIMISM if role == LEADERS else SILO, LOWER, role, own, max(others))
    if min(others) - own >= ROLE_GAP:
        return Apart(SILO, HIGHER, role, own, min(others))
    return None


def _above_the_mean(shown: dict[str, Fraction]) -> Apart | None:
    if LEADERS not in shown:
        return None
    others = mean(score for role, score in shown.items() if role != LEADERS)
    own = shown[LEADERS]
    return Apart(OPTIMISM, ON_AVERAGE, LEADERS, own, others) if own - others >= ROLE_GAP else None


def _between(shown: dict[str, Fraction]) -> Apart:
    high, low = max(shown, key=lambda role: shown[role]), min(shown, key=lambda role: shown[role])
    return Apart(DIFFER, BETWEEN, high, shown[high], shown[low], low)


def steps_apart(setting: Setting) -> list[tuple[Dimension, Apart]]:
    """The core's steps in which roles lie a level apart: named patterns first, then the widest."""
    found = [(d, apart) for d, score in setting.scored_steps() if (apart := role_apart(score)) is not None]
    return sorted(found, key=lambda pair: (pair[1].kind == DIFFER, -pair[1].gap))


def in_words(setting: Setting, apart: Apart, step: str) -> str:
    """The finding about `step` as a clause without a full stop."""
    words = setting.words
    return words.say(
        f"apart.{apart.basis}",
        role=setting.role(apart.role),
        against=setting.role(apart.against),
        step=step,
        score=words.score(apart.score),
        other=words.score(apart.other),
        gap=words.score(apart.gap),
    )


def sentences(setting: Setting) -> Iterator[str]:
    """One finding per step, with the name of its pattern."""
    for dimension, apart in steps_apart(setting):
        finding = in_words(setting, apart, setting.step_inline(dimension))
        yield setting.words.say("apart.sentence", finding=finding, pattern=setting.words.say(f"gap.{apart.kind}"))
