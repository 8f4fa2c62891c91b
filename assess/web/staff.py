"""Staff's way in: the one-time set-up link, signing in and out, the account page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField, SelectField, StringField

from assess.core.errors import Failed, Invalid, NotFound
from assess.usecases import people
from assess.usecases.people import WORKSPACE_KINDS
from assess.web.forms import MAX_NAME, AtMost, PageForm, clean_line, select
from assess.web.guards import cookie_name, me, signed_in
from assess.web.languages import gettext, switch_asked
from assess.web.languages import lazy_gettext as _l
from assess.web.messages import problem_text
from assess.web.opening import installation, provider_name

blueprint = Blueprint("staff", __name__)

KINDS = {
    "consultancy": _l("A consultancy: we assess clients"),
    "company": _l("A company: we assess ourselves"),
}
assert set(KINDS) == set(WORKSPACE_KINDS)  # noqa: S101 - both lists are ours


class SignInForm(PageForm):
    email = StringField(_l("E-mail address"), filters=[clean_line])
    password = PasswordField(_l("Password"))


class SetupForm(PageForm):
    """The password of somebody invited."""

    name = StringField(_l("Your name"), filters=[clean_line], validators=[AtMost(MAX_NAME)])
    password = PasswordField(_l("Password"))


class FirstSetupForm(SetupForm):
    """The same at the first start, with who the first admin is and what the workspace is called."""

    email = StringField(_l("Your e-mail address"), filters=[clean_line])
    workspace = StringField(_l("Name of the consultancy or company"), filters=[clean_line], validators=[AtMost(MAX_NAME)])
    kind = select(_l("What are you?"), KINDS)


class PasswordForm(PageForm):
    current = PasswordField(_l("Present password"))
    new = PasswordField(_l("New password"))


class WorkspaceForm(PageForm):
    workspace = SelectField(_l("Workspace"), validate_choice=False)


def show_problems(form: PageForm, error: Invalid, **renamed: str) -> None:
    """Put each problem of a use case beside the field it is about."""
    for problem in error.problems:
        name = renamed.get(problem.path, problem.path)
        field = form[name] if name in form else next(iter(form))
        field.errors = [*field.errors, problem_text(problem)]


def require_press(form: PageForm | None = None) -> None:
    """A button's form, in which nothing is typed, must carry its token."""
    if not (form or PageForm()).validate():
        raise BadRequest


def page(template: str, form: PageForm, status: int = 200, **values: object) -> Response:
    return make_response(render_template(template, form=form, status=status, **values), status)


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
def set_up(token: str) -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    view = people.open_setup(installation(), token)
    form = FirstSetupForm() if view.is_first else SetupForm(data={"name": view.name})
    values: dict[str, Any] = {"view": view, "token": token}
    if request.method != "POST" or switched:
        return page("staff/set_up.html", form, **values)
    if not form.validate():
        return page("staff/set_up.html", form, 400 if form.is_stale else 422, **values)
    given = {"password": form.password.data or "", "name": form.name.data or ""}
    if view.is_first:
        given |= {name: form[name].data or "" for name in ("email", "workspace", "kind")}
    try:
        people.finish_setup(installation(), token, **given)
    except Invalid as error:
        show_problems(form, error)
        return page("staff/set_up.html", form, 422, **values)
    except Failed:
        return page("staff/set_up.html", form, 503, **values)
    flash(gettext("Your password is set. Please sign in."))
    return redirect(url_for("staff.sign_in"), 303)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> AnyResponse:
    switched = request.method == "POST" and switch_asked()
    form, after = SignInForm(), own_path(request.args.get("next", ""))
    if request.method != "POST" and signed_in() is not None:
        return redirect(after, 303)
    if request.method != "POST" or switched:
        return _sign_in_page(form, after)
    if not form.validate():
        return _sign_in_page(form, after, 400 if form.is_stale else 422)
    try:
        result = people.sign_in(
            installation(),
            email=form.email.data or "",
            password=form.password.data or "",
            address=request.remote_addr or "",
            browser=request.headers.get("User-Agent", ""),
        )
    except Failed:
        return _sign_in_page(form, after, 503)
    if result.token is None:
        return _refused(form, after, is_throttled=result.is_throttled)
    session.clear()
    response = redirect(after, 303)
    response.set_cookie(cookie_name(), result.token, secure=request.is_secure, httponly=True, samesite="Lax", path="/")
    return response


def _sign_in_page(form: SignInForm, after: str, status: int = 200) -> Response:
    return page("staff/sign_in.html", form, status, after=after, provider=provider_name())


def _refused(form: SignInForm, after: str, *, is_throttled: bool) -> Response:
    if is_throttled:
        form.email.errors = [gettext("Too many tries. Please wait a quarter of an hour.")]
    else:
        form.email.errors = [gettext("The e-mail address or the password is not right.")]
    response = _sign_in_page(form, after, 429 if is_throttled else 422)
    if is_throttled:
        response.headers["Retry-After"] = str(people.TRY_SECONDS)
    return response


def own_path(path: str) -> str:
    """Where to go after signing in: a path of this server, else the list of engagements."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own else url_for("engagements.index")


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    require_press()
    people.sign_out(installation(), me().actor, me().session_hash)
    return _goodbye()


@blueprint.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> AnyResponse:
    require_press()
    people.sign_out_everywhere(installation(), me().actor)
    return _goodbye()


def _goodbye() -> AnyResponse:
    session.clear()
    flash(gettext("You are signed out."))
    response = redirect(url_for("staff.sign_in"), 303)
    response.delete_cookie(cookie_name(), secure=request.is_secure, httponly=True, samesite="Lax", path="/")
    return response


@blueprint.get("/account")
def account() -> Response:
    return _account_page(PasswordForm(None))


@blueprint.post("/account/password")
def password() -> AnyResponse:
    form = PasswordForm()
    if switch_asked():
        return _account_page(form)
    if not form.validate():
        return _account_page(form, 400 if form.is_stale else 422)
    user = me()
    given = {"current": form.current.data or "", "new": form.new.data or ""}
    try:
        people.change_password(installation(), user.actor, user.session_hash, **given)
    except Invalid as error:
        show_problems(form, error, password="new")  # noqa: S106 - a field's name
        return _account_page(form, 422)
    except Failed:
        return _account_page(form, 503)
    flash(gettext("Your password is changed. You were signed out everywhere else."))
    return redirect(url_for("staff.account"), 303)


@blueprint.post("/account/workspace")
def workspace() -> AnyResponse:
    require_press()
    user, wanted = me(), request.form.get("workspace", "")
    if not wanted.isdecimal() or len(wanted) > 9:
        raise NotFound("there is no such workspace")
    people.switch_workspace(installation(), user.actor, user.session_hash, int(wanted))
    return redirect(url_for("engagements.index"), 303)


def browser_name(agent: str) -> str:
    """`Firefox, Windows` of what a browser says of itself; empty where nothing in it is known."""
    programs = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
    systems = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
    program, system = (next((name for name in names if name in agent), "") for names in (programs, systems))
    spoken = {"Edg": "Edge", "OPR": "Opera", "Macintosh": "macOS"}
    return ", ".join(spoken.get(name, name) for name in (program, system) if name)


def _account_page(form: PasswordForm, status: int = 200) -> Response:
    user = me()
    return page(
        "staff/account.html",
        form,
        status,
        actor=user.actor,
        current=user.session_hash,
        has_password=people.has_password(installation(), user.actor),
        provider=provider_name(),
        browser_name=browser_name,
        sessions=people.sessions_of(installation(), user.actor),
        workspaces=people.workspaces_of(installation(), user.actor),
    )
