"""Names of columns as they are compared."""

from __future__ import annotations

import re
import unicodedata


def fold(name: str) -> str:
    """A header without case, spaces, marks and width variants."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())
