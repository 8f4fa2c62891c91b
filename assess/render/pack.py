"""The workshop pack as a PDF: agenda, QR sheet and question cards in the room's languages."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assess.render import fonts
from assess.render.html import Page
from assess.render.pdf import load_weasyprint, set_pages
from assess.resources import REPORTS

FOLDER = "workshop"


def render_pack(values: Mapping[str, Any]) -> bytes:
    """values: what reports/workshop/pack.html asks for. Raises Failed when Pango is missing."""
    return set_pages(load_weasyprint(), page_of_pack(values))


def page_of_pack(values: Mapping[str, Any]) -> Page:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(REPORTS / FOLDER), autoescape=True, undefined=StrictUndefined
    )
    html = fonts.printable(environment.get_template("pack.html").render(pack=values))
    languages = [str(language) for language in values["languages"]]
    needed = {language: fonts.needed_families(language, html) for language in languages}
    families = tuple(dict.fromkeys(name for names in needed.values() for name in names))
    rules = [fonts.face_rules(families), f"@page {{ font-family: {fonts.family(languages[0], families)} }}"]
    rules += [f":lang({language}) {{ font-family: {fonts.family(language, families)} }}" for language in languages]
    html = html.replace("/*FONTS*/", "\n".join(rules), 1)
    return Page(html, {"asset:qr/join.svg": _qr_code(str(values["link"])), **fonts.face_assets(families)})


def _qr_code(text: str) -> bytes:
    import segno

    stream = io.BytesIO()
    segno.make(text, error="m", micro=False).save(stream, kind="svg", scale=8, border=2, dark="#000", light="#fff")
    return stream.getvalue()
