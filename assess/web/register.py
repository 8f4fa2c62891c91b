"""What stands beside the answers: the evidence register, targets set by hand, the modules that are answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField, TextAreaField

from assess.core.answers import Evidence
from assess.core.errors import Conflict, Failed, Invalid, NotFound
from assess.core.questionnaire import LEVELS, Dimension, Item, Questionnaire
from assess.core.roadmap import targets_of
from assess.usecases import assessments
from assess.usecases.assessments import MAX_ENTRIES, OpenAssessment
from assess.web.answering import MAX_COMMENT
from assess.web.figures import level_number
from assess.web.forms import FIRST_DAY, LAST_DAY, AtMost, ModulesForm, PageForm, clean_line, clean_text, select
from assess.web.languages import current_language, gettext, switch_asked
from assess.web.languages import lazy_gettext as _l
from assess.web.opening import installation, offered_modules, open_assessment, open_own, questionnaire_title

blueprint = Blueprint("register", __name__, url_prefix="/a/<token>")

BLANK_ROWS = 2
SOON = timedelta(days=90)
MAX_URL = 2000
_ADDRESS = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)


@dataclass(frozen=True)
class ItemEvidence:
    """An item with its entries in the register and what is noted with the reader's own answer."""

    item: Item
    entries: tuple[Evidence, ...]
    note: str


@dataclass(frozen=True)
class StepEvidence:
    dimension: Dimension
    items: tuple[ItemEvidence, ...]


@blueprint.get("/evidence")
def evidence(token: str) -> str:
    opened = open_assessment(token)
    return render_template(
        "register/evidence.html",
        token=token,
        opened=opened,
        steps=list(_steps(opened)),
        state_of=_state_of,
        is_address=is_address,
    )


def _steps(opened: OpenAssessment) -> Iterator[StepEvidence]:
    notes = {id_: answer.evidence for id_, answer in opened.respondent.answers.items()} if opened.respondent else {}
    register = opened.assessment.evidence
    for dimension in opened.dimension.values():
        items = (ItemEvidence(item, register.get(item.id, ()), notes.get(item.id, "")) for item in dimension.items)
        yield StepEvidence(dimension, tuple(items))


def _state_of(entry: Evidence) -> str:
    """`expired`, `soon` when it expires within 90 days, else empty; as of today."""
    today = installation().clock().date()
    if entry.expires is None or entry.expires > today + SOON:
        return ""
    return "soon" if today <= entry.expires else "expired"


def is_address(url: str) -> bool:
    """Whether a text may be shown as a link."""
    return _ADDRESS.fullmatch(url) is not None


class EvidenceForm(PageForm):
    """The entries of one item, a few empty ones after them; `shown` says which entries the page was made with."""

    rows = 0
    shown = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        for number in range(self.rows):
            for name, message in _row_mistakes(self, number):
                self[name].errors = [*self[name].errors, message]
        return not self.errors

    def entries(self) -> tuple[Evidence, ...]:
        """The rows in which something stands."""
        found = (
            Evidence(self[f"text_{n}"].data or "", self[f"url_{n}"].data or "", _day(self[f"expires_{n}"].data))
            for n in range(self.rows)
        )
        return tuple(entry for entry in found if entry != Evidence())


def _row_mistakes(form: EvidenceForm, number: int) -> Iterator[tuple[str, str]]:
    text, url, expires = (form[f"{name}_{number}"].data or "" for name in ("text", "url", "expires"))
    if url and not is_address(url):
        yield f"url_{number}", gettext("Please give the whole address, beginning with https:// or http://.")
    if expires and not FIRST_DAY <= (_day(expires) or date.min) <= LAST_DAY:
        yield f"expires_{number}", gettext("Please give a date such as 2027-01-04, between the years 2000 and 2099.")
    if expires and not text and not url:
        yield f"text_{number}", gettext("Please say what proves it, or give its link.")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


@lru_cache(maxsize=MAX_ENTRIES + 1)
def _evidence_form(rows: int) -> type[EvidenceForm]:
    attributes: dict[str, Any] = {"rows": rows}
    for n in range(rows):
        attributes[f"text_{n}"] = TextAreaField(_l("What proves it"), filters=[clean_text], validators=[AtMost(MAX_COMMENT)])
        attributes[f"url_{n}"] = StringField(_l("Link (optional)"), filters=[clean_line], validators=[AtMost(MAX_URL)])
        attributes[f"expires_{n}"] = StringField(_l("Valid until (optional)"), filters=[clean_line])
    return type("EvidenceRows", (EvidenceForm,), attributes)


def _print(entries: Sequence[Evidence]) -> str:
    return sha256(repr(tuple(entries)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@blueprint.route("/evidence/<item>", methods=["GET", "POST"])
def evidence_of(token: str, item: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    opened = open_own(token)
    asked = opened.item.get(item)
    if asked is None:
        raise NotFound(f"there is no item {item}")
    entries = opened.assessment.evidence.get(item, ())
    form = _evidence_form(min(len(entries) + BLANK_ROWS, MAX_ENTRIES))(data=_entry_data(entries))
    if request.method != "POST" or switched:
        return _evidence_page(token, opened, asked, form, 200)
    if not form.validate():
        return _evidence_page(token, opened, asked, form, 400 if form.is_stale else 422)
    try:
        if form.shown.data != _print(entries):
            raise Conflict("the page was made with other entries")
        assessments.keep_evidence(installation(), token, item, form.entries(), shown=entries)
    except Conflict:
        return _collided(token, item, asked, form)
    except Failed:
        return _evidence_page(token, opened, asked, form, 503)
    flash(gettext("The evidence is saved."))
    if request.form.get("then") == "more":
        return redirect(url_for("register.evidence_of", token=token, item=item), 303)
    return redirect(url_for("register.evidence", token=token, _anchor=f"item-{item}"), 303)


def _entry_data(entries: Sequence[Evidence]) -> dict[str, str]:
    data = {"shown": _print(entries)}
    for n, entry in enumerate(entries):
        data |= {f"text_{n}": entry.text, f"url_{n}": entry.url}
        data[f"expires_{n}"] = entry.expires.isoformat() if entry.expires else ""
    return data


def _collided(token: str, item: str, asked: Item, form: EvidenceForm) -> Response:
    """The page again, as typed, with the entries that somebody else saved in the meantime above it."""
    opened = open_own(token)
    there = opened.assessment.evidence.get(item, ())
    form.shown.data = _print(there)
    return _evidence_page(token, opened, asked, form, 409, theirs=there)


def _evidence_page(
    token: str,
    opened: OpenAssessment,
    item: Item,
    form: EvidenceForm,
    status: int,
    theirs: Sequence[Evidence] | None = None,
) -> Response:
    page = render_template(
        "register/evidence_item.html",
        token=token,
        opened=opened,
        item=item,
        form=form,
        status=status,
        theirs=theirs,
        state_of=_state_of,
        is_address=is_address,
    )
    return make_response(page, status)


class TargetsForm(PageForm):
    """A target for each step, or none."""


@blueprint.route("/targets", methods=["GET", "POST"])
def targets(token: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    opened = open_own(token)
    form = _targets_form(opened)
    if request.method != "POST" or switched:
        return _targets_page(token, opened, form, 200)
    if not form.validate():
        return _targets_page(token, opened, form, 400 if form.is_stale else 422)
    chosen = {id_: Fraction(form[f"t_{id_}"].data) for id_ in opened.dimension if form[f"t_{id_}"].data}
    try:
        assessments.choose_targets(installation(), token, chosen)
    except Failed:
        return _targets_page(token, opened, form, 503)
    flash(gettext("The targets are saved."))
    return redirect(url_for("assessments.result", token=token, _anchor="roadmap"), 303)


def _targets_form(opened: OpenAssessment) -> TargetsForm:
    by_hand = opened.assessment.targets
    fields = {f"t_{id_}": _target_field(opened, dimension) for id_, dimension in opened.dimension.items()}
    data = {f"t_{id_}": str(by_hand[id_]) if id_ in by_hand else "" for id_ in opened.dimension}
    built: TargetsForm = type("StepTargets", (TargetsForm,), fields)(data=data)
    return built


def _target_field(opened: OpenAssessment, dimension: Dimension) -> Any:
    """The levels, what is set already even if it lies between two, and nothing: as the chosen target says."""
    otherwise = _without_hand(opened)[dimension.id]
    own = opened.assessment.targets.get(dimension.id)
    levels = sorted({*map(Fraction, LEVELS), *([] if own is None else [own])})
    options = {str(level): gettext("Level %(level)s", level=level_number(level)) for level in levels}
    empty = gettext("As the chosen target says: %(level)s", level=level_number(otherwise))
    return select(dimension.title.of(current_language()), options, empty)


def _without_hand(opened: OpenAssessment) -> dict[str, Fraction]:
    values = vars(opened.assessment) | {"targets": {}}
    plain = type(opened.assessment)(**{name: values[name] for name in opened.assessment.__dataclass_fields__})
    return {id_: level for one in opened.questionnaires for id_, level in targets_of(one, plain).items()}


def _targets_page(token: str, opened: OpenAssessment, form: TargetsForm, status: int) -> Response:
    page = render_template("register/targets.html", token=token, opened=opened, form=form, status=status)
    return make_response(page, status)


@blueprint.route("/modules", methods=["GET", "POST"])
def modules(token: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    opened = open_own(token)
    offered = {**{one.id: one for one in offered_modules()}, **{one.id: one for one in opened.modules}}
    form = ModulesForm(data={"modules": list(opened.assessment.modules)})
    form.offer_modules({id_: questionnaire_title(one) for id_, one in offered.items()})
    if request.method != "POST" or switched:
        return _modules_page(token, opened, offered, form, 200)
    if not form.validate():
        return _modules_page(token, opened, offered, form, 400 if form.is_stale else 422)
    try:
        assessments.choose_modules(installation(), token, [id_ for id_ in offered if id_ in (form.modules.data or ())])
    except Invalid as error:
        form.modules.errors = [problem.text for problem in error.problems]
        return _modules_page(token, opened, offered, form, 422)
    except Failed:
        return _modules_page(token, opened, offered, form, 503)
    flash(gettext("The modules are chosen."))
    return redirect(url_for("assessments.overview", token=token, _anchor="steps"), 303)


def _modules_page(
    token: str, opened: OpenAssessment, offered: dict[str, Questionnaire], form: ModulesForm, status: int
) -> Response:
    page = render_template("register/modules.html", token=token, opened=opened, offered=offered, form=form, status=status)
    return make_response(page, status)
