"""Where the questionnaires, templates and reports are: an override folder first, then the checkout or the installed wheel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "shipped"
ROOT = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent

TEMPLATES = ROOT / "templates"
REPORTS = ROOT / "reports"
FONTS = REPORTS / "fonts"
QUESTIONNAIRES = ROOT / "questionnaires"
SAMPLES = ROOT / "questionnaires" / "samples"
TRANSLATIONS = _PACKAGE / "translations"


def questionnaire_folders(overrides: Sequence[Path] = ()) -> Iterator[Path]:
    """Every questionnaire folder, those of the override folders first; of equal names only the first."""
    seen: set[str] = set()
    for parent in (*overrides, QUESTIONNAIRES):
        for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
            if (folder / "questionnaire.yaml").is_file() and folder.name not in seen:
                seen.add(folder.name)
                yield folder


def report_folders(overrides: Sequence[Path] = ()) -> tuple[Path, ...]:
    """The folders of report styles: overrides that are there first, those that ship last."""
    return (*(folder for folder in overrides if folder.is_dir()), REPORTS)
