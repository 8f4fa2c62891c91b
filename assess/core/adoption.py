"""What people make of a roadmap: owners, dates, status, notes, initiatives of their own, and what they leave out.

Decisions lie over the computed plan and never in it: planning anew moves everything that nobody has touched and keeps
every decision (method section 8).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby, pairwise

from assess.core.decisions import DONE, NOTHING_DECIDED, OWN_PREFIX, RUNNING, STOPPED, Adoption, Decision, OwnInitiative
from assess.core.questionnaire import Action, Questionnaire, Text
from assess.core.roadmap import Initiative, Roadmap, horizon_of, is_quick_win, look_at, project, raises_of
from assess.core.scoring import Scorecard

BEFORE_NEED, NEED_LEFT_OUT, OVER_CAPACITY = "before_need", "need_left_out", "over_capacity"


@dataclass(frozen=True)
class Clash:
    """Something in a plan that does not fit. `first` and `last` are the days it concerns.

    before_need: the action starts before `other`, which it needs, has ended. need_left_out: `other` was left out.
    over_capacity: more than `capacity` initiatives run at a time; action and other are "".
    """

    kind: str
    action: str
    other: str
    first: date
    last: date


def own_actions(adoption: Adoption) -> tuple[Action, ...]:
    """The own initiatives as entries of the catalogue, their words the same in every language."""
    return tuple(_as_action(one) for one in adoption.own)


def adopt(roadmap: Roadmap, measured: Sequence[tuple[Questionnaire, Scorecard]], adoption: Adoption) -> Roadmap:
    """The roadmap as people decided it, with its projection computed anew.

    An action people had started or dated stays even where the plan no longer asks for it. A stopped or left-out
    initiative raises nothing.
    """
    if adoption == NOTHING_DECIDED:
        return roadmap
    situation = look_at(measured, roadmap.targets)
    catalogue = {a.id: a for questionnaire, _ in measured for a in questionnaire.actions} | {
        a.id: a for a in own_actions(adoption)
    }
    planned = {initiative.action: initiative for initiative in roadmap.initiatives}
    kept = [
        _bare(catalogue[id_], roadmap, _first_day(id_, decision, adoption, roadmap))
        for id_, decision in adoption.decisions.items()
        if id_ in catalogue and id_ not in planned and not id_.startswith(OWN_PREFIX) and _is_begun(decision)
    ]
    own = [_bare(_as_action(one), roadmap, one.start, one.last_day) for one in adoption.own]
    everything = [
        replace(initiative, raises=raises_of(catalogue[initiative.action], situation))
        for initiative in [*roadmap.initiatives, *kept, *own]
    ]
    decided = [_decided(i, adoption.decisions.get(i.action, Decision()), roadmap.start) for i in everything]
    left_out = {id_ for id_, decision in adoption.decisions.items() if decision.is_left_out}
    initiatives = tuple(
        sorted(
            (i for i in decided if i.action not in left_out),
            key=lambda i: (i.start, -i.priority, i.action),
        )
    )
    effective = [i for i in initiatives if i.status != STOPPED]
    raised = {lift.item for i in decided for lift in catalogue[i.action].lifts}
    return replace(
        roadmap,
        initiatives=initiatives,
        no_action=tuple(item for item in roadmap.no_action if item not in raised),
        projection=project(measured[0][0], situation, effective, catalogue, roadmap.start),
        left_out=tuple(i for i in decided if i.action in left_out),
    )


def clashes(roadmap: Roadmap) -> Iterator[Clash]:
    """What people's dates and omissions bring into conflict; nothing for a plan nobody touched."""
    running = {i.action: i for i in roadmap.initiatives if i.status != STOPPED}
    for initiative in running.values():
        for need in initiative.requires:
            if need in running and running[need].end > initiative.start:
                yield Clash(BEFORE_NEED, initiative.action, need, initiative.start, _last_day(running[need]))
            elif need not in running:
                yield Clash(NEED_LEFT_OUT, initiative.action, need, initiative.start, _last_day(initiative))
    yield from _overloads(list(running.values()), roadmap.capacity)


def _overloads(initiatives: Sequence[Initiative], capacity: int) -> Iterator[Clash]:
    """The stretches of days on which more than `capacity` initiatives run."""
    borders = sorted({day for i in initiatives for day in (i.start, i.end)})
    stretches = [
        (first, after, sum(i.start <= first < i.end for i in initiatives) > capacity) for first, after in pairwise(borders)
    ]
    for is_over, group in groupby(stretches, key=lambda stretch: stretch[2]):
        found = list(group)
        if is_over:
            yield Clash(OVER_CAPACITY, "", "", found[0][0], found[-1][1] - timedelta(days=1))


def _as_action(own: OwnInitiative) -> Action:
    title, done = Text(own.title, own.title, own.title), Text(own.done_when, own.done_when, own.done_when)
    weeks = max(1, -(-((own.last_day - own.start).days + 1) // 7))
    nothing = Text("", "", "")
    return Action(own.id, title, nothing, (), done, nothing, own.owner_role, own.effort, weeks, own.lifts)


def _is_begun(decision: Decision) -> bool:
    return decision.status in (RUNNING, DONE) or decision.start is not None


def _first_day(id_: str, decision: Decision, adoption: Adoption, roadmap: Roadmap) -> date:
    return decision.start or next((own.start for own in adoption.own if own.id == id_), roadmap.start)


def _bare(action: Action, roadmap: Roadmap, first: date, last: date | None = None) -> Initiative:
    """An initiative that no computation placed: without a priority."""
    end = first + timedelta(weeks=action.weeks) if last is None else last + timedelta(days=1)
    planned = {initiative.action for initiative in roadmap.initiatives}
    initiative = Initiative(
        action=action.id,
        priority=Fraction(0),
        enabler=False,
        owner_role=action.owner_role,
        effort=action.effort,
        start_week=0,
        end_week=1,
        start=first,
        end=end,
        horizon="",
        quick_win=False,
        requires=tuple(need for need in action.requires if need in planned),
        raises=(),
    )
    return _placed(initiative, roadmap.start)


def _decided(initiative: Initiative, decision: Decision, plan_start: date) -> Initiative:
    """With its decision; a new start without a new end keeps the duration."""
    start = decision.start or initiative.start
    length = initiative.end - initiative.start
    end = start + length if decision.last_day is None else max(start, decision.last_day) + timedelta(days=1)
    changed = replace(initiative, owner=decision.owner, status=decision.status, notes=decision.notes, start=start, end=end)
    return changed if (start, end) == (initiative.start, initiative.end) else _placed(changed, plan_start)


def _placed(initiative: Initiative, plan_start: date) -> Initiative:
    """Weeks, horizon and quick win of its dates; what began before the plan counts as its first week."""
    first, after = (initiative.start - plan_start).days, (initiative.end - plan_start).days
    week = max(0, first // 7)
    return replace(
        initiative,
        start_week=week,
        end_week=max(week + 1, -(-after // 7)),
        horizon=horizon_of(max(0, first)),
        quick_win=is_quick_win(after, initiative.effort),
    )


def _last_day(initiative: Initiative) -> date:
    return initiative.end - timedelta(days=1)
