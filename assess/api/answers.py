"""The answers file of an assessment, in and out, as JSON or YAML."""

from __future__ import annotations

from flask import request

from assess.api.forms import ImportedOut
from assess.api.operations import FILE_LIMIT, JSON, YAML, Call, Reply, operation
from assess.content.answers import answers_file
from assess.core.errors import NotAllowed
from assess.usecases import assessments, engagements, imports
from assess.usecases.tokens import WRITE

PATH = "/assessments/<hex16:assessment>/answers"
_TEXT = "Of a confidential engagement nobody gets single people’s answers."


@operation("GET", PATH, tag="answers", summary="The answers file", description=_TEXT, gives=(JSON, YAML), result="kam-answers")
def read_answers(call: Call, assessment: str) -> Reply:
    _, _, opened = engagements.open_assessment(call.installation, call.actor, assessment)
    if not opened.shows_people:
        raise NotAllowed("single answers are not shown here")
    if request.accept_mimetypes.best_match((JSON, YAML)) == YAML:
        return Reply(assessments.export_answers(opened).encode(), media_type=YAML)
    return Reply(answers_file(assessments.anonymous(opened.assessment)))


@operation(
    "PUT",
    PATH,
    tag="answers",
    summary="Put an answers file in place of what was imported before",
    description=(
        "Replaces people, evidence, targets, profile and decisions by those of the file, all or nothing. Refused once somebody "
        "answers through a link. Reading it again gives the same file; people are numbered anew."
    ),
    scope=WRITE,
    takes=(JSON, YAML),
    result=ImportedOut,
    refusals=(409,),
    limit=FILE_LIMIT,
)
def put_answers(call: Call, assessment: str) -> Reply:
    key = engagements.key_to(call.installation, call.actor, assessment)
    done = imports.put_answers(call.installation, key, call.body)
    return Reply({"respondents": done.respondents, "answers": done.answers})
