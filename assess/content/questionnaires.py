"""A questionnaire folder to a Questionnaire, with every problem of all its files named at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from assess.content.account_rules import RULES_FILE, AccountRulesSpec, check_rules, claim_rules
from assess.content.document import Document, parse, read_bytes
from assess.content.parsing import Spec, validate
from assess.content.questionnaire_specs import (
    ActionSpec,
    ActionsSpec,
    DimensionSpec,
    ItemSpec,
    QuestionnaireSpec,
    ReferencePointSpec,
    ReferencePointsSpec,
    TextSpec,
)
from assess.content.tiers import TIERS_FILE, TiersSpec, check_tiers, value_tiers
from assess.core.errors import Invalid, NotFound, Problem
from assess.core.questionnaire import (
    Action,
    Dimension,
    Item,
    Level,
    Lift,
    Profile,
    Questionnaire,
    Raci,
    ReferencePoint,
    Role,
    Source,
    Text,
)

QUESTIONNAIRE_FILE, ACTIONS_FILE, REFERENCE_FILE = "questionnaire.yaml", "actions.yaml", "reference-points.yaml"
FILES = (QUESTIONNAIRE_FILE, ACTIONS_FILE, REFERENCE_FILE, TIERS_FILE, RULES_FILE)
_SPECS: Mapping[str, type[Spec]] = {
    QUESTIONNAIRE_FILE: QuestionnaireSpec,
    ACTIONS_FILE: ActionsSpec,
    REFERENCE_FILE: ReferencePointsSpec,
    TIERS_FILE: TiersSpec,
    RULES_FILE: AccountRulesSpec,
}

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Frozen:
    """A questionnaire folder as bytes, file name -> content: what an assessment keeps."""

    files: Mapping[str, bytes]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.files[QUESTIONNAIRE_FILE]).hexdigest()


def freeze(folder: Path) -> Frozen:
    """The authored files of a folder. Raises NotFound when it is no questionnaire folder, Invalid when one can't be read."""
    if not (folder / QUESTIONNAIRE_FILE).is_file():
        raise NotFound(f"{folder}: there is no {QUESTIONNAIRE_FILE} in it")
    return Frozen({name: read_bytes(folder / name) for name in FILES if (folder / name).is_file()})


def load_folder(folder: Path) -> Questionnaire:
    """The questionnaire in a folder. Raises NotFound, or Invalid naming every problem of all its files."""
    return load(freeze(folder), str(folder))


def load(frozen: Frozen, folder: str = "") -> Questionnaire:
    """The questionnaire in frozen files; `folder` only names them in messages."""
    files = {name: f"{folder}/{name}" if folder else name for name in FILES}
    problems: list[Problem] = []
    documents: dict[str, Document] = {}
    specs: dict[str, Spec] = {}
    for name, content in frozen.files.items():
        try:
            documents[name] = parse(content, files[name])
            specs[name] = validate(_SPECS[name], documents[name])
        except Invalid as error:
            problems.extend(error.problems)
    if ACTIONS_FILE not in frozen.files:
        problems.append(Problem("is missing", {}, files[ACTIONS_FILE]))
    questionnaire, actions = specs.get(QUESTIONNAIRE_FILE), specs.get(ACTIONS_FILE)
    points = specs.get(REFERENCE_FILE)
    if isinstance(questionnaire, QuestionnaireSpec):
        problems.extend(_check_questionnaire(questionnaire, documents[QUESTIONNAIRE_FILE]))
        if isinstance(actions, ActionsSpec):
            problems.extend(_check_actions(actions, questionnaire, documents[ACTIONS_FILE]))
        if isinstance(points, ReferencePointsSpec):
            problems.extend(_check_points(points, questionnaire, documents[REFERENCE_FILE]))
        problems.extend(_check_account_files(specs, questionnaire, documents))
    if problems or not isinstance(questionnaire, QuestionnaireSpec) or not isinstance(actions, ActionsSpec):
        order = list(files.values())
        raise Invalid(sorted(problems, key=lambda problem: (order.index(problem.file), problem.line or 0)))
    listed = points.points if isinstance(points, ReferencePointsSpec) else []
    return _with_account_files(_questionnaire(questionnaire, actions, listed, frozen.sha256), specs)


def _check_questionnaire(spec: QuestionnaireSpec, document: Document) -> Iterator[Problem]:
    for place, level in enumerate(spec.levels):
        if level.level != place + 1:
            yield document.problem(
                ("levels", place, "level"), "must be {level}: levels are listed from 1 to 5", level=place + 1
            )
    dimensions = {dimension.id for dimension in spec.dimensions}
    yield from _repeated(document, ("dimensions",), [dimension.id for dimension in spec.dimensions])
    for name in ("roles", "sources", "profiles"):
        yield from _repeated(document, (name,), [entry.id for entry in getattr(spec, name)])
    for place, profile in enumerate(spec.profiles):
        yield from _unknown(
            document, ("profiles", place, "targets"), list(profile.targets), dimensions, "dimension", keyed=True
        )
    yield from _repeated_items(spec, document)
    items = {item.id for dimension in spec.dimensions for item in dimension.items}
    for place, dimension in enumerate(spec.dimensions):
        yield from _unknown(document, ("dimensions", place, "requires"), dimension.requires, dimensions, "dimension")
        for number, item in enumerate(dimension.items):
            yield from _check_item(item, items, spec, document, ("dimensions", place, "items", number))
    places = {dimension.id: place for place, dimension in enumerate(spec.dimensions)}
    needs = {dimension.id: [r for r in dimension.requires if r in dimensions] for dimension in spec.dimensions}
    yield from _cycles(document, "dimensions", places, needs)


def _repeated_items(spec: QuestionnaireSpec, document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, dimension in enumerate(spec.dimensions):
        for number, item in enumerate(dimension.items):
            if item.id in seen:
                yield document.problem(("dimensions", place, "items", number, "id"), "{id} is used twice", id=item.id)
            seen.add(item.id)


def _check_item(item: ItemSpec, items: set[str], spec: QuestionnaireSpec, document: Document, path: Path_) -> Iterator[Problem]:
    yield from _unknown(document, (*path, "ask"), item.ask, {role.id for role in spec.roles}, "role")
    yield from _unknown(document, (*path, "contradicts"), item.contradicts, items - {item.id}, "other item")
    yield from _unknown(document, (*path, "sources"), item.sources, {source.id for source in spec.sources}, "source")


def _check_actions(spec: ActionsSpec, questionnaire: QuestionnaireSpec, document: Document) -> Iterator[Problem]:
    roles = {role.id for role in questionnaire.roles}
    sources = {source.id for source in questionnaire.sources}
    items = {item.id for dimension in questionnaire.dimensions for item in dimension.items}
    ids = {action.id for action in spec.actions}
    yield from _repeated(document, ("actions",), [action.id for action in spec.actions])
    for place, action in enumerate(spec.actions):
        path: Path_ = ("actions", place)
        if action.owner_role not in roles:
            yield document.problem((*path, "owner_role"), "there is no {what} {id}", what="role", id=action.owner_role)
        yield from _check_raci(action, roles, document, path)
        yield from _unknown(document, (*path, "requires"), action.requires, ids, "action")
        yield from _unknown(document, (*path, "sources"), action.sources, sources, "source")
        for number, lift in enumerate(action.lifts):
            if lift.item not in items:
                yield document.problem((*path, "lifts", number, "item"), "there is no {what} {id}", what="item", id=lift.item)
        yield from _repeated(document, (*path, "lifts"), [lift.item for lift in action.lifts], key="item")
    places = {action.id: place for place, action in enumerate(spec.actions)}
    yield from _cycles(document, "actions", places, {a.id: [r for r in a.requires if r in ids] for a in spec.actions})


def _check_raci(action: ActionSpec, roles: set[str], document: Document, path: Path_) -> Iterator[Problem]:
    if action.raci is None:
        return
    for part in ("responsible", "consulted", "informed"):
        yield from _unknown(document, (*path, "raci", part), getattr(action.raci, part), roles, "role")
    if action.raci.accountable not in roles:
        yield document.problem(
            (*path, "raci", "accountable"), "there is no {what} {id}", what="role", id=action.raci.accountable
        )


def _check_points(spec: ReferencePointsSpec, questionnaire: QuestionnaireSpec, document: Document) -> Iterator[Problem]:
    known = {
        "dimension": {dimension.id for dimension in questionnaire.dimensions},
        "item": {item.id for dimension in questionnaire.dimensions for item in dimension.items},
        "source": {source.id for source in questionnaire.sources},
    }
    yield from _repeated(document, ("points",), [point.id for point in spec.points])
    for place, point in enumerate(spec.points):
        for part, ids in known.items():
            value = getattr(point, part)
            if value is not None and value not in ids:
                yield document.problem(("points", place, part), "there is no {what} {id}", what=part, id=value)


def _check_account_files(
    specs: Mapping[str, Spec], questionnaire: QuestionnaireSpec, documents: Mapping[str, Document]
) -> Iterator[Problem]:
    sources = {source.id for source in questionnaire.sources}
    items = {item.id for dimension in questionnaire.dimensions for item in dimension.items}
    tiers, rules = specs.get(TIERS_FILE), specs.get(RULES_FILE)
    if isinstance(tiers, TiersSpec):
        yield from check_tiers(tiers, sources, documents[TIERS_FILE])
    if isinstance(rules, AccountRulesSpec):
        yield from check_rules(rules, items, sources, documents[RULES_FILE])


def _with_account_files(questionnaire: Questionnaire, specs: Mapping[str, Spec]) -> Questionnaire:
    """With its value tiers and its rules of claims, where the folder has them."""
    tiers, rules = specs.get(TIERS_FILE), specs.get(RULES_FILE)
    citations = {source.id: source.citation for source in questionnaire.sources}
    return replace(
        questionnaire,
        tiers=value_tiers(tiers) if isinstance(tiers, TiersSpec) else None,
        account_rules=claim_rules(rules, citations) if isinstance(rules, AccountRulesSpec) else (),
    )


def _repeated(document: Document, path: Path_, ids: Sequence[str], key: str = "id") -> Iterator[Problem]:
    seen: set[str] = set()
    for place, id_ in enumerate(ids):
        if id_ in seen:
            yield document.problem((*path, place, key), "{id} is used twice", id=id_)
        seen.add(id_)


def _unknown(
    document: Document, path: Path_, ids: Sequence[str], known: set[str], what: str, keyed: bool = False
) -> Iterator[Problem]:
    for place, id_ in enumerate(ids):
        if id_ not in known:
            yield document.problem((*path, id_ if keyed else place), "there is no {what} {id}", what=what, id=id_)


def _cycles(document: Document, name: str, places: Mapping[str, int], needs: Mapping[str, list[str]]) -> Iterator[Problem]:
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        yield document.problem(
            (name, places[circle[0]], "requires"), "goes round in a circle: {circle}", circle=" -> ".join(circle)
        )


def _text(spec: TextSpec) -> Text:
    return Text(spec.en, spec.zh_hant, spec.zh_hans)


def _optional(spec: TextSpec | None) -> Text | None:
    return None if spec is None else _text(spec)


def _questionnaire(
    spec: QuestionnaireSpec, actions: ActionsSpec, points: Sequence[ReferencePointSpec], sha256: str
) -> Questionnaire:
    return Questionnaire(
        id=spec.id,
        version=spec.version,
        kind=spec.kind,
        title=_text(spec.title),
        summary=_optional(spec.summary),
        noun=_text(spec.noun),
        levels=tuple(Level(level.level, _text(level.name), _text(level.summary)) for level in spec.levels),
        roles=tuple(Role(role.id, _text(role.name)) for role in spec.roles),
        sources=tuple(Source(source.id, source.citation, source.url) for source in spec.sources),
        profiles=tuple(
            Profile(p.id, _text(p.name), {id_: Fraction(level) for id_, level in p.targets.items()}, _optional(p.summary))
            for p in spec.profiles
        ),
        dimensions=tuple(_dimension(dimension) for dimension in spec.dimensions),
        sha256=sha256,
        actions=tuple(_action(action) for action in actions.actions),
        reference_points=tuple(
            ReferencePoint(p.id, p.value, _text(p.text), p.source, p.year, p.n, p.grade, p.dimension, p.item) for p in points
        ),
    )


def _dimension(spec: DimensionSpec) -> Dimension:
    return Dimension(
        id=spec.id,
        title=_text(spec.title),
        purpose=_text(spec.purpose),
        items=tuple(_item(item) for item in spec.items),
        weight=spec.weight,
        requires=tuple(spec.requires),
        good=_optional(spec.good),
        prompts=tuple(_text(prompt) for prompt in spec.prompts),
        disagreements=tuple(_text(disagreement) for disagreement in spec.disagreements),
    )


def _item(spec: ItemSpec) -> Item:
    return Item(
        id=spec.id,
        text=_text(spec.text),
        levels={level: _text(getattr(spec.levels, f"level_{level}")) for level in range(1, 6)},
        gate=spec.gate,
        integrity=spec.integrity,
        weight=spec.weight,
        why=_optional(spec.why),
        evidence=tuple(_text(evidence) for evidence in spec.evidence),
        ask=tuple(spec.ask),
        contradicts=tuple(spec.contradicts),
        sources=tuple(spec.sources),
    )


def _action(spec: ActionSpec) -> Action:
    return Action(
        id=spec.id,
        title=_text(spec.title),
        why=_text(spec.why),
        how=tuple(_text(step) for step in spec.how),
        done_when=_text(spec.done_when),
        kpi=_text(spec.kpi),
        measure=_optional(spec.measure),
        owner_role=spec.owner_role,
        raci=None
        if spec.raci is None
        else Raci(tuple(spec.raci.responsible), spec.raci.accountable, tuple(spec.raci.consulted), tuple(spec.raci.informed)),
        effort=spec.effort,
        weeks=spec.weeks,
        requires=tuple(spec.requires),
        lifts=tuple(Lift(lift.item, lift.to) for lift in spec.lifts),
        sources=tuple(spec.sources),
    )
