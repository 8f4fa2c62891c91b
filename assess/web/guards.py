"""Who may open which address: one policy for each endpoint, checked before any view. What is not listed, nobody may open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user  # type: ignore[import-untyped]  # ships no types
from werkzeug.exceptions import Forbidden
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.wrappers import Response as AnyResponse

from assess.core.errors import AssessError, NotAllowed
from assess.core.staff import ADMINISTER, LOOK, WORK, Actor
from assess.storage.links import REPLY_PREFIX, TEAM_PREFIX
from assess.usecases import engagements, people
from assess.usecases.answers import SAMPLE_PREFIX
from assess.web.opening import installation

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE_HTTPS, COOKIE_HTTP = "__Host-kam", "kam_lan"

OPEN, BY_LINK, BY_TOKEN, SIGNED_IN = "open", "by link", "by token", "signed in"
POLICIES = {
    "static": OPEN,
    "front.front": OPEN,
    "front.start": OPEN,
    "front.start_from_file": OPEN,
    "front.robots": OPEN,
    "service.health": OPEN,
    "service.ready": OPEN,
    "service.metrics": OPEN,
    "staff.sign_in": OPEN,
    "staff.set_up": OPEN,
    "oidc.start": OPEN,
    "oidc.callback": OPEN,
    "oidc.failed": OPEN,
    "invitations.accept": OPEN,
    "rooms.code": OPEN,
    "rooms.join": OPEN,
    "staff.sign_out": SIGNED_IN,
    "staff.account": SIGNED_IN,
    "staff.password": SIGNED_IN,
    "staff.sign_out_everywhere": SIGNED_IN,
    "staff.workspace": SIGNED_IN,
    "engagements.index": LOOK,
    "engagements.show": LOOK,
    "engagements.assessment": LOOK,
    "engagements.new": WORK,
    "engagements.change": WORK,
    "engagements.archive": WORK,
    "engagements.delete": WORK,
    "engagements.restore": WORK,
    "engagements.export": WORK,
    "brands.of_engagement": WORK,
    "engagements.new_assessment": WORK,
    "engagements.add_demo": WORK,
    "engagements.remove_demo": WORK,
    "invitations.invite": WORK,
    "invitations.sheet": WORK,
    "invitations.revoke": WORK,
    "workshops.desk": WORK,
    "workshops.live": WORK,
    "workshops.start": WORK,
    "workshops.act": WORK,
    "workshops.decide": WORK,
    "workshops.seat": WORK,
    "workshops.note": WORK,
    "workshops.note_done": WORK,
    "workshops.guide": WORK,
    "workshops.pack": WORK,
    "people.index": ADMINISTER,
    "people.member": ADMINISTER,
    "people.remove": ADMINISTER,
    "people.renew": ADMINISTER,
    "benchmarks.index": LOOK,
    "benchmarks.sources": WORK,
    "benchmarks.take": ADMINISTER,
    "benchmarks.trust": ADMINISTER,
    "benchmarks.distrust": ADMINISTER,
    "benchmarks.remove": ADMINISTER,
    "benchmarks.release": ADMINISTER,
    "benchmarks.export": ADMINISTER,
    "tokens.index": LOOK,
    "tokens.revoke": LOOK,
    "audit.index": ADMINISTER,
    "audit.export": ADMINISTER,
}
"""Endpoint -> who may open it: everybody, who has the link, any signed-in member of staff, staff with a permission."""

BLUEPRINTS = {
    "assessments": BY_LINK,
    "saving": BY_LINK,
    "register": BY_LINK,
    "documents": BY_LINK,
    "questionnaires": OPEN,
    "brands": BY_LINK,
    "accounts": BY_LINK,
    "roadmap": BY_LINK,
    "history": BY_LINK,
    "rooms": BY_LINK,
    "ballots": BY_LINK,
    "api": BY_TOKEN,
}
"""For the blueprints all of whose addresses lie behind a private link, or behind a token that the blueprint checks itself."""

OWN, SAMPLE, REPLY, TEAM = "own", "sample", "reply", "team"
LINK_USES = {
    "assessments.overview": {OWN, SAMPLE, REPLY, TEAM},
    "assessments.step": {OWN, SAMPLE, REPLY, TEAM},
    "assessments.result": {OWN, SAMPLE, REPLY, TEAM},
    "assessments.description": {OWN, SAMPLE, REPLY},
    "assessments.answers_file": {OWN, SAMPLE, REPLY, TEAM},
    "assessments.plan": {OWN, SAMPLE, TEAM},
    "history.index": {OWN, SAMPLE, TEAM},
    "history.close": {OWN, SAMPLE, TEAM},
    "history.reopen": {OWN, SAMPLE, TEAM},
    "history.again": {OWN, SAMPLE, TEAM},
    "history.compare": {OWN, SAMPLE, TEAM},
    "roadmap.show": {OWN, SAMPLE, TEAM},
    "roadmap.initiative": {OWN, SAMPLE, TEAM},
    "roadmap.table": {OWN, SAMPLE, TEAM},
    "roadmap.leave_out": {OWN, SAMPLE, TEAM},
    "roadmap.move": {OWN, SAMPLE, TEAM},
    "roadmap.own": {OWN, SAMPLE, TEAM},
    "roadmap.remove": {OWN, SAMPLE, TEAM},
    "saving.save": {OWN, SAMPLE, REPLY},
    "rooms.show": {REPLY},
    "rooms.live": {REPLY},
    "rooms.enter": {REPLY},
    "rooms.leave": {REPLY},
    "rooms.vote": {REPLY},
    "ballots.save": {REPLY},
    "rooms.projector": {OWN},
    "rooms.projector_live": {OWN},
    "register.evidence": {OWN, SAMPLE, TEAM},
    "register.evidence_of": {OWN, SAMPLE, TEAM},
    "register.targets": {OWN, SAMPLE, TEAM},
    "register.modules": {OWN, SAMPLE, TEAM},
    "accounts.index": {OWN, SAMPLE, TEAM},
    "accounts.upload": {OWN, SAMPLE, TEAM},
    "accounts.state": {OWN, SAMPLE, TEAM},
    "accounts.columns": {OWN, SAMPLE, TEAM},
    "accounts.decide": {OWN, SAMPLE, TEAM},
    "accounts.delete": {OWN, SAMPLE, TEAM},
    "accounts.figures": {OWN, SAMPLE, TEAM},
    "documents.ask": {OWN, SAMPLE, TEAM},
    "documents.show": {OWN, SAMPLE, TEAM},
    "documents.state": {OWN, SAMPLE, TEAM},
    "documents.retry": {OWN, SAMPLE, TEAM},
    "documents.download": {OWN, SAMPLE, TEAM},
}
"""Whose links an endpoint behind a link is for; what is not listed, for self-assessments and samples only."""

FOR_LOOKERS = frozenset({"documents.ask", "documents.retry"})
"""What even those who may only look can send behind a `team-` address: a report changes nothing of the assessment."""


@dataclass
class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """Who works in the session of this request's cookie."""

    session_hash: str
    actor: Actor

    def get_id(self) -> str:
        return self.session_hash


def init_guards(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(_load)
    manager.init_app(app)
    app.before_request(_guard)
    app.jinja_env.globals["signed_in"] = _shown_actor


def policy_of(endpoint: str) -> str | None:
    """None for an endpoint without a policy: nobody may open it."""
    return POLICIES.get(endpoint) or BLUEPRINTS.get(endpoint.partition(".")[0])


def link_kind(token: str) -> str:
    """Whose link a token is, by how it begins."""
    prefixes = {SAMPLE_PREFIX: SAMPLE, REPLY_PREFIX: REPLY, TEAM_PREFIX: TEAM}
    return next((kind for prefix, kind in prefixes.items() if token.startswith(prefix)), OWN)


def cookie_name() -> str:
    """Browsers take the `__Host-` name over HTTPS only; without it there is a plain name."""
    return COOKIE_HTTPS if request.is_secure else COOKIE_HTTP


def me() -> SignedIn:
    """Who is signed in, in a view whose policy asks for it."""
    user = current_user._get_current_object()  # noqa: SLF001 - Flask-Login's documented way to the object
    if not isinstance(user, SignedIn):
        raise NotAllowed("nobody is signed in")
    return user


def signed_in() -> Actor | None:
    return current_user.actor if current_user.is_authenticated else None


def _shown_actor() -> Actor | None:
    """The same for the head of a page, which must be shown even when the database can't be read."""
    try:
        return signed_in()
    except AssessError:
        return None


def _load(_request: object) -> SignedIn | None:
    token = request.cookies.get(cookie_name(), "")
    found = people.current_session(installation(), token) if token else None
    return None if found is None else SignedIn(found[0].token_hash, found[1])


def _guard() -> AnyResponse | None:
    if request.endpoint is None:
        return None
    if "\0" in request.path:  # PostgreSQL takes no text with it
        raise NoSuchPage
    policy = policy_of(request.endpoint)
    if policy is None:
        raise NoSuchPage
    if policy != BY_TOKEN and request.method not in SAFE and is_foreign():
        raise Forbidden
    if policy == BY_LINK:
        return _check_link()
    if policy in (OPEN, BY_TOKEN):
        return None
    return _with_actor(lambda actor: _require(actor, policy))


def is_foreign() -> bool:
    """Whether another site's page sent this request, as far as the browser says. A page without an address, such as a frame
    in a sandbox, has the origin `null` and is another's.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin", "")
    if site not in (None, "same-origin", "none"):
        return True
    return bool(origin) and origin.partition("://")[2] != request.host and not (origin == "null" and site == "same-origin")


def _check_link() -> AnyResponse | None:
    """Refuse links of a kind the endpoint is not for; put staff's key in place of a `team-` address."""
    arguments = request.view_args or {}
    token = str(arguments.get("token", ""))
    kind = link_kind(token)
    if kind not in LINK_USES.get(request.endpoint or "", {OWN, SAMPLE}):
        raise NoSuchPage
    if kind != TEAM:
        return None

    def take_key(actor: Actor) -> None:
        if request.method not in SAFE and not actor.may(WORK) and request.endpoint not in FOR_LOOKERS:
            raise NotAllowed("a client lead can look, not change")
        arguments["token"] = engagements.key_to(installation(), actor, token.removeprefix(TEAM_PREFIX))

    return _with_actor(take_key)


def _with_actor(check: Callable[[Actor], None]) -> AnyResponse | None:
    """Let the signed-in person be checked; send anybody else to the sign-in page, and back here afterwards."""
    actor = signed_in()
    if actor is None:
        back = request.full_path.rstrip("?") if request.method in SAFE else None
        return redirect(url_for("staff.sign_in", next=back), 303)
    check(actor)
    return None


def _require(actor: Actor, permission: str) -> None:
    if permission != SIGNED_IN and not actor.may(permission):
        raise NotAllowed(f"this needs the permission to {permission}")
