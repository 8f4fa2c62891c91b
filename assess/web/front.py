"""The front page, the start of an assessment, and the health check."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from assess.core.errors import Failed, Invalid, NotFound, Problem
from assess.usecases import assessments, imports
from assess.usecases.answers import SAMPLE_PREFIX
from assess.web.forms import MAX_NAME, ImportForm, StartForm, clean_line
from assess.web.languages import current_language, gettext, ngettext, switch_asked
from assess.web.messages import problem_text
from assess.web.opening import (
    SAMPLE_TOKENS,
    installation,
    minutes_for,
    offered_modules,
    offered_questionnaires,
    questionnaire_title,
)

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def front() -> str:
    known = {f"{SAMPLE_PREFIX}{name}" for name in assessments.sample_names()}
    questionnaire, *others = offered_questionnaires()
    return render_template(
        "front/front.html",
        questionnaire=questionnaire,
        others=others,
        minutes_for=minutes_for,
        samples=[token for token in SAMPLE_TOKENS if token in known],
    )


@blueprint.route("/start", methods=["GET", "POST"])
def start() -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    form = _start_form()
    if request.method != "POST" or switched:
        return _start_page(form, 200)
    if not form.validate():
        return _start_page(form, 400 if form.is_stale else 422)
    try:
        _count_start()
        token = assessments.start(
            installation(),
            questionnaire=form.questionnaire.data,
            role=form.role.data,
            language=current_language(),
            organisation=form.organisation,
            modules=form.modules.data or (),
        )
    except Invalid as error:
        form.modules.errors = [problem_text(problem) for problem in error.problems]
        return _start_page(form, 422)
    except Failed:
        return _start_page(form, 503)
    return redirect(url_for("assessments.overview", token=token), 303)


def _count_start() -> None:
    """Raises TooManyRequests once an address has started very many; an office or a workshop shares one address."""
    if not assessments.may_start(installation(), request.remote_addr or ""):
        raise TooManyRequests(retry_after=assessments.START_SECONDS)


@blueprint.route("/start/file", methods=["GET", "POST"])
def start_from_file() -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    form = ImportForm(data={"take": "copy"})
    if request.method != "POST" or switched:
        return _import_page(form, 200)
    if not form.validate():
        return _import_page(form, 400 if form.is_stale else 422)
    content, name = form.file.data.read(), clean_line(form.file.data.filename)[:MAX_NAME]
    try:
        _count_start()
        copied = form.take.data == "copy"
        imported = imports.start_from_file(installation(), content, name, language=current_language(), copies_answers=copied)
    except (Invalid, NotFound) as error:
        problems = error.problems if isinstance(error, Invalid) else ()
        return _import_page(form, 422, [_placed(problem) for problem in problems] or [str(error)])
    except Failed:
        return _import_page(form, 503)
    _tell(imported)
    return redirect(url_for("assessments.overview", token=imported.token), 303)


def _placed(problem: Problem) -> str:
    """A problem with its line, as far as the file has lines."""
    place = (
        gettext("Line %(line)s, %(path)s", line=problem.line, path=problem.path)
        if problem.line and problem.path
        else problem.path
    )
    return f"{place}: {problem_text(problem)}" if place else problem_text(problem)


def _tell(imported: imports.Imported) -> None:
    """What came along, and what did not."""
    flash(ngettext("%(num)s answer was copied.", "%(num)s answers were copied.", imported.answers))
    if imported.others:
        message = ngettext(
            "The file holds the answers of %(num)s more person; they count in the result and can’t be changed here.",
            "The file holds the answers of %(num)s more people; they count in the result and can’t be changed here.",
            imported.others,
        )
        flash(message)
    if imported.agreements:
        message = ngettext(
            "The agreement of a workshop on %(num)s question came along; it counts in the result and can’t be changed here.",
            "The agreements of a workshop on %(num)s questions came along; they count in the result and can’t be changed here.",
            imported.agreements,
        )
        flash(message)


def _import_page(form: ImportForm, status: int, problems: Sequence[str] = ()) -> Response:
    page = render_template("front/import.html", form=form, status=status, problems=problems)
    return make_response(page, status)


def _start_form() -> StartForm:
    """The form with the questionnaire of the address chosen, else the first."""
    offered = {questionnaire.id: questionnaire for questionnaire in offered_questionnaires()}
    wanted = request.args.get("questionnaire", "")
    chosen = offered.get(wanted) or next(iter(offered.values()))
    form = StartForm(data={"questionnaire": chosen.id})
    form.offer_questionnaires({id_: questionnaire_title(questionnaire) for id_, questionnaire in offered.items()})
    form.offer_modules({module.id: questionnaire_title(module) for module in offered_modules()})
    form.offer_roles(chosen, current_language())
    return form


def _start_page(form: StartForm, status: int) -> Response:
    modules = {module.id: module for module in offered_modules()}
    return make_response(render_template("front/start.html", form=form, status=status, modules_offered=modules), status)


@blueprint.get("/robots.txt")
def robots() -> Response:
    return Response("User-agent: *\nDisallow: /a/\n", mimetype="text/plain")
