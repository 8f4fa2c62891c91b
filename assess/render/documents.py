"""One door to every format: content in, bytes out. What a format needs is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assess.core.errors import Invalid, Problem
from assess.core.report.values import ReportContent
from assess.resources import REPORTS


def render(content: ReportContent, fmt: str, folders: Sequence[Path] = (REPORTS,)) -> bytes:
    """The report as "pdf", "html" or "json". `folders` hold the style folders, looked at in their order.

    The same content gives the same bytes. Raises Invalid for an unknown format, Failed when a system library is missing.
    """
    renderer = _RENDERERS.get(fmt)
    if renderer is None:
        known = ", ".join(sorted(_RENDERERS))
        raise Invalid([Problem("there is no report format {format} (there are: {known})", {"format": fmt, "known": known})])
    return renderer(content, folders)


def _pdf(content: ReportContent, folders: Sequence[Path]) -> bytes:
    from assess.render.pdf import render_pdf

    return render_pdf(content, folders)


def _html(content: ReportContent, folders: Sequence[Path]) -> bytes:
    from assess.render.html import render_html

    return render_html(content, folders)


def _json(content: ReportContent, folders: Sequence[Path]) -> bytes:  # noqa: ARG001 - one signature for all renderers
    from assess.render.json import render_json

    return render_json(content)


_RENDERERS: Mapping[str, Callable[[ReportContent, Sequence[Path]], bytes]] = {"html": _html, "json": _json, "pdf": _pdf}
FORMATS = tuple(_RENDERERS)
