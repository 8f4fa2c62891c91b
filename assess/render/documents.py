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
    """The report in one of FORMATS. `folders` hold the style folders, looked at in their order.

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


def _docx(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes]) -> bytes:  # noqa: ARG001
    from assess.render.docx import render_docx

    return render_docx(content, pictures)


def _pptx(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes]) -> bytes:  # noqa: ARG001
    from assess.render.pptx import render_pptx

    return render_pptx(content, pictures)


def _xlsx(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes]) -> bytes:  # noqa: ARG001
    from assess.render.xlsx import render_xlsx

    return render_xlsx(content)


def _ics(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes]) -> bytes:  # noqa: ARG001
    from assess.render.ics import render_ics

    return render_ics(content)


Renderer = Callable[[ReportContent, Sequence[Path], Mapping[str, bytes]], bytes]
_RENDERERS: Mapping[str, Renderer] = {
    "pdf": _pdf,
    "html": _html,
    "docx": _docx,
    "pptx": _pptx,
    "xlsx": _xlsx,
    "json": _json,
    "ics": _ics,
}
FORMATS = tuple(_RENDERERS)
