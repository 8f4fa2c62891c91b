"""Starting from an answers file: last year's answers as a starting point, or blank with the same description and targets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from assess.content.document import parse
from assess.content.library import thaw
from assess.content.questionnaires import Frozen
from assess.core.answers import Assessment
from assess.core.roadmap import DEFAULT_CAPACITY
from assess.storage import answers as answer_rows
from assess.storage import assessments as rows
from assess.storage import register
from assess.usecases.installation import Installation


@dataclass(frozen=True)
class Imported:
    """token: of the new private link; answers: how many were copied for the person behind it; others: how many other people's
    answers came along; left_out: how many agreements of a workshop, which a self-assessment has no place for, did not."""

    token: str
    answers: int
    others: int
    left_out: int


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
        left_out=len(given.consensus) if copies_answers else 0,
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
    values = replace(given, version=thaw(frozen[0]).version, sample=given.sample and copies_answers)
    with installation.storage.writing() as connection:
        digest, *digests = [rows.keep_questionnaire(connection, each.files) for each in frozen]
        assessment = rows.insert_assessment(connection, token, digest, values, language, DEFAULT_CAPACITY, now, digests)
        register.put_targets(connection, assessment, given.targets)
        first = rows.add_respondent(connection, assessment, role, now, link=token)
        if not copies_answers:
            return
        for item, entries in given.evidence.items():
            register.put_evidence(connection, assessment, item, entries)
        for place, person in enumerate(given.respondents):
            id_ = rows.add_respondent(connection, assessment, person.role, now) if place else first
            for item, answer in person.answers.items():
                version = answer_rows.put_answer(connection, id_, item, answer, now)
                answer_rows.note_edit(connection, id_, item, answer, now, version=version or 0)
