"""Closing an assessment, assessing again, and comparing then with now."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain

from sqlalchemy import Connection

from assess.content.library import thaw
from assess.content.questionnaires import Frozen
from assess.core.answers import Assessment
from assess.core.errors import Invalid, NotAllowed, NotFound, Problem
from assess.core.evaluation import Evaluation
from assess.core.outputs import roadmap_json, scorecard_json
from assess.core.progress import compare_runs
from assess.core.roadmap import DEFAULT_CAPACITY
from assess.storage import answers as answer_rows
from assess.storage import assessments as rows
from assess.storage import plans, readings, register, snapshots
from assess.storage.engagements import list_assessments
from assess.storage.links import AssessmentKey
from assess.storage.snapshots import Snapshot, digest
from assess.usecases import peer_rows
from assess.usecases.answers import refuse_sample
from assess.usecases.assessments import (
    OpenAssessment,
    evaluate_open,
    open_by_link,
    open_stored,
    refuse_change,
    refuse_respondent,
)
from assess.usecases.audit import note_by_key
from assess.usecases.comparisons import comparison_now
from assess.usecases.installation import Installation
from assess.usecases.requests import evaluate_request, request_of

NOW = "now"
"""In place of a snapshot's id: the assessment as it stands."""
MAX_CHAIN = 50


@dataclass(frozen=True)
class SnapshotView:
    """A snapshot as people see it. is_whole: every part still has the hash it was kept with."""

    id: str
    taken_at: datetime
    assessed_on: date
    questionnaire: str
    version: str
    score: float | None
    level: int | None
    hashes: dict[str, str]
    is_whole: bool


def close(installation: Installation, token: str) -> str:
    """Freeze questionnaire, answers, scorecard and roadmap with their hashes, and take no more changes; returns the id.

    Raises Invalid when nothing has a level yet, NotAllowed for a sample, a respondent of an engagement, a closed assessment.
    """
    refuse_sample(token)
    open_by_link(installation, token)  # parses what has to be parsed before others wait
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_change(stored)
        opened = open_stored(connection, token, stored)
        evaluation = evaluate_open(opened)
        if evaluation.scorecard.claimed.score is None:
            raise Invalid([Problem("there is nothing to close: no item has a level yet")])
        taken = _snapshot(connection, opened, evaluation, installation.clock())
        snapshots.add_snapshot(connection, taken)
        peer_rows.contribute_closed(
            installation, connection, opened.id or 0, evaluation.core, evaluation.scorecard, evaluation.assessment
        )
        note_by_key(connection, token, "assessment.closed", taken.taken_at, snapshot=taken.id, **taken.hashes)
    return taken.id


def reopen(installation: Installation, token: str) -> None:
    """Take changes again; the snapshot stays as it is. Nothing happens to an assessment that is open."""
    refuse_sample(token)
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_respondent(stored)
        if stored.closed_at is None:
            return
        snapshots.set_closed(connection, stored.id, None)
        note_by_key(connection, token, "assessment.reopened", installation.clock())


def history(installation: Installation, token: str) -> tuple[SnapshotView, ...]:
    """The snapshots that this assessment can be compared with, the newest first.

    Its own and those it goes back to; staff see all of the same questionnaire in the engagement.
    """
    opened = open_by_link(installation, token)
    if opened.read_only or opened.is_reply:
        return ()
    with installation.storage.reading() as connection:
        found = _reachable(connection, opened)
    return tuple(_view(one) for one in sorted(found, key=lambda one: one.taken_at, reverse=True))


def compare(installation: Installation, token: str, earlier: str, later: str = NOW) -> Evaluation:
    """A snapshot of the history, or the assessment as it stands, with another snapshot as its earlier run.

    Raises NotFound for a snapshot that is not in the history, Invalid where the two can't be compared.
    """
    opened = open_by_link(installation, token)
    _refuse_reply(opened)
    with installation.storage.reading() as connection:
        known = {one.id: one for one in _reachable(connection, opened)}
    before, after = (evaluate_open(opened) if id_ == NOW else _evaluated(installation, known, id_) for id_ in (earlier, later))
    compare_runs(before, after)
    return replace(after, earlier=before)


def reassess(installation: Installation, token: str, *, copies_answers: bool) -> str:
    """Start the next assessment from the newest snapshot, with the questionnaire as it is now; returns its token or code.

    What people decided on the roadmap, targets and evidence come along; answers when copies_answers, as far as the
    questionnaire still has their items. In an engagement people get new links, so their answers are not copied.
    """
    refuse_sample(token)
    opened = open_by_link(installation, token)
    _refuse_reply(opened)
    with installation.storage.reading() as connection:
        newest = next(iter(snapshots.list_snapshots(connection, opened.id or 0)), None)
    if newest is None:
        raise NotAllowed("only a closed assessment is assessed again")
    given = evaluate_request(installation.storage, newest.request).assessment
    names = (given.questionnaire, *given.modules)
    frozen = [installation.library.frozen(name) for name in names]
    return _start(installation, token, opened, newest.id, given, frozen, copies_answers=copies_answers)


def _start(
    installation: Installation,
    token: str,
    opened: OpenAssessment,
    earlier: str,
    given: Assessment,
    frozen: list[Frozen],
    *,
    copies_answers: bool,
) -> str:
    core, *modules = (thaw(one) for one in frozen)
    now = installation.clock()
    link, code = secrets.token_urlsafe(32), secrets.token_hex(8)
    is_team = isinstance(token, AssessmentKey)
    values = replace(given, version=core.version)
    with installation.storage.writing() as connection:
        digests = [rows.keep_questionnaire(connection, one.files) for one in frozen]
        key = rows.insert_assessment(
            connection,
            link,
            digests[0],
            values,
            opened.language,
            opened.capacity or DEFAULT_CAPACITY,
            now,
            digests[1:],
            opened.engagement,
            code if is_team else None,
        )
        snapshots.set_earlier(connection, key, earlier)
        steps = frozenset(chain.from_iterable(one.dimension for one in (core, *modules)))
        items = frozenset(chain.from_iterable(one.item_ids for one in (core, *modules)))
        register.put_targets(connection, key, {id_: level for id_, level in given.targets.items() if id_ in steps})
        for item in given.evidence.keys() & items:
            register.put_evidence(connection, key, item, given.evidence[item])
        _copy_decisions(connection, key, given)
        if not is_team:
            _copy_people(connection, key, link, opened, given, items, now, copies_answers=copies_answers)
        note_by_key(connection, token, "assessment.started_again", now, earlier=earlier, code=code)
    return code if is_team else link


def _copy_people(
    connection: Connection,
    key: int,
    link: str,
    opened: OpenAssessment,
    given: Assessment,
    items: frozenset[str],
    now: datetime,
    *,
    copies_answers: bool,
) -> None:
    """The person behind the link first; the others of an imported file only with their answers."""
    people = given.respondents if copies_answers else given.respondents[:1]
    role = opened.respondent.role if opened.respondent else people[0].role
    for place, person in enumerate(people):
        id_ = rows.add_respondent(connection, key, person.role if place else role, now, link=None if place else link)
        for item, answer in person.answers.items() if copies_answers else ():
            if item in items:
                version = answer_rows.put_answer(connection, id_, item, answer, now)
                answer_rows.note_edit(connection, id_, item, answer, now, version=version or 0)


def _copy_decisions(connection: Connection, key: int, given: Assessment) -> None:
    """Own initiatives get ids of their own here, and what was decided about them goes along."""
    ids = {own.id: plans.add_own(connection, key, own) for own in given.adoption.own}
    for action, decision in given.adoption.decisions.items():
        plans.put_decision(connection, key, ids.get(action, action), decision, 0)


def _snapshot(connection: Connection, opened: OpenAssessment, evaluation: Evaluation, now: datetime) -> Snapshot:
    earlier = None if opened.earlier is None else snapshots.load_request(connection, opened.earlier)
    accounts = readings.figures_text(connection, opened.id or 0)
    peers = comparison_now(connection, opened, evaluation.scorecard)
    request = request_of(opened, opened.digests, earlier, accounts=accounts, comparison=peers)
    assessment = evaluation.assessment
    scorecard = scorecard_json(
        evaluation.scorecard,
        evaluation.module_scorecards,
        evaluation.flags,
        evaluation.without_flagged,
        sample=assessment.sample,
        confidential=assessment.confidential,
    )
    parts = {
        "questionnaire": json.dumps(opened.digests),
        "answers": request,
        "scorecard": json.dumps(scorecard, ensure_ascii=False),
        "roadmap": json.dumps(roadmap_json(evaluation.roadmap, evaluation.core, assessment.sample), ensure_ascii=False),
    }
    return Snapshot(
        id=secrets.token_hex(16),
        assessment_id=opened.id or 0,
        taken_at=now,
        request=request,
        scorecard=parts["scorecard"],
        roadmap=parts["roadmap"],
        hashes={part: digest(text) for part, text in parts.items()},
    )


def _reachable(connection: Connection, opened: OpenAssessment) -> list[Snapshot]:
    """Every snapshot the person may compare with."""
    if opened.staff is not None and opened.engagement is not None:
        ids = [one.id for one in list_assessments(connection, opened.staff.workspace_id, opened.engagement)]
        found = [one for id_ in ids for one in snapshots.list_snapshots(connection, id_)]
    else:
        found = list(_chain(connection, opened))
    return [one for one in found if json.loads(one.scorecard)["questionnaire"]["id"] == opened.questionnaire.id]


def _chain(connection: Connection, opened: OpenAssessment) -> Iterator[Snapshot]:
    """The assessment's own snapshots, then those of the one it goes back to, and so on."""
    yield from snapshots.list_snapshots(connection, opened.id or 0)
    earlier = opened.earlier
    for _ in range(MAX_CHAIN):
        if earlier is None:
            return
        try:
            before = snapshots.find_snapshot(connection, earlier)
        except NotFound:
            return
        yield before
        earlier = rows.earlier_of(connection, before.assessment_id)


def _evaluated(installation: Installation, known: dict[str, Snapshot], id_: str) -> Evaluation:
    if id_ not in known:
        raise NotFound(f"there is no snapshot {id_}")
    return evaluate_request(installation.storage, known[id_].request)


def _view(one: Snapshot) -> SnapshotView:
    card, wanted = json.loads(one.scorecard), json.loads(one.request)
    parts = {
        "questionnaire": json.dumps(tuple(wanted["questionnaires"])),
        "answers": one.request,
        "scorecard": one.scorecard,
        "roadmap": one.roadmap,
    }
    return SnapshotView(
        id=one.id,
        taken_at=one.taken_at,
        assessed_on=date.fromisoformat(wanted["answers"]["date"]),
        questionnaire=card["questionnaire"]["id"],
        version=card["questionnaire"]["version"],
        score=card["overall"]["score"],
        level=card["overall"]["level"],
        hashes=one.hashes,
        is_whole=all(digest(text) == one.hashes[part] for part, text in parts.items()),
    )


def _refuse_reply(opened: OpenAssessment) -> None:
    if opened.is_reply:
        raise NotAllowed("respondents of an engagement only answer")
