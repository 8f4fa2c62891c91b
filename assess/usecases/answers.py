"""Saving answers: one by one as they are given, or a page at a time; nothing is overwritten that the person did not see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assess.core.answers import NOT_APPLICABLE_REASONS, Answer
from assess.core.confidentiality import kept_time
from assess.core.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from assess.core.questionnaire import Questionnaire
from assess.core.staff import WORK
from assess.storage import answers as rows
from assess.storage.answers import Seat, StoredAnswer
from assess.storage.assessments import load_assessment, touch_open
from assess.storage.links import AssessmentKey
from assess.usecases.copies import known_questionnaires, questionnaires_of
from assess.usecases.installation import Installation

SAMPLE_PREFIX = "sample-"
MAX_TEXT = 5_000


class AnswerConflict(Conflict):
    """The answer was changed elsewhere since the person saw it; `stored` is what stands there now."""

    def __init__(self, stored: StoredAnswer) -> None:
        self.stored = stored
        super().__init__("the answer was changed in the meantime")


@dataclass(frozen=True)
class Patch:
    """What a person changed of an answer. Parts that are not given (None, False) stay as they stand; clears takes all away."""

    level: int | None = None
    dont_know: bool = False
    not_applicable: str | None = None
    evidence: str | None = None
    comment: str | None = None
    clears: bool = False

    def on(self, before: Answer | None) -> Answer | None:
        """The answer with this change made to it."""
        if self.clears:
            return None
        old = before or Answer()
        chosen = self.level is not None or self.dont_know or self.not_applicable is not None
        choice = self if chosen else old
        return Answer(
            level=choice.level,
            dont_know=choice.dont_know,
            not_applicable=choice.not_applicable,
            evidence=old.evidence if self.evidence is None else self.evidence,
            comment=old.comment if self.comment is None else self.comment,
        )


@dataclass(frozen=True)
class SavedPage:
    """What became of the entries of a page: items whose answer changed, and what stands where somebody else was faster."""

    changed: tuple[str, ...]
    conflicts: Mapping[str, StoredAnswer]


def save_answer(installation: Installation, token: str, item: str, patch: Patch, *, base: int, key: str) -> StoredAnswer:
    """Make one change to version `base` of an answer; returns the answer as it stands now.

    The same key again gives the same result and changes nothing. Raises NotAllowed on a sample, NotFound, Invalid,
    AnswerConflict when another version stands there and differs, Failed when the database can't take the write.
    """
    refuse_sample(token)
    with installation.storage.looking() as connection:
        seat = rows.find_seat(connection, token, item, key)
    questionnaires = known_questionnaires(seat.digests)
    if questionnaires is None:
        with installation.storage.reading() as connection:
            questionnaires = questionnaires_of(connection, seat.digests)
    return _save(installation, seat, Edit(item, patch, base, key), questionnaires)


@dataclass(frozen=True)
class Edit:
    item: str
    patch: Patch
    base: int
    key: str


def _save(installation: Installation, seat: Seat, edit: Edit, questionnaires: Sequence[Questionnaire]) -> StoredAnswer:
    """Everything that can be said no to is settled before others have to wait for the write lock."""
    if seat.known is not None:
        return _again(seat.known, edit)
    if not seat.is_open:
        raise NotAllowed("the assessment is closed")
    if not any(edit.item in questionnaire.item_ids for questionnaire in questionnaires):
        raise NotFound(f"there is no item {edit.item}")
    given = edit.patch.on(seat.stored.given)
    problems = answer_problems(edit.item, given, questionnaires)
    if problems:
        raise Invalid(problems)
    if given != seat.stored.given and edit.base != seat.stored.version:
        raise AnswerConflict(seat.stored)
    with installation.storage.writing() as connection:
        return _write(connection, seat, edit, given, installation.clock())


def _write(connection: Connection, seat: Seat, edit: Edit, given: Answer | None, now: datetime) -> StoredAnswer:
    """Put the answer unless somebody was faster since we looked, and note the edit. An answer that stands already is noted."""
    version: int | None = seat.stored.version
    at = kept_time(now, confidential=seat.confidential)
    if given != seat.stored.given:
        version = rows.put_answer(connection, seat.respondent_id, edit.item, given, at, edit.base)
    if version is None:
        return _overtaken(connection, seat, edit)
    rows.note_edit(connection, seat.respondent_id, edit.item, given, at, version=version, key=edit.key)
    if given != seat.stored.given:
        touch_open(connection, seat.assessment_id, now)
    return StoredAnswer(given, version)


def _overtaken(connection: Connection, seat: Seat, edit: Edit) -> StoredAnswer:
    """Somebody wrote between our look and our write: perhaps this very edit, sent twice."""
    known = rows.find_edit(connection, seat.respondent_id, edit.key)
    if known is not None:
        return _again(known, edit)
    raise AnswerConflict(rows.find_answer(connection, seat.respondent_id, edit.item))


def _again(known: rows.Edit, edit: Edit) -> StoredAnswer:
    """The result of an edit that came before under its key."""
    if known.item != edit.item or edit.patch.on(known.after.given) != known.after.given:
        raise Invalid([Problem("was used for another edit", path="key")])
    return known.after


def save_answers(
    installation: Installation, token: str, answers: Mapping[str, Answer | None], bases: Mapping[str, int] | None = None
) -> SavedPage:
    """Put these answers in place of what was there; None clears one, items not named stay as they are.

    bases says which version of each answer the person saw: one that has changed since, and differs, is not touched and comes
    back among the conflicts. bases None replaces whatever stands there. Raises NotAllowed on a sample, NotFound, and Invalid
    naming every answer that can't be, with nothing saved.
    """
    refuse_sample(token)
    now = installation.clock()
    with installation.storage.writing() as connection:
        stored = load_assessment(connection, token)
        if not stored.respondent_id:
            raise NotAllowed("only the person behind a link answers")
        if stored.closed_at is not None:
            raise NotAllowed("the assessment is closed")
        questionnaires = questionnaires_of(connection, (stored.digest, *stored.module_digests))
        problems = [problem for item, given in answers.items() for problem in answer_problems(item, given, questionnaires)]
        if problems:
            raise Invalid(problems)
        standing = rows.load_answers(connection, [stored.respondent_id])[stored.respondent_id]
        at = kept_time(now, confidential=stored.assessment.confidential)
        changed, conflicts = [], {}
        for item, given in answers.items():
            there = standing.get(item, StoredAnswer())
            if given == there.given:
                continue
            base = there.version if bases is None else bases.get(item, 0)
            version = None
            if base == there.version:
                version = rows.put_answer(connection, stored.respondent_id, item, given, at, base)
            if version is None:
                conflicts[item] = rows.find_answer(connection, stored.respondent_id, item)
                continue
            rows.note_edit(connection, stored.respondent_id, item, given, at, version=version)
            changed.append(item)
        if changed:
            touch_open(connection, stored.id, now)
    return SavedPage(tuple(changed), conflicts)


def answer_problems(item: str, given: Answer | None, questionnaires: Sequence[Questionnaire]) -> list[Problem]:
    """Everything that keeps this from being an answer to this item; nothing when None clears it."""
    if not any(item in questionnaire.item_ids for questionnaire in questionnaires):
        params = {"id": item, "questionnaire": questionnaires[0].id}
        return [Problem("there is no item {id} in {questionnaire}", params, path=item)]
    if given is None:
        return []
    problems = []
    if (given.level is not None) + given.dont_know + (given.not_applicable is not None) != 1:
        problems.append(Problem("needs exactly one of level, dont_know and not_applicable", path=item))
    if given.level is not None and given.level not in range(1, 6):
        problems.append(Problem("must be a level from 1 to 5", path=item))
    if given.not_applicable is not None and given.not_applicable not in NOT_APPLICABLE_REASONS:
        names = ", ".join(NOT_APPLICABLE_REASONS)
        problems.append(Problem("must be one of {names}", {"names": names}, path=item))
    if max(len(given.evidence), len(given.comment)) > MAX_TEXT:
        problems.append(Problem("is longer than {max_length} characters", {"max_length": MAX_TEXT}, path=item))
    return problems


def refuse_sample(token: str) -> None:
    """Nor may a client lead change anything of the engagement's assessments."""
    if token.startswith(SAMPLE_PREFIX):
        raise NotAllowed("a sample can be looked at, not changed")
    if isinstance(token, AssessmentKey) and not token.actor.may(WORK):
        raise NotAllowed("a client lead can look, not change")
