"""The one server of both ways of running: waitress, with the measured settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from waitress.server import create_server

from assess.serving.bodies import MIB, limit_bodies
from assess.usecases.readings import MAX_UPLOAD

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from assess.config import Settings


def listen(app: WSGIApplication, settings: Settings, *, threads: int, **where: Any) -> Any:
    """A waitress server that reads whole requests before a thread takes them; `where` is host and port, or sockets.

    From then on all servers of this process limit bodies and refuse alike. Raises OSError where nobody can listen.
    """
    server = create_server(
        app,
        **where,
        threads=threads,
        connection_limit=2000,
        asyncore_use_poll=True,
        backlog=2048,
        channel_timeout=60,
        cleanup_interval=10,
        max_request_header_size=32768,
        max_request_body_size=MAX_UPLOAD + MIB,
        ident=None,
        clear_untrusted_proxy_headers=settings.proxy_hops == 0,
        **_trust(settings),
    )
    limit_bodies()
    return server


def _trust(settings: Settings) -> dict[str, Any]:
    """What waitress believes of a proxy in front of it."""
    if not settings.proxy_hops:
        return {}
    return {
        "trusted_proxy": "*",
        "trusted_proxy_count": settings.proxy_hops,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
    }
