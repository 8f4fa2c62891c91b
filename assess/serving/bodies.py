"""What the server itself decides: how much may be sent to which address, and how it refuses what is no request."""

from __future__ import annotations

import copy
import re
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

from assess.web.headers import ALWAYS
from assess.web.languages import N_, negotiate
from assess.wording import teller

NOTHING = "default-src 'none'; frame-ancestors 'none'"
REFUSAL_HEADERS = {**ALWAYS, "Content-Security-Policy": NOTHING, "Cache-Control": "no-store"}
MIB = 1024 * 1024
MAX_BODY = 32 * MIB
"""More than any page takes, so that pages refuse a file chosen by mistake themselves, and say why."""
TOO_LARGE = N_("At most {limit} MB can be sent here at once. Nothing was saved. Go back and choose a smaller file.")
LARGE = re.compile(r"/a/[^/]+/accounts/upload\Z")
"""The one address that takes files of any size: accounts files, whose own limit is the server's."""


class Parser(HTTPRequestParser):
    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; the body of any other request may have MAX_BODY bytes."""
        super().parse_header(header_plus)
        if getattr(self.adj, "is_ending", False):  # each request is then the last of its connection, and its answer says so
            self.headers = {**self.headers, "CONNECTION": "close"}
        if not LARGE.match(str(getattr(self, "path", ""))):
            self.adj: Any = copy.copy(self.adj)
            self.adj.max_request_body_size = min(MAX_BODY, self.adj.max_request_body_size)


class TooLarge(RequestEntityTooLarge):
    """A body beyond the limit, in words of the reader's language."""

    def __init__(self, limit: int, language: str) -> None:
        super().__init__(teller(language)(TOO_LARGE).format(limit=limit // MIB))

    def to_response(self, ident: str | None = None) -> Any:  # its stub says the body were text
        status, headers, _ = super().to_response(ident)
        return status, headers, f"{self.body}\n".encode()


class Refusal(ErrorTask):
    """The server's own answer to what never reaches the app, with the same headers as the app's."""

    def execute(self) -> None:
        asked: Any = self.request
        if isinstance(asked.error, RequestEntityTooLarge):
            language = negotiate(asked.headers.get("ACCEPT_LANGUAGE", ""), "en")
            asked.error = TooLarge(asked.adj.max_request_body_size, language)
        self.response_headers = [*self.response_headers, *REFUSAL_HEADERS.items()]
        super().execute()


def limit_bodies() -> None:
    """Let every connection of this process read and refuse requests this way."""
    HTTPChannel.parser_class = Parser
    HTTPChannel.error_task_class = Refusal
