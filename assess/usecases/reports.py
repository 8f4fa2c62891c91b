"""From an evaluation to the bytes of a report."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from assess.content.brand import read_brand
from assess.content.phrases import load_phrases
from assess.content.styles import find_styles, load_style
from assess.core.brand import Brand
from assess.core.evaluation import Evaluation
from assess.core.report import ReportContent, compose
from assess.core.report.style import Style
from assess.render import documents
from assess.render.formats import formats_of
from assess.resources import report_folders

log = logging.getLogger("assess.reports")

FORMATS = documents.FORMATS
PAGELESS = frozenset({"pptx", "xlsx", "ics"})
WHOLE = "full"
"""The style with every section."""
PAPERS = ("a4", "letter")


def list_styles(folders: Sequence[Path] = ()) -> tuple[Style, ...]:
    """Every style of those folders and of the product, the full report first; a broken one is left out and logged."""
    styles, problems = find_styles(report_folders(folders))
    for problem in problems:
        log.warning("report style left out: %s", problem)
    return styles


def require_style(id_: str, folders: Sequence[Path] = ()) -> None:
    """Find out before the work whether there is such a style. Raises Invalid naming those there are."""
    load_style(id_, report_folders(folders))


def open_brand(path: Path) -> Brand:
    """The brand in a file, its logos made safe. Raises NotFound, or Invalid naming every problem."""
    from assess.render.images import make_logo

    return read_brand(path, make_logo)


def compose_report(
    evaluation: Evaluation,
    *,
    style: str,
    language: str,
    paper: str | None = None,
    brand: Brand | None = None,
    folders: Sequence[Path] = (),
) -> ReportContent:
    """Everything the report says. paper None means the brand's or the style's own; folders hold styles of the installation.

    Raises Invalid for an unknown or broken style.
    """
    return compose(
        evaluation,
        language=language,
        phrases=load_phrases().in_language(language),
        formats=formats_of(language),
        style=load_style(style, report_folders(folders)),
        paper=paper,
        brand=brand,
    )


def make_report(
    evaluation: Evaluation,
    *,
    fmt: str,
    style: str,
    language: str,
    paper: str | None = None,
    brand: Brand | None = None,
    folders: Sequence[Path] = (),
) -> bytes:
    """The report as bytes; the same evaluation and brand give the same bytes.

    A style chooses and lays out pages; slides, workbook and calendar have none and hold everything whatever the style.
    Raises Invalid for an unknown format or an unknown or broken style, Failed when a system library is missing.
    """
    chosen = WHOLE if fmt in PAGELESS else style
    content = compose_report(evaluation, style=chosen, language=language, paper=paper, brand=brand, folders=folders)
    return documents.render(content, fmt, report_folders(folders), brand.pictures if brand else documents.NO_PICTURES)
