"""The brand of an engagement's or a self-assessment's reports: colours, logos, footer, paper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from assess.content.brand import BrandSpec
from assess.content.document import parse
from assess.content.parsing import validate
from assess.core.brand import Brand, Logo, brand_of_data
from assess.core.errors import Invalid, Problem
from assess.core.staff import Actor
from assess.storage import assessments as rows
from assess.storage import brands
from assess.storage.engagements import load_engagement
from assess.usecases.answers import refuse_sample
from assess.usecases.assessments import refuse_respondent
from assess.usecases.audit import note_by_key, record
from assess.usecases.engagements import require_work
from assess.usecases.installation import Installation

FIELDS = ("name", "primary", "second", "footer", "paper")
LOGOS = ("facilitator", "client")


@dataclass(frozen=True)
class Upload:
    """A logo as it was sent, and what is read where it can't be seen. content None keeps the logo there is."""

    content: bytes | None
    text: str
    is_removed: bool = False


def make_brand(before: Brand, texts: Mapping[str, str], uploads: Mapping[str, Upload]) -> Brand:
    """The brand with these texts and logos in place of what was there. Raises Invalid naming every problem by its field."""
    problems = list(_text_problems(texts))
    logos: dict[str, Logo | None] = {}
    for name in LOGOS:
        try:
            logos[name] = _logo(getattr(before, name), uploads.get(name, Upload(None, "")))
        except Invalid as error:
            problems += [replace(problem, path=name) for problem in error.problems]
    if problems:
        raise Invalid(problems)
    values = {name: texts.get(name, "") for name in FIELDS}
    values["primary"], values["second"] = values["primary"].lower(), values["second"].lower()
    return Brand(**values, **logos)  # type: ignore[arg-type]  # texts and logos by their names


def _text_problems(texts: Mapping[str, str]) -> list[Problem]:
    """What a brand file with these texts would be refused for."""
    given: dict[str, Any] = {name: text for name, text in texts.items() if name in FIELDS and text}
    document = parse(json.dumps({"schema": "kam-brand/1", **given}).encode(), "")
    try:
        validate(BrandSpec, document)
    except Invalid as error:
        return [replace(problem, line=None) for problem in error.problems]
    return []


def _logo(before: Logo | None, upload: Upload) -> Logo | None:
    from assess.render.images import make_logo

    if upload.is_removed:
        return None
    if upload.content is not None:
        if not upload.text.strip():
            raise Invalid([Problem("needs a text that is read where the picture can't be seen")])
        return make_logo(upload.content, upload.text.strip())
    return None if before is None else replace(before, text=upload.text.strip() or before.text)


def brand_of_assessment(installation: Installation, token: str) -> Brand:
    """The brand of a self-assessment's reports; the product's own look where none was chosen. Raises NotFound."""
    with installation.storage.reading() as connection:
        stored = rows.load_assessment(connection, token)
        return _brand(installation, brands.brand_of_assessment(connection, stored.id))


def keep_for_assessment(installation: Installation, token: str, brand: Brand) -> None:
    """Use the brand for the reports of a self-assessment from now on."""
    refuse_sample(token)
    with installation.storage.writing() as connection:
        stored = rows.load_assessment(connection, token)
        refuse_respondent(stored)
        brands.set_brand_of_assessment(connection, stored.id, _keep(connection, brand))
        note_by_key(connection, token, "brand.kept", installation.clock())


def brand_of_engagement(installation: Installation, actor: Actor, id_: str) -> Brand:
    """Raises NotFound for an engagement the actor does not see."""
    with installation.storage.reading() as connection:
        engagement = load_engagement(connection, actor.workspace_id, id_)
    require_work(actor)
    return _brand(installation, engagement.brand or None)


def keep_for_engagement(installation: Installation, actor: Actor, id_: str, brand: Brand) -> None:
    """Use the brand for the reports of an engagement from now on."""
    require_work(actor)
    with installation.storage.writing() as connection:
        load_engagement(connection, actor.workspace_id, id_)
        digest = _keep(connection, brand)
        brands.set_brand_of_engagement(connection, id_, digest)
        record(connection, actor, "brand.kept", f"engagement {id_}", installation.clock(), digest=digest)


def _keep(connection: Any, brand: Brand) -> str | None:
    """None for the product's own look, which needs no row."""
    return None if brand == Brand() else brands.keep_brand(connection, json.dumps(brand.as_data(), sort_keys=True))


def _brand(installation: Installation, digest: str | None) -> Brand:
    if digest is None:
        return Brand()
    with installation.storage.reading() as connection:
        return brand_of_data(json.loads(brands.load_brand(connection, digest)))
