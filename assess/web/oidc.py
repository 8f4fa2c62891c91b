"""Signing in through the OpenID Connect provider: off to it, back from it, and a page that says why it did not work.

The way back is a link followed from another site, for which browsers send and take cookies marked `SameSite=Lax`.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict, dataclass

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from assess.identity.refusals import STALE, Refused
from assess.identity.tickets import TICKET_SECONDS
from assess.usecases import people, provider_sign_in
from assess.web.guards import cookie_name, signed_in
from assess.web.oidc_messages import EXPLANATIONS, explain
from assess.web.opening import installation, provider_name
from assess.web.staff import own_path

blueprint = Blueprint("oidc", __name__)
log = logging.getLogger("assess.sign_in")
COOKIE_HTTPS, COOKIE_HTTP = "__Host-kam-oidc", "kam_lan_oidc"
_FAILURE = "oidc_failure"
_LONGEST_DETAIL = 600


@dataclass(frozen=True)
class Failure:
    """What the page about it says: kept in the browser so that it can be read again, and in another language."""

    cause: str
    reference: str
    email: str
    code: str
    after: str


@blueprint.get("/sign-in/oidc")
def start() -> AnyResponse:
    _require_provider()
    after = own_path(request.args.get("next", ""))
    if signed_in() is not None:
        return redirect(after, 303)
    try:
        begun = provider_sign_in.begin(
            installation(),
            redirect_uri=url_for("oidc.callback", _external=True),
            after=after,
            address=request.remote_addr or "",
        )
    except Refused as refused:
        return _refuse(refused)
    response = redirect(begun.address, 303)
    secure = request.is_secure
    response.set_cookie(_cookie(), begun.sealed, TICKET_SECONDS, secure=secure, httponly=True, samesite="Lax", path="/")
    return response


@blueprint.get("/sign-in/oidc/callback")
def callback() -> AnyResponse:
    _require_provider()
    try:
        finished = provider_sign_in.finish(
            installation(),
            sealed=request.cookies.get(_cookie(), ""),
            answer=request.args.to_dict(),
            address=request.remote_addr or "",
            browser=request.headers.get("User-Agent", ""),
        )
    except Refused as refused:
        return _refuse(refused)
    session.clear()
    response = redirect(finished.after, 303)
    response.set_cookie(cookie_name(), finished.token, secure=request.is_secure, httponly=True, samesite="Lax", path="/")
    return _without_ticket(response)


@blueprint.get("/sign-in/oidc/failed")
def failed() -> AnyResponse:
    _require_provider()
    kept = session.get(_FAILURE)
    if not kept:
        return redirect(url_for("staff.sign_in"), 303)
    return _page(Failure(**kept))


def _require_provider() -> None:
    if not provider_name():
        abort(404)


def _cookie() -> str:
    return COOKIE_HTTPS if request.is_secure else COOKIE_HTTP


def _refuse(refused: Refused) -> AnyResponse:
    """Log the cause under a reference and lead to the page about it, away from the address with the code.

    A browser that keeps no cookies could not show that page and gets it at once.
    """
    provider = installation().settings.provider
    reference = secrets.token_hex(4).upper()
    detail = refused.detail.encode("unicode_escape").decode("ascii")[:_LONGEST_DETAIL]
    issuer = provider.issuer if provider else ""
    log.warning("sign-in through %s refused, reference %s, cause: %s; %s", issuer, reference, refused.cause, detail)
    email, code = (refused.shown.get(name, "") for name in ("email", "code"))
    failure = Failure(refused.cause, reference, email[:254], code, refused.after)
    if refused.cause == STALE:
        return _without_ticket(_page(failure))
    session[_FAILURE] = asdict(failure)
    return _without_ticket(redirect(url_for("oidc.failed"), 303))


def _page(failure: Failure) -> Response:
    happened, advice = explain(failure.cause, name=provider_name(), email=failure.email, code=failure.code)
    status = EXPLANATIONS[failure.cause].status
    page = render_template(
        "staff/sign_in_failed.html",
        status=status,
        name=provider_name(),
        happened=happened,
        advice=advice,
        reference=failure.reference,
        after=own_path(failure.after),
    )
    response = make_response(page, status)
    if status in (429, 503):
        response.headers["Retry-After"] = str(people.TRY_SECONDS if status == 429 else 60)
    return response


def _without_ticket(response: AnyResponse) -> AnyResponse:
    response.delete_cookie(_cookie(), secure=request.is_secure, httponly=True, samesite="Lax", path="/")
    return response
