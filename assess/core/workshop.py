"""A workshop's room: what happens to an item in it, what may be seen when, how far the room agrees.

An item goes through rounds. A round is open for votes, then revealed, then decided, or voted on again in another round:

    lobby --take--> voting --reveal--> revealed --decide--> decided
                       ^                   |                   |
                       +-------revote------+------revote-------+

Reset discards a round and opens another; whatever is open or undecided is set aside when another item is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from assess.core.agreement import MIN_RATERS_AD, agreement
from assess.core.confidentiality import MIN_GROUP, suppressed_groups
from assess.core.errors import Conflict
from assess.core.questionnaire import LEVELS

LOBBY, VOTING, REVEALED, DECIDED, ENDED = "lobby", "voting", "revealed", "decided", "ended"
LIVE, PREWORK = "live", "prework"
SOURCES = (LIVE, PREWORK)
OPEN, ASIDE, DISCARDED = "open", "aside", "discarded"
"""States of a round beside REVEALED and DECIDED: votes are taken; left for another item; its votes count no more."""

PRESENT, LEFT, REMOVED = "present", "left", "removed"
"""States of somebody's seat."""

TAKE, REVEAL, REVOTE, DECIDE, RESET, LEAVE, END = "take", "reveal", "revote", "decide", "reset", "leave", "end"
ALLOWED: Mapping[str, frozenset[str]] = {
    LOBBY: frozenset({TAKE, END}),
    VOTING: frozenset({TAKE, REVEAL, RESET, LEAVE, END}),
    REVEALED: frozenset({TAKE, REVOTE, DECIDE, RESET, LEAVE, END}),
    DECIDED: frozenset({TAKE, REVOTE, DECIDE, LEAVE, END}),
    ENDED: frozenset(),
}
"""What the facilitator may do in each phase."""


@dataclass(frozen=True)
class Round:
    """One vote on one item. number counts a workshop's rounds from 1; source: from scratch, or from answers given before."""

    number: int
    item: str
    source: str = LIVE
    state: str = OPEN


@dataclass(frozen=True)
class Room:
    """Where a workshop stands. round is the one on the screen, None in the lobby; last is the number of the newest round."""

    round: Round | None = None
    last: int = 0
    is_ended: bool = False

    @property
    def phase(self) -> str:
        if self.is_ended:
            return ENDED
        return LOBBY if self.round is None else {OPEN: VOTING}.get(self.round.state, self.round.state)

    @property
    def shows_votes(self) -> bool:
        """Whether anybody at all may see what was voted in the round on the screen."""
        return self.phase in (REVEALED, DECIDED)

    @property
    def mark(self) -> str:
        """Tells one standing of the room from another: who acts on an older one acts on what is not there any more."""
        return f"{self.last}-{self.phase}"

    def may(self, action: str) -> bool:
        return action in ALLOWED[self.phase]


def take(room: Room, item: str, source: str) -> Room:
    """Put an item on the screen and open it for votes."""
    _require(room, TAKE)
    return _next(room, item, source)


def reveal(room: Room) -> Room:
    """Show the votes of the round; none are taken any more."""
    return _in_state(room, REVEAL, REVEALED)


def revote(room: Room) -> Room:
    """Vote on the same item again, from scratch."""
    return _next(room, _current(room, REVOTE).item, LIVE)


def reset(room: Room, *, from_scratch: bool = False) -> Room:
    """Begin the item anew, the same way or live; the votes of this round count no more (see `ended_state`)."""
    before = _current(room, RESET)
    return _next(room, before.item, LIVE if from_scratch else before.source)


def decide(room: Room) -> Room:
    """The room has found its consensus, or corrects it."""
    return _in_state(room, DECIDE, DECIDED)


def leave(room: Room) -> Room:
    """Take the item off the screen."""
    _require(room, LEAVE)
    return replace(room, round=None)


def end(room: Room) -> Room:
    _require(room, END)
    return replace(room, is_ended=True)


def ended_state(before: Round, action: str) -> str:
    """What becomes of the round that was on the screen when another one, or none, takes its place."""
    if action == RESET:
        return DISCARDED
    return ASIDE if before.state == OPEN else before.state


def _next(room: Room, item: str, source: str) -> Room:
    number = room.last + 1
    return replace(room, round=Round(number, item, source), last=number)


def _in_state(room: Room, action: str, state: str) -> Room:
    return replace(room, round=replace(_current(room, action), state=state))


def _current(room: Room, action: str) -> Round:
    _require(room, action)
    if room.round is None:
        raise Conflict("there is no item on the screen")
    return room.round


def _require(room: Room, action: str) -> None:
    if not room.may(action):
        raise Conflict(f"the room is in phase {room.phase}, where {action} is not possible")


@dataclass(frozen=True)
class Ballot:
    """One person's vote in a role: a level, don't know, or not applicable with a reason code."""

    role: str
    level: int | None = None
    dont_know: bool = False
    not_applicable: str | None = None


@dataclass(frozen=True)
class Count:
    """How many chose each level 1..5, don't know, not applicable."""

    levels: tuple[int, ...] = (0, 0, 0, 0, 0)
    dont_know: int = 0
    not_applicable: int = 0

    @property
    def total(self) -> int:
        return sum(self.levels) + self.dont_know + self.not_applicable

    @property
    def cells(self) -> tuple[int, ...]:
        return (*self.levels, self.dont_know, self.not_applicable)

    @property
    def ratings(self) -> tuple[int, ...]:
        return tuple(level for level, times in zip(LEVELS, self.levels, strict=True) for _ in range(times))


@dataclass(frozen=True)
class Tally:
    """What a reveal shows. count is None where fewer than three voted in confidence; roles holds the groups that may be shown.

    hidden: how many role groups are not shown.
    """

    n: int
    count: Count | None
    roles: Mapping[str, Count] = field(default_factory=dict)
    hidden: int = 0

    @property
    def words(self) -> str:
        return TOO_FEW if self.count is None else agreement_in_words(self.count.ratings)


def tally(ballots: Sequence[Ballot], *, confidential: bool) -> Tally:
    """The distribution of the votes, all together and by role.

    In confidence nothing is shown of fewer than three votes, nor of a role from which it could be computed by subtraction.
    """
    groups: dict[str, list[Ballot]] = {}
    for ballot in ballots:
        groups.setdefault(ballot.role, []).append(ballot)
    if not confidential:
        return Tally(len(ballots), count(ballots), {role: count(group) for role, group in groups.items()})
    if len(ballots) < MIN_GROUP:
        return Tally(len(ballots), None, {}, len(groups))
    hidden = suppressed_groups({role: len(group) for role, group in groups.items()})
    shown = {role: count(group) for role, group in groups.items() if role not in hidden}
    return Tally(len(ballots), count(ballots), shown, len(hidden))


def count(ballots: Sequence[Ballot]) -> Count:
    return Count(
        tuple(sum(ballot.level == level for ballot in ballots) for level in LEVELS),
        sum(ballot.dont_know for ballot in ballots),
        sum(ballot.not_applicable is not None for ballot in ballots),
    )


UNANIMOUS, CLOSE, SPREAD, APART, CAMPS, TOO_FEW = "unanimous", "close", "spread", "apart", "camps", "too_few"
CLOSE_DEVIATION = Fraction(1, 2)


def agreement_in_words(ratings: Sequence[int]) -> str:
    """A code for how far the room agrees, from AD_M (method section 5); TOO_FEW below three numbers.

    CAMPS: the room disagrees, and a level that nobody chose lies between two that at least two each chose.
    """
    if len(ratings) < MIN_RATERS_AD:
        return TOO_FEW
    if len(set(ratings)) == 1:
        return UNANIMOUS
    found = agreement(ratings)
    if found.flag:
        return CAMPS if _has_camps(ratings) else APART
    return CLOSE if found.ad_m is not None and found.ad_m <= CLOSE_DEVIATION else SPREAD


def _has_camps(ratings: Sequence[int]) -> bool:
    times = {level: ratings.count(level) for level in LEVELS}
    return any(
        times[gap] == 0
        and max(times[low] for low in LEVELS if low < gap) >= 2
        and max(times[high] for high in LEVELS if high > gap) >= 2
        for gap in LEVELS[1:-1]
    )


def tally_data(values: Tally) -> dict[str, object]:
    """As JSON keeps it."""
    return {
        "n": values.n,
        "count": None if values.count is None else list(values.count.cells),
        "roles": {role: list(group.cells) for role, group in values.roles.items()},
        "hidden": values.hidden,
    }


def tally_of(data: Mapping[str, object]) -> Tally:
    """The tally that `tally_data` wrote."""
    values: dict[str, object] = dict(data)
    cells, roles = values["count"], values["roles"]
    assert isinstance(roles, dict)  # noqa: S101 - our own writing
    return Tally(
        n=int(str(values["n"])),
        count=_count_of(cells) if isinstance(cells, list) else None,
        roles={role: _count_of(group) for role, group in roles.items()},
        hidden=int(str(values["hidden"])),
    )


def _count_of(cells: Sequence[int]) -> Count:
    return Count(tuple(cells[:5]), cells[5], cells[6])


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U."""
CODE_LENGTH = 8


def code_of(secret: bytes) -> str:
    """A join code of eight characters from at least five random bytes."""
    number = int.from_bytes(secret[:5])
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(CODE_LENGTH)))


def read_code(typed: str) -> str | None:
    """The code as people type it: small letters, blanks and hyphens, O for 0, I and L for 1. None when it can't be one."""
    narrow = "".join(chr(ord(letter) - 0xFEE0) if "！" <= letter <= "～" else letter for letter in typed)
    code = narrow.upper().translate(str.maketrans("OIL", "011", " -\u2010\u2011\u2012\u2013\u2014\u3000"))
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def shown_code(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"
