"""What the server itself decides: how much may be sent to which address, and how it refuses what is no request."""

from __future__ import annotations

import copy
import re
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask

from assess.web.headers import ALWAYS

NOTHING = "default-src 'none'; frame-ancestors 'none'"
REFUSAL_HEADERS = {**ALWAYS, "Content-Security-Policy": NOTHING, "Cache-Control": "no-store"}
MAX_BODY = 3 * 1024 * 1024
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


class Refusal(ErrorTask):
    """The server's own answer to what never reaches the app, with the same headers as the app's."""

    def execute(self) -> None:
        self.response_headers = [*self.response_headers, *REFUSAL_HEADERS.items()]
        super().execute()


def limit_bodies() -> None:
    """Let every connection of this process read and refuse requests this way."""
    HTTPChannel.parser_class = Parser
    HTTPChannel.error_task_class = Refusal
