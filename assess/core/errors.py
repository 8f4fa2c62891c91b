"""The errors of the product, one tree.

AssessError           who sees it                          web status   exit code
├── NotFound          the person, without saying why       404          2
├── NotAllowed        the person, with what is missing     403          2
├── Conflict          the person, with both values         409          2
├── TooOften          the person, with when to come again  429          2
├── Invalid           the person, with every problem       422          2
└── Failed            the person, with what to do next     500 / 503    1
    └── Full          the person, with what to do next     503 / 507    1
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input.

    message is an English sentence with {placeholders} filled from params, so that it can be translated;
    line is 1-based, None where the input has no lines; path is the place inside the input ("" = all of it).
    """

    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    file: str = ""
    line: int | None = None
    path: str = ""

    @property
    def text(self) -> str:
        """The message in English with its values filled in, on one line and without control characters."""
        return _UNPRINTABLE.sub(_escaped, self.message.format_map(self.params))

    def __str__(self) -> str:
        """`file:line: path: what is wrong`, leaving out what is not known."""
        where = self.file + (f":{self.line}" if self.line is not None else "")
        return _UNPRINTABLE.sub(_escaped, ": ".join(part for part in (where, self.path, self.text) if part))


def _escaped(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode("ascii")


class AssessError(Exception):
    """Anything the product says no to."""


class NotFound(AssessError):  # noqa: N818 - read as claims
    """The thing asked for is not there, or not for this person: the two are never told apart."""


class TooOften(AssessError):  # noqa: N818 - read as a claim
    """More than one person needs in so short a time. Nothing was done."""


class NotAllowed(AssessError):  # noqa: N818 - read as claims
    """The person is known but may not do this."""


class Conflict(AssessError):  # noqa: N818 - read as claims
    """Somebody else changed the same thing in the meantime."""


class Failed(AssessError):  # noqa: N818 - read as claims
    """The program could not do it though the input is right: a full disk, a missing system library."""


class Full(Failed):
    """There is no room left to keep what was given."""


def refusal_of(error: OSError, what: str) -> Failed:
    """What the system refused, as the product says it: no room, or any other reason."""
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return (Full if is_full else Failed)(f"{what}: {error.strerror or error}")


class Invalid(AssessError):  # noqa: N818 - read as claims
    """The input is wrong; `problems` names every reason found, in the order of the input."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
