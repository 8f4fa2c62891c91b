"""Engagements of a workspace: make, find, change, archive, delete with a grace period, restore, export; their assessments."""

from __future__ import annotations

import io
import json
import secrets
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from assess.content.answers import dump_answers
from assess.content.library import thaw
from assess.core.accounts_outputs import accounts_json
from assess.core.answers import Assessment, Organisation
from assess.core.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from assess.core.questionnaire import LANGUAGES
from assess.core.roadmap import DEFAULT_CAPACITY
from assess.core.shown_outputs import shown_roadmap, shown_scorecard
from assess.core.staff import LOOK, WORK, Actor
from assess.storage import assessments as assessment_rows
from assess.storage import engagements as rows
from assess.storage import invitations as invitation_rows
from assess.storage import seats as seat_rows
from assess.storage.engagements import ACTIVE, ARCHIVED, DELETED, AssessmentSummary, Engagement, Work
from assess.storage.links import AssessmentKey
from assess.usecases import peer_rows
from assess.usecases.assessments import OpenAssessment, anonymous, check_modules, evaluate_open, open_by_link
from assess.usecases.audit import record
from assess.usecases.copies import questionnaires_of
from assess.usecases.installation import Installation
from assess.usecases.readings import measured_of

GRACE = timedelta(days=30)
MAX_NAME = 200
STATES = (ACTIVE, ARCHIVED, DELETED)

__all__ = ["ACTIVE", "ARCHIVED", "DELETED", "AssessmentSummary", "Engagement", "Work"]


@dataclass(frozen=True)
class OpenEngagement:
    """An engagement with its assessments, the latest first; has_people: somebody was invited or joined, so the mode stays."""

    engagement: Engagement
    assessments: tuple[AssessmentSummary, ...]
    has_people: bool

    @property
    def erased_on(self) -> datetime | None:
        """When a deleted one is gone for good; None for one that is not deleted."""
        return None if self.engagement.deleted_at is None else self.engagement.deleted_at + GRACE


def list_engagements(
    installation: Installation, actor: Actor, *, state: str = ACTIVE, search: str = ""
) -> tuple[Engagement, ...]:
    """Those of the workspace that the actor sees, the latest activity first."""
    purge(installation)
    with installation.storage.reading() as connection:
        found = rows.list_engagements(connection, actor.workspace_id, state=state, search=search)
    return tuple(one for one in found if actor.sees(one.id))


def list_clients(installation: Installation, actor: Actor) -> tuple[Organisation, ...]:
    _require(actor, WORK)
    with installation.storage.reading() as connection:
        return rows.list_organisations(connection, actor.workspace_id)


def open_engagement(installation: Installation, actor: Actor, id_: str) -> OpenEngagement:
    """Raises NotFound for one of another workspace, or one a client lead does not lead."""
    with installation.storage.reading() as connection:
        return _open(connection, actor, id_)


def _open(connection: Connection, actor: Actor, id_: str) -> OpenEngagement:
    engagement = _load(connection, actor, id_)
    assessments = rows.list_assessments(connection, actor.workspace_id, id_)
    has_people = any(
        one.respondents or invitation_rows.list_invitations(connection, one.id) or seat_rows.has_seats(connection, one.id)
        for one in assessments
    )
    return OpenEngagement(engagement, assessments, has_people)


def _load(connection: Connection, actor: Actor, id_: str) -> Engagement:
    _require(actor, LOOK)
    if not actor.sees(id_):
        raise NotFound("there is no such engagement")
    engagement = rows.load_engagement(connection, actor.workspace_id, id_)
    if engagement.state == DELETED and not actor.may(WORK):
        raise NotFound("there is no such engagement")
    return engagement


def create_engagement(installation: Installation, actor: Actor, work: Work, *, sample: bool = False) -> str:
    """Returns the new id. Raises Invalid with every problem."""
    _require(actor, WORK)
    _check(work)
    now, id_ = installation.clock(), secrets.token_hex(16)
    with installation.storage.writing() as connection:
        rows.add_engagement(connection, actor.workspace_id, id_, work, now, sample=sample)
        record(connection, actor, "engagement.created", f"engagement {id_}", now, **_said(work))
    return id_


def change_engagement(installation: Installation, actor: Actor, id_: str, work: Work) -> None:
    """Confidentiality can't be changed any more once somebody was invited or joined: people were told one or the other."""
    _require(actor, WORK)
    _check(work)
    now = installation.clock()
    with installation.storage.writing() as connection:
        opened = _open(connection, actor, id_)
        _require_state(opened.engagement, ACTIVE)
        if opened.has_people and work.confidential != opened.engagement.confidential:
            message = "People were invited already; whether answers are confidential can’t be changed any more."
            raise Invalid([Problem(message, {}, path="mode")])
        if opened.engagement.pool_consent and not work.pool_consent:
            peer_rows.withdraw_engagement(installation, connection, id_)
        rows.change_engagement(connection, actor.workspace_id, id_, work, now)
        record(connection, actor, "engagement.changed", f"engagement {id_}", now, **_said(work))


def archive_engagement(installation: Installation, actor: Actor, id_: str, *, archived: bool) -> None:
    """Put it away: links to it stop working, results stay; or take it out again."""
    _require(actor, WORK)
    now = installation.clock()
    with installation.storage.writing() as connection:
        engagement = _load(connection, actor, id_)
        _require_state(engagement, ACTIVE if archived else ARCHIVED)
        rows.set_archived(connection, actor.workspace_id, id_, now if archived else None, now)
        action = "engagement.archived" if archived else "engagement.unarchived"
        record(connection, actor, action, f"engagement {id_}", now)


def delete_engagement(installation: Installation, actor: Actor, id_: str) -> None:
    """Links stop at once; it can be restored for GRACE and is erased then. Demo data is erased at once."""
    _require(actor, WORK)
    now = installation.clock()
    with installation.storage.writing() as connection:
        engagement = _load(connection, actor, id_)
        _require_state(engagement, ACTIVE, ARCHIVED)
        peer_rows.withdraw_engagement(installation, connection, id_)
        if engagement.sample:
            rows.erase_engagement(connection, actor.workspace_id, id_)
        else:
            rows.set_deleted(connection, actor.workspace_id, id_, now)
        record(connection, actor, "engagement.deleted", f"engagement {id_}", now)


def restore_engagement(installation: Installation, actor: Actor, id_: str) -> None:
    _require(actor, WORK)
    now = installation.clock()
    with installation.storage.writing() as connection:
        _require_state(_load(connection, actor, id_), DELETED)
        rows.set_deleted(connection, actor.workspace_id, id_, None)
        record(connection, actor, "engagement.restored", f"engagement {id_}", now)


def purge(installation: Installation) -> int:
    """Erase what was deleted longer ago than GRACE, in all workspaces; returns how many engagements that were."""
    limit = installation.clock() - GRACE
    with installation.storage.reading() as connection:
        if not rows.list_deleted_before(connection, limit):
            return 0
    with installation.storage.writing() as connection:
        gone = rows.list_deleted_before(connection, limit)
        for workspace_id, id_ in gone:
            rows.erase_engagement(connection, workspace_id, id_)
    return len(gone)


def start_assessment(
    installation: Installation,
    actor: Actor,
    engagement_id: str,
    *,
    questionnaire: str,
    modules: Sequence[str] = (),
    profile: str | None = None,
) -> str:
    """Open an assessment on frozen copies of the questionnaire and the modules; returns its code. Raises Invalid, NotFound."""
    _require(actor, WORK)
    frozen = [installation.library.frozen(id_) for id_ in (questionnaire, *modules)]
    core, *beside = (thaw(each) for each in frozen)
    if core.kind != "core":
        raise Invalid(
            [Problem("{id} is a module, which stands beside a core questionnaire", {"id": core.id}, path="questionnaire")]
        )
    check_modules(core, beside)
    if profile is not None and profile not in {known.id for known in core.profiles}:
        raise Invalid([Problem("there is no {what} {id}", {"what": "profile", "id": profile}, path="profile")])
    now, code = installation.clock(), secrets.token_hex(8)
    with installation.storage.writing() as connection:
        engagement = _load(connection, actor, engagement_id)
        _require_state(engagement, ACTIVE)
        values = Assessment(
            core.id,
            engagement.organisation,
            now.date(),
            (),
            modules=tuple(module.id for module in beside),
            confidential=engagement.confidential,
            profile=profile,
            version=core.version,
            sample=engagement.sample,
        )
        digest, *digests = [assessment_rows.keep_questionnaire(connection, each.files) for each in frozen]
        assessment_rows.insert_assessment(
            connection,
            secrets.token_urlsafe(32),  # nobody's link: people get links of their own
            digest,
            values,
            engagement.language,
            DEFAULT_CAPACITY,
            now,
            digests,
            engagement_id,
            code,
        )
        record(connection, actor, "assessment.started", f"assessment {code}", now, digests=[digest, *digests], profile=profile)
    return code


def key_to(installation: Installation, actor: Actor, code: str) -> AssessmentKey:
    """The actor's key to an assessment. Raises NotFound for one of another workspace, or that the actor does not see."""
    with installation.storage.reading() as connection:
        if not actor.sees(rows.engagement_of(connection, actor.workspace_id, code)):
            raise NotFound("there is no such assessment")
    return AssessmentKey(code, actor)


def open_assessment(
    installation: Installation, actor: Actor, code: str
) -> tuple[AssessmentKey, OpenEngagement, OpenAssessment]:
    """An assessment with its engagement, as the actor may see it. Raises NotFound."""
    key = key_to(installation, actor, code)
    opened = open_by_link(installation, key)
    return key, open_engagement(installation, actor, opened.engagement or ""), opened


def export_engagement(installation: Installation, actor: Actor, id_: str) -> bytes:
    """Everything of an engagement as a ZIP archive: what it is, the questionnaires, the answers.

    Of a confidential engagement no answers of single people: the results only, as staff see them.
    """
    _require(actor, WORK)
    opened = open_engagement(installation, actor, id_)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _exported(installation, actor, opened):
            archive.writestr(zipfile.ZipInfo(name, installation.clock().timetuple()[:6]), content)
    return stream.getvalue()


def _exported(installation: Installation, actor: Actor, opened: OpenEngagement) -> Iterator[tuple[str, bytes]]:
    engagement = opened.engagement
    yield "engagement.json", _json(vars(engagement) | {"organisation": vars(engagement.organisation)})
    for summary in opened.assessments:
        folder = f"assessments/{summary.code}"
        yield f"{folder}/assessment.json", _json(vars(summary))
        with installation.storage.reading() as connection:
            digests = [summary.digest, *(digest for _, digest in json.loads(summary.modules))]
            copies = [assessment_rows.load_questionnaire_files(connection, digest) for digest in digests]
            people = invitation_rows.list_invitations(connection, summary.id)
        invited = [{"kind": one.kind, "name": one.name, "role": one.role, "opened": one.opened} for one in people]
        yield f"{folder}/invitations.json", _json(invited)
        for digest, files in zip(digests, copies, strict=True):
            yield from ((f"questionnaires/{digest[:12]}/{name}", content) for name, content in files.items())
        if engagement.state == DELETED:
            continue
        assessment = open_by_link(installation, AssessmentKey(summary.code, actor))
        if not engagement.confidential:
            yield f"{folder}/answers.yaml", dump_answers(anonymous(assessment.assessment)).encode()
        evaluation = evaluate_open(assessment)
        yield f"{folder}/scorecard.json", _json(shown_scorecard(evaluation))
        yield f"{folder}/roadmap.json", _json(shown_roadmap(evaluation))
        measured = measured_of(installation, assessment)
        if measured is not None:
            yield f"{folder}/accounts.json", _json(accounts_json(measured.figures))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str).encode()


def questionnaire_titles(installation: Installation, opened: OpenEngagement, language: str) -> dict[str, str]:
    """Code of each assessment -> the title of its questionnaire."""
    with installation.storage.reading() as connection:
        return {
            summary.code: questionnaires_of(connection, (summary.digest,))[0].title.of(language)
            for summary in opened.assessments
        }


def require_work(actor: Actor) -> None:
    """Raise NotAllowed for somebody who may look only."""
    _require(actor, WORK)


def _said(work: Work) -> dict[str, object]:
    return vars(work) | {"organisation": vars(work.organisation)}


def _require(actor: Actor, permission: str) -> None:
    if not actor.may(permission):
        raise NotAllowed("this role may look only")


def _require_state(engagement: Engagement, *states: str) -> None:
    if engagement.state not in states:
        raise Conflict(f"the engagement is {engagement.state}")


def _check(work: Work) -> None:
    problems = []
    if not work.organisation.name.strip():
        problems.append(Problem("Please name the client.", {}, path="client"))
    if max(len(work.organisation.name), len(work.title)) > MAX_NAME:
        problems.append(Problem("is longer than {max_length} characters", {"max_length": MAX_NAME}, path="client"))
    if work.language not in LANGUAGES:
        problems.append(Problem("must be one of {names}", {"names": ", ".join(LANGUAGES)}, path="language"))
    if problems:
        raise Invalid(problems)
