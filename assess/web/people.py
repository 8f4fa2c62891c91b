"""The people of a workspace: invite, change a role, remove."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from assess.core.errors import Conflict, Failed, Invalid
from assess.core.staff import ADMIN, CLIENT_LEAD, CONSULTANT
from assess.usecases import engagements, people, tokens
from assess.web.forms import MAX_NAME, AtMost, PageForm, choice, clean_line, select
from assess.web.guards import me
from assess.web.languages import gettext, switch_asked
from assess.web.languages import lazy_gettext as _l
from assess.web.opening import installation
from assess.web.staff import page, require_press, show_problems
from assess.web.tokens import SCOPES

blueprint = Blueprint("people", __name__, url_prefix="/people")

ROLES = {
    ADMIN: _l("Admin: everything, and looks after people"),
    CONSULTANT: _l("Consultant: works on every engagement"),
    CLIENT_LEAD: _l("Client lead: sees the results of one engagement, nobody’s single answers"),
}


class RoleForm(PageForm):
    role = select(_l("Role"), ROLES)
    engagement = select(_l("Engagement (for a client lead)"))

    def offer(self, found: tuple[engagements.Engagement, ...]) -> None:
        names = [choice(one.id, " – ".join(part for part in (one.organisation.name, one.title) if part)) for one in found]
        self.engagement.choices = [choice("", gettext("none")), *names]


class MemberForm(RoleForm):
    email = StringField(_l("E-mail address"), filters=[clean_line])
    name = StringField(_l("Name"), filters=[clean_line], validators=[AtMost(MAX_NAME)])


@blueprint.route("/", methods=["GET", "POST"])
def index() -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    form = MemberForm(data={"role": CONSULTANT})
    form.offer(engagements.list_engagements(installation(), me().actor))
    if request.method != "POST" or switched:
        return _index(form)
    if not form.validate():
        return _index(form, 400 if form.is_stale else 422)
    try:
        invited = people.invite_member(
            installation(),
            me().actor,
            email=form.email.data or "",
            name=form.name.data or "",
            role=form.role.data,
            engagement=form.engagement.data or None,
        )
    except Invalid as error:
        show_problems(form, error)
        return _index(form, 422)
    except Conflict:
        form.email.errors = [gettext("This person is a member already.")]
        return _index(form, 409)
    except Failed:
        return _index(form, 503)
    if invited.token is None:
        flash(gettext("This person is known already: they sign in as before, or with the link they were given."))
        return redirect(url_for("people.index"), 303)
    return _link_page(invited.person_id, invited.token)


def _index(form: MemberForm, status: int = 200) -> Response:
    actor = me().actor
    found = people.list_members(installation(), actor)
    names = {one.id: one.organisation.name for one in engagements.list_engagements(installation(), actor)}
    return page("people/index.html", form, status, actor=actor, people=found, engagement_names=names)


def _link_page(person_id: int, token: str) -> Response:
    """The set-up link, shown this once: only its hash is kept."""
    member = people.find_member(installation(), me().actor, person_id)
    link = url_for("staff.set_up", token=token, _external=True)
    return page("people/link.html", PageForm(None), member=member, link=link, hours=people.SETUP_HOURS)


@blueprint.route("/<int:number>", methods=["GET", "POST"])
def member(number: int) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    actor = me().actor
    found = people.find_member(installation(), actor, number)
    form = RoleForm(data={"role": found.role, "engagement": found.engagement or ""})
    form.offer(engagements.list_engagements(installation(), actor))
    values: dict[str, Any] = {"actor": actor, "member": found, "tokens": tokens.tokens_of(installation(), actor, number)}
    values |= {"now": installation().clock(), "scope_names": SCOPES}
    if request.method != "POST" or switched:
        return page("people/member.html", form, **values)
    if not form.validate():
        return page("people/member.html", form, 400 if form.is_stale else 422, **values)
    try:
        people.change_role(installation(), actor, number, role=form.role.data, engagement=form.engagement.data or None)
    except Invalid as error:
        show_problems(form, error)
        return page("people/member.html", form, 422, **values)
    except Failed:
        return page("people/member.html", form, 503, **values)
    flash(gettext("The role is changed."))
    return redirect(url_for("people.index"), 303)


@blueprint.post("/<int:number>/remove")
def remove(number: int) -> AnyResponse:
    require_press()
    people.remove_member(installation(), me().actor, number)
    flash(gettext("The person is removed and signed out."))
    return redirect(url_for("people.index"), 303)


@blueprint.post("/<int:number>/link")
def renew(number: int) -> AnyResponse:
    require_press()
    return _link_page(number, people.renew_setup_link(installation(), me().actor, number))
