"""Closing an assessment, assessing again, and what changed since."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from assess.content.phrases import load_phrases
from assess.core.errors import Failed, Invalid
from assess.core.evaluation import Evaluation
from assess.core.report.compose import SECTIONS
from assess.core.report.progress import recall
from assess.core.report.setting import Setting
from assess.core.report.values import Progress
from assess.core.report.words import Words
from assess.render import charts
from assess.render.charts import Look
from assess.render.formats import formats_of
from assess.storage.links import AssessmentKey
from assess.usecases import snapshots
from assess.usecases.snapshots import NOW, SnapshotView
from assess.web.forms import PageForm
from assess.web.languages import current_language, gettext
from assess.web.opening import installation, open_assessment, open_own

blueprint = Blueprint("history", __name__, url_prefix="/a/<token>/history")


@blueprint.get("/")
def index(token: str) -> AnyResponse:
    return _page(token)


@blueprint.post("/close")
def close(token: str) -> AnyResponse:
    open_own(token)
    form = PageForm()
    if not form.validate():
        return _page(token, form, 400)
    try:
        snapshots.close(installation(), token)
    except Invalid:
        return _page(token, form, 422, problem=gettext("There is nothing to close yet: no question has a level."))
    except Failed:
        return _page(token, form, 503)
    flash(gettext("The assessment is closed. What it says now stays as it is."))
    return redirect(url_for("history.index", token=token), 303)


@blueprint.post("/reopen")
def reopen(token: str) -> AnyResponse:
    open_own(token)
    form = PageForm()
    if not form.validate():
        return _page(token, form, 400)
    try:
        snapshots.reopen(installation(), token)
    except Failed:
        return _page(token, form, 503)
    flash(gettext("The assessment takes answers again. The record of before stays."))
    return redirect(url_for("history.index", token=token), 303)


@blueprint.post("/again")
def again(token: str) -> AnyResponse:
    """The next assessment, with or without the last answers."""
    opened = open_own(token)
    form = PageForm()
    if not form.validate():
        return _page(token, form, 400)
    try:
        found = snapshots.reassess(installation(), token, copies_answers=request.form.get("copy") == "yes")
    except Failed:
        return _page(token, form, 503)
    if isinstance(token, AssessmentKey):
        flash(gettext("The next assessment is ready. Invite people to it."))
        return redirect(url_for("engagements.assessment", id_=opened.engagement, code=found), 303)
    flash(gettext("This is the next assessment. It has a private link of its own: keep it, the old one still opens the last."))
    return redirect(url_for("assessments.overview", token=found), 303)


@blueprint.get("/compare")
def compare(token: str) -> AnyResponse:
    opened = open_assessment(token)
    known = snapshots.history(installation(), token)
    earlier, later = request.args.get("earlier", ""), request.args.get("later", NOW)
    try:
        evaluation = snapshots.compare(installation(), token, earlier, later)
    except Invalid:
        problem = gettext("These two can’t be compared. Choose an earlier one first and a later one second.")
        return _page(token, None, 422, problem=problem)
    progress = _progress(evaluation)
    page = render_template(
        "history/compare.html",
        token=token,
        opened=opened,
        progress=progress,
        chart=_chart(progress) if progress.is_comparable and progress.rows else None,
        known=known,
        earlier=earlier,
        later=later,
    )
    return make_response(page)


def _page(token: str, form: PageForm | None = None, status: int = 200, problem: str = "") -> AnyResponse:
    opened = open_assessment(token)
    known: tuple[SnapshotView, ...] = snapshots.history(installation(), token)
    page = render_template(
        "history/index.html",
        token=token,
        opened=opened,
        known=known,
        is_team=isinstance(token, AssessmentKey),
        form=form or PageForm(formdata=None),
        status=status,
        problem=problem,
    )
    return make_response(page, status)


def _words() -> Words:
    language = current_language()
    return Words(language, load_phrases().in_language(language), formats_of(language))


def _progress(evaluation: Evaluation) -> Progress:
    found = recall(Setting(evaluation, _words(), dict.fromkeys(SECTIONS, "")))
    assert found is not None  # noqa: S101 - compare() gave it an earlier run
    return found


def _chart(progress: Progress) -> Markup:
    """The chart of the report, in the page."""
    words, look = _words(), Look("inherit", current_language())
    names = [words.say("label.claimed"), words.say("label.evidenced"), *(fact.name for fact in progress.facts[:2])]
    svg = charts.dumbbells(progress.rows, names, look, progress.chart_title, progress.chart_text)
    return Markup(svg)  # noqa: S704 - drawn by charts, which escapes every text
