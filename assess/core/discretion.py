"""What of an evaluation readers may be shown when people were promised confidentiality (method section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from assess.core.answers import Assessment
from assess.core.confidentiality import MIN_GROUP, suppressed_groups
from assess.core.evaluation import Evaluation
from assess.core.quality import CONTRADICTORY, DISAGREEMENT, VISIBILITY, Flag
from assess.core.questionnaire import Questionnaire
from assess.core.roadmap import Initiative
from assess.core.scoring import NOT_APPLICABLE, ItemScore


def hidden_items(questionnaires: Iterable[Questionnaire], assessment: Assessment) -> frozenset[str]:
    """Items too few people rated to be shown in confidence, and those hidden so that none can be subtracted out."""
    if not assessment.confidential:
        return frozenset()
    steps = [step for questionnaire in questionnaires for step in questionnaire.dimensions]
    rated = ({item.id: n for item in step.items if (n := _ratings(assessment, item.id))} for step in steps)
    return frozenset().union(*map(suppressed_groups, rated))


def _ratings(assessment: Assessment, id_: str) -> int:
    return sum(answer.level is not None for _, answer in assessment.answers_to(id_))


def is_answered_by_few(assessment: Assessment, id_: str) -> bool:
    """In confidence: fewer than MIN_GROUP people answered the item in any way, so how many did not know is theirs alone."""
    return assessment.confidential and len(assessment.answers_to(id_)) < MIN_GROUP


@dataclass(frozen=True)
class Discretion:
    """The rules for one evaluation; without confidentiality nothing is hidden."""

    evaluation: Evaluation

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Items whose ratings nobody may see."""
        return hidden_items((self.evaluation.core, *self.evaluation.modules), self.evaluation.assessment)

    @cached_property
    def _scores(self) -> dict[str, ItemScore]:
        cards = (self.evaluation.scorecard, *self.evaluation.module_scorecards)
        return {item.id: item for card in cards for item in card.items}

    def hides_score(self, id_: str) -> bool:
        """A panel score of too few people is their ratings, as "does not apply" is; what the room agreed on is nobody's."""
        item = self._scores.get(id_)
        if item is None or item.source == "consensus":
            return False
        return id_ in self.hidden or (item.status == NOT_APPLICABLE and self.hides_counts(id_))

    def hides_counts(self, id_: str) -> bool:
        """Whether how many did not know, or called the item not applicable and why, stays unsaid."""
        return is_answered_by_few(self.evaluation.assessment, id_)

    def hides_flag(self, flag: Flag) -> bool:
        """Whether a finding would tell how single people answered one of its items."""
        if flag.kind == VISIBILITY:
            return any(self.hides_counts(id_) for id_ in flag.items)
        return flag.kind in (DISAGREEMENT, CONTRADICTORY) and not self.hidden.isdisjoint(flag.items)

    def hides_priority(self, initiative: Initiative) -> bool:
        """A priority follows from how far items are below their targets; an enabler has that of what waits for it."""
        return initiative.action in self._telling or (initiative.enabler and bool(self._telling))

    @cached_property
    def _telling(self) -> frozenset[str]:
        """Initiatives that lift an item whose score is hidden."""
        initiatives = self.evaluation.roadmap.initiatives
        return frozenset(one.action for one in initiatives if any(self.hides_score(raised.item) for raised in one.raises))
