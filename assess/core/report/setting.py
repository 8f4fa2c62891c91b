"""What every part of the report looks at: the evaluation, the words, and what confidentiality hides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from assess.core.answers import Assessment
from assess.core.discretion import Discretion
from assess.core.evaluation import Evaluation
from assess.core.quality import Flag
from assess.core.questionnaire import Dimension, Item, Questionnaire
from assess.core.report.values import Figure, Heading, LevelMark
from assess.core.report.words import Words
from assess.core.roadmap import Initiative
from assess.core.scoring import DimensionScore, ItemScore, Scorecard, Standing


@dataclass(frozen=True)
class Setting:
    """numbers: section id -> its number in this report."""

    evaluation: Evaluation
    words: Words
    numbers: Mapping[str, str]

    @property
    def assessment(self) -> Assessment:
        return self.evaluation.assessment

    @property
    def core(self) -> Questionnaire:
        return self.evaluation.core

    @property
    def card(self) -> Scorecard:
        return self.evaluation.scorecard

    @cached_property
    def client(self) -> str:
        return " ".join(self.assessment.organisation.name.split()) or self.words.say("client.unnamed")

    @cached_property
    def measured(self) -> tuple[tuple[Questionnaire, Scorecard], ...]:
        """The core and then the modules, each with its scorecard."""
        modules = zip(self.evaluation.modules, self.evaluation.module_scorecards, strict=True)
        return ((self.core, self.card), *modules)

    @cached_property
    def item(self) -> Mapping[str, Item]:
        return {item.id: item for questionnaire, _ in self.measured for item in questionnaire.items}

    @cached_property
    def item_score(self) -> Mapping[str, ItemScore]:
        return {item.id: item for _, card in self.measured for item in card.items}

    @cached_property
    def step_of(self) -> Mapping[str, Dimension]:
        """Item id -> its dimension."""
        return {id_: d for questionnaire, _ in self.measured for id_, d in questionnaire.dimension_of.items()}

    @cached_property
    def step_numbers(self) -> Mapping[str, int]:
        """Dimension id -> its place in its questionnaire, from 1."""
        return {d.id: place for q, _ in self.measured for place, d in enumerate(q.dimensions, start=1)}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Action id -> the number of its initiative in the plan, from 1."""
        return {initiative.action: place for place, initiative in enumerate(self.evaluation.roadmap.initiatives, start=1)}

    @cached_property
    def discretion(self) -> Discretion:
        return Discretion(self.evaluation)

    @property
    def hidden(self) -> frozenset[str]:
        """Items whose ratings nobody may see."""
        return self.discretion.hidden

    def hides_score(self, id_: str) -> bool:
        return self.discretion.hides_score(id_)

    def hides_counts(self, id_: str) -> bool:
        """Whether how many did not know, or called the item not applicable and why, stays unsaid."""
        return self.discretion.hides_counts(id_)

    def flags_of(self, kind: str) -> list[Flag]:
        """The findings of one kind that may be told, the largest first."""
        found = [flag for flag in self.evaluation.flags if flag.kind == kind and not self.discretion.hides_flag(flag)]
        return sorted(found, key=lambda flag: -flag.value)

    def shown_score(self, id_: str) -> Fraction | None:
        return None if self.hides_score(id_) else self.item_score[id_].score

    def score_figure(self, id_: str, *, evidenced: bool = False) -> Figure:
        """An item's score, or a printed word for why there is none."""
        item = self.item_score[id_]
        if self.hides_score(id_):
            return Figure(None, self.words.say("figure.hidden"))
        if item.score is None:
            return Figure(None, self.words.say(f"figure.{item.status}"))
        return self.words.figure(item.evidenced if evidenced else item.score)

    def ratings(self, id_: str) -> tuple[int, ...]:
        """The ratings that may be shown, lowest first."""
        return () if id_ in self.hidden else self.item_score[id_].ratings

    def counts(self, id_: str) -> tuple[int, ...]:
        """How many rated each level 1..5; empty where nothing may be shown."""
        ratings = self.ratings(id_)
        return tuple(ratings.count(level) for level in range(1, 6)) if ratings else ()

    def text(self, id_: str) -> str:
        """The statement of an item."""
        return self.words.of(self.item[id_].text)

    def role(self, id_: str) -> str:
        name = self.core.role_name.get(id_)
        return id_ if name is None else self.words.of(name)

    def owner(self, initiative: Initiative) -> str:
        """Who leads: the name people gave, else the role."""
        return " ".join(initiative.owner.split()) or self.role(initiative.owner_role)

    def step(self, dimension: Dimension) -> str:
        """'Step 4', in the words of its questionnaire."""
        owner = next(q for q, _ in self.measured if dimension.id in q.dimension)
        return self.words.say("step.short", noun=self.words.of(owner.noun), number=self.step_numbers[dimension.id])

    def step_title(self, dimension: Dimension) -> str:
        """'Step 4: Selection'."""
        return self.words.say("step.titled", step=self.step(dimension), title=self.words.of(dimension.title))

    def step_inline(self, dimension: Dimension) -> str:
        """'Step 4 (Selection)', for use within a sentence."""
        return self.words.say("step.inline", step=self.step(dimension), title=self.words.of(dimension.title))

    def mark(self, standing: Standing, reason: str) -> LevelMark:
        """The level with its name; `reason` is the phrase key that says why there is none."""
        if standing.level is None:
            missing = self.words.say(reason)
            return LevelMark(None, missing, missing)
        return self.level_mark(standing.level)

    def level_mark(self, level: int) -> LevelMark:
        name = self.words.of(self.core.level_name(level))
        return LevelMark(level, name, self.words.say("level.named", level=level, name=name))

    def heading(self, id_: str, finding: str) -> Heading:
        return Heading(id_, self.numbers[id_], self.words.say(f"section.{id_}"), finding)

    def scored_steps(self) -> Iterator[tuple[Dimension, DimensionScore]]:
        """The core's dimensions that take part, with their scores."""
        for dimension in self.core.dimensions:
            score = self.card.dimension.get(dimension.id)
            if score is not None:
                yield dimension, score
