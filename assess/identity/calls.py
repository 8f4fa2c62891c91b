"""Calls to the provider that end in time and stay small, whatever answers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import urlsplit

from authlib.integrations.requests_client import OAuth2Session
from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as BrokenConnection
from requests.exceptions import ReadTimeout
from urllib3.exceptions import HTTPError

from assess.identity.refusals import MISCONFIGURED, UNREACHABLE, Refused

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3.0, 5.0, 8.0
"""To connect, between two pieces of an answer, and for a whole answer."""
MOST_BYTES = 512 * 1024
_PIECE = 64 * 1024
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
Client = TypeVar("Client", bound=Session)


class _Bounded(HTTPAdapter):
    """Read each answer at once, within the limits."""

    def send(self, request: PreparedRequest, *_: Any, **options: Any) -> Response:
        until = time.monotonic() + WHOLE_SECONDS
        options |= {"stream": True, "timeout": (CONNECT_SECONDS, READ_SECONDS)}
        response = super().send(request, **options)
        try:
            content = _read(response.raw, until)
        except HTTPError as error:
            raise BrokenConnection(error, request=request) from error
        finally:
            response.raw.close()
        response.raw = BytesIO(content)
        return response


def _read(stream: Any, until: float) -> bytes:
    content = b""
    while piece := stream.read1(_PIECE, decode_content=True):
        content += piece
        if len(content) > MOST_BYTES:
            raise BrokenConnection(f"more than {MOST_BYTES} bytes")
        if time.monotonic() > until:
            raise ReadTimeout(f"not complete after {WHOLE_SECONDS:g} seconds")
    return content


def bounded(session: Client) -> Client:
    """The session with these limits on every call."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Bounded())
    return session


def is_safe(address: object) -> bool:
    """Whether an address may be called or sent to: HTTPS, or the machine itself."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return (
        bool(host) and "@" not in parts.netloc and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))
    )


def get_json(session: Session, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object at an address; redirects are not followed. Raises Refused."""
    options: dict[str, Any] = {"withhold_token": True} if isinstance(session, OAuth2Session) else {}
    try:
        response = session.get(
            address, allow_redirects=False, headers={"Accept": "application/json", **(headers or {})}, **options
        )
    except RequestException as error:
        raise Refused(UNREACHABLE, f"{address}: {error}") from error
    if response.status_code >= 500:
        raise Refused(UNREACHABLE, f"{address} answered {response.status_code}")
    if response.status_code != 200:
        raise Refused(MISCONFIGURED, f"{address} answered {response.status_code}")
    try:
        content = response.json()
    except (ValueError, RecursionError) as error:
        raise Refused(MISCONFIGURED, f"{address} did not answer with JSON: {error}") from error
    if not isinstance(content, dict):
        raise Refused(MISCONFIGURED, f"{address} answered with something else than a JSON object")
    return content
