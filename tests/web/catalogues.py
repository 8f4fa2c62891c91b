"""Extract, merge and compile the catalogues: `python -m tests.web.catalogues`. The tests compare with what this makes."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "assess" / "translations"
LANGUAGES = ("zh_Hant", "zh_Hans")
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "tell": None}


def extract() -> Catalog:
    """Every message of the code and the templates."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as stream:
        methods, options = parse_mapping_cfg(stream)  # type: ignore[no-untyped-call]
    catalogue = Catalog(project="kam-assess", copyright_holder="kam-assess authors", fuzzy=False)
    for folder in ("assess", "templates"):
        prefixed = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods if pattern.startswith(folder)]
        chosen = {pattern.removeprefix(f"{folder}/"): value for pattern, value in options.items()}
        for _, _, message, comments, context in extract_from_dir(ROOT / folder, prefixed, chosen, KEYWORDS):
            catalogue.add(message, context=context, auto_comments=comments)
    return catalogue


def po_path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def read(path: Path) -> Catalog:
    with path.open("rb") as stream:
        return read_po(stream, abort_invalid=True)


def compiled(catalogue: Catalog) -> bytes:
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def write(catalogue: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, catalogue, width=110, no_location=True, sort_output=True, omit_header=False)


def update() -> None:
    """Write the template, merge it into the catalogues without guessing, compile them."""
    template = extract()
    write(template, TRANSLATIONS / "messages.pot")
    for language in LANGUAGES:
        path = po_path(language)
        catalogue = read(path) if path.exists() else Catalog(locale=language, project="kam-assess", fuzzy=False)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        write(catalogue, path)
        path.with_suffix(".mo").write_bytes(compiled(read(path)))


if __name__ == "__main__":
    update()
