"""A workshop's room for those in it: joining by code, the phone, and the projector. Live by asking again every two seconds."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, SelectField, StringField

from assess.core.answers import NOT_APPLICABLE_REASONS
from assess.core.errors import Conflict, Failed, Invalid, NotAllowed, NotFound
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.workshop import ENDED, LOBBY, Ballot, shown_code
from assess.usecases import rooms
from assess.usecases.rooms import MAX_NAME, Phone, Projected, TooMany
from assess.web import pace, room_words
from assess.web.choices import SHORT_REASONS
from assess.web.forms import AtMost, PageForm, choice, clean_line
from assess.web.invitations import qr_code
from assess.web.languages import current_language, gettext, prefer_language, switch_asked, use_language
from assess.web.languages import lazy_gettext as _l
from assess.web.opening import installation
from assess.web.staff import page, require_press, show_problems

blueprint = Blueprint("rooms", __name__)

SEAT_COOKIE = "kam_seat"
POLL_MS, LOBBY_POLL_MS, ENDED_POLL_MS = 2000, 2000, 30_000
_DAY = 24 * 3600


class CodeForm(PageForm):
    code = StringField(_l("Code"), filters=[clean_line], validators=[AtMost(40)])


class JoinForm(PageForm):
    name = StringField(_l("Your name (optional)"), filters=[clean_line], validators=[AtMost(MAX_NAME)])
    role = SelectField(_l("Your role"), validate_choice=False)
    press = HiddenField(filters=[clean_line])

    def offer(self, questionnaire: Questionnaire, language: str) -> None:
        roles = [choice(role.id, role.name.of(language)) for role in questionnaire.roles]
        self.role.choices = [choice("", gettext("Please choose")), *roles]


@blueprint.route("/join", methods=["GET", "POST"])
def code() -> AnyResponse:
    """Where people type the code that stands on the wall."""
    switched = request.method == "POST" and switch_asked()
    form = CodeForm(data={"code": request.args.get("code", "")[:40]})
    if request.method != "POST" or switched:
        return page("rooms/code.html", form)
    if not form.validate():
        return page("rooms/code.html", form, 400 if form.is_stale else 422)
    try:
        token = rooms.find_by_code(installation(), form.code.data or "", request.remote_addr or "")
    except NotFound:
        form.code.errors = [gettext("No workshop has this code. Please compare it with the one on the wall.")]
        return page("rooms/code.html", form, 422)
    except TooMany:
        form.code.errors = [gettext("Too many wrong codes. Please wait a minute, or use the QR code.")]
        return page("rooms/code.html", form, 429)
    except Failed:
        return page("rooms/code.html", form, 503)
    return redirect(url_for("rooms.join", token=token), 303)


@blueprint.route("/join/<token>", methods=["GET", "POST"])
def join(token: str) -> AnyResponse:
    """Where the QR code leads: name if you like, role, in."""
    switched = request.method == "POST" and switch_asked()
    found = rooms.open_way(installation(), token)
    own = request.cookies.get(SEAT_COOKIE, "")
    if own and rooms.is_seated_by(installation(), token, own):
        return redirect(url_for("rooms.show", token=own), 303)
    if request.cookies.get("kam_language") is None and "Accept-Language" not in request.headers:
        prefer_language(found.language)
    form = JoinForm(data={"press": token_urlsafe(16)})
    form.offer(found.questionnaire, current_language())
    values: dict[str, Any] = {"token": token, "way": found}
    if request.method != "POST" or switched:
        return page("rooms/join.html", form, **values)
    if not form.validate():
        return page("rooms/join.html", form, 400 if form.is_stale else 422, **values)
    try:
        own = rooms.join(
            installation(),
            token,
            name=form.name.data or "",
            role=form.role.data or "",
            language=current_language(),
            address=request.remote_addr or "",
            press=(form.press.data or "")[:64],
        )
    except Invalid as error:
        show_problems(form, error)
        return page("rooms/join.html", form, 422, **values)
    except NotAllowed:
        return page("rooms/join.html", form, 403, **{**values, "way": rooms.open_way(installation(), token)})
    except TooMany:
        raise TooManyRequests from None
    except Failed:
        return page("rooms/join.html", form, 503, **values)
    response = redirect(url_for("rooms.show", token=own), 303)
    path = url_for("rooms.join", token=token)
    response.set_cookie(SEAT_COOKIE, own, max_age=_DAY, httponly=True, samesite="Lax", secure=request.is_secure, path=path)
    return response


@blueprint.get("/w/<token>/")
def show(token: str) -> AnyResponse:
    """The phone. Somebody invited to answer joins here with the own link."""
    try:
        found = rooms.open_phone(installation(), token)
    except NotFound:
        if not rooms.may_join_by_link(installation(), token):
            raise
        return page("rooms/enter.html", PageForm(None), token=token)
    if found.scene.phase == ENDED and rooms.may_join_by_link(installation(), token):
        return page("rooms/enter.html", PageForm(None), token=token)
    prefer_language(found.seat.language)
    return page("rooms/phone.html", PageForm(None), token=token, **_phone_values(found))


@blueprint.post("/w/<token>/enter")
def enter(token: str) -> AnyResponse:
    """Join with an own link, or come back after leaving."""
    require_press()
    try:
        rooms.join_by_link(installation(), token)
    except NotAllowed:
        flash(gettext("The room is locked, or the facilitator took your seat away. Please ask the facilitator."))
        return redirect(url_for("rooms.show", token=token), 303)
    return redirect(url_for("rooms.show", token=token), 303)


@blueprint.post("/w/<token>/leave")
def leave(token: str) -> AnyResponse:
    require_press()
    rooms.leave(installation(), token)
    return redirect(url_for("rooms.show", token=token), 303)


@blueprint.post("/w/<token>/vote")
def vote(token: str) -> AnyResponse:
    """The vote of a phone without a script."""
    require_press()
    number = request.form.get("round", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise NotFound("there is no such round")
    chosen, reason = request.form.get("choice", ""), request.form.get("reason", "")
    if not chosen:
        flash(gettext("Please choose one of the options."))
        return redirect(url_for("rooms.show", token=token), 303)
    ballot = Ballot(
        "",
        level=int(chosen) if chosen in ("1", "2", "3", "4", "5") else None,
        dont_know=chosen == "dont_know",
        not_applicable=(reason or NOT_APPLICABLE_REASONS[0]) if chosen == "not_applicable" else None,
    )
    try:
        workshop = request.form.get("workshop", type=int)
        rooms.cast(installation(), token, int(number), ballot, key=str(uuid4()), workshop=workshop)
    except (NotAllowed, Conflict):
        flash(gettext("This vote came too late and does not count."))
    else:
        flash(gettext("Your vote is in."))
    return redirect(url_for("rooms.show", token=token), 303)


@blueprint.get("/w/<token>/live")
def live(token: str) -> AnyResponse:
    """204 while nothing has changed for this phone since `rev`, else the room anew."""
    _keep_pace(token)
    found = rooms.open_changed_phone(installation(), token, request.args.get("rev", ""))
    if found is None:
        return _unchanged(POLL_MS)
    _use_page_language(found.seat.language)
    html = render_template("rooms/_phone.html", form=PageForm(None), token=token, **_phone_values(found))
    return _changed(found.stamp, html, found.scene.phase, found.scene.timer_ends)


def _phone_values(found: Phone) -> dict[str, Any]:
    return {"phone": found, "scene": found.scene, "reasons": SHORT_REASONS, "timer_ms": _timer(found.scene.timer_ends)}


@blueprint.get("/show/<token>/")
def projector(token: str) -> AnyResponse:
    """The wall."""
    found = rooms.open_projector(installation(), token)
    _use_page_language("")
    return page("rooms/projector.html", PageForm(None), token=token, **_projector_values(found))


@blueprint.get("/show/<token>/live")
def projector_live(token: str) -> AnyResponse:
    _keep_pace(f"{token} {request.remote_addr}")
    found = rooms.open_changed_projector(installation(), token, request.args.get("rev", ""))
    if found is None:
        return _unchanged(POLL_MS)
    _use_page_language("")
    html = render_template("rooms/_projector.html", token=token, **_projector_values(found))
    return _changed(found.stamp.text, html, found.scene.phase, found.scene.timer_ends)


def _projector_values(found: Projected) -> dict[str, Any]:
    link = url_for("rooms.join", token=found.join_token, _external=True)
    return {
        "wall": found,
        "scene": found.scene,
        "timer_ms": _timer(found.scene.timer_ends),
        "picture": qr_code(link),
        "join_address": url_for("rooms.code", _external=True).partition("://")[2],
        "size": _size_of(found),
    }


def _size_of(found: Projected) -> str:
    """How large the item's text can stand, by its width in Latin letters; a Chinese character is as wide as two."""
    if found.scene.item is None:
        return ""
    text = found.scene.item.text.of(current_language())
    width = sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
    return "short" if width <= 80 else "middle" if width <= 150 else "long"


def _keep_pace(key: str) -> None:
    if not pace.polls.allows(key):
        raise TooManyRequests


def _use_page_language(own: str) -> None:
    """The language of the page that asks, which may be another window's than the last one chosen in this browser."""
    asked = request.args.get("in", "")
    if asked in LANGUAGES:
        use_language(asked)
    elif own:
        prefer_language(own)


def _timer(ends: Any) -> int | None:
    return room_words.milliseconds_left(ends, installation().clock())


def _unchanged(wait: int) -> AnyResponse:
    response = make_response("", 204)
    response.headers["X-Next-Poll-Ms"] = str(wait)
    return response


def _changed(stamp: str, html: str, phase: str, timer_ends: Any) -> AnyResponse:
    wait = {ENDED: ENDED_POLL_MS, LOBBY: LOBBY_POLL_MS}.get(phase, POLL_MS)
    response = jsonify(rev=stamp, html=html, phase=phase, next_poll_ms=wait, timer_ms=_timer(timer_ends))
    response.set_etag(stamp)
    response.headers["X-Next-Poll-Ms"] = str(wait)
    return response


def init_rooms(app: Flask) -> None:
    app.register_blueprint(blueprint)
    words = (
        room_words.agreement_text,
        room_words.advice_text,
        room_words.range_text,
        room_words.consensus_text,
        room_words.milliseconds_left,
        shown_code,
    )
    app.jinja_env.globals.update({word.__name__: word for word in words}, workshop_is_on=_workshop_is_on)


def _workshop_is_on(token: str) -> bool:
    return rooms.may_join_by_link(installation(), token)
