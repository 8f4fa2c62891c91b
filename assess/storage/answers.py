"""Answers as rows: each with a version that counts its edits, each edit in the history under its key.

A cleared answer stays as a row that says nothing, so that its version goes on counting.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, and_, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from assess.core.answers import Answer
from assess.core.errors import Failed, NotFound
from assess.storage.links import is_open_link, link_values
from assess.storage.prepared import run
from assess.storage.tables import answer, answer_event, assessment, respondent

_CONTENT = ("level", "dont_know", "not_applicable", "evidence", "comment")


@dataclass(frozen=True)
class StoredAnswer:
    """An answer as it stands. given is None when it was cleared or never given; version counts its edits from 0."""

    given: Answer | None = None
    version: int = 0


@dataclass(frozen=True)
class Edit:
    """An edit of the history: of which item, what stood there after it (None: nothing), and as which version."""

    item: str
    after: StoredAnswer


@dataclass(frozen=True)
class Seat:
    """Where an edit goes: whose answer, under which questionnaires (their digests, the core's first), and what stands there.

    known is the edit that came with this key before, None when the key is new; is_open: whether answers are still taken;
    confidential: whether times are kept to the day only.
    """

    assessment_id: int
    respondent_id: int
    digests: tuple[str, ...]
    stored: StoredAnswer
    known: Edit | None
    is_open: bool
    confidential: bool = False


_SEAT = (
    select(
        assessment.c.id,
        assessment.c.digest,
        assessment.c.modules,
        assessment.c.closed_at,
        assessment.c.confidential,
        respondent.c.id.label("respondent_id"),
        *(answer.c[name] for name in _CONTENT),
        answer.c.version,
        answer_event.c.item.label("known_item"),
        answer_event.c.content.label("known_content"),
        answer_event.c.version.label("known_version"),
    )
    .select_from(assessment)
    .join(respondent, respondent.c.assessment_id == assessment.c.id)
    .outerjoin(answer, and_(answer.c.respondent_id == respondent.c.id, answer.c.item == bindparam("item")))
    .outerjoin(answer_event, and_(answer_event.c.respondent_id == respondent.c.id, answer_event.c.key == bindparam("key")))
    .where(respondent.c.link_hash == bindparam("link_hash"), is_open_link())
)


def find_seat(connection: Connection, token: str, item: str, key: str) -> Seat:
    """Everything an edit through this link needs to know, in one look. Raises NotFound."""
    row = run(connection, _SEAT, {**link_values(token), "item": item, "key": key}).one_or_none()
    if row is None:
        raise NotFound("there is no assessment behind this link")
    known = None
    if row.known_item is not None:
        known = Edit(row.known_item, StoredAnswer(_read(row.known_content), row.known_version))
    digests = (row.digest, *(digest for _, digest in json.loads(row.modules)))
    return Seat(row.id, row.respondent_id, digests, _stored(row), known, row.closed_at is None, bool(row.confidential))


def find_edit(connection: Connection, respondent_id: int, key: str) -> Edit | None:
    """The edit that came with this key; None when there was none."""
    columns = (answer_event.c.item, answer_event.c.content, answer_event.c.version)
    found = and_(answer_event.c.respondent_id == respondent_id, answer_event.c.key == key)
    row = connection.execute(select(*columns).where(found)).one_or_none()
    return None if row is None else Edit(row.item, StoredAnswer(_read(row.content), row.version))


def find_answer(connection: Connection, respondent_id: int, item: str) -> StoredAnswer:
    found = and_(answer.c.respondent_id == respondent_id, answer.c.item == item)
    row = connection.execute(select(answer).where(found)).one_or_none()
    return StoredAnswer() if row is None else _stored(row)


def load_answers(connection: Connection, respondents: Iterable[int]) -> dict[int, dict[str, StoredAnswer]]:
    """Respondent -> item -> what stands there, cleared answers included."""
    found: dict[int, dict[str, StoredAnswer]] = {id_: {} for id_ in respondents}
    rows = connection.execute(select(answer).where(answer.c.respondent_id.in_(list(found))).order_by(answer.c.item))
    for row in rows:
        found[row.respondent_id][row.item] = _stored(row)
    return found


def put_answer(
    connection: Connection, respondent_id: int, item: str, given: Answer | None, now: datetime, base: int | None = None
) -> int | None:
    """Put an answer (None clears it) in place of version `base`; returns the new version, None when another stands there.

    base None means whatever stands there. Raises NotFound when the assessment is erased at this very moment.
    """
    values = _values(given or Answer())
    values |= {"respondent_id": respondent_id, "item": item, "changed_at": now, "base": base}
    dialect = "postgresql" if connection.dialect.name == "postgresql" else "sqlite"
    try:
        version: int | None = run(connection, _UPSERTS[dialect, base is not None], values).scalar()
    except IntegrityError:
        raise NotFound("there is no assessment behind this link any more") from None
    return version


def note_edit(
    connection: Connection,
    respondent_id: int,
    item: str,
    given: Answer | None,
    now: datetime,
    *,
    version: int,
    key: str | None = None,
) -> None:
    """Add an edit to the history; without a key of its own it gets a new one. Raises Failed while its twin is being written."""
    content = "null" if given is None else json.dumps(vars(given), ensure_ascii=False)
    values = {"respondent_id": respondent_id, "item": item, "content": content, "at": now}
    try:
        run(connection, _EVENT, {**values, "version": version, "key": key or str(uuid4())})
    except IntegrityError:
        raise Failed("the same edit was sent twice at the same moment, or the assessment was erased") from None


def _upsert(dialect: Any, *, checked: bool) -> Any:
    """One statement that counts the version; built once, because building it costs more than running it."""
    names = ("respondent_id", "item", *_CONTENT, "changed_at")
    statement = dialect.insert(answer).values(
        {answer.c[name]: bindparam(name, type_=answer.c[name].type) for name in names} | {answer.c.version: 1}
    )
    changed = {name: statement.excluded[name] for name in (*_CONTENT, "changed_at")}
    return statement.on_conflict_do_update(
        index_elements=[answer.c.respondent_id, answer.c.item],
        set_={**changed, "version": answer.c.version + 1},
        where=answer.c.version == bindparam("base") if checked else None,
    ).returning(answer.c.version)


_UPSERTS = {
    (name, checked): _upsert(dialect, checked=checked)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    for checked in (True, False)
}
_EVENT = insert(answer_event).values(
    {name: bindparam(name) for name in ("respondent_id", "item", "content", "at", "version", "key")}
)


def _values(given: Answer) -> dict[str, Any]:
    return {name: getattr(given, name) for name in _CONTENT}


def _stored(row: Row[*tuple[Any, ...]]) -> StoredAnswer:
    """The answer of a row whose answer columns may all be empty."""
    if row.version is None:
        return StoredAnswer()
    if row.level is None and not row.dont_know and row.not_applicable is None:
        return StoredAnswer(None, row.version)
    return StoredAnswer(Answer(row.level, bool(row.dont_know), row.not_applicable, row.evidence, row.comment), row.version)


def _read(content: str) -> Answer | None:
    values: Mapping[str, Any] | None = json.loads(content)
    return None if values is None else Answer(**values)
