"""Tokens of the API: one's own on a page of the account, a colleague's for an admin."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectMultipleField, StringField

from assess.core.errors import Failed, Invalid
from assess.usecases import tokens
from assess.usecases.tokens import DOCUMENTS, MAX_NAME, READ, USUAL_DAYS, WRITE
from assess.web.forms import AtMost, PageForm, choice, clean_line, select
from assess.web.guards import me
from assess.web.languages import gettext, switch_asked
from assess.web.languages import lazy_gettext as _l
from assess.web.opening import installation
from assess.web.staff import page, require_press, show_problems

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")

SCOPES = {
    READ: _l("Read engagements and results"),
    WRITE: _l("Change engagements and answers (reading included)"),
    DOCUMENTS: _l("Ask for reports and fetch them"),
}
SPANS = {"7": _l("7 days"), "30": _l("30 days"), str(USUAL_DAYS): _l("90 days"), "365": _l("365 days")}


class TokenForm(PageForm):
    name = StringField(_l("What is it for?"), filters=[clean_line], validators=[AtMost(MAX_NAME)])
    scopes = SelectMultipleField(_l("What may it be used for?"), validate_choice=False)
    days = select(_l("Valid for"), SPANS)

    def offer(self) -> None:
        self.scopes.choices = [choice(scope, words) for scope, words in SCOPES.items()]


@blueprint.route("", methods=["GET", "POST"])
def index() -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    form = TokenForm(data={"scopes": [READ], "days": str(USUAL_DAYS)})
    form.offer()
    if request.method != "POST" or switched:
        return _index(form)
    if not form.validate():
        return _index(form, 400 if form.is_stale else 422)
    name, scopes, days = form.name.data or "", form.scopes.data or [], int(form.days.data)
    try:
        _, token = tokens.add_token(installation(), me().actor, name=name, scopes=scopes, days=days)
    except Invalid as error:
        show_problems(form, error)
        return _index(form, 422)
    except Failed:
        return _index(form, 503)
    return page("tokens/made.html", PageForm(None), token=token, name=name)


def _index(form: TokenForm, status: int = 200) -> Response:
    actor = me().actor
    found = tokens.my_tokens(installation(), actor)
    now = installation().clock()
    return page("tokens/index.html", form, status, actor=actor, tokens=found, now=now, scope_names=SCOPES)


@blueprint.post("/<int:number>/revoke")
def revoke(number: int) -> AnyResponse:
    require_press()
    actor = me().actor
    owner = tokens.revoke_token(installation(), actor, number)
    flash(gettext("The token is revoked. It is refused from now on."))
    if owner == actor.person_id:
        return redirect(url_for("tokens.index"), 303)
    return redirect(url_for("people.member", number=owner), 303)
