"""Editing a roadmap: decide about an initiative, add one of one's own, see what leaving some out would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from assess.core.adoption import Clash, clashes
from assess.core.answers import Assessment
from assess.core.decisions import OWN_PREFIX, STATUSES, Adoption, Decision, OwnInitiative
from assess.core.errors import Conflict, Invalid, NotFound, Problem
from assess.core.evaluation import Evaluation
from assess.core.questionnaire import LEVELS
from assess.storage import assessments as rows
from assess.storage import plans
from assess.usecases.answers import MAX_TEXT, refuse_sample
from assess.usecases.assessments import OpenAssessment, evaluate_open, refuse_change
from assess.usecases.audit import note_by_key
from assess.usecases.copies import questionnaires_of
from assess.usecases.installation import Installation

MAX_OWNER, MAX_TITLE, MAX_OWN = 200, 300, 100
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class WhatIf:
    """The roadmap as it stands and as it would be without some initiatives; clashes are those of the second."""

    today: Evaluation
    then: Evaluation
    clashes: tuple[Clash, ...]


def what_if(opened: OpenAssessment, without: Iterable[str] | None) -> WhatIf:
    """What would be if exactly these initiatives were left out; None: what is."""
    today = evaluate_open(opened)
    if without is None:
        return WhatIf(today, today, tuple(clashes(today.roadmap)))
    left_out = set(without)
    adoption = opened.assessment.adoption
    known = adoption.decisions.keys() | left_out
    decisions = {id_: replace(adoption.decisions.get(id_, Decision()), is_left_out=id_ in left_out) for id_ in known}
    assessment = replace(opened.assessment, adoption=replace(adoption, decisions=decisions))
    then = evaluate_open(replace(opened, assessment=assessment))
    return WhatIf(today, then, tuple(clashes(then.roadmap)))


def decide(installation: Installation, token: str, action: str, decision: Decision, base: int) -> None:
    """Keep a decision about an initiative that was edited `base` times when it was shown.

    Raises Conflict when somebody else decided in the meantime, NotFound for an unknown action, Invalid naming every problem.
    """
    refuse_sample(token)
    problems = tuple(_decision_problems(decision))
    if problems:
        raise Invalid(problems)
    now = installation.clock()
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_change(stored)
        questionnaires = questionnaires_of(connection, (stored.digest, *stored.module_digests))
        own = {one.id for one in stored.assessment.adoption.own}
        if action not in own and not any(action == known.id for one in questionnaires for known in one.actions):
            raise NotFound(f"there is no initiative {action}")
        if not plans.put_decision(connection, stored.id, action, decision, base):
            raise Conflict("somebody else decided about this initiative in the meantime")
        rows.touch(connection, stored.id, now)
        note_by_key(connection, token, "initiative.decided", now, initiative=action, **vars(decision))


def leave_out(installation: Installation, token: str, without: Iterable[str]) -> None:
    """Leave exactly these initiatives out of the plan; what else was decided about any of them stays.

    Raises Conflict when somebody else decided at the same moment.
    """
    refuse_sample(token)
    left_out = set(without)
    now = installation.clock()
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_change(stored)
        questionnaires = questionnaires_of(connection, (stored.digest, *stored.module_digests))
        known = {action.id for one in questionnaires for action in one.actions}
        adoption, versions = stored.assessment.adoption, stored.decision_versions
        known |= {one.id for one in adoption.own}
        for id_ in sorted((left_out & known) | adoption.decisions.keys()):
            decision = adoption.decisions.get(id_, Decision())
            if decision.is_left_out != (id_ in left_out):
                changed = replace(decision, is_left_out=id_ in left_out)
                base = versions[id_] if id_ in adoption.decisions else 0
                if not plans.put_decision(connection, stored.id, id_, changed, base):
                    raise Conflict("somebody else decided about these initiatives in the meantime")
        rows.touch(connection, stored.id, now)
        note_by_key(connection, token, "initiatives.left_out", now, initiatives=sorted(left_out & known))


def keep_own(installation: Installation, token: str, own: OwnInitiative, base: int | None) -> str:
    """Add an initiative of one's own (base None) or change one that was edited `base` times; returns its id.

    Raises Conflict when it was changed or removed in the meantime, Invalid naming every problem.
    """
    refuse_sample(token)
    now = installation.clock()
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_change(stored)
        core, *modules = questionnaires_of(connection, (stored.digest, *stored.module_digests))
        items = frozenset().union(*(one.item_ids for one in (core, *modules)))
        problems = tuple(_own_problems(own, items, core.role_name.keys(), stored.assessment, is_new=base is None))
        if problems:
            raise Invalid(problems)
        if base is None:
            id_ = plans.add_own(connection, stored.id, own)
        elif plans.put_own(connection, stored.id, own, base):
            id_ = own.id
        else:
            raise Conflict("somebody else changed this initiative in the meantime")
        rows.touch(connection, stored.id, now)
        note_by_key(connection, token, "initiative.kept", now, initiative=id_, title=own.title)
    return id_


def remove_own(installation: Installation, token: str, id_: str) -> None:
    """Remove an initiative of one's own with everything decided about it. Raises NotFound."""
    refuse_sample(token)
    now = installation.clock()
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_change(stored)
        if not id_.startswith(OWN_PREFIX) or not plans.remove_own(connection, stored.id, id_):
            raise NotFound(f"there is no own initiative {id_}")
        rows.touch(connection, stored.id, now)
        note_by_key(connection, token, "initiative.removed", now, initiative=id_)


def _decision_problems(decision: Decision) -> Iterator[Problem]:
    if decision.status not in STATUSES:
        yield Problem("must be one of {names}", {"names": ", ".join(STATUSES)}, path="status")
    yield from _too_long(("owner", decision.owner, MAX_OWNER), ("notes", decision.notes, MAX_TEXT))
    yield from _day_problems(decision.start, decision.last_day)


def _own_problems(
    own: OwnInitiative, items: Iterable[str], roles: Iterable[str], assessment: Assessment, *, is_new: bool
) -> Iterator[Problem]:
    if not own.title.strip():
        yield Problem("is missing", {}, path="title")
    if is_new and len(assessment.adoption.own) >= MAX_OWN:
        yield Problem("has more than {max_length} entries", {"max_length": MAX_OWN}, path="own")
    if own.owner_role not in roles:
        yield Problem("there is no {what} {id}", {"what": "role", "id": own.owner_role}, path="owner_role")
    if not 1 <= own.effort <= 5:
        yield Problem("must be a whole number from 1 to {largest}", {"largest": 5}, path="effort")
    yield from _too_long(("title", own.title, MAX_TITLE), ("done_when", own.done_when, MAX_TEXT))
    yield from _day_problems(own.start, own.last_day)
    known = frozenset(items)
    for lift in own.lifts:
        if lift.item not in known:
            yield Problem("there is no {what} {id}", {"what": "item", "id": lift.item}, path="lifts")
        if lift.to not in LEVELS:
            yield Problem("must be a whole number from 1 to {largest}", {"largest": 5}, path="lifts")


def _too_long(*texts: tuple[str, str, int]) -> Iterator[Problem]:
    for path, text, most in texts:
        if len(text) > most:
            yield Problem("is longer than {max_length} characters", {"max_length": most}, path=path)


def _day_problems(start: date | None, last_day: date | None) -> Iterator[Problem]:
    for path, day in (("start", start), ("last_day", last_day)):
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            yield Problem("must be between {first} and {last}", {"first": FIRST_DAY, "last": LAST_DAY}, path=path)
    if start is not None and last_day is not None and last_day < start:
        yield Problem("must not be before the start", {}, path="last_day")


def shown_decision(adoption: Adoption, action: str) -> Decision:
    """What was decided about an initiative, nothing where nothing was."""
    return adoption.decisions.get(action, Decision())
