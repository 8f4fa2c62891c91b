"""The front page, the start of an assessment, and the health check."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from assess.core.errors import Failed, Invalid
from assess.core.questionnaire import Questionnaire
from assess.usecases import assessments
from assess.web.forms import DescriptionForm
from assess.web.languages import current_language, switch_asked
from assess.web.opening import SAMPLE_TOKENS, installation, offered_questionnaire

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def front() -> str:
    known = {f"{assessments.SAMPLE_PREFIX}{name}" for name in assessments.sample_names()}
    return render_template(
        "front/front.html",
        questionnaire=offered_questionnaire(),
        samples=[token for token in SAMPLE_TOKENS if token in known],
    )


@blueprint.route("/start", methods=["GET", "POST"])
def start() -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    questionnaire = offered_questionnaire()
    form = DescriptionForm()
    form.offer_roles(questionnaire, current_language())
    if request.method == "GET" or switched:
        return _start_page(questionnaire, form, 200)
    if not form.validate():
        return _start_page(questionnaire, form, 400 if form.is_stale else 422)
    try:
        token = assessments.start(
            installation(),
            questionnaire=questionnaire.id,
            role=form.role.data,
            language=current_language(),
            organisation=form.organisation,
        )
    except Invalid:
        return _start_page(questionnaire, form, 422)
    except Failed:
        return _start_page(questionnaire, form, 503)
    return redirect(url_for("assessments.overview", token=token), 303)


def _start_page(questionnaire: Questionnaire, form: DescriptionForm, status: int) -> Response:
    return make_response(render_template("front/start.html", questionnaire=questionnaire, form=form, status=status), status)


@blueprint.get("/health")
def health() -> Response:
    return jsonify(status="ok")


@blueprint.get("/robots.txt")
def robots() -> Response:
    return Response("User-agent: *\nDisallow: /a/\n", mimetype="text/plain")
