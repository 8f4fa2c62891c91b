"""Inviting people to an assessment, and what they see when they open the link they were sent."""

from __future__ import annotations

import re
from functools import lru_cache

import segno
from flask import Blueprint, Response, flash, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField, StringField, TextAreaField

from assess.core.errors import Conflict, Failed, Invalid, NotFound
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.usecases import engagements, invitations
from assess.usecases.invitations import GROUP, MAX_NAME, PERSONAL
from assess.web.engagements import assessment_page
from assess.web.forms import AtMost, PageForm, choice, clean_line, clean_text, select
from assess.web.guards import me
from assess.web.languages import OWN_NAMES, current_language, gettext, ngettext, prefer_language, switch_asked
from assess.web.languages import lazy_gettext as _l
from assess.web.opening import installation, minutes_for
from assess.web.staff import page, require_press, show_problems

blueprint = Blueprint("invitations", __name__)
REPLY_COOKIE = "kam_reply"
_DAYS_60 = 60 * 24 * 3600


class InviteForm(PageForm):
    """People by name, each with a link of their own, or a group with one link."""

    kind = select(
        _l("Kind of link"), {PERSONAL: _l("Personal links, one for each person"), GROUP: _l("A group link, for any number")}
    )
    names = TextAreaField(_l("Names, one in each line"), filters=[clean_text], validators=[AtMost(20_000)])
    role = select(_l("Role"))
    language = select(_l("Language of the invitation"), {language: OWN_NAMES[language] for language in LANGUAGES})

    def offer(self, questionnaire: Questionnaire, language: str) -> None:
        roles = [choice(role.id, role.name.of(language)) for role in questionnaire.roles]
        self.role.choices = [choice("", gettext("They choose themselves")), *roles]


class AcceptForm(PageForm):
    name = StringField(_l("Your name (optional)"), filters=[clean_line], validators=[AtMost(MAX_NAME)])
    role = SelectField(_l("Your role"), validate_choice=False)

    def offer(self, questionnaire: Questionnaire, language: str) -> None:
        roles = [choice(role.id, role.name.of(language)) for role in questionnaire.roles]
        self.role.choices = [choice("", gettext("Please choose")), *roles]


@blueprint.post("/engagements/<id_>/assessments/<code>/invitations")
def invite(id_: str, code: str) -> AnyResponse:
    switched = switch_asked()
    actor = me().actor
    key, work, opened = engagements.open_assessment(installation(), actor, code)
    if work.engagement.id != id_:
        raise NotFound("there is no such assessment")
    form = InviteForm()
    form.offer(opened.questionnaire, current_language())
    if switched:
        return assessment_page(id_, code, form)
    if not form.validate():
        return assessment_page(id_, code, form, 400 if form.is_stale else 422)
    names = [name for line in (form.names.data or "").splitlines() if (name := clean_line(line))]
    try:
        made = invitations.invite(
            installation(), key, kind=form.kind.data, names=names, role=form.role.data or None, language=form.language.data
        )
    except Invalid as error:
        show_problems(form, error)
        return assessment_page(id_, code, form, 422)
    except Failed:
        return assessment_page(id_, code, form, 503)
    flash(ngettext("%(num)s link is ready to be sent.", "%(num)s links are ready to be sent.", len(made)))
    return redirect(url_for("engagements.assessment", id_=id_, code=code, _anchor="people"), 303)


@blueprint.post("/engagements/<id_>/assessments/<code>/invitations/<int:number>/revoke")
def revoke(id_: str, code: str, number: int) -> AnyResponse:
    require_press()
    key, work, _ = engagements.open_assessment(installation(), me().actor, code)
    if work.engagement.id != id_:
        raise NotFound("there is no such assessment")
    invitations.revoke(installation(), key, number)
    flash(gettext("The link is revoked; it no longer opens anything."))
    return redirect(url_for("engagements.assessment", id_=id_, code=code, _anchor="people"), 303)


@blueprint.get("/engagements/<id_>/assessments/<code>/invitations/<int:number>/sheet")
def sheet(id_: str, code: str, number: int) -> AnyResponse:
    """A page to print or to show on a wall: the link as a QR code and as text."""
    key, work, opened = engagements.open_assessment(installation(), me().actor, code)
    one = invitations.find_invitation(installation(), key, number)
    if work.engagement.id != id_ or one.link_token is None:
        raise NotFound("there is no such invitation")
    link = link_to(one.link_token, one.language)
    return page(
        "invitations/sheet.html",
        PageForm(None),
        code=code,
        work=work,
        assessment=opened,
        invitation=one,
        link=link,
        picture=qr_code(link),
    )


def link_to(token: str, language: str) -> str:
    """The address that is sent to people; it opens in the language of the invitation."""
    return url_for("invitations.accept", token=token, lang=language, _external=True)


@lru_cache(maxsize=64)
def qr_code(text: str) -> Markup:
    """The text as a QR code: an SVG for the page itself, dark on light in either theme."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(scale=6, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return Markup(re.sub(r"^<svg ", '<svg aria-hidden="true" focusable="false" ', svg))  # noqa: S704 - made by segno from a link


@blueprint.route("/i/<token>", methods=["GET", "POST"])
def accept(token: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    found = invitations.open_invitation(installation(), token)
    prefer_language(found.language)
    own = found.reply_token or _remembered(token)
    if own is not None:
        return redirect(url_for("assessments.overview", token=own), 303)
    form = AcceptForm(data={"role": found.role or ""})
    form.offer(found.questionnaire, current_language())
    if request.method != "POST" or switched:
        return _accept_page(token, found, form)
    if not form.validate():
        return _accept_page(token, found, form, 400 if form.is_stale else 422)
    try:
        own = invitations.accept(
            installation(), token, name=form.name.data or "", role=form.role.data or "", language=current_language()
        )
    except Invalid as error:
        show_problems(form, error)
        return _accept_page(token, found, form, 422)
    except Failed:
        return _accept_page(token, found, form, 503)
    except Conflict:
        return _accept_page(token, invitations.open_invitation(installation(), token), form, 409)
    response = redirect(url_for("assessments.overview", token=own), 303)
    if found.kind == PERSONAL and found.confidential:
        path = url_for("invitations.accept", token=token)
        response.set_cookie(
            REPLY_COOKIE, own, max_age=_DAYS_60, httponly=True, samesite="Lax", secure=request.is_secure, path=path
        )
    return response


def _remembered(token: str) -> str | None:
    """The own link of who has accepted a confidential invitation in this browser; the cookie goes to the invitation alone.

    Nothing but the browser knows that the two belong together.
    """
    own = request.cookies.get(REPLY_COOKIE, "")
    return own if own and invitations.is_claimed_by(installation(), token, own) else None


def _accept_page(token: str, found: invitations.OpenInvitation, form: AcceptForm, status: int = 200) -> Response:
    minutes = sum(minutes_for(one) for one in (found.questionnaire, *found.modules))
    items = sum(len(one.items) for one in (found.questionnaire, *found.modules))
    return page("invitations/accept.html", form, status, token=token, invitation=found, minutes=minutes, items=items)
