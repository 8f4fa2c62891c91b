"""One door to every format: content in, bytes out. What a format needs is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from assess.core.errors import Invalid, Problem
from assess.core.report.values import ReportContent
from assess.resources import REPORTS

NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})


def render(
    content: ReportContent, fmt: str, folders: Sequence[Path] = (REPORTS,), pictures: Mapping[str, bytes] = NO_PICTURES
) -> bytes:
    """The report as "pdf", "html" or "json". `folders` hold the style folders, looked at in their order.

    pictures: sha256 -> PNG of the logos that content.brand names.

    The same content gives the same bytes. Raises Invalid for an unknown format, Failed when a system library is missing.
    """
    renderer = _RENDERERS.get(fmt)
    if renderer is None:
        known = ", ".join(sorted(_RENDERERS))
        raise Invalid([Problem("there is no report format {format} (there are: {known})", {"format": fmt, "known": known})])
    return renderer(content, folders, pictures)


def _pdf(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes]) -> bytes:
    from assess.render.pdf import render_pdf

    return render_pdf(content, folders, pictures)


def _html(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes]) -> bytes:
    from assess.render.html import render_html

    return render_html(content, folders, pictures)


def _json(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes]) -> bytes:  # noqa: ARG001 - one signature for all renderers
    from assess.render.json import render_json

    return render_json(content)


Renderer = Callable[[ReportContent, Sequence[Path], Mapping[str, bytes]], bytes]
_RENDERERS: Mapping[str, Renderer] = {"html": _html, "json": _json, "pdf": _pdf}
FORMATS = tuple(_RENDERERS)
