"""What people decide on a roadmap. A change names the version it is for (If-Match), so that nothing is overwritten unseen."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import PreconditionFailed

from assess.api.forms import DecisionIn, DecisionOut, DecisionsOut, OwnInitiativeIn, OwnInitiativeOut
from assess.api.operations import Call, Reply, operation
from assess.core.decisions import OWN_PREFIX, Decision, OwnInitiative
from assess.core.errors import Conflict, NotFound
from assess.core.questionnaire import Lift
from assess.usecases import engagements, plans
from assess.usecases.assessments import OpenAssessment, open_by_link
from assess.usecases.tokens import WRITE

TAG = "roadmaps"
ONE = "/assessments/<hex16:assessment>"


def _day(value: Any) -> str | None:
    return None if value is None else value.isoformat()


def _decision(opened: OpenAssessment, action: str) -> dict[str, Any]:
    one = plans.shown_decision(opened.assessment.adoption, action)
    return {
        "action": action,
        "owner": one.owner,
        "start": _day(one.start),
        "last_day": _day(one.last_day),
        "status": one.status,
        "notes": one.notes,
        "left_out": one.is_left_out,
        "version": opened.decision_versions.get(action, 0),
    }


def _own(opened: OpenAssessment, one: OwnInitiative) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "owner_role": one.owner_role,
        "start": _day(one.start),
        "last_day": _day(one.last_day),
        "effort": one.effort,
        "done_when": one.done_when,
        "lifts": [{"item": lift.item, "to": lift.to} for lift in one.lifts],
        "version": opened.own_versions[one.id],
    }


def _find_own(opened: OpenAssessment, id_: str) -> OwnInitiative:
    for one in opened.assessment.adoption.own:
        if one.id == id_:
            return one
    raise NotFound(f"there is no own initiative {id_}")


def _open(call: Call, code: str) -> OpenAssessment:
    return open_by_link(call.installation, engagements.key_to(call.installation, call.actor, code))


def _base(call: Call) -> int:
    """The version the change is for. Raises PreconditionFailed for what can't be one."""
    text = call.version or ""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise PreconditionFailed
    return int(text)


def _shown_own(call: Call, code: str, id_: str, status: int = 200, location: str = "") -> Reply:
    opened = _open(call, code)
    content = _own(opened, _find_own(opened, id_))
    return Reply(content, status, location, str(content["version"]))


@operation("GET", f"{ONE}/decisions", tag=TAG, summary="Everything decided on the roadmap", result=DecisionsOut)
def list_decisions(call: Call, assessment: str) -> Reply:
    opened = _open(call, assessment)
    adoption = opened.assessment.adoption
    decided = [_decision(opened, action) for action in sorted(adoption.decisions)]
    return Reply({"decisions": decided, "own": [_own(opened, one) for one in adoption.own]})


@operation(
    "GET",
    f"{ONE}/decisions/<slug:action>",
    tag=TAG,
    summary="What was decided about an initiative",
    description="ETag is the version that a change must name in If-Match; `0` where nothing was decided yet.",
    result=DecisionOut,
)
def read_decision(call: Call, assessment: str, action: str) -> Reply:
    opened = _open(call, assessment)
    own = {one.id for one in opened.assessment.adoption.own}
    if action not in own and not any(action == known.id for one in opened.questionnaires for known in one.actions):
        raise NotFound(f"there is no initiative {action}")
    content = _decision(opened, action)
    return Reply(content, version=str(content["version"]))


@operation(
    "PUT",
    f"{ONE}/decisions/<slug:action>",
    tag=TAG,
    summary="Decide about an initiative",
    scope=WRITE,
    body=DecisionIn,
    result=DecisionOut,
    matches=True,
)
def put_decision(call: Call, assessment: str, action: str) -> Reply:
    given: DecisionIn = call.body
    key = engagements.key_to(call.installation, call.actor, assessment)
    decision = Decision(given.owner, given.start, given.last_day, given.status, given.notes, given.left_out)
    try:
        plans.decide(call.installation, key, action, decision, _base(call))
    except Conflict:
        raise PreconditionFailed from None
    content = _decision(_open(call, assessment), action)
    return Reply(content, version=str(content["version"]))


def _given(given: OwnInitiativeIn, id_: str = "") -> OwnInitiative:
    return OwnInitiative(
        id=id_,
        title=given.title,
        owner_role=given.owner_role,
        start=given.start,
        last_day=given.last_day,
        effort=given.effort,
        done_when=given.done_when,
        lifts=tuple(Lift(lift.item, lift.to) for lift in given.lifts),
    )


@operation(
    "POST",
    f"{ONE}/own-initiatives",
    tag=TAG,
    summary="Add an initiative the catalogue does not have",
    scope=WRITE,
    body=OwnInitiativeIn,
    result=OwnInitiativeOut,
    status=201,
    creates=True,
)
def add_own_initiative(call: Call, assessment: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    id_ = call.create_once(lambda: plans.keep_own(call.installation, key, _given(call.body), None))
    return _shown_own(call, assessment, id_, 201, f"/assessments/{assessment}/own-initiatives/{id_}")


@operation(
    "GET", f"{ONE}/own-initiatives/<slug:initiative>", tag=TAG, summary="An initiative of one’s own", result=OwnInitiativeOut
)
def read_own_initiative(call: Call, assessment: str, initiative: str) -> Reply:
    return _shown_own(call, assessment, initiative)


@operation(
    "PUT",
    f"{ONE}/own-initiatives/<slug:initiative>",
    tag=TAG,
    summary="Change an initiative of one’s own",
    scope=WRITE,
    body=OwnInitiativeIn,
    result=OwnInitiativeOut,
    matches=True,
)
def put_own_initiative(call: Call, assessment: str, initiative: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    _find_own(open_by_link(call.installation, key), initiative)
    try:
        plans.keep_own(call.installation, key, _given(call.body, initiative), _base(call))
    except Conflict:
        raise PreconditionFailed from None
    return _shown_own(call, assessment, initiative)


@operation(
    "DELETE",
    f"{ONE}/own-initiatives/<slug:initiative>",
    tag=TAG,
    summary="Remove an initiative of one’s own with everything decided about it",
    scope=WRITE,
    status=204,
)
def remove_own_initiative(call: Call, assessment: str, initiative: str) -> Reply:
    if not initiative.startswith(OWN_PREFIX):
        raise NotFound(f"there is no own initiative {initiative}")
    plans.remove_own(call.installation, engagements.key_to(call.installation, call.actor, assessment), initiative)
    return Reply(status=204)
