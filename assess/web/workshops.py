"""The facilitator's desk."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from assess.core.answers import Consensus
from assess.core.errors import Conflict, Failed, Invalid, NotFound
from assess.core.workshop import LIVE
from assess.storage.links import AssessmentKey
from assess.usecases import desks, engagements, packs, workshops
from assess.usecases.engagements import OpenEngagement
from assess.web.choices import SHORT_REASONS
from assess.web.documents import disposition
from assess.web.forms import PageForm, clean_line, clean_text
from assess.web.guards import me
from assess.web.invitations import qr_code
from assess.web.languages import current_language, gettext
from assess.web.messages import problem_text
from assess.web.opening import installation
from assess.web.rooms import POLL_MS
from assess.web.staff import page, require_press

blueprint = Blueprint("workshops", __name__, url_prefix="/engagements/<id_>/assessments/<code>/workshop")

TIMES = (1, 2, 3, 5, 10, 15)
Act = Callable[[AssessmentKey, str | None], None]


@blueprint.get("/")
def desk(id_: str, code: str) -> AnyResponse:
    key, work = _open(id_, code)
    return _desk(key, work)


@blueprint.get("/live")
def live(id_: str, code: str) -> AnyResponse:
    """204 while the desk is as it was at `rev`, else what has changed of it: the numbers, or everything."""
    key, _ = _open(id_, code)
    stamp = desks.desk_stamp(installation(), key)
    if stamp is None or request.args.get("rev") == stamp.text:
        response = make_response("", 204) if stamp else jsonify(rev="", next_poll_ms=POLL_MS)
        response.headers["X-Next-Poll-Ms"] = str(POLL_MS)
        return response
    numbers = {"voted": stamp.voted, "present": stamp.present, "people": stamp.people}
    response = jsonify(rev=stamp.text, revision=stamp.revision, **numbers, next_poll_ms=POLL_MS)
    response.set_etag(stamp.text)
    return response


@blueprint.post("/start")
def start(id_: str, code: str) -> AnyResponse:
    require_press()
    key, _ = _open(id_, code)
    return _done(id_, code, lambda: workshops.start_workshop(installation(), key))


@blueprint.post("/act")
def act(id_: str, code: str) -> AnyResponse:
    """One press at the desk: what to do stands in `do`."""
    require_press()
    key, _ = _open(id_, code)
    found = ACTS.get(request.form.get("do", ""))
    if found is None:
        raise Invalid([])
    return _done(id_, code, lambda: found(key, request.form.get("seen")))


@blueprint.post("/decide")
def decide(id_: str, code: str) -> AnyResponse:
    """Record the consensus; what was typed comes back when something is wrong with it."""
    require_press()
    key, work = _open(id_, code)
    chosen = request.form.get("level", "")
    agreed = Consensus(
        level=int(chosen) if chosen in ("1", "2", "3", "4", "5") else None,
        not_applicable=chosen if chosen in SHORT_REASONS else None,
        rationale=clean_text(request.form.get("rationale")),
        dissent=clean_text(request.form.get("dissent")),
    )
    try:
        workshops.decide_item(installation(), key, agreed, seen=request.form.get("seen"))
    except Invalid as error:
        problems = [gettext("Please choose the level the room agreed on.") if each.path == "level" else problem_text(each)
                    for each in error.problems]  # fmt: skip
        return _desk(key, work, 422, problems=problems, typed=agreed)
    except Conflict:
        problems = [gettext("The room has moved on; this consensus was not recorded. What you typed stands below.")]
        return _desk(key, work, 409, problems=problems, unrecorded=[agreed.rationale, agreed.dissent])
    except Failed:
        return _desk(key, work, 503, problems=[gettext("This could not be saved right now")], typed=agreed)
    return _back(id_, code)


@blueprint.post("/seats/<seat>")
def seat(id_: str, code: str, seat: str) -> AnyResponse:
    """Another role for somebody, or out of the room, or back in."""
    require_press()
    key, _ = _open(id_, code)
    role, state = request.form.get("role", ""), request.form.get("state", "")
    return _done(id_, code, lambda: workshops.correct_seat(installation(), key, seat, role=role, state=state), anchor="people")


@blueprint.post("/notes")
def note(id_: str, code: str) -> AnyResponse:
    """A decision for the log, or something for the parking lot; what was typed comes back when something is wrong with it."""
    require_press()
    key, work = _open(id_, code)
    kind, text = request.form.get("kind", ""), clean_text(request.form.get("text"))
    if len(text) > workshops.MAX_ENTRY:
        longest = gettext(
            "A note can have at most %(most)s characters; this one has %(count)s.", most=workshops.MAX_ENTRY, count=len(text)
        )
        return _desk(key, work, 422, problems=[longest], problem_at=f"{kind}-text", noted={kind: text})
    return _done(id_, code, lambda: workshops.add_entry(installation(), key, kind, text), anchor=kind)


@blueprint.post("/notes/<int:number>")
def note_done(id_: str, code: str, number: int) -> AnyResponse:
    require_press()
    key, _ = _open(id_, code)
    is_closed = request.form.get("closed") == "yes"
    return _done(id_, code, lambda: workshops.close_entry(installation(), key, number, is_closed=is_closed), anchor="parked")


def _take(key: AssessmentKey, seen: str | None) -> None:
    workshops.take_item(installation(), key, request.form.get("item", ""), request.form.get("source", LIVE), seen=seen)


def _timer(key: AssessmentKey, _: str | None) -> None:
    text = request.form.get("minutes", "")
    minutes = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None
    workshops.set_timer(installation(), key, minutes)


ACTS: dict[str, Act] = {
    "take": _take,
    "reveal": lambda key, seen: workshops.reveal_votes(installation(), key, seen=seen),
    "revote": lambda key, seen: workshops.vote_again(installation(), key, seen=seen),
    "reset": lambda key, seen: workshops.reset_round(installation(), key, seen=seen),
    "leave": lambda key, seen: workshops.leave_item(installation(), key, seen=seen),
    "end": lambda key, seen: workshops.end_workshop(installation(), key, seen=seen),
    "lock": lambda key, _: workshops.lock_room(installation(), key, is_locked=True),
    "unlock": lambda key, _: workshops.lock_room(installation(), key, is_locked=False),
    "renew": lambda key, _: workshops.renew_code(installation(), key),
    "timer": _timer,
    "vote": lambda key, _: workshops.take_part(installation(), key, clean_line(request.form.get("role", ""))),
    "abstain": lambda key, _: workshops.take_part(installation(), key, None),
}
"""What `do` may say; each gets the mark of the room as the desk showed it, and those that move the room heed it."""


def _open(id_: str, code: str) -> tuple[AssessmentKey, OpenEngagement]:
    """Raises NotFound for an assessment of another engagement."""
    actor = me().actor
    key = engagements.key_to(installation(), actor, code)
    work = engagements.open_engagement(installation(), actor, id_)
    if code not in {one.code for one in work.assessments}:
        raise NotFound("there is no such assessment")
    return key, work


def _done(id_: str, code: str, change: Callable[[], None], anchor: str | None = None) -> AnyResponse:
    """Make the change and show the desk, with why it was not made where it was not."""
    try:
        change()
    except Invalid as error:
        for problem in error.problems or ():
            flash(problem_text(problem))
        if not error.problems:
            raise
    except Conflict:
        flash(gettext("The room has moved on; nothing was changed."))
    return _back(id_, code, anchor)


def _back(id_: str, code: str, anchor: str | None = None) -> AnyResponse:
    return redirect(url_for("workshops.desk", id_=id_, code=code, _anchor=anchor), 303)


def _desk(key: AssessmentKey, work: OpenEngagement, status: int = 200, **values: Any) -> Response:
    found = desks.open_desk(installation(), key)
    link = url_for("rooms.join", token=found.join_token, _external=True) if found.workshop else ""
    given: dict[str, Any] = {"problems": [], "problem_at": "decide", "typed": None, "noted": {}, "unrecorded": [], **values}
    return page(
        "workshops/desk.html",
        PageForm(None),
        status,
        desk=found,
        work=work,
        code=key.code,
        key=key,
        link=link,
        picture=qr_code(link) if link else "",
        times=TIMES,
        reasons=SHORT_REASONS,
        now=installation().clock(),
        join_address=url_for("rooms.code", _external=True).partition("://")[2],
        is_reachable=not _is_loopback(request.host),
        **given,
    )


def _is_loopback(host: str) -> bool:
    """Whether an address with its port means the computer itself, so that no phone gets there."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or name.endswith(".localhost") or ip_address(name).is_loopback
    except ValueError:
        return False


@blueprint.get("/guide")
def guide(id_: str, code: str) -> AnyResponse:
    """How to run half a day, from the questionnaire's own words; with `document` a pack that was made."""
    key, work = _open(id_, code)
    document = request.args.get("document", "")
    if document:
        return _pack_file(key, document)
    found = desks.open_desk(installation(), key)
    return page(
        "workshops/guide.html",
        PageForm(None),
        work=work,
        code=key.code,
        guide=packs.open_guide(installation(), key, current_language()),
        packs=packs.list_packs(installation(), key),
        is_on=found.workshop is not None and found.workshop.ended_at is None,
    )


def _pack_file(key: AssessmentKey, document: str) -> Response:
    found = {one.id: one for one in packs.list_packs(installation(), key)}
    if document not in found:
        raise NotFound("there is no such pack")
    response = Response(packs.pack_bytes(installation(), key, document), mimetype="application/pdf")
    response.headers["Content-Disposition"] = disposition(found[document].filename)
    return response


@blueprint.post("/pack")
def pack(id_: str, code: str) -> AnyResponse:
    require_press()
    key, _ = _open(id_, code)
    desk = desks.open_desk(installation(), key)
    if desk.workshop is None:
        raise NotFound("there is no workshop")
    try:
        packs.request_pack(
            installation(),
            key,
            languages=request.form.getlist("languages"),
            link=url_for("rooms.join", token=desk.join_token, _external=True),
            address=url_for("rooms.code", _external=True).partition("://")[2],
        )
    except Invalid:
        flash(gettext("Please choose at least one language."))
    return redirect(url_for("workshops.guide", id_=id_, code=code, _anchor="pack"), 303)
