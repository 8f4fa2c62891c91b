"""Questionnaires on screen: which there are, every word of one, what is wrong with an own one, and a copy to take along."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from assess.core.errors import NotFound, Problem
from assess.usecases import questionnaires
from assess.web.messages import problem_text
from assess.web.opening import installation, minutes_for

blueprint = Blueprint("questionnaires", __name__, url_prefix="/questionnaires")


@blueprint.get("/")
def shelf() -> str:
    listed = questionnaires.list_questionnaires(installation())
    return render_template("questionnaires/shelf.html", listed=listed, minutes_for=minutes_for, say=say)


@blueprint.get("/<id_>")
def show(id_: str) -> str:
    found = questionnaires.look_up(installation(), id_)
    one = found.questionnaire
    if one is None:
        return render_template("questionnaires/broken.html", found=found, say=say)
    lifted_by = {item.id: [a for a in one.actions if any(lift.item == item.id for lift in a.lifts)] for item in one.items}
    return render_template(
        "questionnaires/show.html", found=found, one=one, minutes=minutes_for(one), say=say, lifted_by=lifted_by
    )


@blueprint.get("/<id_>/actions")
def actions(id_: str) -> str:
    """The catalogue that roadmaps are planned from; a page of its own, because it is as long as the questions."""
    found = questionnaires.look_up(installation(), id_)
    if found.questionnaire is None:
        raise NotFound(f"{id_} can't be used")
    return render_template("questionnaires/actions.html", found=found, one=found.questionnaire)


@blueprint.get("/<id_>.zip")
def take(id_: str) -> Response:
    response = Response(questionnaires.pack(installation(), id_), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{id_}.zip"'
    return response


def say(problem: Problem) -> str:
    """Where and what, in the reader's language."""
    return str(Problem("{said}", {"said": problem_text(problem)}, problem.file, problem.line, problem.path))
