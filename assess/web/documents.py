"""Reports to take along: asked for, made by a worker, downloaded."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from assess.core.errors import Failed
from assess.usecases import documents
from assess.usecases.documents import DocumentView
from assess.web.assessments import new_document_form, show_result
from assess.web.forms import PageForm
from assess.web.headers import FILE_POLICY
from assess.web.languages import switch_asked
from assess.web.opening import installation, open_assessment

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
blueprint = Blueprint("documents", __name__, url_prefix="/a/<token>/documents")


@blueprint.route("", methods=["GET", "POST"])
def ask(token: str) -> AnyResponse:
    opened = open_assessment(token)
    if request.method != "POST":
        return redirect(url_for("assessments.result", token=token, _anchor="download"), 303)
    switched = switch_asked()
    form = new_document_form()
    if switched:
        return show_result(token, opened, document_form=form)
    if not form.validate():
        return show_result(token, opened, document_form=form, status=400 if form.is_stale else 422)
    try:
        document = documents.request_document(
            installation(), token, fmt=form.fmt.data, style=form.style.data, language=form.language.data
        )
    except Failed:
        return show_result(token, opened, document_form=form, status=503)
    return redirect(url_for("documents.show", token=token, id_=document.id), 303)


@blueprint.get("/<id_>")
def show(token: str, id_: str) -> AnyResponse:
    return _page(token, documents.find_document(installation(), token, id_), PageForm(None), 200)


def _page(token: str, document: DocumentView, form: PageForm, status: int) -> Response:
    page = render_template(
        "documents/show.html", token=token, opened=open_assessment(token), document=document, form=form, status=status
    )
    return make_response(page, status)


@blueprint.get("/<id_>/state")
def state(token: str, id_: str) -> Response:
    return jsonify(state=documents.find_document(installation(), token, id_).state)


@blueprint.route("/<id_>/retry", methods=["GET", "POST"])
def retry(token: str, id_: str) -> AnyResponse:
    document = documents.find_document(installation(), token, id_)
    if request.method != "POST":
        return redirect(url_for("documents.show", token=token, id_=id_), 303)
    form = PageForm()
    if not form.validate():
        return _page(token, document, form, 400)
    documents.retry_document(installation(), token, id_)
    return redirect(url_for("documents.show", token=token, id_=id_), 303)


@blueprint.get("/<id_>/file")
def download(token: str, id_: str) -> Response:
    document = documents.find_document(installation(), token, id_)
    content = documents.document_bytes(installation(), token, id_)
    response = Response(content, content_type=MEDIA_TYPES.get(document.fmt, "application/octet-stream"))
    response.headers["Content-Disposition"] = disposition(document.filename)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


def disposition(filename: str) -> str:
    """An attachment's name: in ASCII for old programs, in full for the rest (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    plain = re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9._-]", "-", plain)).strip("-") or "report"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
