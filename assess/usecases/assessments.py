"""Self-assessment: start, describe, aim, plan, look at the result, take the answers along, erase."""

from __future__ import annotations

import secrets
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TypeVar

from sqlalchemy import Connection

from assess.content.answers import dump_answers
from assess.content.document import Document, parse, read_bytes
from assess.content.library import thaw
from assess.core.answers import Assessment, Evidence, Organisation, Respondent
from assess.core.discretion import hidden_items
from assess.core.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from assess.core.evaluation import Evaluation, evaluate
from assess.core.questionnaire import LANGUAGES, Dimension, Item, Questionnaire
from assess.core.roadmap import DEFAULT_CAPACITY
from assess.core.staff import INDIVIDUALS, Actor
from assess.resources import SAMPLES
from assess.storage import assessments as rows
from assess.storage import register
from assess.storage.assessments import StoredAssessment
from assess.storage.attempts import count_attempt
from assess.storage.links import AssessmentKey
from assess.usecases.answers import MAX_TEXT, SAMPLE_PREFIX, answer_problems, refuse_sample
from assess.usecases.audit import note_by_key
from assess.usecases.copies import questionnaires_of
from assess.usecases.installation import Installation

MAX_CAPACITY = 20
MAX_ENTRIES = 20
MAX_STARTS, START_SECONDS = 300, 3600
T = TypeVar("T")


@dataclass(frozen=True)
class OpenAssessment:
    """An assessment behind its private link. respondent is who answers through the link; None, and read_only, for a sample.

    versions counts the edits of each answer of the respondent, so that a stale page is recognised. engagement is the id of the
    engagement it belongs to, None for a self-assessment; staff is who looks at it with everybody's answers, None for a
    respondent; withheld: too few have answered in confidence to show staff anything of it. decision_versions and
    own_versions count the edits of what was decided about each initiative, and of each own one; closed_at is None while
    answers are taken; earlier is the id of the snapshot it is a re-assessment of. id and digests, of
    the frozen questionnaires, are those of the database; a sample has none.
    """

    questionnaire: Questionnaire
    assessment: Assessment
    respondent: Respondent | None
    language: str
    start: date | None
    capacity: int
    created_at: datetime
    changed_at: datetime
    read_only: bool
    modules: tuple[Questionnaire, ...] = ()
    versions: Mapping[str, int] = field(default_factory=dict)
    engagement: str | None = None
    staff: Actor | None = None
    withheld: bool = False
    decision_versions: Mapping[str, int] = field(default_factory=dict)
    own_versions: Mapping[str, int] = field(default_factory=dict)
    closed_at: datetime | None = None
    earlier: str | None = None
    id: int | None = None
    digests: tuple[str, ...] = ()

    @property
    def is_reply(self) -> bool:
        """Whether somebody invited to an engagement answers here: only their own answers are loaded."""
        return self.engagement is not None and self.staff is None

    @property
    def shows_people(self) -> bool:
        """Whether the reader may see single people's answers and notes; of a client lead or in confidence nobody may."""
        return self.staff is None or (self.staff.may(INDIVIDUALS) and not self.assessment.confidential)

    def shows_spread(self, item: str) -> bool:
        """Whether the reader may see how many people chose which level of an item."""
        return item not in self._hidden

    @cached_property
    def _hidden(self) -> frozenset[str]:
        return hidden_items(self.questionnaires, self.assessment)

    @property
    def questionnaires(self) -> tuple[Questionnaire, ...]:
        """The core, then the modules."""
        return (self.questionnaire, *self.modules)

    @property
    def item(self) -> Mapping[str, Item]:
        """Every item that is asked, by id."""
        return {id_: item for one in self.questionnaires for id_, item in one.item.items()}

    @property
    def dimension(self) -> Mapping[str, Dimension]:
        """Every step, the modules' after the core's, by id."""
        return {id_: dimension for one in self.questionnaires for id_, dimension in one.dimension.items()}


def start(
    installation: Installation,
    *,
    questionnaire: str,
    role: str,
    language: str,
    organisation: Organisation,
    modules: Sequence[str] = (),
) -> str:
    """Open a self-assessment on frozen copies of the questionnaire and modules; returns the token of its private link."""
    frozen = [installation.library.frozen(id_) for id_ in (questionnaire, *modules)]
    core, *beside = (thaw(each) for each in frozen)
    check_modules(core, beside)
    _check_choice("role", role, core.role_name)
    _check_choice("language", language, LANGUAGES)
    now = installation.clock()
    chosen = tuple(module.id for module in beside)
    values = Assessment(core.id, organisation, now.date(), (), modules=chosen, version=core.version)
    token = secrets.token_urlsafe(32)
    with installation.storage.writing() as connection:
        digest, *digests = [rows.keep_questionnaire(connection, each.files) for each in frozen]
        rows.add_assessment(connection, token, digest, values, role, language, DEFAULT_CAPACITY, now, digests)
    return token


def may_start(installation: Installation, address: str) -> bool:
    """Count one more start from an address; False once there were more lately than a building full of people would make."""
    with installation.storage.writing() as connection:
        return count_attempt(connection, "start", address, START_SECONDS, installation.clock()) <= MAX_STARTS


def check_modules(core: Questionnaire, modules: Sequence[Questionnaire]) -> None:
    """Raise Invalid unless these modules can stand beside the core and beside each other."""
    problems = []
    owners = dict.fromkeys(_ids(core), core.id)
    for module in modules:
        if module.kind != "module":
            problems.append(Problem("{id} is not a module", {"id": module.id}, path="modules"))
        shared = sorted({owners[id_] for id_ in _ids(module) if id_ in owners})
        if shared:
            params = {"id": module.id, "others": ", ".join(shared)}
            problems.append(Problem("{id} has ids in common with {others}", params, path="modules"))
        owners |= dict.fromkeys(_ids(module), module.id)
    if problems:
        raise Invalid(problems)


def _ids(questionnaire: Questionnaire) -> list[str]:
    return [*questionnaire.item_ids, *questionnaire.dimension, *(action.id for action in questionnaire.actions)]


def open_by_link(installation: Installation, token: str) -> OpenAssessment:
    """The assessment of a private link or, for `sample-NAME`, a read-only sample. Raises NotFound."""
    if token.startswith(SAMPLE_PREFIX):
        return _open_sample(installation, token.removeprefix(SAMPLE_PREFIX))
    with installation.storage.reading() as connection:
        return open_stored(connection, token, rows.load_assessment(connection, token))


def open_stored(connection: Connection, token: str, stored: StoredAssessment) -> OpenAssessment:
    """The same for what was loaded by the link already, in the transaction it was loaded in."""
    core, *modules = questionnaires_of(connection, (stored.digest, *stored.module_digests))
    assessment = _of_these(stored.assessment, (core, *modules))
    respondent = next((p for p in assessment.respondents if p.id == f"r{stored.respondent_id}"), None)
    return OpenAssessment(
        questionnaire=core,
        assessment=assessment,
        respondent=respondent,
        language=stored.language,
        start=stored.start,
        capacity=stored.capacity,
        created_at=stored.created_at,
        changed_at=stored.changed_at,
        read_only=False,
        modules=tuple(modules),
        versions=stored.versions,
        engagement=stored.engagement_id,
        staff=token.actor if isinstance(token, AssessmentKey) else None,
        withheld=stored.withheld,
        decision_versions=stored.decision_versions,
        own_versions=stored.own_versions,
        closed_at=stored.closed_at,
        earlier=stored.earlier,
        id=stored.id,
        digests=(stored.digest, *stored.module_digests),
    )


def _of_these(assessment: Assessment, questionnaires: Sequence[Questionnaire]) -> Assessment:
    """The assessment without what belongs to modules that were taken out again; that stays in the database."""
    items = frozenset().union(*(one.item_ids for one in questionnaires))
    steps = frozenset().union(*(one.dimension for one in questionnaires))
    people = tuple(replace(person, answers=_only(person.answers, items)) for person in assessment.respondents)
    return replace(
        assessment,
        respondents=people,
        consensus=_only(assessment.consensus, items),
        evidence=_only(assessment.evidence, items),
        targets=_only(assessment.targets, steps),
    )


def _only(values: Mapping[str, T], ids: Container[str]) -> dict[str, T]:
    return {id_: value for id_, value in values.items() if id_ in ids}


def sample_names() -> tuple[str, ...]:
    """The samples that ship with the product."""
    return tuple(sorted(path.name.removesuffix(".answers.yaml") for path in SAMPLES.glob("*.answers.yaml")))


@lru_cache(maxsize=8)
def _sample_document(name: str, content: bytes) -> Document:
    """A sample's file, parsed once per process; read_answers reads it and changes nothing."""
    return parse(content, f"{name}.answers.yaml")


def _open_sample(installation: Installation, name: str) -> OpenAssessment:
    if name not in sample_names():
        raise NotFound(f"there is no sample {name}")
    document = _sample_document(name, read_bytes(SAMPLES / f"{name}.answers.yaml"))
    core, modules, assessment = installation.library.read_answers(document)
    day = datetime.combine(assessment.date, time(), UTC)
    return OpenAssessment(core, assessment, None, "en", None, DEFAULT_CAPACITY, day, day, read_only=True, modules=modules)


def describe(installation: Installation, token: str, *, organisation: Organisation, role: str) -> None:
    """Change whose assessment it is and in which role the respondent answers. Raises NotAllowed once it is closed."""
    refuse_sample(token)
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_closed(stored)
        (questionnaire,) = questionnaires_of(connection, (stored.digest,))
        _check_choice("role", role, questionnaire.role_name)
        client = stored.assessment.organisation if stored.engagement_id else organisation
        rows.describe_assessment(connection, stored, client, role, installation.clock())


def choose_plan(installation: Installation, token: str, *, profile: str | None, start: date | None, capacity: int) -> None:
    """Choose the target profile (None: level 4 everywhere), the plan's first day (None: the next Monday) and its capacity."""
    refuse_sample(token)
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_change(stored)
        (questionnaire,) = questionnaires_of(connection, (stored.digest,))
        if profile is not None:
            _check_choice("profile", profile, {known.id for known in questionnaire.profiles})
        if not 1 <= capacity <= MAX_CAPACITY:
            raise Invalid([Problem("must be a whole number from 1 to {largest}", {"largest": MAX_CAPACITY}, path="capacity")])
        rows.choose_plan(connection, stored.id, profile, start, capacity)
        note_by_key(
            connection, token, "assessment.planned", installation.clock(), profile=profile, start=start, capacity=capacity
        )


def choose_modules(installation: Installation, token: str, modules: Sequence[str]) -> None:
    """Answer exactly these modules beside the core. What is answered in one that is taken out stays and comes back with it.

    A module that is there already keeps its frozen copy. Raises NotFound, NotAllowed, Invalid.
    """
    refuse_sample(token)
    frozen = {id_: installation.library.frozen(id_) for id_ in modules}
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_change(stored)
        kept = dict(zip(stored.assessment.modules, stored.module_digests, strict=True))
        digests = [kept.get(id_) or rows.keep_questionnaire(connection, frozen[id_].files) for id_ in modules]
        core, *beside = questionnaires_of(connection, (stored.digest, *digests))
        check_modules(core, beside)
        rows.choose_modules(connection, stored.id, modules, digests)
        note_by_key(connection, token, "assessment.modules_chosen", installation.clock(), modules=list(modules))


def choose_targets(installation: Installation, token: str, targets: Mapping[str, Fraction]) -> None:
    """Set these targets by hand, step id -> level from 1 to 5, and take back all others that were. Raises as `describe`."""
    refuse_sample(token)
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_change(stored)
        questionnaires = questionnaires_of(connection, (stored.digest, *stored.module_digests))
        for id_, level in targets.items():
            _check_choice("dimension", id_, frozenset().union(*(one.dimension for one in questionnaires)))
            if not 1 <= level <= 5:
                raise Invalid([Problem("must be a number from 1 to 5", path=id_)])
        register.put_targets(connection, stored.id, targets)
        note_by_key(connection, token, "assessment.targets_set", installation.clock(), targets=targets)


def keep_evidence(
    installation: Installation, token: str, item: str, entries: Sequence[Evidence], shown: Sequence[Evidence] | None = None
) -> None:
    """Put these entries in place of an item's in the evidence register.

    shown is what the person saw: Conflict is raised when something else stands there. Raises as `describe`.
    """
    refuse_sample(token)
    now = installation.clock()
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token, holds=True)
        refuse_change(stored)
        questionnaires = questionnaires_of(connection, (stored.digest, *stored.module_digests))
        problems = [*answer_problems(item, None, questionnaires), *_evidence_problems(entries)]
        if problems:
            raise Invalid(problems)
        there = stored.assessment.evidence.get(item, ())
        if shown is not None and tuple(shown) != there:
            raise Conflict("the evidence of this item was changed in the meantime")
        if tuple(entries) != there:
            register.put_evidence(connection, stored.id, item, entries)
            rows.touch(connection, stored.id, now)
        note_by_key(connection, token, "assessment.evidence_kept", now, item=item, entries=len(entries))


def _evidence_problems(entries: Sequence[Evidence]) -> Iterator[Problem]:
    if len(entries) > MAX_ENTRIES:
        yield Problem("has more than {max_length} entries", {"max_length": MAX_ENTRIES}, path="evidence")
    for entry in entries:
        if max(len(entry.text), len(entry.url)) > MAX_TEXT:
            yield Problem("is longer than {max_length} characters", {"max_length": MAX_TEXT}, path="evidence")


def erase(installation: Installation, token: str) -> None:
    """Erase the assessment with its answers, their history and its documents, for good."""
    refuse_sample(token)
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token)
        refuse_respondent(stored)
        rows.erase_assessment(connection, stored.id)
        note_by_key(connection, token, "assessment.erased", installation.clock())


def evaluate_open(opened: OpenAssessment) -> Evaluation:
    """Score, level, flags and roadmap as of now."""
    return evaluate(opened.questionnaire, opened.modules, opened.assessment, start=opened.start, capacity=opened.capacity)


def export_answers(opened: OpenAssessment) -> str:
    """The answers file of the assessment, as YAML text. Raises NotFound for staff who may not see single people's answers."""
    if opened.staff is not None and not opened.shows_people:
        raise NotFound("single answers are not shown here")
    return dump_answers(anonymous(opened.assessment))


def anonymous(assessment: Assessment) -> Assessment:
    """Respondents numbered from 1, without the database's numbers."""
    people = tuple(replace(person, id=f"r{place}") for place, person in enumerate(assessment.respondents, 1))
    return replace(assessment, respondents=people)


def refuse_change(stored: StoredAssessment) -> None:
    """Raise NotAllowed for respondents of an engagement and, for everybody, once the assessment is closed."""
    refuse_closed(stored)
    refuse_respondent(stored)


def refuse_closed(stored: StoredAssessment) -> None:
    if stored.closed_at is not None:
        raise NotAllowed("the assessment is closed")


def refuse_respondent(stored: StoredAssessment) -> None:
    """What is decided for everybody who answers is decided by the staff of the engagement."""
    if stored.engagement_id is not None and stored.respondent_id:
        raise NotAllowed("respondents of an engagement only answer")


def _check_choice(what: str, given: str, known: Container[str]) -> None:
    if given not in known:
        raise Invalid([Problem("there is no {what} {id}", {"what": what, "id": given}, path=what)])
