"""Answers files in: a start from last year's answers or from their description only, and a file as an engagement's answers."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from sqlalchemy import Connection

from assess.content.answers import check_assessment, read_assessment
from assess.content.document import Document, parse
from assess.content.library import thaw
from assess.content.questionnaires import Frozen
from assess.core.answers import Assessment
from assess.core.confidentiality import kept_time
from assess.core.errors import Conflict, Invalid, Problem
from assess.core.questionnaire import Questionnaire
from assess.core.roadmap import DEFAULT_CAPACITY
from assess.storage import answers as answer_rows
from assess.storage import assessments as rows
from assess.storage import imports, plans, register
from assess.storage.assessments import StoredAssessment
from assess.storage.consensus import put_consensus
from assess.storage.engagements import ACTIVE, load_engagement
from assess.storage.links import AssessmentKey
from assess.usecases.answers import refuse_sample
from assess.usecases.assessments import refuse_change
from assess.usecases.audit import note_by_key
from assess.usecases.copies import questionnaires_of
from assess.usecases.installation import Installation


@dataclass(frozen=True)
class Imported:
    """token: of the new private link; answers: how many were copied for the person behind it; others: how many other people's
    answers came along; agreements: how many decisions of a workshop did, which count instead of the answers to their items."""

    token: str
    answers: int
    others: int
    agreements: int


def start_from_file(installation: Installation, content: bytes, name: str, *, language: str, copies_answers: bool) -> Imported:
    """Open a self-assessment on what an answers file holds; the person behind its link is the first of the file.

    Organisation, modules, profile and targets always come along; answers and evidence when copies_answers. Raises Invalid with
    every problem of the file.
    """
    core, modules, given = installation.library.read_answers(parse(content, name))
    frozen = [installation.library.frozen(one.id) for one in (core, *modules)]
    people = given.respondents if copies_answers else given.respondents[:1]
    role = people[0].role if people else core.roles[0].id
    token = secrets.token_urlsafe(32)
    _insert(installation, token, frozen, given, language, role, copies_answers=copies_answers)
    return Imported(
        token=token,
        answers=len(people[0].answers) if people and copies_answers else 0,
        others=len(people[1:]),
        agreements=len(given.consensus) if copies_answers else 0,
    )


def _insert(
    installation: Installation,
    token: str,
    frozen: list[Frozen],
    given: Assessment,
    language: str,
    role: str,
    *,
    copies_answers: bool,
) -> None:
    now = installation.clock()
    at = kept_time(now, confidential=given.confidential)
    values = replace(given, version=thaw(frozen[0]).version, sample=given.sample and copies_answers)
    with installation.storage.writing() as connection:
        digest, *digests = [rows.keep_questionnaire(connection, each.files) for each in frozen]
        assessment = rows.insert_assessment(connection, token, digest, values, language, DEFAULT_CAPACITY, now, digests)
        register.put_targets(connection, assessment, given.targets)
        first = rows.add_respondent(connection, assessment, role, at, link=token)
        if not copies_answers:
            return
        for item, entries in given.evidence.items():
            register.put_evidence(connection, assessment, item, entries)
        for item, agreed in given.consensus.items():
            put_consensus(connection, assessment, item, agreed, now)
        for place, person in enumerate(given.respondents):
            id_ = rows.add_respondent(connection, assessment, person.role, at) if place else first
            for item, answer in person.answers.items():
                version = answer_rows.put_answer(connection, id_, item, answer, at)
                answer_rows.note_edit(connection, id_, item, answer, at, version=version or 0)


@dataclass(frozen=True)
class PutIn:
    """How many people and answers a file brought."""

    respondents: int
    answers: int


def put_answers(installation: Installation, key: AssessmentKey, document: Document) -> PutIn:
    """Put a file's people, evidence, targets, profile and decisions in place of what an earlier file brought, or nothing.

    The day of the file becomes the assessment's. Raises Invalid with every problem, Conflict once somebody answers through a
    link, NotAllowed, NotFound.
    """
    refuse_sample(key)
    given = read_assessment(document)
    now = installation.clock()
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, key, holds=True)
        refuse_change(stored)
        if load_engagement(connection, key.actor.workspace_id, stored.engagement_id or "").state != ACTIVE:
            raise Conflict("the engagement is archived")
        if imports.has_linked_people(connection, stored.id):
            raise Conflict("people answer this assessment through links; a file can’t take the place of their answers")
        core, *modules = questionnaires_of(connection, (stored.digest, *stored.module_digests))
        _check_fit(document, given, stored.assessment, core, modules)
        _replace(connection, stored, given, now)
        answers = sum(len(person.answers) for person in given.respondents)
        note_by_key(connection, key, "answers.imported", now, respondents=len(given.respondents), answers=answers)
    return PutIn(len(given.respondents), answers)


def _check_fit(
    document: Document, given: Assessment, there: Assessment, core: Questionnaire, modules: Sequence[Questionnaire]
) -> None:
    """Raises Invalid with everything that keeps the file from being this assessment's answers."""
    if given.questionnaire != there.questionnaire:
        message = "is another questionnaire than the assessment’s, {name}"
        raise Invalid([document.problem(("questionnaire",), message, name=there.questionnaire)])
    problems = list(_misfits(document, given, there))
    try:
        check_assessment(given, core, modules, document)
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(problems)


def _misfits(document: Document, given: Assessment, there: Assessment) -> Iterator[Problem]:
    if set(given.modules) != set(there.modules):
        yield document.problem(("modules",), "must be the modules of the assessment: {names}", names=", ".join(there.modules))
    client, theirs = vars(given.organisation), vars(there.organisation)
    if client["name"] and client["name"] != theirs["name"]:
        message = "is another client than the engagement’s, {name}"
        yield document.problem(("organisation", "name"), message, name=theirs["name"])
    must_be = "must be as in the engagement: {value}"
    for part in ("industry", "region", "size"):
        if client[part] and client[part] != theirs[part]:
            yield document.problem(("organisation", part), must_be, value=theirs[part] or "-")
    for part in ("confidential", "sample"):
        if getattr(given, part) != getattr(there, part):
            yield document.problem((part,), must_be, value=str(getattr(there, part)).lower())
    yield from _not_kept(document, given)


def _not_kept(document: Document, given: Assessment) -> Iterator[Problem]:
    if given.invited:
        yield document.problem(("invited",), "is not kept in an assessment of an engagement; leave it out")
    for place, person in enumerate(given.respondents):
        for item, answer in person.answers.items():
            if answer.seconds is not None:
                path = ("respondents", place, "answers", item, "seconds")
                yield document.problem(path, "is not kept in an assessment of an engagement; leave it out")


def _replace(connection: Connection, stored: StoredAssessment, given: Assessment, now: datetime) -> None:
    """Own initiatives that are there already keep their ids; others get new ones."""
    known = {own.id: own for own in stored.assessment.adoption.own}
    kept = {own.id for own in given.adoption.own} & known.keys()
    imports.clear(connection, stored.id, {int(id_.rpartition("-")[2]) for id_ in kept})
    at = kept_time(now, confidential=stored.assessment.confidential)
    for person in given.respondents:
        respondent = rows.add_respondent(connection, stored.id, person.role, at)
        for item, answer in person.answers.items():
            rows.save_answer(connection, respondent, item, answer, at)
    for item, agreed in given.consensus.items():
        put_consensus(connection, stored.id, item, agreed, now)
    for item, entries in given.evidence.items():
        register.put_evidence(connection, stored.id, item, entries)
    register.put_targets(connection, stored.id, given.targets)
    ids = {}
    for own in given.adoption.own:
        if own.id in kept:
            plans.put_own(connection, stored.id, own, stored.own_versions[own.id])
        ids[own.id] = own.id if own.id in kept else plans.add_own(connection, stored.id, own)
    for action, decision in given.adoption.decisions.items():
        plans.put_decision(connection, stored.id, ids.get(action, action), decision, 0)
    day = now if given.date == now.date() else datetime.combine(given.date, time(12), UTC)
    imports.describe(connection, stored.id, given.profile, day)
