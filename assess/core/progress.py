"""What changed between two runs of one questionnaire, and what the data say it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from assess.core.decisions import STOPPED
from assess.core.errors import Invalid, Problem
from assess.core.evaluation import Evaluation
from assess.core.questionnaire import Questionnaire
from assess.core.roadmap import Initiative
from assess.core.scoring import Scorecard, Standing

RISE = Fraction(1, 4)
"""From a quarter of a level on, a rise of one item asks for proof; less is one rater among several."""
INITIATIVES, EVIDENCE, EVIDENCE_GONE, CONSENSUS, RESPONDENTS, UNKNOWN = (
    "initiatives",
    "evidence",
    "evidence_gone",
    "consensus",
    "respondents",
    "unknown",
)


@dataclass(frozen=True)
class Cause:
    """What a change goes along with: kind is one of the constants above, ids name actions or items."""

    kind: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemChange:
    """One item in both runs. Scores are None where it has none; is_proven says it has evidence now."""

    id: str
    before: Fraction | None
    after: Fraction | None
    evidenced_before: Fraction | None
    evidenced_after: Fraction | None
    is_proven: bool
    causes: tuple[Cause, ...]

    @property
    def change(self) -> Fraction | None:
        return difference(self.before, self.after)

    @property
    def is_unproven_rise(self) -> bool:
        """Claimed higher than last time, by RISE or more, with nothing to show for it."""
        return (self.change or 0) >= RISE and not self.is_proven


@dataclass(frozen=True)
class Change:
    """A dimension, or the whole programme (id ""), then and now; causes are those of its items together."""

    id: str
    before: Standing
    after: Standing
    evidenced_before: Standing
    evidenced_after: Standing
    causes: tuple[Cause, ...]

    @property
    def claimed(self) -> Fraction | None:
        """Difference of the claimed scores; None where one is missing."""
        return difference(self.before.score, self.after.score)

    @property
    def evidenced(self) -> Fraction | None:
        return difference(self.evidenced_before.score, self.evidenced_after.score)

    @property
    def is_unproven_rise(self) -> bool:
        """The claimed score rose and the evidenced one did not."""
        return (self.claimed or 0) > 0 and (self.evidenced or 0) <= 0


@dataclass(frozen=True)
class PastInitiative:
    """An initiative of the earlier plan due by the later run; is_reached says all it lifts now stands where it was to be.

    is_reached is None where none of its items has a score now, or a counterpart.
    """

    action: str
    initiative: Initiative
    is_reached: bool | None


@dataclass(frozen=True)
class Unmatched:
    """Ids that only one of the runs has: items and dimensions of the core, modules."""

    gone: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """Two runs side by side. is_comparable is False across major versions: scores then mean different things.

    steps are the core's dimensions that take part in both runs, modules those of the modules in both.
    """

    earlier: Evaluation
    later: Evaluation
    is_comparable: bool
    overall: Change
    steps: tuple[Change, ...]
    modules: tuple[Change, ...]
    items: tuple[ItemChange, ...]
    initiatives: tuple[PastInitiative, ...]
    unmatched_items: Unmatched
    unmatched_steps: Unmatched
    unmatched_modules: Unmatched

    @cached_property
    def item(self) -> Mapping[str, ItemChange]:
        return {item.id: item for item in self.items}


def difference(before: Fraction | None, after: Fraction | None) -> Fraction | None:
    """After minus before; None where one of them is missing."""
    return None if before is None or after is None else after - before


def compare_runs(earlier: Evaluation, later: Evaluation) -> Progress:
    """Raises Invalid where the questionnaires differ, or where the earlier run is the later one by date."""
    _require_a_pair(earlier, later)
    comparable = earlier.core.major == later.core.major
    initiatives = _past_initiatives(earlier, later)
    pairs = [(earlier.core, earlier.scorecard, later.core, later.scorecard), *_shared_modules(earlier, later)]
    items = tuple(change for pair in pairs for change in _item_changes(earlier, later, pair[1], pair[3], initiatives))
    steps, *modules = ([*_step_changes(pair, items)] for pair in pairs)
    return Progress(
        earlier=earlier,
        later=later,
        is_comparable=comparable,
        overall=_overall(earlier, later, steps),
        steps=tuple(steps),
        modules=tuple(change for module in modules for change in module),
        items=items,
        initiatives=initiatives,
        unmatched_items=_unmatched([i.id for i in earlier.core.items], [i.id for i in later.core.items]),
        unmatched_steps=_unmatched([d.id for d in earlier.core.dimensions], [d.id for d in later.core.dimensions]),
        unmatched_modules=_unmatched([m.id for m in earlier.modules], [m.id for m in later.modules]),
    )


_Pair = tuple[Questionnaire, Scorecard, Questionnaire, Scorecard]
"""A questionnaire and its scorecard in the earlier run, and the same in the later one."""


def _require_a_pair(earlier: Evaluation, later: Evaluation) -> None:
    problems = []
    if earlier.core.id != later.core.id:
        message = "only runs of the same questionnaire can be compared: the earlier one is of {earlier}, the later of {later}"
        problems.append(Problem(message, {"earlier": earlier.core.id, "later": later.core.id}))
    first, second = earlier.assessment.date, later.assessment.date
    if first > second:
        message = "the earlier run is dated {earlier}, after the later one of {later}"
        problems.append(Problem(message, {"earlier": first.isoformat(), "later": second.isoformat()}))
    if problems:
        raise Invalid(problems)


def _unmatched(before: Sequence[str], after: Sequence[str]) -> Unmatched:
    return Unmatched(tuple(i for i in before if i not in after), tuple(i for i in after if i not in before))


def _shared_modules(earlier: Evaluation, later: Evaluation) -> Iterator[_Pair]:
    """The modules of both runs whose scores mean the same."""
    before = {m.id: (m, card) for m, card in zip(earlier.modules, earlier.module_scorecards, strict=True)}
    for module, card in zip(later.modules, later.module_scorecards, strict=True):
        if module.id in before and before[module.id][0].major == module.major:
            yield (*before[module.id], module, card)


def _past_initiatives(earlier: Evaluation, later: Evaluation) -> tuple[PastInitiative, ...]:
    due = [i for i in earlier.roadmap.initiatives if i.end <= later.assessment.date and i.raises and i.status != STOPPED]
    return tuple(PastInitiative(i.action, i, _is_reached(i, later)) for i in sorted(due, key=lambda i: i.end))


def _is_reached(initiative: Initiative, later: Evaluation) -> bool | None:
    now = [(value, raised.to) for raised in initiative.raises if (value := _score_now(later, raised.item)) is not None]
    return all(value >= to for value, to in now) if now else None


def _score_now(evaluation: Evaluation, item: str) -> Fraction | None:
    cards = (evaluation.scorecard, *evaluation.module_scorecards)
    return next((card.item[item].score for card in cards if item in card.item), None)


def _item_changes(
    earlier: Evaluation, later: Evaluation, before: Scorecard, after: Scorecard, initiatives: Sequence[PastInitiative]
) -> Iterator[ItemChange]:
    for now in after.items:
        then = before.item.get(now.id)
        if then is None:
            continue
        causes = (
            ()
            if (then.score, then.evidenced) == (now.score, now.evidenced)
            else (*_causes(earlier, later, now.id, initiatives),)
        )
        yield ItemChange(
            id=now.id,
            before=then.score,
            after=now.score,
            evidenced_before=then.evidenced,
            evidenced_after=now.evidenced,
            is_proven=later.assessment.has_evidence(now.id),
            causes=causes or ((Cause(UNKNOWN),) if then.score != now.score else ()),
        )


def _causes(earlier: Evaluation, later: Evaluation, item: str, initiatives: Sequence[PastInitiative]) -> Iterator[Cause]:
    """Everything in the data that goes along with the change of one item."""
    value = _score_now(later, item)
    reached = tuple(
        past.action
        for past in initiatives
        for raised in past.initiative.raises
        if raised.item == item and value is not None and value >= raised.to
    )
    if reached:
        yield Cause(INITIATIVES, reached)
    proven = (earlier.assessment.has_evidence(item), later.assessment.has_evidence(item))
    if proven[0] != proven[1]:
        yield Cause(EVIDENCE if proven[1] else EVIDENCE_GONE, (item,))
    if _agreed(earlier, item) != _agreed(later, item):
        yield Cause(CONSENSUS, (item,))
    elif _agreed(later, item) is None and _raters(earlier, item) != _raters(later, item):
        yield Cause(RESPONDENTS, (item,))


def _agreed(evaluation: Evaluation, item: str) -> tuple[int | None, str | None] | None:
    """What the room settled on: level or reason for not applicable; None without a consensus."""
    consensus = evaluation.assessment.consensus.get(item)
    return None if consensus is None else (consensus.level, consensus.not_applicable)


def _raters(evaluation: Evaluation, item: str) -> Counter[str]:
    """How many people of each role rated the item."""
    return Counter(person.role for person, answer in evaluation.assessment.answers_to(item) if answer.level is not None)


def _step_changes(pair: _Pair, items: Sequence[ItemChange]) -> Iterator[Change]:
    _, before, questionnaire, after = pair
    changes = {item.id: item for item in items}
    for now in after.dimensions:
        then = before.dimension.get(now.id)
        if then is not None:
            own = [changes[item.id] for item in questionnaire.dimension[now.id].items if item.id in changes]
            yield Change(
                now.id, then.claimed, now.claimed, then.evidenced, now.evidenced, _together(c for i in own for c in i.causes)
            )


def _together(causes: Iterator[Cause]) -> tuple[Cause, ...]:
    """One cause of each kind, with the ids of all; the unknown one only where it is alone."""
    ids: dict[str, dict[str, None]] = {}
    for cause in causes:
        ids.setdefault(cause.kind, {}).update(dict.fromkeys(cause.ids))
    kinds = [kind for kind in (INITIATIVES, EVIDENCE, EVIDENCE_GONE, CONSENSUS, RESPONDENTS, UNKNOWN) if kind in ids]
    return tuple(Cause(kind, tuple(ids[kind])) for kind in kinds if kind != UNKNOWN or kinds == [UNKNOWN])


def _overall(earlier: Evaluation, later: Evaluation, steps: Sequence[Change]) -> Change:
    before, after = earlier.scorecard, later.scorecard
    causes = _together(cause for step in steps for cause in step.causes)
    return Change("", before.claimed, after.claimed, before.evidenced, after.evidenced, causes)
