"""The frozen questionnaires of assessments, each parsed once in the life of a process."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from assess.content.library import thaw
from assess.content.questionnaires import Frozen
from assess.core.questionnaire import Questionnaire
from assess.storage.assessments import load_questionnaire_files

_MOST = 64
_known: dict[str, Questionnaire] = {}


def questionnaires_of(connection: Connection, digests: Sequence[str]) -> tuple[Questionnaire, ...]:
    """The questionnaires frozen under these digests. Raises NotFound.

    A digest is the hash of what was frozen, so what is known by it never becomes wrong.
    """
    return tuple(_known.get(digest) or _remember(digest, connection) for digest in digests)


def known_questionnaires(digests: Sequence[str]) -> tuple[Questionnaire, ...] | None:
    """The same without reading; None when one of them has to be read and parsed first, which takes a second."""
    found = [_known.get(digest) for digest in digests]
    return None if None in found else tuple(one for one in found if one is not None)


def _remember(digest: str, connection: Connection) -> Questionnaire:
    questionnaire = thaw(Frozen(load_questionnaire_files(connection, digest)))
    while len(_known) >= _MOST:
        _known.pop(next(iter(_known)), None)
    _known[digest] = questionnaire
    return questionnaire
