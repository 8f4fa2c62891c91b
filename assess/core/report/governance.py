"""How the plan is steered: calendar, KPI tree, risks and assumptions, and the note on integrity outside the score."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.quality import INTEGRITY_LEVEL
from assess.core.questionnaire import Action, Item, Questionnaire
from assess.core.report.exposures import assumptions, exposures
from assess.core.report.kpis import grow
from assess.core.report.occasions import EXPIRY, ahead, calendar, last_listed, meetings, unlisted_from
from assess.core.report.planning import last_day
from assess.core.report.setting import Setting
from assess.core.report.values import Exposure, Governance, Integrity, IntegrityItem, Occasion

POLICY = "a-integrity-policy"
"""The action of our catalogues that sets the rules; other catalogues need not have it."""
QUESTIONS = ("policy", "register", "check", "channel", "log", "privacy", "auditor")


def govern(setting: Setting) -> Governance | None:
    """None where nothing is scored: then there is neither a plan to steer nor a finding at risk."""
    if not has_scores(setting):
        return None
    words, occasions, found = setting.words, calendar(setting), exposures(setting)
    return Governance(
        heading=setting.heading("governance", _finding(setting, occasions, found)),
        meetings=meetings(setting),
        calendar_title=words.say("calendar.title", n=len(occasions)),
        calendar=occasions,
        calendar_note=_calendar_note(setting, occasions),
        tree=grow(setting),
        exposures_title=words.say("exposures.title", n=len(found)) if found else words.say("exposures.title_none"),
        exposures=found,
        exposures_note=words.say("exposures.note" if found else "exposures.none"),
        assumptions=assumptions(setting),
        integrity=_integrity(setting),
    )


def has_scores(setting: Setting) -> bool:
    return any(score.score is not None for score in setting.item_score.values())


def _finding(setting: Setting, occasions: tuple[Occasion, ...], found: tuple[Exposure, ...]) -> str:
    words, n = setting.words, len(ahead(setting))
    if not n:
        return words.say("governance.finding_none", risks=len(found))
    held = sum(occasion.figures is not None for occasion in occasions)
    return words.say("governance.finding", meetings=held, n=n, risks=len(found))


def _calendar_note(setting: Setting, occasions: tuple[Occasion, ...]) -> str:
    words, beyond = setting.words, unlisted_from(setting)
    runs_out = any(occasion.kind == EXPIRY for occasion in occasions)
    expiry = words.say("calendar.expiry") if runs_out else ""
    if not ahead(setting):
        return words.sentences(words.say("calendar.note_none"), expiry)
    more = "" if beyond is None else words.say("calendar.beyond", day=words.day(beyond).text, end=last_listed(setting))
    return words.sentences(words.say("calendar.note"), expiry, more)


def _integrity(setting: Setting) -> Integrity:
    words = setting.words
    asked = [(q, item) for q, _ in setting.measured for item in q.items if item.integrity]
    items = tuple(_integrity_item(setting, item) for _, item in asked)
    alerts = sum(item.is_alert for item in items)
    policy = setting.evaluation.action.get(POLICY)
    title = "integrity.title_alert" if alerts else "integrity.title" if items else "integrity.title_unasked"
    return Integrity(
        title=words.say(title, n=alerts),
        intro=words.say("integrity.intro" if items else "integrity.intro_unasked"),
        items=items,
        measure="" if policy is None else _measure(setting, policy),
        questions=tuple(words.say(f"integrity.question_{id_}") for id_ in QUESTIONS),
        sources=tuple(dict.fromkeys(_sources(setting, [(q, item.sources) for q, item in asked], policy))),
    )


def _integrity_item(setting: Setting, item: Item) -> IntegrityItem:
    value = setting.item_score[item.id].score
    is_alert = value is not None and value < INTEGRITY_LEVEL
    state = "alert" if is_alert else "open" if value is None else "met"
    return IntegrityItem(
        id=item.id,
        text=setting.text(item.id),
        score=setting.score_figure(item.id),
        is_alert=is_alert,
        state=setting.words.say(f"integrity.{state}"),
    )


def _measure(setting: Setting, policy: Action) -> str:
    """Where the plan or the catalogue sets the rules."""
    words, title = setting.words, setting.words.of(policy.title)
    initiative = next((i for i in setting.evaluation.roadmap.initiatives if i.action == POLICY), None)
    if initiative is None:
        return words.say("integrity.available", title=title)
    end = words.day(last_day(initiative.end)).text
    return words.say("integrity.planned", title=title, number=setting.places[POLICY], end=end)


def _sources(setting: Setting, asked: list[tuple[Questionnaire, tuple[str, ...]]], policy: Action | None) -> Iterator[str]:
    """Citations of what the integrity items rest on, else of what the catalogue's action rests on."""
    for questionnaire, ids in asked:
        yield from (questionnaire.source[id_].citation for id_ in ids if id_ in questionnaire.source)
    if not asked and policy is not None:
        yield from (setting.core.source[id_].citation for id_ in policy.sources if id_ in setting.core.source)
