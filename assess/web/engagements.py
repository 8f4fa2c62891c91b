"""Engagements: the list, one with its assessments, and what is done to them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import RadioField, SelectMultipleField, StringField

from assess.core.answers import Organisation
from assess.core.errors import Failed, Invalid, NotFound
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.staff import INDIVIDUALS
from assess.usecases import demo, engagements, invitations
from assess.usecases.engagements import ACTIVE, STATES, OpenEngagement, Work
from assess.web.choices import INDUSTRIES, REGIONS, SIZES
from assess.web.documents import disposition
from assess.web.forms import MAX_NAME, AtMost, PageForm, choice, clean_line, select
from assess.web.guards import me
from assess.web.languages import OWN_NAMES, current_language, gettext, switch_asked
from assess.web.languages import lazy_gettext as _l
from assess.web.opening import STANDARD_QUESTIONNAIRE, installation, known_questionnaires
from assess.web.staff import page, require_press, show_problems

blueprint = Blueprint("engagements", __name__, url_prefix="/engagements")

MODES = {
    "attributed": _l("By name: staff see who answered what, and people are told so before they answer"),
    "confidential": _l("In confidence: staff see results only, and none of fewer than three people"),
}
_SKIP = _l("Not known")


class EngagementForm(PageForm):
    client = StringField(_l("Client"), filters=[clean_line], validators=[AtMost(MAX_NAME)])
    title = StringField(_l("Title (optional)"), filters=[clean_line], validators=[AtMost(MAX_NAME)])
    industry = select(_l("Industry (optional)"), INDUSTRIES, _SKIP)
    region = select(_l("Region (optional)"), REGIONS, _SKIP)
    size = select(_l("Number of people (optional)"), SIZES, _SKIP)
    language = select(_l("Language of the client"), {language: OWN_NAMES[language] for language in LANGUAGES})
    mode = RadioField(
        _l("How people answer"), choices=[choice(key, words) for key, words in MODES.items()], validate_choice=False
    )

    @property
    def work(self) -> Work:
        return Work(
            title=self.title.data or "",
            organisation=Organisation(
                self.client.data or "", self.industry.data or "", self.region.data or "", self.size.data or ""
            ),
            language=self.language.data or "",
            confidential=self.mode.data == "confidential",
            pool_consent=request.form.get("pool_consent") == "yes",
        )


class AssessmentForm(PageForm):
    questionnaire = select(_l("Questionnaire"))
    modules = SelectMultipleField(_l("Modules (optional)"), validate_choice=False)
    profile = select(_l("Target"))

    def offer(self, known: tuple[Questionnaire, ...], language: str) -> None:
        cores = [one for one in known if one.kind == "core"]
        self.questionnaire.choices = [choice(one.id, _title(one, language)) for one in cores]
        self.modules.choices = [choice(one.id, _title(one, language)) for one in known if one.kind == "module"]
        profiles = {profile.id: profile.name.of(language) for one in cores for profile in one.profiles}
        self.profile.choices = [
            choice("", gettext("Level 4 in every step")),
            *(choice(id_, name) for id_, name in profiles.items()),
        ]

    @property
    def chosen_modules(self) -> list[str]:
        """Those chosen that are offered."""
        offered = {value for value, *_ in self.modules.iter_choices()}
        return [one for one in self.modules.data or [] if one in offered]


def _title(questionnaire: Questionnaire, language: str) -> str:
    return gettext("%(title)s (%(items)s questions)", title=questionnaire.title.of(language), items=len(questionnaire.items))


@blueprint.get("/")
def index() -> str:
    actor = me().actor
    state = request.args.get("state", ACTIVE)
    search = clean_line(request.args.get("q", ""))[:MAX_NAME]
    if state not in STATES or (state != ACTIVE and not actor.may(INDIVIDUALS)):
        state = ACTIVE
    found = engagements.list_engagements(installation(), actor, state=state, search=search)
    has_demo = any(one.sample for one in found)
    form = PageForm(None)
    return render_template(
        "engagements/index.html", actor=actor, engagements=found, state=state, search=search, form=form, has_demo=has_demo
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    form = EngagementForm(data={"language": current_language(), "mode": "attributed"})
    actor = me().actor
    values: dict[str, Any] = {"clients": engagements.list_clients(installation(), actor), "work": None}
    if request.method != "POST" or switched:
        return page("engagements/form.html", form, **values)
    if not form.validate():
        return page("engagements/form.html", form, 400 if form.is_stale else 422, **values)
    try:
        id_ = engagements.create_engagement(installation(), actor, form.work)
    except Invalid as error:
        show_problems(form, error)
        return page("engagements/form.html", form, 422, **values)
    except Failed:
        return page("engagements/form.html", form, 503, **values)
    return redirect(url_for("engagements.show", id_=id_), 303)


@blueprint.get("/<id_>/")
def show(id_: str) -> AnyResponse:
    actor = me().actor
    opened = engagements.open_engagement(installation(), actor, id_)
    titles = engagements.questionnaire_titles(installation(), opened, current_language())
    return page("engagements/show.html", PageForm(None), actor=actor, work=opened, titles=titles)


@blueprint.route("/<id_>/change", methods=["GET", "POST"])
def change(id_: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    actor = me().actor
    opened = engagements.open_engagement(installation(), actor, id_)
    form = EngagementForm(data=_entries(opened))
    values: dict[str, Any] = {"clients": engagements.list_clients(installation(), actor), "work": opened}
    if request.method != "POST" or switched:
        return page("engagements/form.html", form, **values)
    if not form.validate():
        return page("engagements/form.html", form, 400 if form.is_stale else 422, **values)
    try:
        engagements.change_engagement(installation(), actor, id_, form.work)
    except Invalid as error:
        show_problems(form, error)
        return page("engagements/form.html", form, 422, **values)
    except Failed:
        return page("engagements/form.html", form, 503, **values)
    flash(gettext("The engagement is saved."))
    return redirect(url_for("engagements.show", id_=id_), 303)


def _entries(opened: OpenEngagement) -> dict[str, str]:
    one = opened.engagement
    client = one.organisation
    return {
        "client": client.name,
        "title": one.title,
        "industry": client.industry,
        "region": client.region,
        "size": client.size,
        "language": one.language,
        "mode": "confidential" if one.confidential else "attributed",
    }


@blueprint.post("/<id_>/archive")
def archive(id_: str) -> AnyResponse:
    require_press()
    archived = request.form.get("archived") == "yes"
    engagements.archive_engagement(installation(), me().actor, id_, archived=archived)
    if archived:
        flash(gettext("The engagement is archived. Links to it no longer open."))
    else:
        flash(gettext("The engagement is active again."))
    return redirect(url_for("engagements.show", id_=id_), 303)


@blueprint.route("/<id_>/delete", methods=["GET", "POST"])
def delete(id_: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    actor, form = me().actor, PageForm()
    opened = engagements.open_engagement(installation(), actor, id_)
    if request.method != "POST" or switched or not form.validate():
        days = engagements.GRACE.days
        return page("engagements/delete.html", form, 400 if form.is_stale else 200, work=opened, days=days)
    engagements.delete_engagement(installation(), actor, id_)
    flash(gettext("The engagement is deleted."))
    return redirect(url_for("engagements.index"), 303)


@blueprint.post("/<id_>/restore")
def restore(id_: str) -> AnyResponse:
    require_press()
    engagements.restore_engagement(installation(), me().actor, id_)
    flash(gettext("The engagement is back."))
    return redirect(url_for("engagements.show", id_=id_), 303)


@blueprint.get("/<id_>/export.zip")
def export(id_: str) -> Response:
    actor = me().actor
    name = engagements.open_engagement(installation(), actor, id_).engagement.organisation.name
    response = Response(engagements.export_engagement(installation(), actor, id_), mimetype="application/zip")
    response.headers["Content-Disposition"] = disposition(f"KAM-{name}.zip")
    return response


@blueprint.route("/<id_>/assessments/new", methods=["GET", "POST"])
def new_assessment(id_: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    actor = me().actor
    opened = engagements.open_engagement(installation(), actor, id_)
    form = AssessmentForm(data={"questionnaire": STANDARD_QUESTIONNAIRE})
    form.offer(known_questionnaires(), current_language())
    if request.method != "POST" or switched:
        return page("engagements/new_assessment.html", form, work=opened)
    if not form.validate():
        return page("engagements/new_assessment.html", form, 400 if form.is_stale else 422, work=opened)
    try:
        code = engagements.start_assessment(
            installation(),
            actor,
            id_,
            questionnaire=form.questionnaire.data,
            modules=form.chosen_modules,
            profile=form.profile.data or None,
        )
    except Invalid as error:
        show_problems(form, error)
        return page("engagements/new_assessment.html", form, 422, work=opened)
    except Failed:
        return page("engagements/new_assessment.html", form, 503, work=opened)
    return redirect(url_for("engagements.assessment", id_=id_, code=code), 303)


@blueprint.get("/<id_>/assessments/<code>/")
def assessment(id_: str, code: str) -> AnyResponse:
    return assessment_page(id_, code)


def assessment_page(id_: str, code: str, form: PageForm | None = None, status: int = 200) -> Response:
    """An assessment with its invitations; form: the one to invite, as it was sent when something in it was wrong."""
    from assess.web.invitations import InviteForm, link_to

    actor = me().actor
    key, work, opened = engagements.open_assessment(installation(), actor, code)
    if work.engagement.id != id_:
        raise NotFound("there is no such assessment")
    people = invitations.list_invitations(installation(), key) if actor.may(INDIVIDUALS) else ()
    invite = form or InviteForm(None, data={"language": work.engagement.language})
    if isinstance(invite, InviteForm):
        invite.offer(opened.questionnaire, current_language())
    return page(
        "engagements/assessment.html",
        invite,
        status,
        actor=actor,
        key=key,
        work=work,
        summary=next(one for one in work.assessments if one.code == code),
        assessment=opened,
        people=people,
        link_to=link_to,
        total=len(opened.item),
    )


@blueprint.post("/demo/add")
def add_demo() -> AnyResponse:
    require_press()
    id_ = demo.add_demo(installation(), me().actor)
    flash(gettext("The demo data is there. It is made up, and marked everywhere."))
    return redirect(url_for("engagements.show", id_=id_), 303)


@blueprint.post("/demo/remove")
def remove_demo() -> AnyResponse:
    require_press()
    demo.remove_demo(installation(), me().actor)
    flash(gettext("The demo data is gone."))
    return redirect(url_for("engagements.index"), 303)
