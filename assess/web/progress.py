"""How far the answers have come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assess.core.questionnaire import Dimension, Item, Questionnaire
from assess.usecases.assessments import OpenAssessment


@dataclass(frozen=True)
class StepProgress:
    """A step with the items that have no answer yet; an answer is a level, don't know or not applicable.

    questionnaire is the core or the module that the step belongs to.
    """

    dimension: Dimension
    number: int
    open_items: tuple[Item, ...]
    questionnaire: Questionnaire

    @property
    def is_of_module(self) -> bool:
        return self.questionnaire.kind == "module"

    @property
    def total(self) -> int:
        return len(self.dimension.items)

    @property
    def answered(self) -> int:
        return self.total - len(self.open_items)


@dataclass(frozen=True)
class Progress:
    steps: tuple[StepProgress, ...]

    @property
    def total(self) -> int:
        return sum(step.total for step in self.steps)

    @property
    def answered(self) -> int:
        return sum(step.answered for step in self.steps)

    @property
    def next_step(self) -> StepProgress | None:
        """The first step with something open; None when everything is answered."""
        return next((step for step in self.steps if step.open_items), None)

    def step(self, dimension: str) -> StepProgress:
        return next(step for step in self.steps if step.dimension.id == dimension)

    def before(self, step: StepProgress) -> StepProgress | None:
        return self.steps[step.number - 2] if step.number > 1 else None

    def after(self, step: StepProgress) -> StepProgress | None:
        return self.steps[step.number] if step.number < len(self.steps) else None


def progress_of(opened: OpenAssessment) -> Progress:
    is_answered = _answered(opened)
    return Progress(
        tuple(
            StepProgress(dimension, number, tuple(item for item in dimension.items if not is_answered(item)), questionnaire)
            for number, (questionnaire, dimension) in enumerate(_steps(opened), start=1)
        )
    )


def _steps(opened: OpenAssessment) -> Iterator[tuple[Questionnaire, Dimension]]:
    """The core's steps, then the modules'."""
    for questionnaire in opened.questionnaires:
        yield from ((questionnaire, dimension) for dimension in questionnaire.dimensions)


def _answered(opened: OpenAssessment) -> Callable[[Item], bool]:
    """Of the one respondent's answers, or of anybody's in a sample."""
    if opened.respondent is not None:
        answers = opened.respondent.answers
        return lambda item: item.id in answers
    return lambda item: bool(opened.assessment.answers_to(item.id))
