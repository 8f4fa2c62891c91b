"""Everything the method says about one assessment, computed once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from assess.core.accounts import AccountFigures
from assess.core.adoption import adopt, own_actions
from assess.core.answers import Assessment
from assess.core.benchmark import SEGMENTS, Comparison, Peer, compare
from assess.core.quality import Flag, find_flags, integrity_alerts, score_without_flagged
from assess.core.questionnaire import Action, Questionnaire
from assess.core.release import Release
from assess.core.release_comparison import compare_released
from assess.core.roadmap import DEFAULT_CAPACITY, Roadmap, first_monday, plan, targets_of
from assess.core.scoring import Scorecard, score


@dataclass(frozen=True)
class Evaluation:
    """comparison is None when no peers were given; without_flagged when no respondent is flagged.

    earlier is a run of the same questionnaire to compare with, None where there is none; accounts the figures of the
    company's own accounts file, None where none was given.
    """

    core: Questionnaire
    modules: tuple[Questionnaire, ...]
    assessment: Assessment
    scorecard: Scorecard
    module_scorecards: tuple[Scorecard, ...]
    flags: tuple[Flag, ...]
    without_flagged: Scorecard | None
    roadmap: Roadmap
    comparison: Comparison | None
    earlier: Evaluation | None = None
    accounts: AccountFigures | None = None

    @cached_property
    def action(self) -> Mapping[str, Action]:
        """Action id -> action, core, modules and people's own together."""
        catalogue = {action.id: action for one in (self.core, *self.modules) for action in one.actions}
        return catalogue | {action.id: action for action in own_actions(self.assessment.adoption)}


def evaluate(
    core: Questionnaire,
    modules: Sequence[Questionnaire],
    assessment: Assessment,
    *,
    start: date | None = None,
    capacity: int = DEFAULT_CAPACITY,
    peers: Iterable[Peer] | None = None,
    releases: Sequence[Release] | None = None,
    segments: Mapping[str, str] | None = None,
) -> Evaluation:
    """Score, flag, compare and plan. start defaults to the first Monday from the assessment's date on.

    segments default to the organisation's own industry, region and size. Peers are rows or, where given, released figures.
    """
    card = score(core, assessment)
    module_cards = tuple(score(module, assessment) for module in modules)
    cards = [(core, card), *zip(modules, module_cards, strict=True)]
    flags = (*(alert for each in cards for alert in integrity_alerts(*each)), *find_flags(core, assessment, card))
    targets = {id_: target for one in (core, *modules) for id_, target in targets_of(one, assessment).items()}
    own = {segment: getattr(assessment.organisation, segment) for segment in SEGMENTS}
    computed = plan(cards, targets, start or first_monday(assessment.date), capacity)
    return Evaluation(
        core=core,
        modules=tuple(modules),
        assessment=assessment,
        scorecard=card,
        module_scorecards=module_cards,
        flags=flags,
        without_flagged=score_without_flagged(core, assessment, flags),
        roadmap=adopt(computed, cards, assessment.adoption),
        comparison=_compared(core, card, assessment.organisation.name, peers, releases, own if segments is None else segments),
    )


def _compared(
    core: Questionnaire,
    card: Scorecard,
    own_name: str,
    peers: Iterable[Peer] | None,
    releases: Sequence[Release] | None,
    segments: Mapping[str, str],
) -> Comparison | None:
    if releases is not None:
        return compare_released(core, card, releases, segments)
    return None if peers is None else compare(core, card, own_name, peers, segments)
