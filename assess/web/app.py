"""The Flask application."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from assess.config import Settings
from assess.resources import TEMPLATES
from assess.usecases.installation import Installation, open_installation
from assess.usecases.provider_sign_in import require_extra
from assess.web import (
    accounts,
    assessments,
    audit,
    ballots,
    benchmarks,
    brands,
    documents,
    engagements,
    front,
    history,
    invitations,
    oidc,
    people,
    questionnaires,
    register,
    roadmaps,
    service,
    staff,
    tokens,
    workshops,
)
from assess.web.compression import init_compression
from assess.web.errors import init_errors
from assess.web.figures import init_figures
from assess.web.guards import init_guards
from assess.web.headers import init_headers
from assess.web.languages import init_languages
from assess.web.metrics import init_metrics
from assess.web.observing import ObservedFlask, init_observing
from assess.web.rooms import init_rooms
from assess.web.saving import init_saving
from assess.web.wording import init_wording

KIB = 1024
STATIC = Path(__file__).parent / "static"


class _RowNumber(IntegerConverter):
    """A number that a row can have: a longer one is not found before anything is looked up."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


class _Sessions(SecureCookieSessionInterface):
    """The cookie of the CSRF token, bound to this host and marked Secure where the request is."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_cookie_name(self, app: Flask) -> str:
        name = super().get_cookie_name(app)
        return f"__Host-{name}" if request.is_secure else name

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - fixed signature
        return request.is_secure

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Made once: every save opens a session, and the key of an app does not change."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer


def create_app(settings: Settings, installation: Installation | None = None) -> Flask:
    """The app on an installation; None opens the one of the settings."""
    installation = installation or open_installation(settings)
    require_extra(installation.settings)
    app = ObservedFlask(__name__, template_folder=str(TEMPLATES), static_folder=str(STATIC))
    _configure(app, installation.settings)
    app.extensions["kam_assess"] = installation
    app.url_map.converters["int"] = _RowNumber
    init_observing(app)
    init_metrics(app, installation)
    init_languages(app)
    init_headers(app)
    init_compression(app)
    init_figures(app)
    init_wording(app)
    init_errors(app)
    app.register_blueprint(front.blueprint)
    app.register_blueprint(service.blueprint)
    app.register_blueprint(assessments.blueprint)
    app.register_blueprint(documents.blueprint)
    init_saving(app)
    app.register_blueprint(register.blueprint)
    app.register_blueprint(questionnaires.blueprint)
    app.register_blueprint(roadmaps.blueprint)
    app.register_blueprint(history.blueprint)
    app.register_blueprint(brands.blueprint)
    app.register_blueprint(accounts.blueprint)
    init_rooms(app)
    app.register_blueprint(ballots.blueprint)
    init_guards(app)
    for room in (staff, oidc, tokens, engagements, invitations, people, audit, benchmarks, workshops):
        app.register_blueprint(room.blueprint)
    app.jinja_env.globals["static_url"] = _static_addresses().__getitem__
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.session_interface = _Sessions()
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.config.update(
        SECRET_KEY=settings.secret_key,
        KAM_DEFAULT_LANGUAGE=settings.default_language,
        KAM_PROXY_HOPS=settings.proxy_hops,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        MAX_CONTENT_LENGTH=KIB * KIB,
        MAX_FORM_MEMORY_SIZE=512 * KIB,
        MAX_FORM_PARTS=600,
        SESSION_COOKIE_NAME="kam_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,
    )


def _static_addresses() -> dict[str, str]:
    """File name -> address with a hash of its content, so that browsers may keep it for good."""
    return {
        path.name: f"/static/{path.name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        for path in STATIC.iterdir()
        if path.is_file()
    }
