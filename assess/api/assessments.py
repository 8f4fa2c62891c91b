"""Assessments of an engagement: start, plan, close, reopen, assess again; what came out; who was invited."""

from __future__ import annotations

import json
from typing import Any

from flask import url_for

from assess.api.engagements import moment
from assess.api.forms import (
    AssessmentIn,
    AssessmentOut,
    AssessmentsOut,
    ComparisonQuery,
    InvitationsIn,
    InvitationsOut,
    PlanIn,
    SnapshotOut,
    SnapshotsOut,
)
from assess.api.operations import Call, Reply, operation
from assess.api.outputs import ProgressOut, RoadmapOut, ScorecardOut
from assess.core.errors import NotFound
from assess.core.progress import compare_runs
from assess.core.shown_outputs import shown_progress, shown_roadmap, shown_scorecard
from assess.usecases import assessments, engagements, invitations, snapshots
from assess.usecases.engagements import AssessmentSummary
from assess.usecases.invitations import InvitationView
from assess.usecases.snapshots import SnapshotView
from assess.usecases.tokens import WRITE

TAG = "assessments"
ALL = "/engagements/<hex32:engagement>/assessments"
ONE = "/assessments/<hex16:assessment>"


def _json(engagement: str, one: AssessmentSummary) -> dict[str, Any]:
    return {
        "id": one.code,
        "engagement": engagement,
        "questionnaire": one.questionnaire,
        "version": one.version,
        "modules": [name for name, _ in json.loads(one.modules)],
        "profile": one.profile,
        "start": None if one.plan_start is None else one.plan_start.isoformat(),
        "capacity": one.capacity,
        "language": one.language,
        "state": "open" if one.closed_at is None else "closed",
        "respondents": one.respondents,
        "answered": one.answered,
        "created_at": moment(one.created_at),
        "changed_at": moment(one.changed_at),
        "closed_at": moment(one.closed_at),
        "earlier": one.earlier,
    }


def _shown(call: Call, code: str, status: int = 200, location: str = "") -> Reply:
    _, work, _ = engagements.open_assessment(call.installation, call.actor, code)
    found = next(one for one in work.assessments if one.code == code)
    return Reply(_json(work.engagement.id, found), status, location)


@operation("GET", ALL, tag=TAG, summary="The assessments of an engagement, the latest first", result=AssessmentsOut)
def list_assessments(call: Call, engagement: str) -> Reply:
    opened = engagements.open_engagement(call.installation, call.actor, engagement)
    return Reply({"assessments": [_json(engagement, one) for one in opened.assessments]})


@operation(
    "POST",
    ALL,
    tag=TAG,
    summary="Start an assessment",
    description="It keeps copies of the questionnaire and the modules as they are now.",
    scope=WRITE,
    body=AssessmentIn,
    result=AssessmentOut,
    status=201,
    creates=True,
)
def start_assessment(call: Call, engagement: str) -> Reply:
    given: AssessmentIn = call.body

    def make() -> str:
        return engagements.start_assessment(
            call.installation,
            call.actor,
            engagement,
            questionnaire=given.questionnaire,
            modules=given.modules,
            profile=given.profile,
        )

    code = call.create_once(make)
    return _shown(call, code, 201, f"/assessments/{code}")


@operation("GET", ONE, tag=TAG, summary="An assessment", result=AssessmentOut)
def read_assessment(call: Call, assessment: str) -> Reply:
    return _shown(call, assessment)


@operation(
    "PUT",
    f"{ONE}/plan",
    tag=TAG,
    summary="Choose the target profile, the plan’s first day and how much runs at one time",
    scope=WRITE,
    body=PlanIn,
    result=AssessmentOut,
)
def choose_plan(call: Call, assessment: str) -> Reply:
    given: PlanIn = call.body
    key = engagements.key_to(call.installation, call.actor, assessment)
    assessments.choose_plan(call.installation, key, profile=given.profile, start=given.start, capacity=given.capacity)
    return _shown(call, assessment)


@operation(
    "POST",
    f"{ONE}/close",
    tag=TAG,
    summary="Close an assessment",
    description="Freezes questionnaire, answers, scorecard and roadmap with their hashes; takes no more changes.",
    scope=WRITE,
    result=SnapshotOut,
    status=201,
)
def close_assessment(call: Call, assessment: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    id_ = snapshots.close(call.installation, key)
    return Reply(next(_snapshot(one) for one in snapshots.history(call.installation, key) if one.id == id_), 201)


@operation("POST", f"{ONE}/reopen", tag=TAG, summary="Take changes again", scope=WRITE, result=AssessmentOut)
def reopen_assessment(call: Call, assessment: str) -> Reply:
    snapshots.reopen(call.installation, engagements.key_to(call.installation, call.actor, assessment))
    return _shown(call, assessment)


@operation(
    "POST",
    f"{ONE}/reassess",
    tag=TAG,
    summary="Start the next assessment from the newest snapshot",
    description="Decisions on the roadmap, targets and evidence come along; people are invited anew.",
    scope=WRITE,
    result=AssessmentOut,
    status=201,
    creates=True,
)
def reassess(call: Call, assessment: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    code = call.create_once(lambda: snapshots.reassess(call.installation, key, copies_answers=False))
    return _shown(call, code, 201, f"/assessments/{code}")


@operation("GET", f"{ONE}/scorecard", tag="results", summary="The scorecard", result=ScorecardOut)
def read_scorecard(call: Call, assessment: str) -> Reply:
    _, _, opened = engagements.open_assessment(call.installation, call.actor, assessment)
    found = assessments.evaluate_open(opened)
    return Reply(shown_scorecard(found, names_people=opened.shows_people))


@operation("GET", f"{ONE}/roadmap", tag="results", summary="The roadmap, with what people decided", result=RoadmapOut)
def read_roadmap(call: Call, assessment: str) -> Reply:
    _, _, opened = engagements.open_assessment(call.installation, call.actor, assessment)
    found = assessments.evaluate_open(opened)
    return Reply(shown_roadmap(found))


def _snapshot(one: SnapshotView) -> dict[str, Any]:
    return {**vars(one), "taken_at": moment(one.taken_at), "assessed_on": one.assessed_on.isoformat()}


@operation(
    "GET",
    f"{ONE}/snapshots",
    tag="results",
    summary="The snapshots the assessment can be compared with, the newest first",
    result=SnapshotsOut,
)
def list_snapshots(call: Call, assessment: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    return Reply({"snapshots": [_snapshot(one) for one in snapshots.history(call.installation, key)]})


@operation(
    "GET",
    f"{ONE}/comparison",
    tag="results",
    summary="A snapshot beside a later one, or beside the assessment as it stands",
    query=ComparisonQuery,
    result=ProgressOut,
)
def compare(call: Call, assessment: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    later = snapshots.compare(call.installation, key, call.query.earlier, call.query.later)
    if later.earlier is None:
        raise NotFound("there is nothing to compare with")
    return Reply(shown_progress(compare_runs(later.earlier, later)))


def _invitation(one: InvitationView) -> dict[str, Any]:
    link = one.link_token and url_for("invitations.accept", token=one.link_token, _external=True)
    same = {name: value for name, value in vars(one).items() if name != "link_token"}
    return {**same, "link": link, "created_at": moment(one.created_at)}


@operation(
    "GET", f"{ONE}/invitations", tag="invitations", summary="Who was invited, and how far they are", result=InvitationsOut
)
def list_invitations(call: Call, assessment: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    found = invitations.list_invitations(call.installation, key)
    return Reply({"invitations": [_invitation(one) for one in found]})


@operation(
    "POST",
    f"{ONE}/invitations",
    tag="invitations",
    summary="Invite people",
    description="One personal link for each name, or one group link. The links are in the answer.",
    scope=WRITE,
    body=InvitationsIn,
    result=InvitationsOut,
    status=201,
    creates=True,
)
def invite(call: Call, assessment: str) -> Reply:
    given: InvitationsIn = call.body
    key = engagements.key_to(call.installation, call.actor, assessment)
    names = [name.strip() for name in given.names]

    def make() -> list[int]:
        made = invitations.invite(
            call.installation, key, kind=given.kind, names=names, role=given.role, language=given.language
        )
        return list(made)

    made = call.create_once(make)
    found = {one.id: one for one in invitations.list_invitations(call.installation, key)}
    return Reply({"invitations": [_invitation(found[id_]) for id_ in made]}, 201)


@operation(
    "DELETE",
    f"{ONE}/invitations/<small:invitation>",
    tag="invitations",
    summary="Revoke an invitation",
    description="The link stops at once; answers given so far stay and count.",
    scope=WRITE,
    status=204,
    refusals=(409,),
)
def revoke_invitation(call: Call, assessment: str, invitation: int) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    invitations.revoke(call.installation, key, invitation)
    return Reply(status=204)
