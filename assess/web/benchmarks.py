"""The released benchmark figures on screen, groups of the fixed set only; and for admins where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField, StringField, ValidationError

from assess.content.exchange import grouped
from assess.core.benchmark import MIN_PEERS
from assess.core.errors import Conflict, Failed, Invalid, NotFound
from assess.core.questionnaire import Questionnaire
from assess.core.release import OVERALL, QUARTILES, TAILS, Figures, Release, pool
from assess.usecases import benchmarks
from assess.usecases import pool as desk
from assess.usecases.pool import Stranger
from assess.web.forms import AtMost, PageForm, choice, clean_line, select
from assess.web.guards import me
from assess.web.languages import current_language, gettext, ngettext, switch_asked
from assess.web.languages import lazy_gettext as _l
from assess.web.opening import STANDARD_QUESTIONNAIRE, installation, known_questionnaires, offered_questionnaires
from assess.web.peers import group_name
from assess.web.questionnaires import say
from assess.web.staff import page, require_press, show_problems

blueprint = Blueprint("benchmarks", __name__, url_prefix="/benchmarks")
MAX_FILE = 8 * 1024 * 1024
"""Larger files are for the command line: reading them would hold up those who answer."""
SLACK = 64 * 1024
MAX_SHOWN = 20


class QuestionnaireForm(PageForm):
    """Which questionnaire's peers."""

    questionnaire = select(_l("Questionnaire"))

    def offer(self) -> None:
        self.questionnaire.choices = [choice(one.id, one.title.of(current_language())) for one in _cores()]

    def chosen(self) -> Questionnaire:
        return next(one for one in _cores() if one.id == self.questionnaire.data)


class FileForm(QuestionnaireForm):
    file = FileField(_l("File (CSV with rows of peers, or another house’s signed JSON file)"))

    def validate_file(self, field: FileField) -> None:
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(gettext("Please choose a file."))


class ExportForm(QuestionnaireForm):
    name = StringField(_l("Name of your house in the file"), filters=[clean_line], validators=[AtMost(benchmarks.MAX_NAME)])

    def validate_name(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError(gettext("Please say who publishes the figures."))


class TrustForm(PageForm):
    """The key of a file that was refused, and that somebody compared its fingerprint."""

    key = HiddenField()
    name = StringField(_l("Whose key it is"), filters=[clean_line], validators=[AtMost(benchmarks.MAX_NAME)])
    compared = BooleanField(_l("I compared this fingerprint with the sender, by another way than the file came"))

    def validate_name(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError(gettext("Please say whose key it is."))

    def validate_compared(self, field: BooleanField) -> None:
        if not field.data:
            raise ValidationError(gettext("Please compare the fingerprint first: who holds the key can publish figures here."))


@dataclass(frozen=True)
class StepBand:
    """What is released of one step: quantiles as scores; p10 and p90 are None where too few organisations allow them."""

    number: str
    title: str
    n: int
    n_to: int
    p10: Fraction | None
    q1: Fraction
    median: Fraction
    q3: Fraction
    p90: Fraction | None


@blueprint.get("/")
def index() -> Response:
    offered = _with_peers()
    core = next((one for one in offered if one.id == request.args.get("questionnaire")), offered[0])
    shelf = benchmarks.browse(installation(), core.id, core.major, request.args.get("group", ""))
    return page(
        "benchmarks/index.html",
        PageForm(None),
        core=core,
        questionnaires=[(one.id, one.title.of(current_language())) for one in offered],
        step_word=core.noun.of(current_language()),
        shelf=shelf,
        groups=[(key, group_name(cell)) for key, cell in shelf.offered],
        bands=_bands(core, shelf.releases),
        least=MIN_PEERS,
    )


def _with_peers() -> list[Questionnaire]:
    """The questionnaires one may look at, the standard one first where it has peers; it alone where none has any."""
    pools = benchmarks.pools(installation())
    cores = sorted(_cores(), key=lambda one: one.id != STANDARD_QUESTIONNAIRE)
    return [one for one in cores if (one.id, one.major) in pools] or [offered_questionnaires()[0]]


def _bands(core: Questionnaire, releases: tuple[Release, ...]) -> list[StepBand]:
    """The programme and the steps that any of the releases shows for the chosen group."""
    language = current_language()
    names = [(OVERALL, "", gettext("Programme"))]
    names += [(d.id, str(number), d.title.of(language)) for number, d in enumerate(core.dimensions, 1)]
    found = []
    for step, number, title in names:
        known = [cell.figures[step] for release in releases for cell in release.cells.values() if step in cell.figures]
        if known:
            found.append(_band(number, title, pool(known), 4 * len(known)))
    return found


def _band(number: str, title: str, figures: Figures, wide: int) -> StepBand:
    at = {
        percent: Fraction(figures.quantiles[percent], 100) for percent in (*QUARTILES, *TAILS) if percent in figures.quantiles
    }
    q1, median, q3 = (at[percent] for percent in QUARTILES)
    low, high = TAILS
    return StepBand(number, title, figures.n, figures.n + wide, at.get(low), q1, median, q3, at.get(high))


def _cores() -> list[Questionnaire]:
    return [one for one in known_questionnaires() if one.kind != "module"]


@blueprint.get("/sources")
def sources() -> Response:
    return _sources()


@blueprint.post("/import")
def take() -> AnyResponse:
    request.max_content_length = MAX_FILE + SLACK
    form = FileForm()
    form.offer()
    if switch_asked():
        return _sources()
    if not form.validate():
        return _sources(400 if form.is_stale else 422, file_form=form)
    with form.file.data.stream as stream:
        content = stream.read(MAX_FILE + 1)
    name = clean_line(form.file.data.filename)[:100] or gettext("file")
    if len(content) > MAX_FILE:
        problem = gettext("The file is larger than 8 MB. Import it with: kam-assess peers import")
        return _refused(form, [problem])
    try:
        found = desk.take_file(installation(), me().actor, content, name, form.chosen())
    except Invalid as error:
        shown = [say(problem) for problem in error.problems[:MAX_SHOWN]]
        more = len(error.problems) - len(shown)
        return _refused(form, shown + ([gettext("and %(count)s more problems", count=more)] if more else []))
    except Conflict:
        return _refused(form, [gettext("This file, or a newer release of the same house, is here already.")])
    except Failed:
        return _sources(503, file_form=form)
    if isinstance(found, Stranger):
        return _sources(422, stranger=found, trust_form=TrustForm(None, data={"key": found.public_key, "name": found.name}))
    if isinstance(found, Release):
        flash(gettext("Release %(number)s of %(name)s is here.", number=found.number, name=found.name))
    else:
        flash(
            gettext(
                "%(count)s rows taken in; %(left)s left out, of another questionnaire or version or without scores. "
                "They are in no figure before the next release.",
                count=found.rows,
                left=found.left_out,
            )
        )
    return redirect(url_for("benchmarks.sources"), 303)


def _refused(form: FileForm, problems: list[str]) -> Response:
    form.file.errors = [*form.file.errors, *problems]
    return _sources(422, file_form=form)


@blueprint.post("/keys")
def trust() -> AnyResponse:
    switched = switch_asked()
    form = TrustForm()
    key = form.key.data or ""
    stranger = desk.stranger_of(key, form.name.data or "")
    if stranger is None:
        raise BadRequest
    if switched:
        return _sources(stranger=stranger, trust_form=form)
    if not form.validate():
        return _sources(400 if form.is_stale else 422, stranger=stranger, trust_form=form)
    try:
        trusted = desk.trust_key(installation(), me().actor, key, form.name.data or "")
    except Invalid as error:
        show_problems(form, error)
        return _sources(422, stranger=stranger, trust_form=form)
    except Failed:
        return _sources(503, stranger=stranger, trust_form=form)
    flash(gettext("The key of %(name)s is trusted now. Please choose the file once more.", name=trusted.name))
    return redirect(url_for("benchmarks.sources"), 303)


@blueprint.post("/keys/<print_>/forget")
def distrust(print_: str) -> AnyResponse:
    require_press()
    gone = desk.distrust_key(installation(), me().actor, print_)
    flash(
        ngettext(
            "The key is no longer trusted; %(num)s release signed with it is erased.",
            "The key is no longer trusted; %(num)s releases signed with it are erased.",
            gone,
        )
    )
    return redirect(url_for("benchmarks.sources"), 303)


@blueprint.post("/sources/<int:number>/remove")
def remove(number: int) -> AnyResponse:
    require_press()
    desk.remove_file(installation(), me().actor, number)
    flash(gettext("Erased. Figures that hold these rows are renewed with later releases, once five can leave together."))
    return redirect(url_for("benchmarks.sources"), 303)


@blueprint.post("/release")
def release() -> AnyResponse:
    switched = switch_asked()
    form = QuestionnaireForm()
    form.offer()
    if switched:
        return _sources(release_form=form)
    if not form.validate():
        return _sources(400 if form.is_stale else 422, release_form=form)
    core = form.chosen()
    try:
        desk.order_release(installation(), me().actor, core.id, core.major)
    except NotFound:
        form.questionnaire.errors = [gettext("There are no rows of this questionnaire yet.")]
        return _sources(422, release_form=form)
    except Conflict:
        form.questionnaire.errors = [gettext("A release of this questionnaire is being made already.")]
        return _sources(422, release_form=form)
    flash(gettext("The release is being made; it stands below as soon as it is done."))
    return redirect(url_for("benchmarks.sources", _anchor="releases"), 303)


@blueprint.post("/export")
def export() -> AnyResponse:
    switched = switch_asked()
    form = ExportForm()
    form.offer()
    if switched:
        return _sources(export_form=form)
    if not form.validate():
        return _sources(400 if form.is_stale else 422, export_form=form)
    core = form.chosen()
    try:
        content = desk.export_file(installation(), me().actor, core.id, core.major, form.name.data or "")
    except NotFound:
        form.questionnaire.errors = [gettext("No group of this questionnaire is released yet.")]
        return _sources(422, export_form=form)
    except Invalid as error:
        show_problems(form, error)
        return _sources(422, export_form=form)
    response = Response(content, mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="kam-benchmark-{core.id}.json"'
    return response


def _sources(
    status: int = 200,
    *,
    file_form: FileForm | None = None,
    release_form: QuestionnaireForm | None = None,
    export_form: ExportForm | None = None,
    trust_form: TrustForm | None = None,
    stranger: Stranger | None = None,
) -> Response:
    """The page with what is at hand, and the forms as they were sent when something in them was wrong."""
    view = desk.view_pool(installation(), me().actor)
    name = next((one.name for one in view.overview.releases if not one.key and one.name), me().actor.workspace)
    forms = (
        file_form or FileForm(None),
        release_form or QuestionnaireForm(None),
        export_form or ExportForm(None, data={"name": name[: benchmarks.MAX_NAME]}),
    )
    for form in forms:
        form.offer()
    wrong = next((form for form in (trust_form, *forms) if form is not None and form.errors), forms[0])
    return page(
        "benchmarks/sources.html",
        wrong,
        status,
        view=view,
        file_form=forms[0],
        release_form=forms[1],
        export_form=forms[2],
        trust_form=trust_form,
        stranger=stranger,
        press=PageForm(None),
        grouped=grouped,
        titles={one.id: one.title.of(current_language()) for one in known_questionnaires()},
    )
