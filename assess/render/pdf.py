"""The report as a tagged PDF, the same bytes for the same content on every machine."""

from __future__ import annotations

import gc
import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assess.core.errors import Failed
from assess.core.report.values import ReportContent
from assess.render.html import Page, page_for_print

LOG = logging.getLogger(__name__)
PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian packages WeasyPrint needs; without the last one Chinese documents take a multiple of the time."""


def render_pdf(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes]) -> bytes:
    """PDF/UA-1 with bookmarks, language and metadata. Raises Failed when Pango is missing."""
    weasyprint = load_weasyprint()
    return set_pages(weasyprint, page_for_print(content, folders, pictures))


def load_weasyprint() -> Any:
    """The library, or Failed naming the packages to install."""
    try:
        import weasyprint
    except OSError as error:
        raise Failed(f"PDF needs system libraries that are missing; install the Debian packages {PANGO} ({error})") from error
    if not can_subset():
        LOG.warning("libharfbuzz-subset0 is missing: PDF works, but Chinese reports are slow and large")
    return weasyprint


def can_subset() -> bool:
    """Whether fonts are cut down by HarfBuzz, which is many times faster than the way without."""
    from weasyprint.text import ffi

    return getattr(ffi, "harfbuzz_subset", None) is not None


def set_pages(weasyprint: Any, page: Page) -> bytes:
    """Lay out and write. The identifier comes from the input, and the dates from its metadata: nothing from clock or chance."""
    from assess.render.fetcher import LockedFetcher
    from assess.render.haste import hastened

    document = weasyprint.HTML(string=page.html, base_url="asset:/", url_fetcher=LockedFetcher(page.assets))
    identifier = hashlib.sha256(page.html.encode()).hexdigest()[:32].encode()
    with _without_collector(), hastened():
        pdf: bytes = document.write_pdf(
            pdf_variant="pdf/ua-1", pdf_identifier=identifier, presentational_hints=False, optimize_images=False
        )
    return pdf


@contextmanager
def _without_collector() -> Iterator[None]:
    """Layout makes millions of objects and few cycles: collecting meanwhile only costs time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
            gc.collect()
