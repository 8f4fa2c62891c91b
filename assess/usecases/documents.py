"""Documents of an assessment: asked for here, made by a worker, fetched here."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Connection

from assess.core.errors import Failed, Invalid, NotAllowed, Problem, TooOften
from assess.core.questionnaire import LANGUAGES
from assess.storage import assessments as rows
from assess.storage import brands, readings, snapshots
from assess.storage import documents as document_rows
from assess.storage.attempts import count_attempt
from assess.storage.documents import DocumentRow
from assess.storage.links import AssessmentKey, link_hash
from assess.storage.queue import QUEUED
from assess.usecases.answers import SAMPLE_PREFIX
from assess.usecases.assessments import OpenAssessment, open_by_link
from assess.usecases.audit import note_by_key
from assess.usecases.comparisons import comparison_now
from assess.usecases.installation import Installation
from assess.usecases.reports import FORMATS, list_styles
from assess.usecases.requests import request_of

MINUTE = 60
PER_MINUTE, PER_MINUTE_BY_TOKEN = 12, 30
"""New documents for one person: every format once, with some to spare; programs a bit more."""


@dataclass(frozen=True)
class DocumentView:
    """A document as people see it: state queued, running, done or failed; error a code or a sentence; size in bytes."""

    id: str
    state: str
    fmt: str
    style: str
    language: str
    requested_at: datetime
    finished_at: datetime | None
    size: int | None
    filename: str
    error: str | None


def request_document(installation: Installation, token: str, *, fmt: str, style: str, language: str) -> DocumentView:
    """Ask for a report of the assessment as it stands now; the same content asked for again is the same document."""
    styles = [known.id for known in list_styles(installation.settings.reports)]
    for what, given, known in (("format", fmt, FORMATS), ("style", style, styles), ("language", language, LANGUAGES)):
        if given not in known:
            raise Invalid([Problem("must be one of {names}", {"names": ", ".join(known)}, path=what)])
    opened = open_by_link(installation, token)
    if opened.is_reply:
        raise NotAllowed("respondents of an engagement only answer")
    now = installation.clock()
    with installation.storage.writing() as connection:
        digests = opened.digests or _keep_questionnaires(installation, connection, opened)
        earlier = None if opened.earlier is None else snapshots.load_request(connection, opened.earlier)
        brand = None if opened.id is None else brands.brand_of_assessment(connection, opened.id)
        accounts = None if opened.id is None else readings.figures_text(connection, opened.id)
        request = request_of(opened, digests, earlier, brand, accounts, comparison_now(connection, opened))
        content_hash = sha256(json.dumps([request, fmt, style, language]).encode()).hexdigest()
        owner = _owner(token)
        known_row = document_rows.find_same(connection, owner, content_hash)
        if known_row is not None:
            return _view(known_row)
        row = DocumentRow(
            id=secrets.token_hex(16),
            owner=owner,
            fmt=fmt,
            style=style,
            language=language,
            content_hash=content_hash,
            filename=_filename(opened.assessment.organisation.name, opened.assessment.date, fmt),
            state=QUEUED,
            attempt=0,
            requested_at=now,
            finished_at=None,
            error=None,
            size=None,
        )
        _refuse_hurry(installation, connection, token, now)
        document_rows.add_document(connection, row, opened.id, request)
        note_by_key(connection, token, "document.requested", now, fmt=fmt, style=style, language=language)
    installation.enqueue(row.id)
    return _view(row)


def list_documents(installation: Installation, token: str) -> tuple[DocumentView, ...]:
    """The documents asked for through this link, the newest first. Raises NotFound."""
    with installation.storage.reading() as connection:
        if not token.startswith(SAMPLE_PREFIX):
            rows.load_assessment(connection, token)
        return tuple(_view(row) for row in document_rows.list_documents(connection, _owner(token)))


def find_document(installation: Installation, token: str, document_id: str) -> DocumentView:
    with installation.storage.reading() as connection:
        return _view(document_rows.find_document(connection, _owner(token), document_id))


def document_bytes(installation: Installation, token: str, document_id: str) -> bytes:
    """The bytes of a finished document. Raises NotFound while it is not done."""
    with installation.storage.reading() as connection:
        return document_rows.load_content(connection, _owner(token), document_id)


def retry_document(installation: Installation, token: str, document_id: str) -> DocumentView:
    """Let a failed document be tried again; any other stays as it is."""
    with installation.storage.writing() as connection:
        document_rows.find_document(connection, _owner(token), document_id)
        document_rows.requeue(connection, _owner(token), document_id)
        note_by_key(connection, token, "document.retried", installation.clock(), document=document_id)
        row = document_rows.find_document(connection, _owner(token), document_id)
    installation.enqueue(document_id)
    return _view(row)


def _refuse_hurry(installation: Installation, connection: Connection, token: str, now: datetime) -> None:
    """Raises TooOften for somebody who asks for one after another, Failed when too many wait already.

    Samples are everybody's; the same is never made twice, so that there are only so many of theirs.
    """
    if document_rows.count_waiting(connection) >= installation.settings.queue_limit:
        raise Failed("too many documents are waiting")
    if token.startswith(SAMPLE_PREFIX):
        return
    who = f"person {token.actor.person_id} {token.actor.token}" if isinstance(token, AssessmentKey) else link_hash(token)
    most = PER_MINUTE_BY_TOKEN if isinstance(token, AssessmentKey) and token.actor.token else PER_MINUTE
    if count_attempt(connection, "document", who, MINUTE, now) > most:
        raise TooOften("too many documents in a minute")


def _keep_questionnaires(installation: Installation, connection: Connection, opened: OpenAssessment) -> list[str]:
    """Digests of the questionnaires of a sample, kept so that the worker finds them."""
    names = (opened.assessment.questionnaire, *opened.assessment.modules)
    return [rows.keep_questionnaire(connection, installation.library.frozen(name).files) for name in names]


def _owner(token: str) -> str:
    if isinstance(token, AssessmentKey):
        return f"team {token.code}"
    return token if token.startswith(SAMPLE_PREFIX) else link_hash(token)


def _filename(organisation: str, day: date, fmt: str) -> str:
    """A name every file system takes: the organisation in its own script, the date, the format."""
    name = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", organisation)).strip("-")[:60]
    return "-".join(part for part in ("KAM", name, day.isoformat()) if part) + f".{fmt}"


def _view(row: DocumentRow) -> DocumentView:
    return DocumentView(**{name: getattr(row, name) for name in DocumentView.__dataclass_fields__})
