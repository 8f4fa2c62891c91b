"""HTTP headers on every answer, errors and static files included."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

PAGE_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'"
)
FILE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
    "X-Frame-Options": "DENY",
}
PERSONAL = (
    "/a/", "/i/", "/w/", "/join/", "/show/", "/setup/", "/sign-", "/account", "/engagements", "/people", "/audit",
    "/benchmarks", "/api/",
)  # fmt: skip
_YEAR = 365 * 24 * 3600


def script_nonce() -> str:
    """The nonce of this answer's scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    nonce: str = g.nonce
    return nonce


def init_headers(app: Flask) -> None:
    app.after_request(_add_headers)
    app.jinja_env.globals["script_nonce"] = script_nonce


def _add_headers(response: Response) -> Response:
    for name, value in ALWAYS.items():
        response.headers[name] = value
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY.format(nonce=script_nonce()))
    response.headers["Cache-Control"] = _cache_control(response)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    if request.path.startswith(PERSONAL):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    if request.endpoint != "static":
        response.vary.update(("Cookie", "Accept-Language"))
    return response


def _cache_control(response: Response) -> str:
    """Personal pages are never kept; static files for good when their address carries their hash."""
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        return f"public, max-age={_YEAR}, immutable" if "v" in request.args else "no-cache"
    return "no-store" if _is_personal() else "no-cache"


def _is_personal() -> bool:
    """Behind a link, of staff, or shown to somebody who is signed in."""
    cookies = {"__Host-kam", "kam_lan"}
    return request.path.startswith(PERSONAL) or request.method == "POST" or not cookies.isdisjoint(request.cookies)
