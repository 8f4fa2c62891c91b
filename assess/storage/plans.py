"""What people decided on the roadmap of an assessment, as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assess.core.decisions import NOTHING_DECIDED, OWN_PREFIX, Adoption, Decision, OwnInitiative
from assess.core.questionnaire import Lift
from assess.storage.tables import initiative_decision, own_initiative

DECISION_COLUMNS = ("owner", "start", "last_day", "status", "notes", "is_left_out")


@dataclass(frozen=True)
class StoredAdoption:
    """What people decided, with the number of edits of each decision and of each own initiative, by action id."""

    adoption: Adoption = NOTHING_DECIDED
    decision_versions: Mapping[str, int] = field(default_factory=dict)
    own_versions: Mapping[str, int] = field(default_factory=dict)


def load_adoption(connection: Connection, assessment_id: int) -> StoredAdoption:
    """Everything decided on the roadmap of an assessment."""
    decided = connection.execute(
        select(initiative_decision)
        .where(initiative_decision.c.assessment_id == assessment_id)
        .order_by(initiative_decision.c.action)
    ).all()
    own = connection.execute(
        select(own_initiative).where(own_initiative.c.assessment_id == assessment_id).order_by(own_initiative.c.id)
    ).all()
    if not decided and not own:
        return StoredAdoption()
    adoption = Adoption(
        {row.action: Decision(*(getattr(row, name) for name in DECISION_COLUMNS)) for row in decided},
        tuple(
            OwnInitiative(
                id=f"{OWN_PREFIX}{row.id}",
                title=row.title,
                owner_role=row.owner_role,
                start=row.start,
                last_day=row.last_day,
                effort=row.effort,
                done_when=row.done_when,
                lifts=tuple(Lift(item, to) for item, to in json.loads(row.lifts)),
            )
            for row in own
        ),
    )
    return StoredAdoption(
        adoption,
        {row.action: row.version for row in decided},
        {f"{OWN_PREFIX}{row.id}": row.version for row in own},
    )


def put_decision(connection: Connection, assessment_id: int, action: str, decision: Decision, base: int) -> bool:
    """Put a decision in place of the one edited `base` times before (0: there was none); False when there is a newer one."""
    mine = {"assessment_id": assessment_id, "action": action}
    values = {name: getattr(decision, name) for name in DECISION_COLUMNS} | {"version": base + 1}
    if base:
        statement = update(initiative_decision).filter_by(**mine).where(initiative_decision.c.version == base)
        return connection.execute(statement.values(values)).rowcount == 1
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(initiative_decision).values(**mine, **values).on_conflict_do_nothing()
    return connection.scalar(first.returning(initiative_decision.c.version)) is not None


def add_own(connection: Connection, assessment_id: int, own: OwnInitiative) -> str:
    """Add an initiative of people's own, whatever id it has; returns its id."""
    statement = insert(own_initiative).values(assessment_id=assessment_id, version=1, **_columns(own))
    return f"{OWN_PREFIX}{connection.execute(statement.returning(own_initiative.c.id)).scalar_one()}"


def put_own(connection: Connection, assessment_id: int, own: OwnInitiative, base: int) -> bool:
    """Put an own initiative in place of the one edited `base` times; False when there is a newer one, or none any more."""
    statement = update(own_initiative).where(_own(assessment_id, own.id), own_initiative.c.version == base)
    return connection.execute(statement.values(version=base + 1, **_columns(own))).rowcount == 1


def remove_own(connection: Connection, assessment_id: int, id_: str) -> bool:
    """Remove an own initiative with what was decided about it; False when there is none."""
    mine = and_(initiative_decision.c.assessment_id == assessment_id, initiative_decision.c.action == id_)
    connection.execute(delete(initiative_decision).where(mine))
    return connection.execute(delete(own_initiative).where(_own(assessment_id, id_))).rowcount == 1


def _own(assessment_id: int, id_: str) -> ColumnElement[bool]:
    number = id_.removeprefix(OWN_PREFIX)
    key = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    return and_(own_initiative.c.assessment_id == assessment_id, own_initiative.c.id == key)


def _columns(own: OwnInitiative) -> dict[str, object]:
    names = ("title", "owner_role", "start", "last_day", "effort", "done_when")
    lifts = json.dumps([[lift.item, lift.to] for lift in own.lifts])
    return {name: getattr(own, name) for name in names} | {"lifts": lifts}
