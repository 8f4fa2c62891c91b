"""Forms that are the same for every questionnaire, and what all forms have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.fields import choices as wtforms_choices

from assess.core.answers import Assessment, Organisation
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.report.style import Style
from assess.web.choices import FORMATS, INDUSTRIES, REGIONS, SIZES
from assess.web.languages import OWN_NAMES, gettext
from assess.web.languages import lazy_gettext as _l

MAX_NAME = 200
MAX_CAPACITY = 20
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def choice(value: str, label: object) -> Any:
    """One option of a select field. WTForms 3.3 deprecates tuples; its type stubs don't know that yet."""
    return wtforms_choices.SelectChoice(value, label)  # type: ignore[attr-defined]


def clean_text(text: str | None) -> str:
    """Text as it is stored: line feeds only, no control characters, no blanks around it."""
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text or "")).strip()


def clean_line(text: str | None) -> str:
    return re.sub(r"\s+", " ", clean_text(text))


class AtMost:
    """At most `limit` characters, said with both numbers."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, form: object, field: Field) -> None:  # noqa: ARG002 - the signature of a validator
        length = len(field.data or "")
        if length > self.limit:
            message = gettext("This text has %(length)s characters; at most %(limit)s fit.", length=length, limit=self.limit)
            raise ValidationError(message)


class PageForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form with a CSRF token; `is_stale` says after validating that the token was missing or too old."""

    @property
    def is_stale(self) -> bool:
        return bool(self.csrf_token.errors)

    def problems(self) -> Iterator[tuple[str, str]]:
        """(id of the field, message) in the order of the page."""
        for field in self:
            if field.name != "csrf_token":
                yield from ((field.id, str(error)) for error in field.errors)


class OneOf:
    """One of the choices; WTForms' own check says so in its own words only."""

    def __call__(self, form: object, field: SelectField) -> None:  # noqa: ARG002 - the signature of a validator
        if (field.data or "") not in {value for value, *_ in field.iter_choices()}:
            raise ValidationError(gettext("Please choose one of the options."))


def select(label: Any, entries: Mapping[str, object] | None = None, empty: object = None) -> SelectField:
    options = [choice(value, words) for value, words in (entries or {}).items()]
    if empty is not None:
        options.insert(0, choice("", empty))
    return SelectField(label, choices=options, validators=[OneOf()], validate_choice=False)


_SKIP = _l("Rather not say")


class DescriptionForm(PageForm):
    """Who is assessed and who answers."""

    role = select(_l("Your role"))
    name = StringField(_l("Name of the organisation (optional)"), filters=[clean_line], validators=[AtMost(MAX_NAME)])
    industry = select(_l("Industry (optional)"), INDUSTRIES, _SKIP)
    region = select(_l("Region (optional)"), REGIONS, _SKIP)
    size = select(_l("Number of people (optional)"), SIZES, _SKIP)

    def offer_roles(self, questionnaire: Questionnaire, language: str) -> None:
        options = [choice(role.id, role.name.of(language)) for role in questionnaire.roles]
        self.role.choices = [choice("", gettext("Please choose")), *options]

    def validate_role(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(gettext("Please choose your role."))

    def keep_unlisted(self, organisation: Organisation) -> None:
        """Offer what is stored already even if the lists don't have it: from a file, or from an older list."""
        for name in ("industry", "region", "size"):
            field, value = self[name], getattr(organisation, name)
            if value and value not in {listed for listed, *_ in field.iter_choices()}:
                field.choices = [*field.choices, choice(value, value)]

    @property
    def organisation(self) -> Organisation:
        return Organisation(
            name=self.name.data or "",
            industry=self.industry.data or "",
            region=self.region.data or "",
            size=self.size.data or "",
        )


class ModulesForm(PageForm):
    """Which modules are answered beside the core."""

    modules = SelectMultipleField(_l("Optional modules"), validate_choice=False)

    def offer_modules(self, titles: Mapping[str, str]) -> None:
        self.modules.choices = [choice(id_, title) for id_, title in titles.items()]

    def validate_modules(self, field: SelectMultipleField) -> None:
        if not {*(field.data or ())} <= {value for value, *_ in field.iter_choices()}:
            raise ValidationError(gettext("Please choose one of the options."))


class StartForm(DescriptionForm, ModulesForm):
    """The description, which questionnaire is answered, and which modules beside it."""

    questionnaire = select(_l("Questionnaire"))

    def offer_questionnaires(self, titles: Mapping[str, str]) -> None:
        self.questionnaire.choices = [choice(id_, title) for id_, title in titles.items()]


class ImportForm(PageForm):
    """An answers file, and how much of it is taken over."""

    file = FileField(_l("Answers file (YAML or JSON)"))
    take = select(
        _l("What is taken over?"),
        {
            "copy": _l("The answers, as a starting point"),
            "blank": _l("No answers: only the description, modules and targets"),
        },
    )

    def validate_file(self, field: FileField) -> None:
        if not field.data:
            raise ValidationError(gettext("Please choose a file."))


class PlanForm(PageForm):
    """What the roadmap aims at, when it starts, how much runs at one time."""

    profile = select(_l("Target"))
    start = StringField(_l("Start of the plan"), filters=[clean_line])
    capacity = StringField(_l("Initiatives at one time"), filters=[clean_line])

    def offer_profiles(self, questionnaire: Questionnaire, language: str) -> None:
        self.profile.choices = [
            choice("", gettext("Level 4 in every step")),
            *(choice(profile.id, profile.name.of(language)) for profile in questionnaire.profiles),
        ]

    def choices_made(self) -> tuple[str, str, str]:
        """What stands in the form, as typed."""
        return self.profile.data or "", self.start.data or "", self.capacity.data or ""

    def validate_start(self, field: StringField) -> None:
        if field.data and not FIRST_DAY <= (self.start_day or date.min) <= LAST_DAY:
            raise ValidationError(gettext("Please give a date such as 2027-01-04, between the years 2000 and 2099."))

    def validate_capacity(self, field: StringField) -> None:
        text = field.data or ""
        if len(text) > len(str(MAX_CAPACITY)) or not text.isdecimal() or not 1 <= int(text) <= MAX_CAPACITY:
            raise ValidationError(gettext("Please give a whole number from 1 to %(largest)s.", largest=MAX_CAPACITY))

    @property
    def start_day(self) -> date | None:
        """The day given; None when there is none or it is no date."""
        try:
            return date.fromisoformat(self.start.data or "")
        except ValueError:
            return None


class DocumentForm(PageForm):
    """Which report is wanted."""

    style = select(_l("Kind of report"))
    fmt = select(_l("File type"), FORMATS)
    language = select(_l("Language of the report"), {language: OWN_NAMES[language] for language in LANGUAGES})

    def offer_styles(self, styles: tuple[Style, ...], language: str) -> None:
        self.style.choices = [choice(style.id, style.label(language)) for style in styles]


def description_of(assessment: Assessment, role: str) -> dict[str, str]:
    """The description as form data."""
    return {**vars(assessment.organisation), "role": role}
