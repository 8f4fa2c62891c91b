"""One page per step: where it stands, what caps it, each item with what is true now and what comes next."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.questionnaire import Dimension, Item, Questionnaire
from assess.core.report.apart import in_words, role_apart
from assess.core.report.profile import step_reason, target_of
from assess.core.report.setting import Setting
from assess.core.report.values import Figure, Heading, ItemRow, RoleMark, StepPage, Term
from assess.core.scoring import INSUFFICIENT, NOT_APPLICABLE, SCORED, DimensionScore, ItemScore, Scorecard, band


def pages(
    setting: Setting, section: str, questionnaire: Questionnaire, card: Scorecard, first: int = 1
) -> tuple[StepPage, ...]:
    """The pages of one questionnaire, numbered from `first` within the section."""
    present = [d for d in questionnaire.dimensions if d.id in card.dimension]
    return tuple(
        _page(setting, questionnaire, dimension, card.dimension[dimension.id], f"{setting.numbers[section]}.{place}")
        for place, dimension in enumerate(present, start=first)
    )


def _page(setting: Setting, questionnaire: Questionnaire, dimension: Dimension, score: DimensionScore, number: str) -> StepPage:
    words = setting.words
    roles = _roles(setting, score)
    return StepPage(
        heading=Heading(f"step-{dimension.id}", number, setting.step_title(dimension), _finding(setting, dimension, score)),
        id=dimension.id,
        module="" if questionnaire is setting.core else words.of(questionnaire.title),
        purpose=words.of(dimension.purpose),
        claimed=setting.mark(score.claimed, step_reason(score)),
        evidenced=setting.mark(score.evidenced, step_reason(score)),
        score=words.figure(score.claimed.score),
        score_evidenced=words.figure(score.evidenced.score),
        target=words.plain(target_of(setting, dimension)),
        facts=tuple(_facts(setting, dimension, score)),
        cap=_cap(setting, dimension, score),
        chart_title=_chart_title(setting, dimension),
        chart_text=words.sentences(
            *(words.say("step.chart_line", id=i.id, score=setting.score_figure(i.id).text) for i in dimension.items)
        ),
        is_scored=any(setting.shown_score(item.id) is not None for item in dimension.items),
        items=tuple(_item(setting, item, item.id in score.claimed.capped_by) for item in dimension.items),
        roles=roles,
        roles_title=_roles_title(setting, score, roles),
        roles_text=words.sentences(*(words.say("step.role_line", role=r.name, score=r.score.text) for r in roles)),
        roles_note=words.say("step.roles_hidden") if any(role.hidden for role in roles) else "",
    )


def _finding(setting: Setting, dimension: Dimension, score: DimensionScore) -> str:
    """The title: the level, and what it depends on."""
    words, claimed = setting.words, score.claimed
    step = setting.step(dimension)
    if claimed.score is None:
        return words.say("step.finding_nothing", step=step)
    if claimed.level is None:
        return words.say("step.finding_insufficient", step=step, score=words.score(claimed.score))
    target = target_of(setting, dimension)
    level = setting.level_mark(claimed.level)
    key = "capped" if claimed.capped_by else "reached" if claimed.score >= target else "open"
    return words.say(
        f"step.finding_{key}",
        step=step,
        level=level.level,
        name=level.name,
        gap=words.score(target - claimed.score),
        gates=words.names(claimed.capped_by),
        n=len(claimed.capped_by),
    )


def _facts(setting: Setting, dimension: Dimension, score: DimensionScore) -> Iterator[Term]:
    words = setting.words
    items = [setting.item_score[item.id] for item in dimension.items]
    scored = sum(item.status == SCORED for item in items)
    applicable = sum(item.status != NOT_APPLICABLE for item in items)
    yield Term(words.say("fact.items_scored"), words.say("fact.of", n=scored, total=applicable))
    yield Term(words.say("fact.range"), _range(setting, items))
    yield Term(words.say("fact.agreement"), _agreement(setting, items))
    proven = sum(setting.assessment.has_evidence(item.id) for item in items)
    yield Term(words.say("fact.evidence"), words.say("fact.of", n=proven, total=len(items)))
    if score.status == INSUFFICIENT:
        yield Term(words.say("fact.coverage"), words.percent(score.coverage))


def _range(setting: Setting, items: list[ItemScore]) -> str:
    ratings = [rating for item in items for rating in setting.ratings(item.id)]
    if not ratings:
        return setting.words.say("range.none")
    return setting.words.say("range.value", low=min(ratings), high=max(ratings))


def _agreement(setting: Setting, items: list[ItemScore]) -> str:
    known = [item for item in items if item.agreement.flag is not None and item.id not in setting.hidden]
    if not known:
        return setting.words.say("agreement.too_few")
    disputed = sum(bool(item.agreement.flag) for item in known)
    return setting.words.say("agreement.disputed" if disputed else "agreement.all", n=disputed, total=len(known))


def _cap(setting: Setting, dimension: Dimension, score: DimensionScore) -> str:
    """One sentence on what decides the level."""
    words, claimed = setting.words, score.claimed
    if claimed.score is None:
        return words.say("cap.nothing")
    if claimed.level is None:
        return words.say("cap.insufficient", coverage=words.percent(score.coverage))
    if not claimed.capped_by:
        return words.say("cap.none", level=claimed.level)
    gates = [words.say("constraint.gate", id=id_, score=setting.score_figure(id_).text) for id_ in claimed.capped_by]
    return words.say(
        "cap.gate", band=claimed.band, level=claimed.level, gates=words.names(gates), n=len(gates), step=setting.step(dimension)
    )


def _chart_title(setting: Setting, dimension: Dimension) -> str:
    """What the items' chart shows."""
    words = setting.words
    shown = [(value, item.id) for item in dimension.items if (value := setting.shown_score(item.id)) is not None]
    if not shown:
        return words.say("step.chart_nothing")
    if len(shown) == 1:
        return words.say("step.chart_one", id=shown[0][1], score=words.score(shown[0][0]))
    low, high = min(shown, key=lambda pair: pair[0]), max(shown, key=lambda pair: pair[0])
    if low[0] == high[0]:
        return words.say("step.chart_even", score=words.score(low[0]))
    return words.say(
        "step.chart_title", low=low[1], low_score=words.score(low[0]), high=high[1], high_score=words.score(high[0])
    )


def _item(setting: Setting, item: Item, caps: bool) -> ItemRow:
    words, score, shown = setting.words, setting.item_score[item.id], setting.shown_score(item.id)
    level = None if shown is None else band(shown)
    ratings = setting.ratings(item.id)
    evidence, lapsed = _evidence(setting, item)
    return ItemRow(
        id=item.id,
        text=words.of(item.text),
        is_gate=item.gate,
        caps=caps,
        score=setting.score_figure(item.id),
        evidenced=setting.score_figure(item.id, evidenced=True),
        level=level,
        lowest=min(ratings, default=None),
        highest=max(ratings, default=None),
        basis=_basis(setting, score),
        agreement=_item_agreement(setting, score),
        now=None if level is None else _descriptor(setting, item, level, "item.now"),
        next=None if level is None or level == 5 else _descriptor(setting, item, level + 1, "item.next"),
        note=_note(setting, item, score, level),
        evidence=evidence,
        evidence_note=lapsed if evidence or lapsed else words.say("item.no_evidence"),
        wanted=() if evidence else tuple(words.of(text) for text in item.evidence),
    )


def _descriptor(setting: Setting, item: Item, level: int, key: str) -> Term:
    mark = setting.level_mark(level)
    return Term(setting.words.say(key, level=level, name=mark.name), setting.words.of(item.levels[level]))


def _note(setting: Setting, item: Item, score: ItemScore, level: int | None) -> str:
    """Why there is no descriptor of now, or of what comes next."""
    if setting.hides_score(item.id):
        return setting.words.say("item.hidden")
    if level is None:
        return setting.words.say(f"item.{score.status}")
    return setting.words.say("item.top") if level == 5 else ""


def _basis(setting: Setting, score: ItemScore) -> str:
    """Where the score comes from."""
    words = setting.words
    if setting.hides_score(score.id):
        return words.say("basis.hidden")
    if score.source == "consensus":
        return words.say("basis.consensus")
    if setting.hides_counts(score.id):
        return words.say("basis.none")
    parts = [words.say("basis.ratings", n=score.n)] if score.n else []
    if score.dont_know:
        parts.append(words.say("basis.dont_know", n=score.dont_know))
    if score.not_applicable:
        parts.append(words.say("basis.not_applicable", n=score.not_applicable))
    return words.names(parts) if parts else words.say("basis.none")


def _item_agreement(setting: Setting, score: ItemScore) -> str:
    if score.id in setting.hidden or score.agreement.flag is None:
        return ""
    return setting.words.say("item.disputed") if score.agreement.flag else ""


def _evidence(setting: Setting, item: Item) -> tuple[tuple[str, ...], str]:
    """What counts as evidence today, and a remark on what has expired."""
    words, assessment = setting.words, setting.assessment
    register = assessment.evidence.get(item.id, ())
    given = [answer.evidence.strip() for _, answer in assessment.answers_to(item.id) if answer.evidence.strip()]
    given += [(entry.text.strip() or entry.url.strip()) for entry in register if entry.counts_on(assessment.date)]
    lapsed = sum(not e.counts_on(assessment.date) and bool(e.text.strip() or e.url.strip()) for e in register)
    return tuple(dict.fromkeys(given)), words.say("item.lapsed", n=lapsed) if lapsed else ""


def _roles(setting: Setting, score: DimensionScore) -> tuple[RoleMark, ...]:
    words = setting.words
    order = [role.id for role in setting.core.roles]
    marks = []
    for role in sorted(score.roles, key=lambda role: order.index(role) if role in order else len(order)):
        value = score.roles[role]
        hidden = value.score is None
        marks.append(
            RoleMark(
                role,
                setting.role(role),
                Figure(None, words.say("figure.hidden")) if hidden else words.figure(value.score),
                words.say("figure.hidden") if hidden else str(value.n),
                hidden,
            )
        )
    return tuple(marks)


def _roles_title(setting: Setting, score: DimensionScore, roles: tuple[RoleMark, ...]) -> str:
    words = setting.words
    shown = [role for role in roles if role.score.value is not None]
    if not shown:
        return words.say("step.roles_none")
    if len(shown) == 1:
        return words.say("step.roles_one", role=shown[0].name, score=shown[0].score.text)
    apart = role_apart(score)
    if apart is None:
        return words.say("step.roles_close")
    return in_words(setting, apart, words.say("step.this"))
