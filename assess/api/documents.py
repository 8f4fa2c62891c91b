"""Reports: asked for, made by a worker, fetched."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from assess.api.engagements import moment
from assess.api.forms import DocumentIn, DocumentOut, DocumentsOut
from assess.api.operations import Call, Reply, operation
from assess.core.errors import Conflict
from assess.usecases import documents, engagements
from assess.usecases.documents import DocumentView
from assess.usecases.tokens import DOCUMENTS

TAG = "documents"
ALL = "/assessments/<hex16:assessment>/documents"
ONE = f"{ALL}/<hex32:document>"
REQUESTS_PER_MINUTE = 30
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "docx": f"{_OPEN_XML}.wordprocessingml.document",
    "pptx": f"{_OPEN_XML}.presentationml.presentation",
    "xlsx": f"{_OPEN_XML}.spreadsheetml.sheet",
    "json": "application/json",
    "ics": "text/calendar; charset=utf-8",
}


def _json(one: DocumentView) -> dict[str, Any]:
    names = ("id", "state", "style", "language", "size", "filename", "error")
    same = {name: getattr(one, name) for name in names}
    times = {"requested_at": moment(one.requested_at), "finished_at": moment(one.finished_at)}
    return {**same, **times, "format": one.fmt}


@operation("GET", ALL, tag=TAG, summary="The documents asked for, the newest first", scope=DOCUMENTS, result=DocumentsOut)
def list_documents(call: Call, assessment: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    return Reply({"documents": [_json(one) for one in documents.list_documents(call.installation, key)]})


@operation(
    "POST",
    ALL,
    tag=TAG,
    summary="Ask for a report of the assessment as it stands",
    description=f"The same content asked for again is the same document. At most {REQUESTS_PER_MINUTE} a minute.",
    scope=DOCUMENTS,
    body=DocumentIn,
    result=DocumentOut,
    status=201,
    creates=True,
    per_minute=REQUESTS_PER_MINUTE,
)
def request_document(call: Call, assessment: str) -> Reply:
    given: DocumentIn = call.body
    key = engagements.key_to(call.installation, call.actor, assessment)

    def make() -> str:
        return documents.request_document(
            call.installation, key, fmt=given.format, style=given.style, language=given.language
        ).id

    id_ = call.create_once(make)
    found = documents.find_document(call.installation, key, id_)
    return Reply(_json(found), 201, f"/assessments/{assessment}/documents/{id_}")


@operation("GET", ONE, tag=TAG, summary="How far a document is", scope=DOCUMENTS, result=DocumentOut)
def read_document(call: Call, assessment: str, document: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    return Reply(_json(documents.find_document(call.installation, key, document)))


@operation("POST", f"{ONE}/retry", tag=TAG, summary="Let a failed document be tried again", scope=DOCUMENTS, result=DocumentOut)
def retry_document(call: Call, assessment: str, document: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    return Reply(_json(documents.retry_document(call.installation, key, document)))


@operation(
    "GET",
    f"{ONE}/file",
    tag=TAG,
    summary="The bytes of a finished document",
    scope=DOCUMENTS,
    gives=tuple(kind.partition(";")[0] for kind in MEDIA_TYPES.values()),
    result="bytes",
    refusals=(409,),
)
def read_file(call: Call, assessment: str, document: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    found = documents.find_document(call.installation, key, document)
    if found.state != "done":
        raise Conflict("the document is not done")
    content = documents.document_bytes(call.installation, key, document)
    named = f"attachment; filename*=UTF-8''{quote(found.filename, safe='')}"
    return Reply(content, media_type=MEDIA_TYPES[found.fmt], headers={"Content-Disposition": named})
