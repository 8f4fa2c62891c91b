"""From gaps to a plan: which actions, in which order, when, and where they lead (method section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from assess.core.answers import Assessment
from assess.core.questionnaire import DEFAULT_TARGET, Action, Lift, Questionnaire
from assess.core.scoring import NOT_APPLICABLE, UNANSWERED, Measured, Scorecard, integrity_items, measure

DEFAULT_CAPACITY = 4
GATE_FACTOR = Fraction(5, 4)
QUICK_WIN_DAYS, QUICK_WIN_EFFORT = 90, 2
LATER = "later"
HORIZONS = (("mobilise", 30), ("quick_wins", 90), ("introduce", 365), ("embed", 730), ("optimise", 1095))
"""Horizon and its last day; what starts after the last one is LATER."""


@dataclass(frozen=True)
class Raise:
    """An item raised by an initiative: from its assessed score (None: unanswered) to a level."""

    item: str
    start: Fraction | None
    to: int


@dataclass(frozen=True)
class Initiative:
    """A planned action. Weeks count from 0; it occupies start_week <= w < end_week, and `end` is the day after its last.

    owner is a person's name where one was set, else "" (the owner_role leads); status is one of core.adoption.STATUSES.
    """

    action: str
    priority: Fraction
    enabler: bool
    owner_role: str
    effort: int
    start_week: int
    end_week: int
    start: date
    end: date
    horizon: str
    quick_win: bool
    requires: tuple[str, ...]
    raises: tuple[Raise, ...]
    owner: str = ""
    status: str = "planned"
    notes: str = ""


@dataclass(frozen=True)
class Projection:
    """Standings at the end of a horizon, if what ends by then is done and effective."""

    horizon: str
    end: date
    measured: Measured


@dataclass(frozen=True)
class Roadmap:
    """no_action: items with a gap that no catalogue action raises; unanswered: items without a number, so without a gap.

    left_out: initiatives that would be planned had people not decided against them.
    """

    start: date
    capacity: int
    targets: Mapping[str, Fraction]
    initiatives: tuple[Initiative, ...]
    no_action: tuple[str, ...]
    unanswered: tuple[str, ...]
    projection: tuple[Projection, ...]
    left_out: tuple[Initiative, ...] = ()


@dataclass(frozen=True)
class Situation:
    """What planning needs to know of every item, core and modules together."""

    scores: Mapping[str, Fraction]
    gaps: Mapping[str, Fraction]
    weights: Mapping[str, int]
    caps: frozenset[str]
    inapplicable: frozenset[str]


def targets_of(questionnaire: Questionnaire, assessment: Assessment) -> dict[str, Fraction]:
    """Dimension id -> target level: by hand, else from the chosen profile, else 4."""
    preset: Mapping[str, Fraction] = next(
        (profile.targets for profile in questionnaire.profiles if profile.id == assessment.profile), {}
    )
    return {
        dimension.id: Fraction(assessment.targets.get(dimension.id, preset.get(dimension.id, DEFAULT_TARGET)))
        for dimension in questionnaire.dimensions
    }


def first_monday(day: date) -> date:
    """That day if it is a Monday, else the next one: where a plan starts unless told otherwise."""
    return day + timedelta(days=-day.weekday() % 7)


def plan(
    measured: Sequence[tuple[Questionnaire, Scorecard]],
    targets: Mapping[str, Fraction],
    start: date,
    capacity: int = DEFAULT_CAPACITY,
) -> Roadmap:
    """The roadmap of an assessment; `measured` is the core questionnaire with its scorecard, then its modules with theirs."""
    situation = look_at(measured, targets)
    catalogue = {action.id: action for questionnaire, _ in measured for action in questionnaire.actions}
    needed = {action.id for action in catalogue.values() if _is_needed(action, situation)}
    chosen = _with_requirements(needed, catalogue, situation)
    priorities = _prioritise(chosen, needed, catalogue, situation)
    weeks = _schedule(chosen, priorities, catalogue, capacity)
    initiatives = tuple(
        _initiative(catalogue[id_], priorities[id_], id_ not in needed, week, start, chosen, situation)
        for id_, week in sorted(weeks.items(), key=lambda entry: (entry[1], -priorities[entry[0]], entry[0]))
    )
    raised = {lift.item for id_ in chosen for lift in catalogue[id_].lifts if raises_gap(lift, situation)}
    return Roadmap(
        start=start,
        capacity=capacity,
        targets=dict(targets),
        initiatives=initiatives,
        no_action=tuple(item for item, gap in situation.gaps.items() if gap > 0 and item not in raised),
        unanswered=tuple(i.id for _, card in measured for i in card.items if i.status == UNANSWERED),
        projection=project(measured[0][0], situation, initiatives, catalogue, start),
    )


def look_at(measured: Sequence[tuple[Questionnaire, Scorecard]], targets: Mapping[str, Fraction]) -> Situation:
    """Scores, gaps and weights of every item; an item without a number has neither score nor gap."""
    scores: dict[str, Fraction] = {}
    gaps: dict[str, Fraction] = {}
    weights: dict[str, int] = {}
    for questionnaire, card in measured:
        for item in questionnaire.items:
            dimension = questionnaire.dimension_of[item.id]
            weights[item.id] = dimension.weight * item.weight
            value = card.item[item.id].score
            if value is not None:
                scores[item.id] = value
                gaps[item.id] = max(Fraction(0), targets.get(dimension.id, Fraction(DEFAULT_TARGET)) - value)
    return Situation(
        scores=scores,
        gaps=gaps,
        weights=weights,
        caps=frozenset(i for _, card in measured for d in card.dimensions for i in d.claimed.capped_by),
        inapplicable=frozenset(i.id for _, card in measured for i in card.items if i.status == NOT_APPLICABLE),
    )


def raises_gap(lift: Lift, situation: Situation) -> bool:
    """Whether the lift raises an item that has a gap."""
    return situation.gaps.get(lift.item, 0) > 0 and situation.scores[lift.item] < lift.to


def _is_needed(action: Action, situation: Situation) -> bool:
    return any(raises_gap(lift, situation) for lift in action.lifts)


def _is_reached(action: Action, situation: Situation) -> bool:
    """Whether everything the action lifts is already where it would lift it; one that lifts nothing can't show that."""
    return bool(action.lifts) and all(
        lift.item in situation.scores and situation.scores[lift.item] >= lift.to for lift in action.lifts
    )


def _with_requirements(needed: Iterable[str], catalogue: Mapping[str, Action], situation: Situation) -> frozenset[str]:
    """The needed actions and, transitively, what they require unless it is already reached."""
    chosen: set[str] = set()
    waiting = list(needed)
    while waiting:
        id_ = waiting.pop()
        if id_ not in chosen:
            chosen.add(id_)
            waiting.extend(r for r in catalogue[id_].requires if not _is_reached(catalogue[r], situation))
    return frozenset(chosen)


def _benefit(action: Action, situation: Situation) -> Fraction:
    return sum(
        (
            situation.weights[lift.item]
            * (min(lift.to, 5) - situation.scores[lift.item])
            * (GATE_FACTOR if lift.item in situation.caps else 1)
            for lift in action.lifts
            if raises_gap(lift, situation)
        ),
        Fraction(0),
    )


def _prioritise(
    chosen: frozenset[str], needed: set[str], catalogue: Mapping[str, Action], situation: Situation
) -> dict[str, Fraction]:
    """Benefit per effort; an enabler has the highest priority among all that wait for it, directly or not."""
    own = {id_: _benefit(catalogue[id_], situation) / catalogue[id_].effort for id_ in needed}
    highest = dict(own)
    for id_ in needed:
        for ancestor in _with_ancestors(id_, chosen, catalogue):
            highest[ancestor] = max(highest.get(ancestor, Fraction(0)), own[id_])
    return {id_: own.get(id_, highest[id_]) for id_ in chosen}


def _with_ancestors(id_: str, chosen: frozenset[str], catalogue: Mapping[str, Action]) -> set[str]:
    found: set[str] = set()
    waiting = [id_]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(r for r in catalogue[current].requires if r in chosen)
    return found


def _schedule(
    chosen: frozenset[str], priorities: Mapping[str, Fraction], catalogue: Mapping[str, Action], capacity: int
) -> dict[str, int]:
    """Action id -> start week, by serial schedule generation (Kolisch 1996)."""
    starts: dict[str, int] = {}
    running: list[int] = []
    while len(starts) < len(chosen):
        ready = [
            id_ for id_ in chosen if id_ not in starts and all(r in starts or r not in chosen for r in catalogue[id_].requires)
        ]
        id_ = min(ready, key=lambda candidate: (-priorities[candidate], candidate))
        weeks = catalogue[id_].weeks
        earliest = max((starts[r] + catalogue[r].weeks for r in catalogue[id_].requires if r in starts), default=0)
        start = _earliest_free(running, earliest, weeks, capacity)
        starts[id_] = start
        running.extend([0] * (start + weeks - len(running)))
        for week in range(start, start + weeks):
            running[week] += 1
    return starts


def _earliest_free(running: Sequence[int], earliest: int, weeks: int, capacity: int) -> int:
    """The first week from which for `weeks` weeks fewer than `capacity` run; running[w] is how many do in week w."""
    start = earliest
    for week in range(earliest, len(running)):
        if week - start >= weeks:
            break
        if running[week] >= capacity:
            start = week + 1
    return start


def horizon_of(days: int) -> str:
    """The horizon that a day of the plan, counted from 0, falls into."""
    return next((name for name, last in HORIZONS if days <= last), LATER)


def _initiative(
    action: Action,
    priority: Fraction,
    enabler: bool,
    week: int,
    start: date,
    chosen: frozenset[str],
    situation: Situation,
) -> Initiative:
    end_week = week + action.weeks
    return Initiative(
        action=action.id,
        priority=priority,
        enabler=enabler,
        owner_role=action.owner_role,
        effort=action.effort,
        start_week=week,
        end_week=end_week,
        start=start + timedelta(weeks=week),
        end=start + timedelta(weeks=end_week),
        horizon=horizon_of(7 * week),
        quick_win=is_quick_win(7 * end_week, action.effort),
        requires=tuple(required for required in action.requires if required in chosen),
        raises=raises_of(action, situation),
    )


def raises_of(action: Action, situation: Situation) -> tuple[Raise, ...]:
    """The applicable items that the action would bring higher than they stand."""
    return tuple(
        Raise(lift.item, situation.scores.get(lift.item), lift.to)
        for lift in action.lifts
        if lift.item not in situation.inapplicable and situation.scores.get(lift.item, 0) < lift.to
    )


def is_quick_win(days_to_end: int, effort: int) -> bool:
    return days_to_end <= QUICK_WIN_DAYS and effort <= QUICK_WIN_EFFORT


def project(
    questionnaire: Questionnaire,
    situation: Situation,
    initiatives: Sequence[Initiative],
    catalogue: Mapping[str, Action],
    start: date,
) -> tuple[Projection, ...]:
    """The core's standings at each horizon's end, and at the very end where initiatives run beyond the last horizon."""
    last_day = max(((initiative.end - start).days for initiative in initiatives), default=0)
    ends = [*HORIZONS, *([(LATER, last_day)] if last_day > HORIZONS[-1][1] else [])]
    return tuple(
        Projection(
            horizon,
            start + timedelta(days=day),
            measure(
                questionnaire,
                _values_after([i for i in initiatives if (i.end - start).days <= day], situation, catalogue),
                situation.inapplicable | integrity_items(questionnaire),
            ),
        )
        for horizon, day in ends
    )


def _values_after(ended: Iterable[Initiative], situation: Situation, catalogue: Mapping[str, Action]) -> dict[str, Fraction]:
    """Item values once these initiatives ended; what was unanswered stays so."""
    values = dict(situation.scores)
    for initiative in ended:
        for lift in catalogue[initiative.action].lifts:
            if lift.item in values:
                values[lift.item] = max(values[lift.item], Fraction(lift.to))
    return values
