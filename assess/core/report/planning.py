"""The roadmap on paper: time line, action sheets, what it does not reach, and where it leads if done and effective."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from assess.core.decisions import DONE, PLANNED, RUNNING, STOPPED
from assess.core.questionnaire import Action
from assess.core.report.setting import Setting
from assess.core.report.values import Figure, Lifted, Plan, ProjectionRow, Sheet, Span, Term
from assess.core.report.words import NOTHING
from assess.core.roadmap import HORIZONS, LATER, Initiative, Projection
from assess.core.scoring import NOT_APPLICABLE

MAX_TICKS = 7
STATUS_LABELS = {PLANNED: "status_open", RUNNING: "status_running", DONE: "status_done", STOPPED: "status_dropped"}
MONTHS_BETWEEN_TICKS = (1, 2, 3, 6, 12, 24, 60)


def lay_out(setting: Setting) -> Plan | None:
    """None where there is nothing to plan from: no initiative and nothing open."""
    roadmap, words = setting.evaluation.roadmap, setting.words
    if not roadmap.initiatives and not roadmap.no_action:
        return None
    weeks = max((initiative.end_week for initiative in roadmap.initiatives), default=0)
    end = words.day(last_day(roadmap.start + timedelta(weeks=weeks))).text
    n = len(roadmap.initiatives)
    finding = words.say("plan.finding" if n else "plan.finding_none", n=n, end=end)
    return Plan(
        heading=setting.heading("plan", finding),
        reason="" if n else words.say("plan.no_action"),
        intro=words.say("plan.intro", start=words.day(roadmap.start).text, capacity=roadmap.capacity) if n else "",
        start=words.day(roadmap.start),
        weeks=weeks,
        spans=tuple(_spans(setting)),
        sheets=tuple(_sheet(setting, initiative) for initiative in roadmap.initiatives),
        chart_title=_chart_title(setting),
        chart_text=words.say("plan.chart_text", n=n),
        ticks=_ticks(setting, roadmap.start, weeks),
        projection=tuple(_projected(setting, p) for p in roadmap.projection) if n else (),
        projection_columns=tuple(
            str(setting.step_numbers[d.id]) for d in setting.core.dimensions if d.id in setting.card.dimension
        ),
        projection_title=_projection_title(setting) if n else "",
        projection_note=words.say("projection.note"),
        no_action=tuple(Term(id_, setting.text(id_)) for id_ in roadmap.no_action),
        unanswered=tuple(Term(id_, setting.text(id_)) for id_ in roadmap.unanswered),
        left_out=tuple(Term(words.of(setting.evaluation.action[i.action].title), i.notes) for i in roadmap.left_out),
    )


def last_day(end: date) -> date:
    """What is printed for an end: plans count to the day after, people to the last day."""
    return end - timedelta(days=1)


def _chart_title(setting: Setting) -> str:
    """How much of the work falls into the first year."""
    initiatives = setting.evaluation.roadmap.initiatives
    early = sum(7 * initiative.start_week <= HORIZONS[1][1] for initiative in initiatives)
    return setting.words.say("plan.chart_title", early=early, n=len(initiatives))


def _spans(setting: Setting) -> Iterator[Span]:
    """The horizons in which something starts, as stretches of the time axis."""
    words, initiatives = setting.words, setting.evaluation.roadmap.initiatives
    first = 0
    last_week = max((initiative.end_week for initiative in initiatives), default=0)
    for horizon, last in (*HORIZONS, (LATER, 7 * max(last_week, HORIZONS[-1][1] // 7 + 1))):
        count = sum(initiative.horizon == horizon for initiative in initiatives)
        if count:
            yield Span(
                horizon, words.say(f"horizon.{horizon}"), words.say(f"period.{horizon}"), first / 7, (last + 1) / 7, count
            )
        first = last + 1


def _ticks(setting: Setting, start: date, weeks: int) -> tuple[Term, ...]:
    """Marks on the time axis: the week as a decimal fraction, and its label."""
    months = max(1, -(-weeks * 7 // 30))
    step = next(s for s in (*MONTHS_BETWEEN_TICKS, months) if months / s <= MAX_TICKS)
    marks = []
    for month in range(0, months + 1, step):
        year, place = divmod(start.year * 12 + start.month - 1 + month, 12)
        day = date(year, place + 1, 1) if month else start
        week = (day - start).days / 7
        if week <= weeks:
            marks.append(Term(f"{week:.3f}", setting.words.say("plan.tick", month=place + 1, year=year)))
    return tuple(marks)


def _sheet(setting: Setting, initiative: Initiative) -> Sheet:
    words, action = setting.words, setting.evaluation.action[initiative.action]
    needs = tuple(setting.places[required] for required in initiative.requires if required in setting.places)
    return Sheet(
        number=setting.places[initiative.action],
        action=initiative.action,
        title=words.of(action.title),
        horizon=initiative.horizon,
        horizon_name=words.say(f"horizon.{initiative.horizon}"),
        kind=_kind(setting, initiative),
        is_quick_win=initiative.quick_win,
        is_enabler=initiative.enabler,
        owner=setting.owner(initiative),
        start=words.day(initiative.start),
        end=words.day(last_day(initiative.end)),
        start_week=initiative.start_week,
        end_week=initiative.end_week,
        duration=words.say("count.weeks", n=initiative.end_week - initiative.start_week),
        effort=initiative.effort,
        effort_text=words.say(f"effort.{initiative.effort}"),
        priority=_priority(setting, initiative),
        why=words.of(action.why) or NOTHING,
        how=tuple(words.of(text) for text in action.how) or (NOTHING,),
        done_when=words.of(action.done_when) or NOTHING,
        kpi=words.of(action.kpi) or NOTHING,
        measure="" if action.measure is None else words.of(action.measure),
        needs=needs,
        needs_text=words.names([_needed(setting, required) for required in initiative.requires])
        if initiative.requires
        else words.say("plan.needs_nothing"),
        raci=tuple(_raci(setting, action)),
        lifts=tuple(_lifts(setting, initiative)),
        status=initiative.status,
        status_text="" if initiative.status == PLANNED else words.say(f"label.{STATUS_LABELS[initiative.status]}"),
        notes=initiative.notes,
    )


def _priority(setting: Setting, initiative: Initiative) -> Figure:
    if setting.discretion.hides_priority(initiative):
        return Figure(None, setting.words.say("figure.hidden"))
    return setting.words.figure(initiative.priority)


def _needed(setting: Setting, required: str) -> str:
    """Its number and title; the title alone for what was left out of the plan."""
    title = setting.words.of(setting.evaluation.action[required].title)
    if required not in setting.places:
        return setting.words.say("plan.needed_left_out", title=title)
    return setting.words.say("plan.needed", number=setting.places[required], title=title)


def _kind(setting: Setting, initiative: Initiative) -> str:
    kinds = [
        setting.words.say(f"kind.{kind}")
        for kind, applies in (("quick_win", initiative.quick_win), ("enabler", initiative.enabler))
        if applies
    ]
    return setting.words.names(kinds) if kinds else ""


def _raci(setting: Setting, action: Action) -> Iterator[Term]:
    if action.raci is None:
        return
    for part, roles in (
        ("responsible", action.raci.responsible),
        ("accountable", (action.raci.accountable,)),
        ("consulted", action.raci.consulted),
        ("informed", action.raci.informed),
    ):
        if roles:
            yield Term(setting.words.say(f"raci.{part}"), setting.words.names([setting.role(role) for role in roles]))


def _lifts(setting: Setting, initiative: Initiative) -> Iterator[Lifted]:
    for lifted in initiative.raises:
        yield Lifted(lifted.item, setting.text(lifted.item), setting.score_figure(lifted.item), lifted.to)


def _projected(setting: Setting, projection: Projection) -> ProjectionRow:
    words, overall = setting.words, projection.measured.overall
    finished = sum(i.end <= projection.end for i in setting.evaluation.roadmap.initiatives)
    return ProjectionRow(
        horizon=projection.horizon,
        name=words.say(f"horizon.{projection.horizon}"),
        end=words.day(last_day(projection.end)),
        finished=finished,
        score=words.figure(overall.score),
        index=words.figure(overall.index, 0),
        level=setting.mark(overall, "level.provisional"),
        steps=tuple(_step_level(setting, projection, d.id) for d in setting.core.dimensions if d.id in setting.card.dimension),
    )


def _step_level(setting: Setting, projection: Projection, id_: str) -> str:
    measured = projection.measured.dimensions.get(id_)
    if measured is None or measured.standing.level is None:
        return setting.words.figure(None).text
    return str(measured.standing.level)


def _projection_title(setting: Setting) -> str:
    words, rows = setting.words, setting.evaluation.roadmap.projection
    before, after = setting.card.claimed, rows[-1].measured.overall
    values = {"start": words.figure(before.index, 0).text, "end": words.figure(after.index, 0).text}
    if before.level is None or after.level is None:
        return words.say("projection.title_index", **values)
    return words.say("projection.title", before=before.level, after=after.level, **values)


def inapplicable(setting: Setting) -> tuple[str, ...]:
    """Items that take no part, in the order of the questionnaires."""
    return tuple(id_ for id_, item in setting.item_score.items() if item.status == NOT_APPLICABLE)
