"""What the page setter may fetch: assets in memory, and nothing else in the world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

TYPES = {"svg": "image/svg+xml", "ttf": "font/ttf", "png": "image/png"}


class LockedFetcher(URLFetcher):  # type: ignore[misc]
    """Serves `asset:` addresses from memory; every other scheme is denied before anything is opened."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(timeout=1, allowed_protocols=("asset",), allow_redirects=False)
        self.assets = assets
        self.denied: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002 - the signature of the base
        if not url.startswith("asset:"):
            self.denied.append(url)
            raise ValueError(f"not allowed in a report: {url[:80]}")
        content = self.assets.get(url)
        if content is None:
            raise FatalURLFetchingError(f"the report has no asset {url[:80]}")
        return URLFetcherResponse(url, content, {"Content-Type": TYPES[url.rsplit(".", 1)[-1]]})
