"""The whole web service: the pages and, beside them, the API."""

from __future__ import annotations

import logging
import sys

from flask import Flask

from assess.api.app import init_api
from assess.config import Settings, read_settings
from assess.core.errors import AssessError
from assess.logs import set_up_logs
from assess.usecases.installation import Installation
from assess.usecases.presence import stay
from assess.web.app import create_app

log = logging.getLogger(__name__)

CANNOT_START = 4
"""gunicorn's own code for an application that can't be loaded: it then stops, instead of starting another process for good."""


def create_application(settings: Settings, installation: Installation | None = None) -> Flask:
    """The service on an installation; None opens the one of the settings."""
    app = create_app(settings, installation)
    init_api(app)
    return app


def warn_if_exposed(settings: Settings) -> None:
    """A laptop in a workshop needs no names; a server that stays does, and nobody should find out too late."""
    if settings.is_exposed:
        log.warning("any host name is answered on %s: set KAM_TRUSTED_HOSTS to the names people use", settings.host)


def wsgi() -> Flask:
    """The service for a WSGI server, with settings from the environment; says on stderr why it can't start, and ends."""
    try:
        settings = read_settings()
        set_up_logs(settings.log_format)
        warn_if_exposed(settings)
        stay(settings.data_dir)
        return create_application(settings)
    except AssessError as error:
        sys.stderr.write(f"kam-assess cannot start: {error}\n")
        raise SystemExit(CANNOT_START) from None
