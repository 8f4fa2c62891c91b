"""What reports look like: logo, colours, footer and paper of an engagement, or of a company that assesses itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, StringField

from assess.content.brand import MAX_LINE, MAX_LOGO_BYTES
from assess.core.brand import Brand, Logo
from assess.core.errors import Failed, Invalid
from assess.usecases import brands
from assess.usecases.brands import LOGOS, Upload
from assess.web.forms import AtMost, PageForm, clean_line, select
from assess.web.guards import me
from assess.web.languages import gettext, switch_asked
from assess.web.languages import lazy_gettext as _l
from assess.web.opening import installation, open_own
from assess.web.questionnaires import say

blueprint = Blueprint("brands", __name__)
MAX_BODY = 2 * MAX_LOGO_BYTES + 256 * 1024
PAPERS = {"a4": _l("A4"), "letter": _l("US Letter")}


class BrandForm(PageForm):
    name = StringField(_l("Your name on the cover (optional)"), filters=[clean_line], validators=[AtMost(MAX_LINE)])
    primary = StringField(_l("Main colour (optional)"), filters=[clean_line])
    second = StringField(_l("Second colour (optional)"), filters=[clean_line])
    footer = StringField(_l("Footer of every page (optional)"), filters=[clean_line], validators=[AtMost(MAX_LINE)])
    paper = select(_l("Paper"), PAPERS, _l("As the report’s style says"))
    facilitator = FileField(_l("Your logo (PNG, JPEG or WebP, at most 2 MB)"))
    facilitator_text = StringField(_l("Your logo in words"), filters=[clean_line], validators=[AtMost(MAX_LINE)])
    facilitator_removed = BooleanField(_l("Remove this logo"))
    client = FileField(_l("The client’s logo (PNG, JPEG or WebP, at most 2 MB)"))
    client_text = StringField(_l("The client’s logo in words"), filters=[clean_line], validators=[AtMost(MAX_LINE)])
    client_removed = BooleanField(_l("Remove this logo"))

    @property
    def texts(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in brands.FIELDS}

    @property
    def uploads(self) -> dict[str, Upload]:
        return {
            name: Upload(_content(self[name].data), self[f"{name}_text"].data or "", bool(self[f"{name}_removed"].data))
            for name in LOGOS
        }


def _content(sent: Any) -> bytes | None:
    """The bytes of a file that was chosen; None when none was."""
    if not isinstance(sent, FileStorage) or not sent.filename:
        return None
    return sent.stream.read(MAX_LOGO_BYTES + 1)


@blueprint.route("/a/<token>/brand", methods=["GET", "POST"])
def of_assessment(token: str) -> AnyResponse:
    open_own(token)
    before = brands.brand_of_assessment(installation(), token)
    back = url_for("assessments.result", token=token, _anchor="download")
    return _edit(before, back, lambda brand: brands.keep_for_assessment(installation(), token, brand))


@blueprint.route("/engagements/<id_>/brand", methods=["GET", "POST"])
def of_engagement(id_: str) -> AnyResponse:
    actor = me().actor
    before = brands.brand_of_engagement(installation(), actor, id_)
    back = url_for("engagements.show", id_=id_)
    return _edit(before, back, lambda brand: brands.keep_for_engagement(installation(), actor, id_, brand))


def _edit(before: Brand, back: str, keep: Callable[[Brand], None]) -> AnyResponse:
    """The form, or what was sent in it kept; the page shows how the colours come out."""
    request.max_content_length = MAX_BODY
    is_sent = request.method == "POST"
    switched = is_sent and switch_asked()
    form = BrandForm(None, data=_entries(before)) if not is_sent else BrandForm()
    if not is_sent or switched:
        return _page(before, form, back, 200)
    if not form.validate():
        return _page(before, form, back, 400 if form.is_stale else 422)
    try:
        brand = brands.make_brand(before, form.texts, form.uploads)
        keep(brand)
    except Invalid as error:
        for problem in error.problems:
            names = {field.name for field in form}
            field = form[problem.path if problem.path in names else "name"]
            field.errors = [*field.errors, say(problem).removeprefix(f"{problem.path}: ")]
        return _page(before, form, back, 422)
    except Failed:
        return _page(before, form, back, 503)
    for problem in brand.corrections:
        flash(say(problem))
    flash(gettext("Reports look like this from now on."))
    return redirect(request.path, 303)


def _entries(brand: Brand) -> dict[str, str]:
    logos = {f"{name}_text": logo.text for name in LOGOS if (logo := getattr(brand, name)) is not None}
    return {**{name: getattr(brand, name) for name in brands.FIELDS}, **logos}


def _page(brand: Brand, form: BrandForm, back: str, status: int) -> AnyResponse:
    page = render_template(
        "brands/edit.html",
        brand=brand,
        colours=brand.palette,
        form=form,
        back=back,
        logos={name: _picture(getattr(brand, name)) for name in LOGOS},
        status=status,
    )
    return make_response(page, status)


def _picture(logo: Logo | None) -> str:
    """The logo as an address that needs no request; empty without one."""
    return "" if logo is None else f"data:image/png;base64,{b64encode(logo.png).decode('ascii')}"
