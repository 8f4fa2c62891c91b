"""Self-assessment: start, answer, plan, look at the result, take the answers along, erase."""

from __future__ import annotations

import secrets
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from assess.content.answers import dump_answers
from assess.content.document import read_file
from assess.content.library import thaw
from assess.content.questionnaires import Frozen
from assess.core.answers import NOT_APPLICABLE_REASONS, Answer, Assessment, Organisation, Respondent
from assess.core.errors import Invalid, NotAllowed, NotFound, Problem
from assess.core.evaluation import Evaluation, evaluate
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.roadmap import DEFAULT_CAPACITY
from assess.resources import SAMPLES
from assess.storage import assessments as rows
from assess.usecases.installation import Installation

SAMPLE_PREFIX = "sample-"
MAX_CAPACITY = 20
MAX_TEXT = 5_000


@dataclass(frozen=True)
class OpenAssessment:
    """An assessment behind its private link. respondent is who answers through the link; None, and read_only, for a sample."""

    questionnaire: Questionnaire
    assessment: Assessment
    respondent: Respondent | None
    language: str
    start: date | None
    capacity: int
    created_at: datetime
    changed_at: datetime
    read_only: bool


def start(installation: Installation, *, questionnaire: str, role: str, language: str, organisation: Organisation) -> str:
    """Open a self-assessment on a frozen copy of the questionnaire; returns the token of its private link."""
    frozen = installation.library.frozen(questionnaire)
    core = thaw(frozen)
    _check_choice("role", role, core.role_name)
    _check_choice("language", language, LANGUAGES)
    now = installation.clock()
    values = Assessment(core.id, organisation, now.date(), (), version=core.version)
    token = secrets.token_urlsafe(32)
    with installation.storage.writing() as connection:
        digest = rows.keep_questionnaire(connection, frozen.files)
        rows.add_assessment(connection, token, digest, values, role, language, DEFAULT_CAPACITY, now)
    return token


def open_by_link(installation: Installation, token: str) -> OpenAssessment:
    """The assessment of a private link or, for `sample-NAME`, a read-only sample. Raises NotFound."""
    if token.startswith(SAMPLE_PREFIX):
        return _open_sample(installation, token.removeprefix(SAMPLE_PREFIX))
    with installation.storage.reading() as connection:
        stored = rows.load_assessment(connection, token)
        files = rows.load_questionnaire_files(connection, stored.digest)
    respondent = next(p for p in stored.assessment.respondents if p.id == f"r{stored.respondent_id}")
    return OpenAssessment(
        questionnaire=thaw(Frozen(files)),
        assessment=stored.assessment,
        respondent=respondent,
        language=stored.language,
        start=stored.start,
        capacity=stored.capacity,
        created_at=stored.created_at,
        changed_at=stored.changed_at,
        read_only=False,
    )


def sample_names() -> tuple[str, ...]:
    """The samples that ship with the product."""
    return tuple(sorted(path.name.removesuffix(".answers.yaml") for path in SAMPLES.glob("*.answers.yaml")))


def _open_sample(installation: Installation, name: str) -> OpenAssessment:
    if name not in sample_names():
        raise NotFound(f"there is no sample {name}")
    document = read_file(SAMPLES / f"{name}.answers.yaml", f"{name}.answers.yaml")
    core, _, assessment = installation.library.read_answers(document)
    day = datetime.combine(assessment.date, time(), UTC)
    return OpenAssessment(core, assessment, None, "en", None, DEFAULT_CAPACITY, day, day, read_only=True)


def save_answers(installation: Installation, token: str, answers: Mapping[str, Answer | None]) -> None:
    """Put these answers in place of what was there, all of them or none; None clears one, items not named stay as they are.

    Raises NotAllowed on a sample, NotFound, and Invalid naming every answer that can't be.
    """
    _refuse_sample(token)
    now = installation.clock()
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token)
        questionnaire = thaw(Frozen(rows.load_questionnaire_files(connection, stored.digest)))
        problems = [problem for item, given in answers.items() for problem in _answer_problems(item, given, questionnaire)]
        if problems:
            raise Invalid(problems)
        before = stored.assessment.respondents[0].answers
        changed = {item: given for item, given in answers.items() if before.get(item) != given}
        for item, given in changed.items():
            rows.save_answer(connection, stored.respondent_id, item, given, now)
        if changed:
            rows.touch(connection, stored.id, now)


def _answer_problems(item: str, given: Answer | None, questionnaire: Questionnaire) -> list[Problem]:
    if item not in questionnaire.item_ids:
        params = {"id": item, "questionnaire": questionnaire.id}
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


def describe(installation: Installation, token: str, *, organisation: Organisation, role: str) -> None:
    """Change whose assessment it is and in which role the respondent answers."""
    _refuse_sample(token)
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token)
        questionnaire = thaw(Frozen(rows.load_questionnaire_files(connection, stored.digest)))
        _check_choice("role", role, questionnaire.role_name)
        rows.describe_assessment(connection, stored, organisation, role, installation.clock())


def choose_plan(installation: Installation, token: str, *, profile: str | None, start: date | None, capacity: int) -> None:
    """Choose the target profile (None: level 4 everywhere), the plan's first day (None: the next Monday) and its capacity."""
    _refuse_sample(token)
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token)
        questionnaire = thaw(Frozen(rows.load_questionnaire_files(connection, stored.digest)))
        if profile is not None:
            _check_choice("profile", profile, {known.id for known in questionnaire.profiles})
        if not 1 <= capacity <= MAX_CAPACITY:
            raise Invalid([Problem("must be a whole number from 1 to {largest}", {"largest": MAX_CAPACITY}, path="capacity")])
        rows.choose_plan(connection, stored.id, profile, start, capacity)


def erase(installation: Installation, token: str) -> None:
    """Erase the assessment with its answers, their history and its documents, for good."""
    _refuse_sample(token)
    with installation.storage.writing() as connection:
        rows.erase_assessment(connection, rows.load_assessment(connection, token).id)


def evaluate_open(opened: OpenAssessment) -> Evaluation:
    """Score, level, flags and roadmap as of now."""
    return evaluate(opened.questionnaire, (), opened.assessment, start=opened.start, capacity=opened.capacity)


def export_answers(opened: OpenAssessment) -> str:
    """The answers file of the assessment, as YAML text."""
    return dump_answers(anonymous(opened.assessment))


def anonymous(assessment: Assessment) -> Assessment:
    """Respondents numbered from 1, without the database's numbers."""
    people = tuple(replace(person, id=f"r{place}") for place, person in enumerate(assessment.respondents, 1))
    return replace(assessment, respondents=people)


def _refuse_sample(token: str) -> None:
    if token.startswith(SAMPLE_PREFIX):
        raise NotAllowed("a sample can be looked at, not changed")


def _check_choice(what: str, given: str, known: Container[str]) -> None:
    if given not in known:
        raise Invalid([Problem("there is no {what} {id}", {"what": what, "id": given}, path=what)])
