"""The form of one step, built from the questionnaire, and what a person's entries in it mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from wtforms import HiddenField, RadioField, TextAreaField

from assess.core.answers import NOT_APPLICABLE_REASONS, Answer
from assess.core.questionnaire import LEVELS, Dimension, Item, Questionnaire
from assess.web.choices import REASONS
from assess.web.forms import AtMost, PageForm, choice, clean_text, select
from assess.web.languages import gettext
from assess.web.languages import lazy_gettext as _l

MAX_COMMENT, MAX_EVIDENCE = 2000, 5000
DONT_KNOW, NOT_APPLICABLE, CLEAR = "dont_know", "not_applicable", "clear"
MINE, THEIRS = "mine", "theirs"
_NUMBERS = {str(level): level for level in LEVELS}
_SHOWN = re.compile(r"(?P<version>[0-9]{1,9})\.(?P<print>[0-9a-z]{4,16})(?P<asks>\.asks)?", re.ASCII)
_CHOICES = frozenset({*_NUMBERS, DONT_KNOW, NOT_APPLICABLE, CLEAR})


@dataclass(frozen=True)
class Names:
    """The field names of one item. Ids are slugs, so `__` keeps them apart; `q_` keeps them off WTForms' own attributes."""

    item: str

    @property
    def choice(self) -> str:
        return f"q_{self.item}"

    @property
    def reason(self) -> str:
        return f"q_{self.item}__reason"

    @property
    def evidence(self) -> str:
        return f"q_{self.item}__evidence"

    @property
    def comment(self) -> str:
        return f"q_{self.item}__comment"

    @property
    def entered(self) -> tuple[str, ...]:
        """The fields a person fills in."""
        return self.choice, self.reason, self.evidence, self.comment

    @property
    def shown(self) -> str:
        """The hidden field that says which version of the answer the page was made with; see `shown_as`."""
        return f"q_{self.item}__shown"

    @property
    def keep(self) -> str:
        """Which of two values to keep, where a page asks because somebody else changed the answer in the meantime."""
        return f"q_{self.item}__keep"


class AnswerForm(PageForm):
    """Answers to the items of one step. A field that was not sent means unchanged; clearing is a choice of its own."""

    items: tuple[Item, ...] = ()
    number = 0

    def problems(self) -> Iterator[tuple[str, str]]:
        """As in every form, with the number of the item that each is about."""
        place = {name: f"{self.number}.{n}" for n, item in enumerate(self.items, start=1) for name in Names(item.id).entered}
        for id_, message in super().problems():
            yield id_, gettext("%(item)s: %(problem)s", item=place[id_], problem=message) if id_ in place else message

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        super().validate(extra_validators)
        for item in self.items:
            for name, message in _mistakes(self, item):
                self[name].errors = [*self[name].errors, message]
        return not self.errors

    def has_errors(self, item: Item) -> bool:
        return any(self[name].errors for name in Names(item.id).entered)

    def changes(self, stored: Mapping[str, Answer]) -> dict[str, Answer | None]:
        """Item id -> new answer, None to clear it: of the items that can be saved, only what differs from what was shown.

        A page therefore saves what was changed on it and nothing else.
        """
        given = {item.id: self.answer_to(item) for item in self.items if not self.has_errors(item) and not self.waits(item)}
        return {
            item: answer
            for item, answer in given.items()
            if answer != stored.get(item) and self._shown(item).print != fingerprint(answer)
        }

    def bases(self) -> dict[str, int]:
        """Item id -> the version of its answer that the page was made with."""
        return {item.id: self._shown(item.id).version for item in self.items}

    def waits(self, item: Item) -> bool:
        """Whether the person still has to choose, or chose to keep what somebody else entered: then nothing is saved."""
        return self._shown(item.id).asks and self[Names(item.id).keep].data != MINE

    def undecided(self) -> tuple[str, ...]:
        """Items of which the page asked which value to keep, and got no answer."""
        return tuple(
            item.id for item in self.items if self._shown(item.id).asks and self[Names(item.id).keep].data not in (MINE, THEIRS)
        )

    def follow(self, item: str, answer: Answer | None, version: int, *, asks: bool = False) -> None:
        """Show the item anew on this version; asks keeps what was typed and asks which of the two to keep."""
        names = Names(item)
        if not asks and self[names.keep].data == THEIRS:
            for name, value in _entries(names, answer).items():
                self[name].data = value
        self[names.keep].data = None
        self[names.shown].data = shown_as(version, answer, asks=asks)

    def _shown(self, item: str) -> Shown:
        return read_shown(self[Names(item).shown].data)

    def answer_to(self, item: Item) -> Answer | None:
        """The answer as entered; None when nothing is chosen or the answer is to be cleared."""
        names = Names(item.id)
        chosen = self[names.choice].data
        notes = {"evidence": self[names.evidence].data, "comment": self[names.comment].data}
        if chosen in _NUMBERS:
            return Answer(level=_NUMBERS[chosen], **notes)
        if chosen == DONT_KNOW:
            return Answer(dont_know=True, **notes)
        if chosen == NOT_APPLICABLE:
            return Answer(not_applicable=self[names.reason].data, **notes)
        return None


def _mistakes(form: AnswerForm, item: Item) -> Iterator[tuple[str, str]]:
    names = Names(item.id)
    chosen = form[names.choice].data
    if chosen is not None and chosen not in _CHOICES:
        yield names.choice, gettext("Please choose one of the options.")
    if chosen == NOT_APPLICABLE and form[names.reason].data not in NOT_APPLICABLE_REASONS:
        yield names.reason, gettext("Please say why it does not apply.")
    if chosen is None and (form[names.evidence].data or form[names.comment].data):
        yield (
            names.choice,
            gettext("Please choose a level, “don’t know” or “not applicable”, so that your note can be kept with it."),
        )


@dataclass(frozen=True)
class Shown:
    """What a page was made with: the version of the answer, its fingerprint, and whether it asks which value to keep."""

    version: int = 0
    print: str = ""
    asks: bool = False


def shown_as(version: int, answer: Answer | None, *, asks: bool = False) -> str:
    return f"{version}.{fingerprint(answer)}{'.asks' if asks else ''}"


def read_shown(text: str | None) -> Shown:
    """A page that says nothing readable was made with nothing. (A form sent without the field goes by what stands there.)"""
    found = _SHOWN.fullmatch(text or "")
    return Shown(int(found["version"]), found["print"], found["asks"] is not None) if found else Shown()


def fingerprint(answer: Answer | None) -> str:
    """A short name for an answer, to see whether a page changed it."""
    if answer is None:
        return "none"
    parts = (answer.level, answer.dont_know, answer.not_applicable, answer.evidence, answer.comment)
    return sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def entries_of(dimension: Dimension, answers: Mapping[str, Answer], versions: Mapping[str, int]) -> dict[str, str | None]:
    """Stored answers as form data."""
    entries: dict[str, str | None] = {}
    for item in dimension.items:
        answer, names = answers.get(item.id), Names(item.id)
        entries |= _entries(names, answer)
        entries[names.shown] = shown_as(versions.get(item.id, 0), answer)
    return entries


def _entries(names: Names, answer: Answer | None) -> dict[str, str | None]:
    return {
        names.choice: _choice_of(answer),
        names.reason: (answer.not_applicable if answer else None) or "",
        names.evidence: answer.evidence if answer else "",
        names.comment: answer.comment if answer else "",
    }


def _choice_of(answer: Answer | None) -> str | None:
    if answer is None:
        return None
    if answer.level is not None:
        return str(answer.level)
    return DONT_KNOW if answer.dont_know else NOT_APPLICABLE


@dataclass(frozen=True)
class _Part:
    """What a form is built from; equal when the first four are, so that it can be remembered."""

    sha256: str
    dimension_id: str
    language: str
    number: int
    dimension: Dimension = field(compare=False)


def answer_form(questionnaire: Questionnaire, dimension: Dimension, number: int, language: str) -> type[AnswerForm]:
    """The form class of one step in one language, built once. number: of the step on screen, from 1."""
    return _build(_Part(questionnaire.sha256, dimension.id, language, number, dimension))


@lru_cache(maxsize=512)
def _build(part: _Part) -> type[AnswerForm]:
    attributes: dict[str, Any] = {"items": part.dimension.items, "number": part.number}
    for item in part.dimension.items:
        attributes |= _fields(item, part.language)
    return type(f"Answers_{part.dimension_id}", (AnswerForm,), attributes)


def _fields(item: Item, language: str) -> dict[str, Any]:
    names = Names(item.id)
    levels = [choice(str(level), text.of(language)) for level, text in sorted(item.levels.items())]
    others = [
        choice(DONT_KNOW, _l("I don’t know")),
        choice(NOT_APPLICABLE, _l("Does not apply to us")),
        choice(CLEAR, _l("Clear this answer and its notes")),
    ]
    keeps = [choice(MINE, _l("Keep what is entered here")), choice(THEIRS, _l("Keep what was saved elsewhere"))]
    return {
        names.shown: HiddenField(),
        names.keep: RadioField(_l("Which answer is to be kept?"), choices=keeps, validate_choice=False),
        names.choice: RadioField(item.text.of(language), choices=[*levels, *others], validate_choice=False),
        names.reason: select(_l("Why does it not apply?"), REASONS, _l("Please choose a reason")),
        names.evidence: TextAreaField(_l("Evidence"), filters=[clean_text], validators=[AtMost(MAX_EVIDENCE)]),
        names.comment: TextAreaField(_l("Comment"), filters=[clean_text], validators=[AtMost(MAX_COMMENT)]),
    }
