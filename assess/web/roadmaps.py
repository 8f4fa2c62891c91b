"""The roadmap on screen: time line and list, decisions, own initiatives, and what would be without some of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from assess.core.adoption import BEFORE_NEED, NEED_LEFT_OUT, Clash
from assess.core.decisions import OWN_PREFIX, STOPPED, Decision
from assess.core.discretion import Discretion
from assess.core.errors import Conflict, Failed, Invalid, NotFound
from assess.core.evaluation import Evaluation
from assess.core.roadmap import Initiative
from assess.usecases import plans
from assess.usecases.assessments import OpenAssessment, evaluate_open
from assess.usecases.plans import WhatIf
from assess.web.choices import STATUS_NAMES
from assess.web.figures import day, score, whole
from assess.web.forms import PageForm
from assess.web.languages import current_language, gettext, switch_asked
from assess.web.opening import installation, open_assessment, open_own
from assess.web.roadmap_forms import DecisionForm, MoveForm, OwnForm, decision_data, own_data
from assess.web.wording import role_of

blueprint = Blueprint("roadmap", __name__, url_prefix="/a/<token>/plan/")
UNITS = 100
"""Width of a time line: percent."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Bar:
    """An initiative on the time line: where it begins, how long it is and how long one day is, of UNITS."""

    left: float
    width: float
    day: float


@blueprint.get("/")
def show(token: str) -> AnyResponse:
    opened = open_assessment(token)
    without = request.args.getlist("without") if "try" in request.args else None
    return _page(token, opened, without)


@blueprint.post("/without/keep")
def leave_out(token: str) -> AnyResponse:
    opened = open_own(token)
    form = PageForm()
    without = request.form.getlist("without")
    if not form.validate():
        return _page(token, opened, without, form=form, status=400)
    try:
        plans.leave_out(installation(), token, without)
    except Failed:
        return _page(token, opened, without, form=form, status=503)
    flash(gettext("The plan is kept as you chose it."))
    return redirect(url_for("roadmap.show", token=token), 303)


@blueprint.route("/<action>", methods=["GET", "POST"])
def initiative(token: str, action: str) -> AnyResponse:
    """One initiative with everything about it, and the form to decide."""
    switched = request.method == "POST" and switch_asked()
    opened = open_own(token) if request.method == "POST" else open_assessment(token)
    if request.method != "POST" or switched:
        return _initiative_page(token, opened, action, _decision_form(opened, action, is_sent=switched))
    form = _decision_form(opened, action)
    if not form.validate():
        return _initiative_page(token, opened, action, form, 400 if form.is_stale else 422)
    try:
        plans.decide(installation(), token, action, form.decision, form.version)
    except Conflict:
        return _overtaken(token, action, form)
    except Failed:
        return _initiative_page(token, opened, action, form, 503)
    flash(gettext("Your decision is saved."))
    return redirect(url_for("roadmap.show", token=token, _anchor=f"row-{action}"), 303)


@blueprint.post("/<action>/move")
def move(token: str, action: str) -> AnyResponse:
    """New dates for an initiative; everything else that was decided stays."""
    opened = open_own(token)
    form = MoveForm(data={})
    if not form.validate():
        return make_response(jsonify(problem=" ".join(message for _, message in form.problems())), 422)
    before = plans.shown_decision(opened.assessment.adoption, action)
    after = replace(before, start=form.start.day, last_day=form.last_day.day)
    try:
        plans.decide(installation(), token, action, after, form.version)
    except Conflict:
        return make_response(jsonify(problem=gettext("Somebody else changed this initiative in the meantime.")), 409)
    return jsonify(start=form.start.data, last_day=form.last_day.data)


@blueprint.route("/own", methods=["GET", "POST"], defaults={"id_": ""})
@blueprint.route("/own/<id_>", methods=["GET", "POST"])
def own(token: str, id_: str) -> AnyResponse:
    """A new initiative of one's own, or one to change."""
    switched = request.method == "POST" and switch_asked()
    opened = open_own(token)
    form = _own_form(opened, id_, is_sent=request.method == "POST")
    if request.method != "POST" or switched:
        return _own_page(token, opened, id_, form)
    if not form.validate():
        return _own_page(token, opened, id_, form, 400 if form.is_stale else 422)
    try:
        kept = plans.keep_own(installation(), token, form.initiative(id_), form.version if id_ else None)
    except Conflict:
        form.base.data = str(open_own(token).own_versions.get(id_, 0))
        form.title.errors = [gettext("Somebody else changed this initiative in the meantime. Save again to keep yours.")]
        return _own_page(token, opened, id_, form, 409)
    except Invalid as error:
        form.title.errors = [problem.text for problem in error.problems]
        return _own_page(token, opened, id_, form, 422)
    except Failed:
        return _own_page(token, opened, id_, form, 503)
    flash(gettext("The initiative is in the plan."))
    return redirect(url_for("roadmap.show", token=token, _anchor=f"row-{kept}"), 303)


@blueprint.post("/own/<id_>/remove")
def remove(token: str, id_: str) -> AnyResponse:
    opened = open_own(token)
    if not PageForm().validate():
        return _own_page(token, opened, id_, _own_form(opened, id_, is_sent=False), 400)
    plans.remove_own(installation(), token, id_)
    flash(gettext("The initiative is removed."))
    return redirect(url_for("roadmap.show", token=token), 303)


@blueprint.get("/table/roadmap.csv")
def table(token: str) -> Response:
    """The roadmap for a tracker: UTF-8 with a mark that spreadsheets understand, no cell that runs as a formula."""
    opened = open_assessment(token)
    evaluation = evaluate_open(opened)
    stream = io.StringIO()
    writer = csv.writer(stream)
    for row in _table(evaluation):
        writer.writerow([_harmless(cell) for cell in row])
    response = Response("\ufeff" + stream.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="kam-roadmap-{opened.assessment.date.isoformat()}.csv"'
    return response


def _table(evaluation: Evaluation) -> Iterator[list[str]]:
    language = current_language()
    yield [
        "id",
        gettext("Title"),
        gettext("Led by"),
        gettext("Led by (name)"),
        gettext("Status"),
        gettext("First day"),
        gettext("Last day"),
        gettext("Effort"),
        gettext("What must be done first"),
        gettext("Lifts"),
        gettext("Done when"),
        gettext("Notes"),
    ]
    for one in evaluation.roadmap.initiatives:
        action = evaluation.action[one.action]
        yield [
            one.action,
            action.title.of(language),
            role_of(evaluation.core, one.owner_role),
            one.owner,
            str(STATUS_NAMES[one.status]),
            one.start.isoformat(),
            _last(one).isoformat(),
            str(one.effort),
            " ".join(one.requires),
            " ".join(f"{lifted.item}>{lifted.to}" for lifted in one.raises),
            action.done_when.of(language),
            one.notes,
        ]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _page(
    token: str, opened: OpenAssessment, without: list[str] | None, *, form: PageForm | None = None, status: int = 200
) -> AnyResponse:
    tried = plans.what_if(opened, without)
    left_out = tried.then.roadmap.left_out
    page = render_template(
        "roadmap/show.html",
        token=token,
        opened=opened,
        evaluation=tried.then,
        is_trial=without is not None,
        bars=list(_bars(tried.then)),
        months=list(_months(tried.then)),
        left_out=[one.action for one in left_out],
        rows=[*tried.then.roadmap.initiatives, *left_out],
        effects=list(_effects(tried)),
        clashes=[_clash_text(clash, tried.then) for clash in tried.clashes],
        form=form or PageForm(formdata=None),
        status_names=STATUS_NAMES,
        stopped=STOPPED,
        status=status,
    )
    return make_response(page, status)


def _window(evaluation: Evaluation) -> tuple[date, int]:
    """The first day of the time line and its number of days."""
    roadmap = evaluation.roadmap
    first = min([roadmap.start, *(one.start for one in roadmap.initiatives)])
    last = max([roadmap.start + timedelta(days=90), *(one.end for one in roadmap.initiatives)])
    return first, (last - first).days


def _bars(evaluation: Evaluation) -> Iterator[Bar]:
    first, days = _window(evaluation)
    for one in evaluation.roadmap.initiatives:
        left, width = ((span.days * UNITS) / days for span in (one.start - first, one.end - one.start))
        yield Bar(round(left, 2), round(max(0.5, width), 2), round(UNITS / days, 5))


def _months(evaluation: Evaluation) -> Iterator[tuple[float, str]]:
    """Marks on the time line: where, and which month."""
    first, days = _window(evaluation)
    months = max(1, -(-days // 30))
    step = next((size for size in (1, 2, 3, 6, 12) if months / size <= 5), 24)
    for number in range(0, months + 1, step):
        year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
        mark = max(first, date(year, month + 1, 1))
        if (mark - first).days < days * 0.86:
            yield round((mark - first).days * UNITS / days, 2), f"{mark.year}-{mark.month:02d}"


def _effects(tried: WhatIf) -> Iterator[tuple[str, str, str, str, str]]:
    """Horizon; then score and level as it is, and as it would be."""
    for now, then in zip(tried.today.roadmap.projection, tried.then.roadmap.projection, strict=False):
        levels = (str(one.measured.overall.level or "–") for one in (now, then))
        scores = (f"{score(one.measured.overall.score)} ({whole(one.measured.overall.index)})" for one in (now, then))
        yield (now.horizon, *scores, *levels)  # type: ignore[misc]  # two of each


def _clash_text(clash: Clash, evaluation: Evaluation) -> str:
    title = {id_: action.title.of(current_language()) for id_, action in evaluation.action.items()}
    if clash.kind == BEFORE_NEED:
        return gettext(
            "“%(one)s” starts on %(day)s, before “%(other)s”, which it needs, has ended.",
            one=title[clash.action],
            other=title[clash.other],
            day=day(clash.first),
        )
    if clash.kind == NEED_LEFT_OUT:
        return gettext(
            "“%(one)s” needs “%(other)s”, which is not in the plan.", one=title[clash.action], other=title[clash.other]
        )
    return gettext(
        "From %(first)s to %(last)s more than %(capacity)s initiatives run at a time.",
        first=day(clash.first),
        last=day(clash.last),
        capacity=evaluation.roadmap.capacity,
    )


def _decision_form(opened: OpenAssessment, action: str, *, is_sent: bool = True) -> DecisionForm:
    decision = plans.shown_decision(opened.assessment.adoption, action)
    data = decision_data(decision, opened.decision_versions.get(action, 0))
    return DecisionForm(request.form if is_sent and request.method == "POST" else None, data=data)


def _overtaken(token: str, action: str, form: DecisionForm) -> AnyResponse:
    """Somebody else was faster: the page shows theirs beside what was typed, and saving again keeps the latter."""
    opened = open_own(token)
    form.base.data = str(opened.decision_versions.get(action, 0))
    theirs = plans.shown_decision(opened.assessment.adoption, action)
    return _initiative_page(token, opened, action, form, 409, theirs=theirs)


def _initiative_page(
    token: str, opened: OpenAssessment, action: str, form: DecisionForm, status: int = 200, theirs: Decision | None = None
) -> AnyResponse:
    evaluation = evaluate_open(opened)
    planned = next((one for one in evaluation.roadmap.initiatives if one.action == action), None)
    if planned is None and action not in {one.action for one in evaluation.roadmap.left_out}:
        raise NotFound(f"there is no initiative {action}")
    page = render_template(
        "roadmap/initiative.html",
        token=token,
        opened=opened,
        evaluation=evaluation,
        discretion=Discretion(evaluation),
        initiative=planned,
        action=evaluation.action[action],
        is_ours=action.startswith(OWN_PREFIX),
        form=form,
        theirs=theirs,
        status_names=STATUS_NAMES,
        status=status,
    )
    return make_response(page, status)


def _own_form(opened: OpenAssessment, id_: str, *, is_sent: bool) -> OwnForm:
    known = next((one for one in opened.assessment.adoption.own if one.id == id_), None)
    if id_ and known is None:
        raise NotFound(f"there is no own initiative {id_}")
    data = {"effort": "3", "to": "3"} if known is None else own_data(known, opened.own_versions[id_])
    form = OwnForm(request.form if is_sent else None, data=data)
    form.offer(opened.questionnaires, current_language())
    return form


def _own_page(token: str, opened: OpenAssessment, id_: str, form: OwnForm, status: int = 200) -> AnyResponse:
    page = render_template("roadmap/own.html", token=token, opened=opened, id_=id_, form=form, status=status)
    return make_response(page, status)


def _last(one: Initiative) -> date:
    return one.end - timedelta(days=1)
