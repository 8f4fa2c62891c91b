"""A vote as the phone's script sends it: the same way as an answer, acknowledged only when it is safe on disk."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException, UnsupportedMediaType

from assess.core.errors import AssessError, Invalid, NotAllowed, NotFound, Problem
from assess.core.workshop import Ballot
from assess.usecases import rooms
from assess.usecases.answers import Patch
from assess.web import pace, saving
from assess.web.languages import gettext
from assess.web.opening import installation

blueprint = Blueprint("ballots", __name__, url_prefix="/w/<token>")


@blueprint.post("/votes/<number>")
def save(token: str, number: str) -> Response:
    saving.refuse_foreign_pages()
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise NotFound("there is no such round")
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = saving.MAX_BODY
    body = request.get_data(cache=False)
    saving.check_csrf()
    sent = saving.read_sent(body)
    if not pace.votes.allows(token):
        return saving.later()
    ballot = _ballot(sent.patch)
    workshop = request.args.get("workshop", type=int)
    vote = rooms.cast(installation(), token, int(number), ballot, key=sent.key, workshop=workshop)
    answer = {"level": ballot.level, "dont_know": ballot.dont_know, "not_applicable": ballot.not_applicable}
    return jsonify(version=vote, answer=answer, shown="")


def _ballot(patch: Patch) -> Ballot:
    if patch.clears or patch.evidence is not None or patch.comment is not None:
        raise Invalid([Problem("needs exactly one of level, dont_know and not_applicable", {}, path="answer")])
    return Ballot("", patch.level, patch.dont_know, patch.not_applicable)


@blueprint.errorhandler(AssessError)
def refuse(error: AssessError) -> Response:
    response = saving.refuse(error)
    if isinstance(error, NotAllowed):
        content: dict[str, Any] = {"message": gettext("This vote came too late and does not count.")}
        response.set_data(jsonify(content).get_data())
    return response


@blueprint.errorhandler(HTTPException)
def refuse_request(error: HTTPException) -> Response:
    return saving.refuse_request(error)
