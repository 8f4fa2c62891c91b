"""Compose a report: everything it says, decided once, before any renderer lays it out."""

from assess.core.report.compose import SECTIONS, compose
from assess.core.report.style import Style
from assess.core.report.values import SCHEMA, ReportContent
from assess.core.report.words import Formats, Phrases

__all__ = ["SCHEMA", "SECTIONS", "Formats", "Phrases", "ReportContent", "Style", "compose"]
