"""Forms of the roadmap: a decision about an initiative, an initiative of one's own, what is left out."""

from __future__ import annotations

from datetime import date

from wtforms import BooleanField, HiddenField, StringField, ValidationError

from assess.core.decisions import STATUSES, Decision, OwnInitiative
from assess.core.questionnaire import Lift, Questionnaire
from assess.usecases.answers import MAX_TEXT
from assess.usecases.plans import FIRST_DAY, LAST_DAY, MAX_OWNER, MAX_TITLE
from assess.web.choices import EFFORTS, STATUS_NAMES
from assess.web.forms import AtMost, PageForm, choice, clean_line, clean_text, select
from assess.web.languages import gettext
from assess.web.languages import lazy_gettext as _l


def day_in(text: str | None) -> date | None:
    """The day given as 2027-01-04; None when there is none or it is no date."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


class DayField(StringField):
    """A day, optional unless the form asks for it."""

    def pre_validate(self, form: object) -> None:  # noqa: ARG002 - the signature of WTForms
        if self.data and not FIRST_DAY <= (day_in(self.data) or date.min) <= LAST_DAY:
            raise ValidationError(gettext("Please give a date such as 2027-01-04."))

    @property
    def day(self) -> date | None:
        return day_in(self.data)


class _Dated(PageForm):
    start = DayField(_l("First day"), filters=[clean_line])
    last_day = DayField(_l("Last day"), filters=[clean_line])
    base = HiddenField()

    def validate_last_day(self, field: DayField) -> None:
        if self.start.day and field.day and field.day < self.start.day:
            raise ValidationError(gettext("The last day must not be before the first."))

    @property
    def version(self) -> int:
        """How often what is edited had been edited when the page was made; one that can't be, for anything else."""
        text = self.base.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


class DecisionForm(_Dated):
    """What people decide about one initiative."""

    owner = StringField(_l("Led by (name)"), filters=[clean_line], validators=[AtMost(MAX_OWNER)])
    status = select(_l("Status"), {status: STATUS_NAMES[status] for status in STATUSES})
    notes = StringField(_l("Notes"), filters=[clean_text], validators=[AtMost(MAX_TEXT)])
    is_left_out = BooleanField(_l("Leave it out of the plan"))

    @property
    def decision(self) -> Decision:
        return Decision(
            owner=self.owner.data or "",
            start=self.start.day,
            last_day=self.last_day.day,
            status=self.status.data,
            notes=self.notes.data or "",
            is_left_out=bool(self.is_left_out.data),
        )


class MoveForm(_Dated):
    """New dates, as dragging a bar gives them."""


class OwnForm(_Dated):
    """An initiative the catalogue does not have."""

    title = StringField(_l("What is to be done"), filters=[clean_line], validators=[AtMost(MAX_TITLE)])
    owner_role = select(_l("Led by"))
    effort = select(_l("Effort"), {str(effort): name for effort, name in EFFORTS.items()})
    done_when = StringField(_l("Done when"), filters=[clean_text], validators=[AtMost(MAX_TEXT)])
    item = select(_l("Question it lifts (optional)"))
    to = select(_l("To level"), {str(level): str(level) for level in range(2, 6)})

    def offer(self, questionnaires: tuple[Questionnaire, ...], language: str) -> None:
        """The roles of the core and the items of all."""
        core = questionnaires[0]
        self.owner_role.choices = [choice(role.id, role.name.of(language)) for role in core.roles]
        items = [choice(item.id, f"{item.id} {item.text.of(language)}") for one in questionnaires for item in one.items]
        self.item.choices = [choice("", gettext("No question")), *items]

    def validate_title(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError(gettext("Please say what is to be done."))

    def validate_start(self, field: DayField) -> None:
        if not field.data:
            raise ValidationError(gettext("Please give a date such as 2027-01-04."))

    def validate_last_day(self, field: DayField) -> None:
        if not field.data:
            raise ValidationError(gettext("Please give a date such as 2027-01-04."))
        super().validate_last_day(field)

    def initiative(self, id_: str) -> OwnInitiative:
        """What a valid form says."""
        return OwnInitiative(
            id=id_,
            title=self.title.data or "",
            owner_role=self.owner_role.data,
            start=self.start.day or date.min,
            last_day=self.last_day.day or date.min,
            effort=int(self.effort.data),
            done_when=self.done_when.data or "",
            lifts=(Lift(self.item.data, int(self.to.data)),) if self.item.data else (),
        )


def own_data(own: OwnInitiative, version: int) -> dict[str, object]:
    """An own initiative as form data."""
    lift = own.lifts[0] if own.lifts else None
    return {
        "title": own.title,
        "owner_role": own.owner_role,
        "start": own.start.isoformat(),
        "last_day": own.last_day.isoformat(),
        "effort": str(own.effort),
        "done_when": own.done_when,
        "item": lift.item if lift else "",
        "to": str(lift.to if lift else 3),
        "base": str(version),
    }


def decision_data(decision: Decision, version: int) -> dict[str, object]:
    """A decision as form data."""
    return {
        "owner": decision.owner,
        "start": decision.start.isoformat() if decision.start else "",
        "last_day": decision.last_day.isoformat() if decision.last_day else "",
        "status": decision.status,
        "notes": decision.notes,
        "is_left_out": decision.is_left_out,
        "base": str(version),
    }
