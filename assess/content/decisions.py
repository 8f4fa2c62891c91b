"""The `roadmap` part of an answers file: what people decided about initiatives, and initiatives of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from assess.content.parsing import FilledWords, PlanDay, Slug, Spec, Words, wrong
from assess.core.decisions import NOTHING_DECIDED, OWN_PREFIX, STATUSES, Adoption, Decision, OwnInitiative
from assess.core.questionnaire import Lift, Questionnaire

Place = tuple[str | int, ...]
Status = Literal["planned", "running", "done", "stopped"]
Owner = Annotated[Words, Field(max_length=200)]


class DecisionSpec(Spec):
    """What was decided about an initiative; `last_day` is the last day of work."""

    owner: Owner = ""
    start: PlanDay | None = None
    last_day: PlanDay | None = None
    status: Status = "planned"
    notes: Words = ""
    left_out: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> DecisionSpec:
        if self.start is not None and self.last_day is not None and self.last_day < self.start:
            raise wrong("the last day must not be before the start")
        return self


class LiftSpec(Spec):
    item: Slug
    to: Annotated[int, Field(ge=1, le=5)]


class OwnInitiativeSpec(Spec):
    """An initiative the catalogue does not have."""

    id: Slug
    title: Annotated[FilledWords, Field(max_length=300)]
    owner_role: Slug
    start: PlanDay
    last_day: PlanDay
    effort: Annotated[int, Field(ge=1, le=5)] = 3
    done_when: Words = ""
    lifts: list[LiftSpec] = Field(default_factory=list)

    @model_validator(mode="after")
    def _sound(self) -> OwnInitiativeSpec:
        if not self.id.startswith(OWN_PREFIX):
            raise wrong("the id of an own initiative begins with {prefix}", prefix=OWN_PREFIX)
        if self.last_day < self.start:
            raise wrong("the last day must not be before the start")
        return self


class RoadmapSpec(Spec):
    """Decisions by action id, and own initiatives."""

    initiatives: dict[str, DecisionSpec] = Field(default_factory=dict)
    own: Annotated[list[OwnInitiativeSpec], Field(max_length=100)] = Field(default_factory=list)


def adoption_of(spec: RoadmapSpec) -> Adoption:
    """The decisions of a valid file."""
    if spec == RoadmapSpec():
        return NOTHING_DECIDED
    return Adoption(
        {
            action: Decision(one.owner, one.start, one.last_day, one.status, one.notes, one.left_out)
            for action, one in spec.initiatives.items()
        },
        tuple(
            OwnInitiative(**one.model_dump(exclude={"lifts"}), lifts=tuple(Lift(lift.item, lift.to) for lift in one.lifts))
            for one in spec.own
        ),
    )


def decision_references(data: Any) -> Iterator[tuple[Place, str, str]]:
    """Where an id of the questionnaire stands in the roadmap part, of what it is one, and the id."""
    part = data.get("roadmap") if isinstance(data, dict) else None
    if not isinstance(part, dict):
        return
    own = [one for one in part.get("own") or () if isinstance(one, dict)] if isinstance(part.get("own"), list) else []
    own_ids = {one.get("id") for one in own}
    for action in part.get("initiatives") or () if isinstance(part.get("initiatives"), dict) else ():
        if action not in own_ids:
            yield ("roadmap", "initiatives", action), "action", action
    for place, one in enumerate(own):
        if isinstance(role := one.get("owner_role"), str):
            yield ("roadmap", "own", place, "owner_role"), "role", role
        for number, lift in enumerate(one.get("lifts") or () if isinstance(one.get("lifts"), list) else ()):
            if isinstance(lift, dict) and isinstance(item := lift.get("item"), str):
                yield ("roadmap", "own", place, "lifts", number, "item"), "item", item


def action_ids(questionnaires: Sequence[Questionnaire]) -> frozenset[str]:
    return frozenset(action.id for one in questionnaires for action in one.actions)


def repeated_own(data: Any) -> Iterator[tuple[Place, str]]:
    """Own initiatives whose id is there before: place and id."""
    part = data.get("roadmap") if isinstance(data, dict) else None
    own = part.get("own") if isinstance(part, dict) else None
    seen: set[str] = set()
    for place, one in enumerate(own if isinstance(own, list) else ()):
        id_ = one.get("id") if isinstance(one, dict) else None
        if isinstance(id_, str):
            if id_ in seen:
                yield ("roadmap", "own", place, "id"), id_
            seen.add(id_)


def decisions_out(adoption: Adoption) -> dict[str, Any]:
    """The roadmap part of an answers file, in its shortest form; empty where nothing was decided."""
    initiatives = {action: _decision_out(decision) for action, decision in adoption.decisions.items()}
    own = [_own_out(one) for one in adoption.own]
    return {name: part for name, part in (("initiatives", initiatives), ("own", own)) if part}


def _decision_out(decision: Decision) -> dict[str, Any]:
    values: Mapping[str, Any] = {
        "owner": decision.owner,
        "start": decision.start and decision.start.isoformat(),
        "last_day": decision.last_day and decision.last_day.isoformat(),
        "status": "" if decision.status == STATUSES[0] else decision.status,
        "notes": decision.notes,
        "left_out": decision.is_left_out,
    }
    return {name: value for name, value in values.items() if value}


def _own_out(own: OwnInitiative) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": own.id,
        "title": own.title,
        "owner_role": own.owner_role,
        "start": own.start.isoformat(),
        "last_day": own.last_day.isoformat(),
        "effort": own.effort,
        "done_when": own.done_when,
        "lifts": [{"item": lift.item, "to": lift.to} for lift in own.lifts],
    }
    return {name: value for name, value in values.items() if value}
