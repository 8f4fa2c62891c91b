"""Page one: where they stand, what holds the next level back, three strengths, three risks, three first moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from assess.core.decisions import PLANNED, RUNNING
from assess.core.quality import DISAGREEMENT, INTEGRITY, VISIBILITY
from assess.core.questionnaire import LEVELS, Dimension
from assess.core.report.apart import in_words, steps_apart
from assess.core.report.planning import last_day
from assess.core.report.setting import Setting
from assess.core.report.values import Move, Point, Rung, Summary
from assess.core.rounding import half_up
from assess.core.scoring import BAND_EDGES, INSUFFICIENT, SCORED, DimensionScore

SHOWN = 3
MIN_STRENGTH = Fraction(3)
MIN_ASSURANCE_GAP = Fraction(1, 2)
WEAK = Fraction(5, 2)


def summarise(setting: Setting) -> Summary:
    card, words = setting.card, setting.words
    strengths, risks, moves = find_strengths(setting), find_risks(setting), first_moves(setting)
    title, constraint = binding_constraint(setting)
    reason = "level.provisional" if card.provisional and card.claimed.score is not None else "level.none"
    claimed, evidenced = setting.mark(card.claimed, reason), setting.mark(card.evidenced, reason)
    return Summary(
        heading=setting.heading("summary", headline(setting)),
        claimed=claimed,
        evidenced=evidenced,
        meaning=_meaning(setting),
        score=words.figure(card.claimed.score),
        score_evidenced=words.figure(card.evidenced.score),
        index=words.figure(card.claimed.index, 0),
        index_evidenced=words.figure(card.evidenced.index, 0),
        assurance=assurance(setting),
        ladder=tuple(
            Rung(n, words.of(setting.core.level_name(n)), n == card.claimed.level, n == card.evidenced.level) for n in LEVELS
        ),
        ladder_text=words.say("summary.ladder", claimed=claimed.text, evidenced=evidenced.text),
        constraint_title=title,
        constraint=constraint,
        strengths=strengths,
        strengths_note=_few(setting, "strengths", len(strengths)),
        risks=risks,
        risks_note=_few(setting, "risks", len(risks)),
        moves=moves,
        moves_note="" if moves else words.say("summary.no_moves"),
    )


def headline(setting: Setting) -> str:
    card, words = setting.card, setting.words
    if card.claimed.score is None:
        return words.say("summary.finding_nothing", client=setting.client)
    if card.claimed.level is None:
        short = len(_insufficient(setting))
        return words.say("summary.finding_provisional", client=setting.client, n=short, total=len(card.dimensions))
    level = setting.level_mark(card.claimed.level)
    return words.say("summary.finding", client=setting.client, level=level.level, name=level.name)


def _meaning(setting: Setting) -> str:
    card, words = setting.card, setting.words
    if card.claimed.level is not None:
        return words.of(setting.core.levels[card.claimed.level - 1].summary)
    return words.say("summary.meaning_provisional" if card.claimed.score is not None else "summary.meaning_nothing")


def assurance(setting: Setting) -> str:
    """What the difference between claimed and evidenced comes from."""
    card, words = setting.card, setting.words
    claimed, evidenced = card.claimed.index, card.evidenced.index
    if claimed is None or evidenced is None:
        return ""
    held = [i for i in card.items if i.score is not None and i.evidenced is not None and i.evidenced < i.score]
    if not held:
        return words.say("summary.assurance_none")
    before, after = words.figure(claimed, 0).text, words.figure(evidenced, 0).text
    key = "summary.assurance_slight" if before == after else "summary.assurance"
    return words.say(key, n=len(held), claimed=before, evidenced=after)


def binding_constraint(setting: Setting) -> tuple[str, tuple[str, ...]]:
    """What has to move before the programme can stand one level higher: a title and the reasons."""
    card, words = setting.card, setting.words
    level = card.claimed.level
    if card.claimed.score is None:
        return words.say("constraint.nothing_title"), (words.say("constraint.nothing"),)
    if level is None:
        return words.say("constraint.provisional_title"), _missing_answers(setting)
    if level == LEVELS[-1]:
        return words.say("constraint.top_title"), (words.say("constraint.top"),)
    blocking = [(d, s) for d, s in setting.scored_steps() if s.claimed.level is not None and s.claimed.level < level]
    rule = (words.say("constraint.rule", n=len(blocking), next=level + 1, needed=level),) if blocking else ()
    reasons = [*_blocking_sentences(setting, blocking), *_score_sentences(setting, level, bool(blocking))]
    return _constraint_title(setting, blocking, level), (*rule, words.sentences(*reasons))


def _constraint_title(setting: Setting, blocking: Sequence[tuple[Dimension, DimensionScore]], level: int) -> str:
    words = setting.words
    if not blocking:
        return words.say("constraint.score_title", next=level + 1)
    name = setting.step_inline if len(blocking) == 1 else setting.step
    names = words.names([name(dimension) for dimension, _ in blocking])
    return words.say("constraint.steps_title", steps=names, n=len(blocking), next=level + 1)


def _blocking_sentences(setting: Setting, blocking: Sequence[tuple[Dimension, DimensionScore]]) -> Iterator[str]:
    """What holds the lowest of the blocking steps."""
    words = setting.words
    for dimension, score in sorted(blocking, key=lambda pair: pair[1].claimed.score or 0)[:SHOWN]:
        yield words.say(
            "constraint.capped" if score.claimed.capped_by else "constraint.low",
            step=setting.step_inline(dimension),
            level=score.claimed.level,
            score=words.score(score.claimed.score),
            n=len(score.claimed.capped_by),
            gates=words.names([_gate(setting, id_) for id_ in score.claimed.capped_by]),
        )


def _gate(setting: Setting, id_: str) -> str:
    return setting.words.say("constraint.gate", id=id_, score=setting.score_figure(id_).text)


def _score_sentences(setting: Setting, level: int, is_blocked: bool) -> Iterator[str]:
    """The score that the next level needs, where today's is lower."""
    words, score = setting.words, setting.card.claimed.score
    edge = BAND_EDGES[level - 1]
    if score is None or score >= edge:
        return
    key = "constraint.score_too" if is_blocked else "constraint.score"
    yield words.say(key, score=_below(setting, score, edge), edge=words.score(edge), next=level + 1)
    if not is_blocked:
        lowest = sorted(
            ((s.claimed.score, d) for d, s in setting.scored_steps() if s.claimed.score is not None), key=lambda pair: pair[0]
        )[:2]
        named = words.names([words.say("step.scored", step=setting.step(d), score=words.score(v)) for v, d in lowest])
        yield words.say("constraint.lowest", steps=named, n=len(lowest))


def _below(setting: Setting, score: Fraction, edge: Fraction) -> str:
    """The score with as many decimals as it takes to see that it is below the edge."""
    places = next((p for p in (1, 2, 3) if half_up(score, p) < half_up(edge, p)), 4)
    return setting.words.figure(score, places).text


def _insufficient(setting: Setting) -> list[tuple[Dimension, DimensionScore]]:
    return [(d, s) for d, s in setting.scored_steps() if s.status == INSUFFICIENT]


def _missing_answers(setting: Setting) -> tuple[str, ...]:
    words, short = setting.words, _insufficient(setting)
    sentences = [words.say("constraint.provisional")]
    sentences += [
        words.say("constraint.coverage", step=setting.step_title(d), coverage=words.percent(s.coverage)) for d, s in short[:4]
    ]
    if len(short) > 4:
        sentences.append(words.say("constraint.coverage_more", n=len(short) - 4))
    return tuple(sentences)


def find_strengths(setting: Setting) -> tuple[Point, ...]:
    """The items that stand highest, those with evidence first."""
    words = setting.words
    candidates = [
        item
        for item in setting.card.items
        if item.status == SCORED and (item.score or 0) >= MIN_STRENGTH and not setting.hides_score(item.id)
    ]
    best = sorted(candidates, key=lambda item: (-(item.evidenced or 0), -(item.score or 0)))[:SHOWN]
    return tuple(
        Point(
            setting.text(item.id),
            words.say(
                "strength.evidenced" if setting.assessment.has_evidence(item.id) else "strength.claimed",
                id=item.id,
                step=setting.step(setting.step_of[item.id]),
                score=words.score(item.score),
            ),
            f"item-{item.id}",
        )
        for item in best
    )


def find_risks(setting: Setting) -> tuple[Point, ...]:
    """Integrity alerts, the most telling finding of each kind, more of the same, the lowest items; never one item twice."""
    kinds = [list(_capping(setting)), list(_unproven(setting)), list(_divided(setting)), list(_unseen(setting))]
    kinds.append(list(_disputed(setting)))
    ordered = [*_integrity(setting), *(found[0] for found in kinds if found)]
    ordered += [point for found in kinds for point in found[1:2]]
    ordered += _low(setting)
    unique: dict[str, Point] = {}
    for point in ordered:
        unique.setdefault(point.anchor, point)
    return tuple(unique.values())[:SHOWN]


def _integrity(setting: Setting) -> Iterator[Point]:
    """Alerts that stand outside every score and that no score offsets."""
    for flag in setting.flags_of(INTEGRITY):
        id_ = flag.items[0]
        yield Point(setting.words.say("risk.integrity", id=id_), setting.text(id_), f"item-{id_}")


def _capping(setting: Setting) -> Iterator[Point]:
    """Must-haves that hold a step below its score, weakest first."""
    words = setting.words
    caps = [(id_, d) for d, s in setting.scored_steps() for id_ in s.claimed.capped_by if not setting.hides_score(id_)]
    for id_, dimension in sorted(caps, key=lambda pair: setting.item_score[pair[0]].score or 0):
        title = words.say("risk.gate", id=id_, step=setting.step_inline(dimension), score=setting.score_figure(id_).text)
        yield Point(title, setting.text(id_), f"item-{id_}")


def _unproven(setting: Setting) -> Iterator[Point]:
    """Steps whose claim goes furthest beyond its evidence."""
    words = setting.words
    gaps = [
        (s.claimed.score - s.evidenced.score, d, s)
        for d, s in setting.scored_steps()
        if s.claimed.score is not None and s.evidenced.score is not None
    ]
    for gap, dimension, score in sorted(gaps, key=lambda entry: -entry[0]):
        if gap >= MIN_ASSURANCE_GAP:
            yield Point(
                words.say(
                    "risk.unproven",
                    step=setting.step_inline(dimension),
                    claimed=words.score(score.claimed.score),
                    evidenced=words.score(score.evidenced.score),
                ),
                words.say("risk.unproven_text"),
                f"step-{dimension.id}",
            )


def _divided(setting: Setting) -> Iterator[Point]:
    """Steps in which a role stands apart."""
    for dimension, apart in steps_apart(setting):
        title = in_words(setting, apart, setting.step_inline(dimension))
        text = setting.words.say(f"gap.{apart.kind}_text", role=setting.role(apart.role))
        yield Point(title, text, "perceptions")


def _unseen(setting: Setting) -> Iterator[Point]:
    """Items that many cannot judge; of a single respondent that says nothing about the company."""
    words = setting.words
    if len(setting.assessment.respondents) < 2:
        return
    for flag in setting.flags_of(VISIBILITY):
        title = words.say("risk.unseen", id=flag.items[0], share=words.percent(flag.value))
        yield Point(title, setting.text(flag.items[0]), f"item-{flag.items[0]}")


def _disputed(setting: Setting) -> Iterator[Point]:
    words = setting.words
    for flag in setting.flags_of(DISAGREEMENT):
        title = words.say("risk.disputed", id=flag.items[0], value=words.figure(flag.value, 2).text)
        yield Point(title, setting.text(flag.items[0]), f"item-{flag.items[0]}")


def _low(setting: Setting) -> Iterator[Point]:
    words = setting.words
    low = [i for i in setting.card.items if i.score is not None and i.score < WEAK and not setting.hides_score(i.id)]
    for item in sorted(low, key=lambda i: i.score or 0):
        step = setting.step(setting.step_of[item.id])
        yield Point(
            words.say("risk.low", id=item.id, step=step, score=words.score(item.score)),
            setting.text(item.id),
            f"item-{item.id}",
        )


def first_moves(setting: Setting) -> tuple[Move, ...]:
    words, action = setting.words, setting.evaluation.action
    return tuple(
        Move(
            number=setting.places[initiative.action],
            action=initiative.action,
            title=words.of(action[initiative.action].title),
            owner=setting.owner(initiative),
            start=words.day(initiative.start),
            end=words.day(last_day(initiative.end)),
        )
        for initiative in [i for i in setting.evaluation.roadmap.initiatives if i.status in (PLANNED, RUNNING)][:SHOWN]
    )


def _few(setting: Setting, what: str, found: int) -> str:
    """Why there are fewer than three."""
    if found >= SHOWN:
        return ""
    if setting.card.claimed.score is None:
        return setting.words.say("summary.silent")
    return setting.words.say(f"summary.few_{what}" if found else f"summary.no_{what}", n=found)
