"""The result page's own view of an evaluation: each figure with the sentences that explain it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from assess.content.phrases import load_phrases
from assess.core.discretion import Discretion
from assess.core.evaluation import Evaluation
from assess.core.quality import DISAGREEMENT, ROLE_DIFFERENCE, VISIBILITY
from assess.core.questionnaire import Dimension, Item
from assess.core.report.setting import Setting
from assess.core.report.summary import binding_constraint
from assess.core.report.words import Words
from assess.core.roadmap import HORIZONS, LATER, Initiative, Projection
from assess.core.scoring import (
    BAND_EDGES,
    INSUFFICIENT,
    MIN_COVERAGE,
    NOT_APPLICABLE,
    SCORED,
    UNEVIDENCED_CEILING,
    DimensionScore,
    ItemScore,
    Standing,
)
from assess.render.formats import formats_of
from assess.web.choices import FLAGS
from assess.web.figures import level_number, percent, score
from assess.web.languages import current_language, gettext, ngettext

FIRST_MOVES = 3
LARGEST_GAPS = 7
VIEWS = 3


@dataclass(frozen=True)
class ItemView:
    """An item with its scores as they may be shown; without them `instead` says why, and gap and descriptors are None.

    `next` is the descriptor of the next level (None at level 5).
    """

    item: Item
    claimed: Fraction | None
    evidenced: Fraction | None
    instead: str
    gap: Fraction | None
    now: str | None
    next: str | None


@dataclass(frozen=True)
class StepView:
    """A step with its result; score is None when all its items are not applicable."""

    dimension: Dimension
    number: int
    score: DimensionScore | None
    target: Fraction
    why: tuple[str, ...]
    items: tuple[ItemView, ...]

    @property
    def gap(self) -> Fraction | None:
        """How far the claimed score is below the target; None without a score."""
        claimed = self.score.claimed.score if self.score else None
        return None if claimed is None else max(Fraction(0), self.target - claimed)


@dataclass(frozen=True)
class Stage:
    """The initiatives that start within one horizon, and where they are meant to lead (None: not projected)."""

    horizon: str
    initiatives: tuple[Initiative, ...]
    projection: Projection | None


@dataclass(frozen=True)
class NextLevel:
    """What has to move before the programme stands one level higher, as page one of the report says it; steps: in the way."""

    title: str
    reasons: tuple[str, ...]
    steps: tuple[Dimension, ...]


@dataclass(frozen=True)
class ResultView:
    """`level` says how today's level comes about; `views` where people see things differently.

    discretion: what else of the evaluation may be shown.
    """

    evaluation: Evaluation
    discretion: Discretion
    steps: tuple[StepView, ...]
    next_level: NextLevel
    level: tuple[str, ...]
    first_moves: tuple[Initiative, ...]
    stages: tuple[Stage, ...]
    unanswered: tuple[Item, ...]
    without_action: tuple[Item, ...]
    remarks: tuple[str, ...]
    views: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Nothing has a number yet."""
        return self.evaluation.scorecard.claimed.score is None

    @property
    def largest_gaps(self) -> tuple[ItemView, ...]:
        """The items furthest below their target, must-haves first among equals."""
        below = [entry for step in self.steps for entry in step.items if entry.gap]
        return tuple(sorted(below, key=lambda entry: (-(entry.gap or 0), not entry.item.gate))[:LARGEST_GAPS])


def view_result(evaluation: Evaluation) -> ResultView:
    """Everything the result page shows, in the current language."""
    core, roadmap = evaluation.core, evaluation.roadmap
    setting = _setting(evaluation)
    item = {**core.item, **{id_: item for module in evaluation.modules for id_, item in module.item.items()}}
    return ResultView(
        evaluation=evaluation,
        discretion=setting.discretion,
        steps=tuple(_step(setting, dimension, number) for number, dimension in enumerate(core.dimensions, start=1)),
        next_level=_next_level(setting),
        level=tuple(_level(evaluation)),
        first_moves=roadmap.initiatives[:FIRST_MOVES],
        stages=tuple(_stages(evaluation)),
        unanswered=tuple(item[id_] for id_ in roadmap.unanswered),
        without_action=tuple(item[id_] for id_ in roadmap.no_action),
        remarks=tuple(_remarks(setting)),
        views=tuple(_views(setting)),
    )


def _step(setting: Setting, dimension: Dimension, number: int) -> StepView:
    evaluation = setting.evaluation
    result = evaluation.scorecard.dimension.get(dimension.id)
    target = evaluation.roadmap.targets[dimension.id]
    return StepView(
        dimension=dimension,
        number=number,
        score=result,
        target=target,
        why=tuple(_why(setting, dimension, result)),
        items=tuple(map(partial(_item, setting, target), dimension.items)),
    )


def _item(setting: Setting, target: Fraction, item: Item) -> ItemView:
    result = setting.item_score[item.id]
    language, value = current_language(), setting.shown_score(item.id)
    if value is None:
        return ItemView(item, None, None, _instead(setting, result), None, None, None)
    level = value.numerator // value.denominator
    return ItemView(
        item=item,
        claimed=value,
        evidenced=result.evidenced,
        instead="",
        gap=max(Fraction(0), target - value),
        now=item.levels[level].of(language),
        next=item.levels[level + 1].of(language) if level < len(item.levels) else None,
    )


def _instead(setting: Setting, result: ItemScore) -> str:
    """What stands in place of a score."""
    if setting.hides_score(result.id):
        return gettext("too few answers to show")
    if result.status == NOT_APPLICABLE:
        return gettext("does not apply")
    return gettext("don’t know") if result.dont_know and not setting.hides_counts(result.id) else gettext("open")


def _why(setting: Setting, dimension: Dimension, result: DimensionScore | None) -> Iterator[str]:
    """Score, band, coverage, must-haves, evidence: in the order in which the level comes about."""
    evaluation = setting.evaluation
    if result is None:
        yield gettext("None of its items applies to you, so this step takes no part in the result.")
        return
    claimed = result.claimed
    if claimed.score is None:
        yield gettext("None of its items has a level yet.")
        return
    items = [evaluation.scorecard.item[item.id] for item in dimension.items]
    yield gettext(
        "Its score is %(score)s: the mean of the %(scored)s items that have a level, out of %(total)s that apply.",
        score=score(claimed.score),
        scored=sum(item.status == SCORED for item in items),
        total=sum(item.status != NOT_APPLICABLE for item in items),
    )
    if result.status == INSUFFICIENT:
        yield gettext(
            "That is fewer than %(share)s of its items, so no level is given yet. "
            "“Don’t know” never lowers a score, but it leaves a gap.",
            share=percent(MIN_COVERAGE),
        )
        return
    yield _band_sentence(evaluation, claimed)
    yield from _gate_sentences(setting, dimension, claimed)
    yield _evidence_sentence(result)


def _band_sentence(evaluation: Evaluation, standing: Standing) -> str:
    assert standing.band is not None  # noqa: S101 - a score always has a band
    name = evaluation.core.level_name(standing.band).of(current_language())
    edges = (Fraction(1), *BAND_EDGES, Fraction(5))
    if standing.band == len(edges) - 1:
        return gettext(
            "A score of %(low)s or more speaks for level %(level)s (%(name)s).",
            low=score(edges[-2]),
            level=standing.band,
            name=name,
        )
    return gettext(
        "A score from %(low)s to below %(high)s speaks for level %(level)s (%(name)s).",
        low=score(edges[standing.band - 1]),
        high=score(edges[standing.band]),
        level=standing.band,
        name=name,
    )


def _gate_sentences(setting: Setting, dimension: Dimension, claimed: Standing) -> Iterator[str]:
    gates = [item.id for item in dimension.items if item.gate and setting.item_score[item.id].score is not None]
    if claimed.capped_by:
        yield gettext(
            "But a step stands at most one level above its weakest must-have. Therefore it stands at level %(level)s.",
            level=claimed.level,
        )
        yield from (_gate_sentence(setting, id_) for id_ in claimed.capped_by)
    elif gates:
        yield gettext("None of its must-haves is so low that it holds the level back.")


def _gate_sentence(setting: Setting, id_: str) -> str:
    item, value = _quotable(setting.text(id_)), setting.shown_score(id_)
    if value is None:
        return gettext(
            "The must-have that holds it back: “%(item)s”. Too few people rated it for its score to be shown.", item=item
        )
    return gettext("The must-have that holds it back: “%(item)s”, now at %(score)s.", item=item, score=level_number(value))


def _evidence_sentence(result: DimensionScore) -> str:
    claimed, evidenced = result.claimed, result.evidenced
    if evidenced.score == claimed.score:
        return gettext("Counting only what is backed by evidence changes nothing here.")
    return gettext(
        "An answer without evidence counts at most %(ceiling)s. "
        "Counted that way the score is %(score)s and the level %(level)s.",
        ceiling=level_number(UNEVIDENCED_CEILING),
        score=score(evidenced.score),
        level=evidenced.level or "–",
    )


def _setting(evaluation: Evaluation) -> Setting:
    """What the report's own sentences are made from: the same facts in the same words, without composing a whole report."""
    language = current_language()
    return Setting(evaluation, Words(language, load_phrases().in_language(language), formats_of(language)), {})


def _next_level(setting: Setting) -> NextLevel:
    title, reasons = binding_constraint(setting)
    level = setting.card.claimed.level or 0
    in_the_way = (d for d, score in setting.scored_steps() if score.claimed.level is not None and score.claimed.level < level)
    return NextLevel(title, reasons, tuple(in_the_way))


def _level(evaluation: Evaluation) -> Iterator[str]:
    """How the programme's level comes about."""
    card, language = evaluation.scorecard, current_language()
    claimed = card.claimed
    if claimed.score is None:
        return
    if card.provisional:
        open_steps = [d for d in card.dimensions if d.status == INSUFFICIENT]
        yield ngettext(
            "There is no level for the programme yet: %(num)s step has "
            "fewer than %(share)s of its items answered with a level.",
            "There is no level for the programme yet: %(num)s steps have "
            "fewer than %(share)s of their items answered with a level.",
            len(open_steps),
            share=percent(MIN_COVERAGE),
        )
        return
    yield (
        gettext("The score of all steps together is %(score)s.", score=score(claimed.score))
        + _space()
        + _band_sentence(evaluation, claimed)
    )
    if claimed.capped_by:
        names = [evaluation.core.dimension[id_].title.of(language) for id_ in claimed.capped_by]
        yield gettext(
            "But the programme stands at most one level above its lowest step. "
            "Lowest: %(names)s. Therefore it stands at level %(level)s.",
            names=("、" if language.startswith("zh") else ", ").join(names),
            level=claimed.level,
        )


def _space() -> str:
    return "" if current_language().startswith("zh") else " "


def _stages(evaluation: Evaluation) -> Iterator[Stage]:
    roadmap = evaluation.roadmap
    projected = {projection.horizon: projection for projection in roadmap.projection}
    for horizon in (*(name for name, _ in HORIZONS), LATER):
        starting = tuple(initiative for initiative in roadmap.initiatives if initiative.horizon == horizon)
        if starting:
            yield Stage(horizon, starting, projected.get(horizon))


def _remarks(setting: Setting) -> Iterator[str]:
    """Flags in plain words, with the items they are about; in confidence only which kinds there are, as on paper."""
    found = [flag for flag in setting.evaluation.flags if flag.kind in FLAGS]
    if setting.assessment.confidential:
        yield from (str(FLAGS[kind]) for kind in dict.fromkeys(flag.kind for flag in found))
        return
    for flag in found:
        texts = [setting.text(id_) for id_ in flag.items if id_ in setting.core.item]
        quoted = (gettext("“%(item)s”", item=_quotable(text)) for text in texts)
        yield _space().join((str(FLAGS[flag.kind]), *quoted))


def _views(setting: Setting) -> Iterator[str]:
    """Where people see things differently, or cannot tell: disagreement about items, roles apart in a step, items unseen.

    The most telling of each; nothing of one person alone, and nothing that confidentiality hides.
    """
    if len(setting.assessment.respondents) < 2:
        return
    for flag in setting.flags_of(DISAGREEMENT)[:VIEWS]:
        result = setting.item_score[flag.items[0]]
        yield gettext(
            "People disagree about “%(item)s”: their answers go from %(lowest)s to %(highest)s.",
            item=_quotable(setting.text(result.id)),
            lowest=result.lowest,
            highest=result.highest,
        )
    apart: dict[str, tuple[str, ...]] = {}
    for flag in setting.flags_of(ROLE_DIFFERENCE):
        apart.setdefault(flag.dimension or "", flag.roles)
    for dimension, (higher, lower) in list(apart.items())[:VIEWS]:
        yield _roles_apart(setting, dimension, higher, lower)
    for flag in setting.flags_of(VISIBILITY)[:VIEWS]:
        yield gettext(
            "%(share)s of those asked don’t know: “%(item)s”",
            share=percent(flag.value),
            item=_quotable(setting.text(flag.items[0])),
        )


def _roles_apart(setting: Setting, dimension: str, higher: str, lower: str) -> str:
    """The two roles that lie furthest apart in a step."""
    roles = setting.card.dimension[dimension].roles
    return gettext(
        "Roles see “%(step)s” differently. %(higher)s: %(high)s. %(lower)s: %(low)s.",
        step=setting.core.dimension[dimension].title.of(current_language()),
        higher=setting.role(higher),
        high=score(roles[higher].score),
        lower=setting.role(lower),
        low=score(roles[lower].score),
    )


def _quotable(text: str) -> str:
    """A sentence without its full stop, to stand in quotation marks."""
    return text.rstrip("。.")
