"""A self-assessment behind its private link: overview, steps, result, description, erasing."""

from __future__ import annotations

from collections.abc import Container
from functools import partial

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from assess.core.errors import Failed, Invalid
from assess.core.questionnaire import Dimension
from assess.storage.links import TEAM_PREFIX
from assess.usecases import answers, assessments, documents
from assess.usecases.answers import SavedPage
from assess.usecases.assessments import OpenAssessment
from assess.usecases.comparisons import look_among_peers
from assess.usecases.reports import list_styles
from assess.web.answering import AnswerForm, answer_form, entries_of
from assess.web.forms import DescriptionForm, DocumentForm, PageForm, PlanForm, description_of
from assess.web.languages import current_language, gettext, ngettext, switch_asked
from assess.web.opening import dimension_of, installation, open_assessment, open_own
from assess.web.peers import view_peers
from assess.web.progress import progress_of
from assess.web.results import view_result

blueprint = Blueprint("assessments", __name__, url_prefix="/a/<token>")


@blueprint.get("/")
def overview(token: str) -> AnyResponse | str:
    opened = open_assessment(token)
    if opened.staff is not None:
        code = token.removeprefix(TEAM_PREFIX)
        return redirect(url_for("engagements.assessment", id_=opened.engagement, code=code), 303)
    link = url_for("assessments.overview", token=token, _external=True)
    return render_template("assessments/overview.html", token=token, opened=opened, progress=progress_of(opened), link=link)


@blueprint.route("/step/<dimension>", methods=["GET", "POST"])
def step(token: str, dimension: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    opened = open_own(token) if request.method == "POST" else open_assessment(token)
    part = dimension_of(opened, dimension)
    if opened.respondent is None or (opened.closed_at is not None and request.method != "POST"):
        return _sample_step(token, opened, part)
    here = progress_of(opened).step(part.id)
    entries = entries_of(part, opened.respondent.answers, opened.versions)
    form = answer_form(here.questionnaire, part, here.number, current_language())(data=entries)
    if request.method != "POST":
        return _step_page(token, opened, part, form, 200)
    return _save_step(token, opened, part, form, "stay" if switched else request.form.get("then", "stay"))


def _save_step(token: str, opened: OpenAssessment, part: Dimension, form: AnswerForm, then: str) -> AnyResponse:
    """Save what has no mistake and nobody else changed; come back with everything as typed when something is left."""
    is_valid = form.validate()
    if form.is_stale:
        return _step_page(token, opened, part, form, 400)
    stored = opened.respondent.answers if opened.respondent else {}
    try:
        saved = answers.save_answers(installation(), token, form.changes(stored), form.bases())
    except Failed:
        return _step_page(token, opened, part, form, 503)
    asked = {*saved.conflicts, *form.undecided()}
    if asked or not is_valid:
        return _unfinished_step(token, part, form, saved, asked)
    if saved.changed:
        flash(ngettext("%(num)s answer saved.", "%(num)s answers saved.", len(saved.changed)))
    else:
        flash(gettext("Nothing had changed; everything is saved."))
    return redirect(_address_after(token, opened, part, then), 303)


def _unfinished_step(token: str, part: Dimension, form: AnswerForm, saved: SavedPage, asked: set[str]) -> Response:
    """The page again, on what is stored now, with the mistakes and with both values where somebody else was faster."""
    opened = assessments.open_by_link(installation(), token)
    now = opened.respondent.answers if opened.respondent else {}
    for item in form.items:
        if item.id in asked or item.id in saved.changed or form.waits(item):
            form.follow(item.id, now.get(item.id), opened.versions.get(item.id, 0), asks=item.id in asked)
    return _step_page(token, opened, part, form, 409 if asked else 422, saved=len(saved.changed), asked=asked)


def _address_after(token: str, opened: OpenAssessment, part: Dimension, then: str) -> str:
    """Where to go after saving: the neighbouring step, the result after the last, the overview, or here again."""
    progress = progress_of(opened)
    here = progress.step(part.id)
    neighbour = {"next": progress.after(here), "back": progress.before(here)}.get(then)
    if neighbour is not None:
        return url_for("assessments.step", token=token, dimension=neighbour.dimension.id)
    if then == "next":
        return url_for("assessments.result", token=token)
    if then in ("back", "leave"):
        return url_for("assessments.overview", token=token)
    return url_for("assessments.step", token=token, dimension=part.id)


def _step_page(
    token: str,
    opened: OpenAssessment,
    part: Dimension,
    form: AnswerForm,
    status: int,
    saved: int = 0,
    asked: Container[str] = (),
) -> Response:
    """asked: the items of which the person has to choose between two values."""
    progress = progress_of(opened)
    page = render_template(
        "assessments/step.html",
        token=token,
        opened=opened,
        dimension=part,
        progress=progress,
        here=progress.step(part.id),
        form=form,
        status=status,
        saved=saved,
        asked=asked,
        address_after=partial(_address_after, token, opened, part),
    )
    return make_response(page, status)


def _sample_step(token: str, opened: OpenAssessment, part: Dimension) -> Response:
    progress = progress_of(opened)
    page = render_template(
        "assessments/sample_step.html",
        token=token,
        opened=opened,
        dimension=part,
        progress=progress,
        here=progress.step(part.id),
    )
    return make_response(page)


@blueprint.get("/result")
def result(token: str) -> AnyResponse:
    opened = open_assessment(token)
    if opened.is_reply:
        return make_response(
            render_template("assessments/thanks.html", token=token, opened=opened, progress=progress_of(opened))
        )
    return show_result(token, opened)


@blueprint.route("/plan", methods=["GET", "POST"])
def plan(token: str) -> AnyResponse:
    opened = open_own(token)
    if request.method != "POST":
        return redirect(url_for("assessments.result", token=token, _anchor="plan-choices"), 303)
    switched = switch_asked()
    form = _plan_form(opened)
    if switched and form.choices_made() == _plan_form(opened, is_sent=False).choices_made():
        return redirect(url_for("assessments.result", token=token), 303)
    if switched:
        return show_result(token, opened, plan_form=form)
    if not form.validate():
        return show_result(token, opened, plan_form=form, status=400 if form.is_stale else 422)
    try:
        assessments.choose_plan(
            installation(),
            token,
            profile=form.profile.data or None,
            start=form.start_day,
            capacity=int(form.capacity.data or 0),
        )
    except Failed:
        return show_result(token, opened, plan_form=form, status=503)
    flash(gettext("The plan was made anew with your choices."))
    return redirect(url_for("assessments.result", token=token, _anchor="roadmap"), 303)


def show_result(
    token: str,
    opened: OpenAssessment,
    *,
    plan_form: PlanForm | None = None,
    document_form: DocumentForm | None = None,
    status: int = 200,
) -> Response:
    """The result page, with forms as they were sent when something in them was wrong."""
    evaluation = assessments.evaluate_open(opened)
    among = look_among_peers(installation(), opened, evaluation.scorecard, request.args.get("group", ""))
    page = render_template(
        "assessments/result.html",
        token=token,
        opened=opened,
        progress=progress_of(opened),
        result=view_result(evaluation),
        peers=view_peers(evaluation, among),
        plan_form=plan_form or _plan_form(opened, is_sent=False),
        document_form=document_form or new_document_form(is_sent=False),
        documents=documents.list_documents(installation(), token),
        status=status,
    )
    return make_response(page, status)


def _plan_form(opened: OpenAssessment, *, is_sent: bool = True) -> PlanForm:
    data = {
        "profile": opened.assessment.profile or "",
        "start": opened.start.isoformat() if opened.start else "",
        "capacity": str(opened.capacity),
    }
    form = PlanForm(request.form if is_sent else None, data=data)
    form.offer_profiles(opened.questionnaire, current_language())
    return form


def new_document_form(*, is_sent: bool = True) -> DocumentForm:
    styles = list_styles(installation().settings.reports)
    data = {"style": styles[0].id, "fmt": "pdf", "language": current_language()}
    form = DocumentForm(request.form if is_sent else None, data=data)
    form.offer_styles(styles, current_language())
    return form


@blueprint.route("/description", methods=["GET", "POST"])
def description(token: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    opened = open_own(token)
    role = opened.respondent.role if opened.respondent else ""
    form = DescriptionForm(data=description_of(opened.assessment, role))
    form.offer_roles(opened.questionnaire, current_language())
    form.keep_unlisted(opened.assessment.organisation)
    if request.method != "POST" or switched:
        return _description_page(token, opened, form, 200)
    if not form.validate():
        return _description_page(token, opened, form, 400 if form.is_stale else 422)
    try:
        assessments.describe(installation(), token, organisation=form.organisation, role=form.role.data)
    except Invalid:
        return _description_page(token, opened, form, 422)
    except Failed:
        return _description_page(token, opened, form, 503)
    flash(gettext("The description is saved."))
    return redirect(url_for("assessments.overview", token=token), 303)


def _description_page(token: str, opened: OpenAssessment, form: DescriptionForm, status: int) -> Response:
    page = render_template("assessments/description.html", token=token, opened=opened, form=form, status=status)
    return make_response(page, status)


@blueprint.get("/answers.yaml")
def answers_file(token: str) -> Response:
    opened = open_assessment(token)
    response = Response(assessments.export_answers(opened), mimetype="application/yaml")
    response.headers["Content-Disposition"] = f'attachment; filename="kam-answers-{opened.assessment.date.isoformat()}.yaml"'
    return response


@blueprint.route("/erase", methods=["GET", "POST"])
def erase(token: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    opened = open_own(token)
    form = PageForm()
    if request.method == "POST" and not switched and form.validate():
        assessments.erase(installation(), token)
        flash(gettext("The assessment and everything that belonged to it is erased."))
        return redirect(url_for("front.front"), 303)
    status = 400 if form.is_stale else 200
    page = render_template(
        "assessments/erase.html", token=token, opened=opened, progress=progress_of(opened), form=form, status=status
    )
    return make_response(page, status)
