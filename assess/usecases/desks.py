"""What the facilitator's desk shows: who is in the room, where it stands, the agenda by disagreement, the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assess.core import workshop as rooms
from assess.core.answers import Consensus
from assess.core.discretion import is_answered_by_few
from assess.core.errors import NotAllowed
from assess.core.quality import disagreement_order
from assess.core.questionnaire import Dimension, Item, Questionnaire
from assess.core.scoring import ItemScore, score
from assess.core.staff import WORK
from assess.core.workshop import PRESENT, Room
from assess.storage import assessments as assessment_rows
from assess.storage import seats as seat_rows
from assess.storage import votes as vote_rows
from assess.storage import workshop_entries as entry_rows
from assess.storage import workshops as rows
from assess.storage.links import AssessmentKey
from assess.storage.seats import Seat
from assess.storage.workshop_entries import Entry
from assess.storage.workshops import Revealed, Stamp, Workshop
from assess.usecases.assessments import OpenAssessment, open_by_link
from assess.usecases.installation import Installation
from assess.usecases.workshop_keys import code_of, facilitator_token, join_token_of, projector_token_of

EMPTY = Room()


@dataclass(frozen=True)
class AgendaLine:
    """An item with what is known of it: how far those who answered before agree, and what became of it in the room.

    n counts those who gave a level before; n, deviation (AD_M) and dont_know are None where confidentiality hides them. state
    is that of its newest round, None before the first. from_answers: whether a round can start from the answers given before.
    """

    item: Item
    dimension: Dimension
    questionnaire: Questionnaire
    n: int | None
    deviation: Fraction | None
    dont_know: int | None
    words: str
    state: str | None
    consensus: Consensus | None
    from_answers: bool


@dataclass(frozen=True)
class Desk:
    """Everything the facilitator sees. workshop None: none was opened yet; voted: ids of seats, where people answer by name."""

    assessment: OpenAssessment
    workshop: Workshop | None = None
    room: Room = EMPTY
    current: Revealed | None = None
    agenda: tuple[AgendaLine, ...] = ()
    seats: tuple[Seat, ...] = ()
    voted: frozenset[str] = frozenset()
    stamp: Stamp | None = None
    late: int = 0
    entries: tuple[Entry, ...] = ()
    code: str = ""
    join_token: str = ""
    projector_token: str = ""
    own_seat: str | None = None

    @property
    def roles(self) -> Mapping[str, int]:
        """How many are present in each role."""
        present = [seat.role for seat in self.seats if seat.state == PRESENT]
        return {role: present.count(role) for role in sorted(set(present))}

    @property
    def line(self) -> AgendaLine | None:
        """That of the item on the screen."""
        wanted = self.room.round.item if self.room.round else None
        return next((line for line in self.agenda if line.item.id == wanted), None)

    @property
    def following(self) -> AgendaLine | None:
        """The first of the agenda that has not been in the room yet."""
        return next((line for line in self.agenda if line.state is None and line.consensus is None), None)


def open_desk(installation: Installation, key: AssessmentKey) -> Desk:
    """Raises NotFound, NotAllowed."""
    require_work(key)
    assessment = open_by_link(installation, key)
    with installation.storage.reading() as connection:
        found = rows.find_workshop(connection, assessment.id or 0)
        if found is None:
            return Desk(assessment, agenda=_agenda(assessment, (), frozenset()))
        room, rounds = rows.load_room(connection, found), rows.list_rounds(connection, found.id)
        seats, stamp = seat_rows.list_seats(connection, found.id), rows.stamp_of(connection, found.id)
        entries = entry_rows.list_entries(connection, found.id)
        voted = vote_rows.list_voted(connection, found.id, found.round or 0)
        late = vote_rows.count_late(connection, found.id, found.round or 0)
        own = seat_rows.find_place(connection, facilitator_token(installation, found, key))
        shown = rows.list_shown_items(connection, found.assessment_id) if assessment.assessment.confidential else frozenset()
    takes_part = own is not None and own.workshop_id == found.id and own.seat.state == PRESENT
    return Desk(
        assessment=assessment,
        workshop=found,
        room=room,
        current=next((each for each in rounds if each.round.number == found.round), None),
        agenda=_agenda(assessment, rounds, shown),
        seats=seats,
        voted=frozenset(seat.id for seat in seats if seat.respondent_id in voted),
        stamp=stamp,
        late=late,
        entries=entries,
        code=code_of(installation, found.serial),
        join_token=join_token_of(installation, found.serial),
        projector_token=projector_token_of(installation, found.serial),
        own_seat=facilitator_token(installation, found, key) if takes_part else None,
    )


def desk_stamp(installation: Installation, key: AssessmentKey) -> Stamp | None:
    """What tells whether the desk has to be shown anew; None before the first workshop."""
    require_work(key)
    with installation.storage.reading() as connection:
        found = rows.find_workshop(connection, assessment_rows.find_frame(connection, key).id)
        return None if found is None else rows.stamp_of(connection, found.id)


def _agenda(assessment: OpenAssessment, rounds: Sequence[Revealed], shown: frozenset[str]) -> tuple[AgendaLine, ...]:
    """By disagreement, the modules' items among the others; items that say nothing yet follow in their order.

    Only what a line shows decides on its place, else the place would tell what is hidden.
    """
    states = {each.round.item: each.round.state for each in rounds if each.round.state != rooms.DISCARDED}
    lines = [
        _line(assessment, questionnaire, dimension, item, card.item[item.id], states, shown)
        for questionnaire in assessment.questionnaires
        for card in [score(questionnaire, assessment.assessment)]
        for dimension in questionnaire.dimensions
        for item in dimension.items
    ]
    return tuple(sorted(lines, key=lambda line: disagreement_order(line.deviation, line.dont_know or 0)))


def _line(
    assessment: OpenAssessment,
    questionnaire: Questionnaire,
    dimension: Dimension,
    item: Item,
    found: ItemScore,
    states: Mapping[str, str],
    shown: frozenset[str],
) -> AgendaLine:
    hidden = is_answered_by_few(assessment.assessment, item.id)
    return AgendaLine(
        item=item,
        dimension=dimension,
        questionnaire=questionnaire,
        n=None if hidden else found.n,
        deviation=None if hidden else found.agreement.ad_m,
        dont_know=None if hidden else found.dont_know,
        words=rooms.TOO_FEW if hidden else rooms.agreement_in_words(found.ratings),
        state=states.get(item.id),
        consensus=assessment.assessment.consensus.get(item.id),
        from_answers=not hidden and found.n > 0 and item.id not in shown,
    )


def require_work(key: AssessmentKey) -> None:
    """Raises NotAllowed for a role that may not run workshops."""
    if not key.actor.may(WORK):
        raise NotAllowed("this role sees results only")
