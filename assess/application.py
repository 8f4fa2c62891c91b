"""The whole web service: the pages and, beside them, the API."""

from __future__ import annotations

from flask import Flask

from assess.api.app import init_api
from assess.config import Settings
from assess.usecases.installation import Installation
from assess.web.app import create_app


def create_application(settings: Settings, installation: Installation | None = None) -> Flask:
    """The service on an installation; None opens the one of the settings."""
    app = create_app(settings, installation)
    init_api(app)
    return app
