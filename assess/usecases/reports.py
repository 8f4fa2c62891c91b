"""From an evaluation to the bytes of a report."""

from __future__ import annotations

from assess.content.phrases import load_phrases
from assess.content.styles import load_style
from assess.core.evaluation import Evaluation
from assess.core.report import ReportContent, compose
from assess.render import documents
from assess.render.formats import formats_of

FORMATS = documents.FORMATS
STYLES = ("full",)
PAPERS = ("a4", "letter")


def compose_report(evaluation: Evaluation, *, style: str, language: str, paper: str | None = None) -> ReportContent:
    """Everything the report says. paper None means the style's own. Raises NotFound for an unknown style."""
    return compose(
        evaluation,
        language=language,
        phrases=load_phrases().in_language(language),
        formats=formats_of(language),
        style=load_style(style),
        paper=paper,
    )


def make_report(evaluation: Evaluation, *, fmt: str, style: str, language: str, paper: str | None = None) -> bytes:
    """The report as bytes; the same evaluation gives the same bytes.

    Raises Invalid for an unknown format, NotFound for an unknown style, Failed when a system library is missing.
    """
    return documents.render(compose_report(evaluation, style=style, language=language, paper=paper), fmt)
