"""The company's own accounts: upload a file, say which column is what, see what it shows beside what was answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Response as AnyResponse

from assess.core.accounts_claims import compare_claims
from assess.core.accounts_outputs import accounts_json
from assess.core.discretion import Discretion
from assess.core.errors import Conflict, Failed, Full, Invalid, NotFound, Problem
from assess.render.charts import Look
from assess.render.html import Charts
from assess.usecases import readings
from assess.usecases.assessments import OpenAssessment
from assess.usecases.readings import Measured, ReadingView
from assess.usecases.reports import WHOLE, compose_report
from assess.web.account_forms import PART_NAMES, ColumnsForm, UploadForm, preview_of
from assess.web.account_words import ORDERS, failure_of, said
from assess.web.documents import MEDIA_TYPES, disposition
from assess.web.forms import PageForm
from assess.web.headers import FILE_POLICY
from assess.web.languages import current_language, gettext, switch_asked
from assess.web.opening import installation, open_assessment, open_own

blueprint = Blueprint("accounts", __name__, url_prefix="/a/<token>/accounts")
SLACK = 64 * 1024
"""What the fields beside the file may take."""
BUFFER = 512 * 1024
"""What of a body is in memory at one time: the parser reads 64 KiB and keeps what it can't decide on yet."""


@blueprint.get("/")
def index(token: str) -> AnyResponse:
    return _page(token, open_assessment(token))


def _page(
    token: str,
    opened: OpenAssessment,
    *,
    upload_form: UploadForm | None = None,
    columns_form: ColumnsForm | None = None,
    status: int = 200,
) -> Response:
    """Whatever the assessment's accounts are at: nothing, waiting, asking for columns, failed, measured."""
    reading = readings.reading_of(installation(), opened)
    measured = readings.measured_of(installation(), opened)
    may_change = not opened.read_only and opened.closed_at is None and (opened.staff is None or opened.staff.may("work"))
    values: dict[str, Any] = {
        "token": token,
        "opened": opened,
        "reading": reading,
        "may_change": may_change,
        "upload_form": upload_form or UploadForm(formdata=None),
        "form": columns_form or upload_form or PageForm(None),
        "limit": readings.MAX_UPLOAD,
        "endings": ",".join(readings.ENDINGS),
        "said": said,
        "PART_NAMES": PART_NAMES,
        "ORDERS": ORDERS,
        "status": status,
    }
    if reading is not None and reading.is_asking and may_change:
        return make_response(_columns_page(reading, columns_form, values), status)
    if reading is not None and (reading.is_going_on or reading.state == "failed") and may_change:
        return make_response(render_template("accounts/reading.html", failure=failure_of(reading), **values), status)
    if measured is not None:
        return make_response(render_template("accounts/result.html", **_shown(opened, measured), **values), status)
    return make_response(render_template("accounts/start.html", **values), status)


def _columns_page(reading: ReadingView, form: ColumnsForm | None, values: dict[str, Any]) -> str:
    assert reading.head is not None  # noqa: S101 - it was looked at
    form = form or ColumnsForm.of(reading)
    values = {**values, "form": form}
    return render_template("accounts/columns.html", shown=preview_of(reading.head, form.choices), **values)


def _shown(opened: OpenAssessment, measured: Measured) -> dict[str, Any]:
    """The report's own section, with its charts in the page."""
    language = current_language()
    content = compose_report(readings.evaluate_measured(opened, measured), style=WHOLE, language=language)
    return {
        "part": content.accounts,
        "labels": content.labels,
        "chart": Charts(content, Look("inherit", language)),
        "measured": measured,
    }


# The file


@blueprint.route("/upload", methods=["GET", "POST"])
def upload(token: str) -> AnyResponse:
    if request.method != "POST":
        return _back(token)
    opened = open_own(token)
    request.max_content_length = readings.MAX_UPLOAD + SLACK
    try:
        with readings.receiving(installation()) as open_new:
            form = UploadForm(formdata=_body(open_new))
            if form.validate():
                part: FileStorage = form.file.data
                readings.take(installation(), token, part.stream, part.filename or "", keeps=bool(form.keep.data))  # type: ignore[arg-type]
                return _sent(token)
            return _refused(token, opened, form, 400 if form.is_stale else 422)
    except Invalid as error:
        return _refused(token, opened, _with_errors([said(problem) for problem in error.problems]), 422)
    except RequestEntityTooLarge:
        too_large = Problem("is larger than {limit} MiB", {"limit": readings.MAX_UPLOAD // 1024**2}, gettext("The file"))
        return _refused(token, opened, _with_errors([said(too_large)]), 413)
    except Full:
        return _refused(
            token, opened, _with_errors([gettext("There is no room for another file right now. Please try again later.")]), 507
        )
    except Failed:
        return _refused(token, opened, _with_errors([_not_now()]), 503)


def _body(open_new: Any) -> MultiDict[str, Any]:
    """The fields and the file of a form that may be too large for memory: the file goes straight to the data folder."""

    def stream(
        total_content_length: int | None,  # noqa: ARG001 - the parser names its arguments
        content_type: str | None,  # noqa: ARG001
        filename: str | None,  # noqa: ARG001
        content_length: int | None = None,  # noqa: ARG001
    ) -> BinaryIO:
        opened: BinaryIO = open_new()
        return opened

    parser = FormDataParser(stream_factory=stream, max_form_memory_size=BUFFER, max_form_parts=10)
    _, fields, files = parser.parse(request.stream, request.mimetype, request.content_length, request.mimetype_params)
    return MultiDict([*fields.items(multi=True), *files.items(multi=True)])


def _with_errors(messages: list[str]) -> UploadForm:
    form = UploadForm(formdata=None)
    form.file.errors = messages
    return form


def _not_now() -> str:
    return gettext("The file could not be taken right now. Please try again in a minute.")


def _sent(token: str) -> AnyResponse:
    if _wants_json():
        return jsonify(address=url_for("accounts.index", token=token))
    return _back(token)


def _refused(token: str, opened: OpenAssessment, form: UploadForm, status: int) -> AnyResponse:
    if _wants_json():
        problems = [message for _, message in form.problems()]
        answer = jsonify(problems=problems or [_not_now()])
        answer.status_code = status
        return answer
    return _page(token, opened, upload_form=form, status=status)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


@blueprint.get("/state")
def state(token: str) -> Response:
    """How far it is: state, and thousandths of the file."""
    reading = readings.reading_of(installation(), open_assessment(token))
    if reading is None:
        return jsonify(state="done", progress=1000)
    return jsonify(state=reading.state, progress=round(reading.progress * 1000))


# Columns


@blueprint.route("/columns", methods=["GET", "POST"])
def columns(token: str) -> AnyResponse:
    if request.method != "POST":
        return _back(token)
    switched = switch_asked()
    opened = open_own(token)
    reading = readings.reading_of(installation(), opened)
    if reading is None or reading.head is None or not reading.is_asking:
        return _back(token)
    form = ColumnsForm.of(reading, is_sent=True)
    is_valid = form.validate()
    if form.is_stale:
        return _page(token, opened, columns_form=form, status=400)
    then = "show" if switched else request.form.get("then", "show")
    if not is_valid:
        return _page(token, opened, columns_form=form, status=200 if switched else 422)
    try:
        readings.choose(installation(), token, form.choices)
        if then == "read" and form.choices.sheet == reading.choices.sheet:
            return _read(token, opened, form)
    except Conflict:
        return _back(token)
    except Failed:
        return _page(token, opened, columns_form=form, status=503)
    return redirect(url_for("accounts.index", token=token, _anchor="preview"), 303)


def _read(token: str, opened: OpenAssessment, form: ColumnsForm) -> AnyResponse:
    try:
        readings.start_reading(installation(), token, form.choices)
    except Invalid as error:
        form.lacks = [said(problem) for problem in error.problems]
        return _page(token, opened, columns_form=form, status=422)
    return _back(token)


# What becomes of it


@blueprint.route("/retry", methods=["GET", "POST"], defaults={"what": "retry"})
@blueprint.route("/again", methods=["GET", "POST"], defaults={"what": "again"})
@blueprint.route("/stop", methods=["GET", "POST"], defaults={"what": "stop"})
@blueprint.route("/groups", methods=["GET", "POST"], defaults={"what": "groups"})
def decide(token: str, what: str) -> AnyResponse:
    """Try again, choose columns again, forget the file, put accounts together or leave them apart."""
    if request.method != "POST":
        return _back(token)
    opened = open_own(token)
    form = PageForm()
    if not form.validate():
        return _page(token, opened, status=400)
    try:
        if what == "retry":
            readings.retry(installation(), token)
        elif what == "again":
            readings.choose_again(installation(), token)
        elif what == "stop":
            readings.end(installation(), token)
            flash(gettext("The file is deleted."))
        else:
            readings.put_together(installation(), token, _groups(readings.reading_of(installation(), opened)))
    except (Conflict, NotFound):
        return _back(token)
    except Failed:
        return _page(token, opened, status=503)
    return _back(token)


def _groups(reading: ReadingView | None) -> Mapping[str, str]:
    """Account -> the name it is counted under, for the suggestions that are ticked."""
    if reading is None or request.form.get("then") == "apart":
        return {}
    ticked = set(request.form.getlist("group"))
    return {name: names[0] for place, names in enumerate(reading.alike) if str(place) in ticked for name in names}


@blueprint.route("/delete", methods=["GET", "POST"])
def delete(token: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    opened = open_own(token)
    form = PageForm()
    if request.method == "POST" and not switched and form.validate():
        readings.delete_figures(installation(), token)
        flash(gettext("The figures of the accounts file are deleted."))
        return _back(token)
    status = 400 if form.is_stale else 200
    page = render_template("accounts/delete.html", token=token, opened=opened, form=form, status=status)
    return make_response(page, status)


@blueprint.get("/figures.json", defaults={"fmt": "json"})
@blueprint.get("/figures.xlsx", defaults={"fmt": "xlsx"})
def figures(token: str, fmt: str) -> Response:
    """The figures to take along."""
    opened = open_assessment(token)
    measured = readings.measured_of(installation(), opened)
    if measured is None:
        raise NotFound("no accounts file was read")
    if fmt == "json":
        evaluation = readings.evaluate_measured(opened, measured)
        cards = [
            (evaluation.core, evaluation.scorecard),
            *zip(evaluation.modules, evaluation.module_scorecards, strict=True),
        ]
        hides = Discretion(evaluation).hides_score
        claims = None
        if not opened.withheld:
            claims = [claim for claim in compare_claims(cards, measured.figures) if not hides(claim.rule.item)]
        text = json.dumps(accounts_json(measured.figures, claims), ensure_ascii=False, indent=1) + "\n"
        response = Response(text, content_type=MEDIA_TYPES["json"])
    else:
        response = Response(readings.workbook_of(opened, measured, current_language()), content_type=MEDIA_TYPES["xlsx"])
    response.headers["Content-Disposition"] = disposition(f"kam-accounts-{measured.read_at.date().isoformat()}.{fmt}")
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


def _back(token: str) -> AnyResponse:
    """To the page of the accounts; nobody is led from an address that does not exist. Raises NotFound."""
    open_assessment(token)
    return redirect(url_for("accounts.index", token=token), 303)
