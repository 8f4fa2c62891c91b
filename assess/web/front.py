"""The front page, the start of an assessment, and the health check."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from assess.core.errors import Failed, Invalid
from assess.core.questionnaire import Questionnaire
from assess.usecases import assessments, documents
from assess.usecases.answers import SAMPLE_PREFIX
from assess.web.forms import StartForm
from assess.web.languages import current_language, gettext, switch_asked
from assess.web.opening import SAMPLE_TOKENS, installation, minutes_for, offered_questionnaires

blueprint = Blueprint("front", __name__)
log = logging.getLogger(__name__)


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
    if request.method == "GET" or switched:
        return _start_page(form, 200)
    if not form.validate():
        return _start_page(form, 400 if form.is_stale else 422)
    try:
        token = assessments.start(
            installation(),
            questionnaire=form.questionnaire.data,
            role=form.role.data,
            language=current_language(),
            organisation=form.organisation,
        )
    except Invalid:
        return _start_page(form, 422)
    except Failed:
        return _start_page(form, 503)
    return redirect(url_for("assessments.overview", token=token), 303)


def _start_form() -> StartForm:
    """The form with the questionnaire of the address chosen, else the first."""
    offered = {questionnaire.id: questionnaire for questionnaire in offered_questionnaires()}
    wanted = request.args.get("questionnaire", "")
    chosen = offered.get(wanted) or next(iter(offered.values()))
    form = StartForm(data={"questionnaire": chosen.id})
    form.offer_questionnaires({id_: _title(questionnaire) for id_, questionnaire in offered.items()})
    form.offer_roles(chosen, current_language())
    return form


def _title(questionnaire: Questionnaire) -> str:
    return gettext(
        "%(title)s (%(items)s questions, about %(minutes)s minutes)",
        title=questionnaire.title.of(current_language()),
        items=len(questionnaire.items),
        minutes=minutes_for(questionnaire),
    )


def _start_page(form: StartForm, status: int) -> Response:
    return make_response(render_template("front/start.html", form=form, status=status), status)


@blueprint.get("/health")
def health() -> Response:
    """Whether pages can be shown: 503 with the reason when the database can't be read."""
    try:
        documents.list_documents(installation(), SAMPLE_TOKENS[0])
    except (Failed, SQLAlchemyError) as error:
        log.warning("not healthy: %s", error)
        return make_response(jsonify(status="unavailable", reason="the database can't be read"), 503)
    return jsonify(status="ok")


@blueprint.get("/robots.txt")
def robots() -> Response:
    return Response("User-agent: *\nDisallow: /a/\n", mimetype="text/plain")
