"""Demo data: two made-up clients with everything filled in, marked as samples wherever they appear, removed in one go."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection

from assess.content.document import read_file
from assess.core.answers import Assessment
from assess.core.errors import Conflict
from assess.core.staff import Actor
from assess.resources import SAMPLES
from assess.storage import assessments as assessment_rows
from assess.storage import engagements as rows
from assess.storage import register
from assess.storage.engagements import Work
from assess.usecases.audit import record
from assess.usecases.engagements import list_engagements, require_work
from assess.usecases.installation import Installation


def add_demo(installation: Installation, actor: Actor) -> str:
    """An engagement for each sample that ships with the product; returns the id of the first. Raises Conflict a second time."""
    require_work(actor)
    if any(one.sample for one in list_engagements(installation, actor)):
        raise Conflict("the demo data is there already")
    now, ids = installation.clock(), []
    samples = [installation.library.read_answers(read_file(path, path.name)) for path in sorted(SAMPLES.glob("*.answers.yaml"))]
    copies = [[installation.library.frozen(one.id).files for one in (core, *modules)] for core, modules, _ in samples]
    with installation.storage.writing() as connection:
        for (_, _, assessment), files in zip(samples, copies, strict=True):
            id_ = secrets.token_hex(16)
            work = Work("", assessment.organisation, "en", assessment.confidential, pool_consent=False)
            rows.add_engagement(connection, actor.workspace_id, id_, work, now, sample=True)
            digests = [assessment_rows.keep_questionnaire(connection, each) for each in files]
            _add_sample(connection, id_, digests, assessment, now)
            ids.append(id_)
        record(connection, actor, "demo.added", f"engagements {', '.join(ids)}", now)
    return ids[0]


def _add_sample(connection: Connection, engagement: str, digests: list[str], assessment: Assessment, now: datetime) -> None:
    key = assessment_rows.insert_assessment(
        connection,
        secrets.token_urlsafe(32),
        digests[0],
        assessment,
        "en",
        4,
        now,
        digests[1:],
        engagement,
        secrets.token_hex(8),
    )
    for person in assessment.respondents:
        respondent = assessment_rows.add_respondent(connection, key, person.role, now)
        for item, given in person.answers.items():
            assessment_rows.save_answer(connection, respondent, item, given, now)
    for item, entries in assessment.evidence.items():
        register.put_evidence(connection, key, item, entries)
    register.put_targets(connection, key, assessment.targets)


def remove_demo(installation: Installation, actor: Actor) -> None:
    """Take all demo data of the workspace away for good."""
    require_work(actor)
    now = installation.clock()
    with installation.storage.writing() as connection:
        ids = rows.list_samples(connection, actor.workspace_id)
        for id_ in ids:
            rows.erase_engagement(connection, actor.workspace_id, id_)
        record(connection, actor, "demo.removed", f"engagements {', '.join(ids)}", now)
