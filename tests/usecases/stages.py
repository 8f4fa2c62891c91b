"""A workshop that is on, as tests set it up and act in it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from assess.core.staff import Actor
from assess.core.workshop import LIVE, Ballot, Tally
from assess.storage.links import AssessmentKey
from assess.usecases import assessments, desks, engagements, rooms, workshops
from assess.usecases.installation import Installation
from tests.staff import become_admin, start_run


@dataclass
class Stage:
    """A room that is open, and whom it belongs to."""

    installation: Installation
    ada: Actor
    key: AssessmentKey
    code: str

    @property
    def desk(self) -> desks.Desk:
        return desks.open_desk(self.installation, self.key)

    def join(self, role: str = "kam", name: str = "", address: str = "10.0.0.1") -> str:
        return rooms.join(self.installation, self.desk.join_token, name=name, role=role, language="en", address=address)

    def room_of(self, *roles: str) -> list[str]:
        return [self.join(role) for role in roles]

    def take(self, item: str = "s1.1", source: str = LIVE) -> int:
        workshops.take_item(self.installation, self.key, item, source)
        number = self.desk.room.last
        assert number
        return number

    def vote(self, own: str, level: int | None, number: int | None = None, key: str | None = None) -> int:
        ballot = Ballot("", level, dont_know=level is None)
        return rooms.cast(self.installation, own, number or self.desk.room.last, ballot, key=key or str(uuid4()))

    def reveal(self) -> Tally:
        workshops.reveal_votes(self.installation, self.key)
        found = self.desk.current
        assert found
        assert found.result
        return found.result

    def phone(self, own: str) -> rooms.Phone:
        return rooms.open_phone(self.installation, own)

    @property
    def wall(self) -> rooms.Projected:
        return rooms.open_projector(self.installation, self.desk.projector_token)

    @property
    def assessment(self) -> assessments.OpenAssessment:
        return assessments.open_by_link(self.installation, self.key)


def open_stage(installation: Installation, **options: object) -> Stage:
    ada = become_admin(installation)
    run = start_run(installation, ada, **options)  # type: ignore[arg-type]
    key = engagements.key_to(installation, ada, run.code)
    workshops.start_workshop(installation, key)
    return Stage(installation, ada, key, run.code)


def renewed(stage: Stage) -> None:
    """The room is closed, and another one opened."""
    workshops.end_workshop(stage.installation, stage.key)
    workshops.start_workshop(stage.installation, stage.key)
