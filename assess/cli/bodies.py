"""How much may be sent to which address, decided from the head of a request, before the server takes in its body."""

from __future__ import annotations

import copy
import re
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

MAX_BODY = 3 * 1024 * 1024
LARGE = re.compile(r"/a/[^/]+/accounts/upload\Z")
"""The one address that takes files of any size: accounts files, whose own limit is the server's."""


class Parser(HTTPRequestParser):
    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; the body of any other request may have MAX_BODY bytes."""
        super().parse_header(header_plus)
        if not LARGE.match(str(getattr(self, "path", ""))):
            self.adj: Any = copy.copy(self.adj)
            self.adj.max_request_body_size = min(MAX_BODY, self.adj.max_request_body_size)


def limit_bodies() -> None:
    """Let every connection of this process read requests this way."""
    HTTPChannel.parser_class = Parser
