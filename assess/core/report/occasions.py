"""The calendar of a plan: which meetings there are, and on which days, derived from plan, evidence and assessment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from assess.core.decisions import DONE, STOPPED
from assess.core.report.planning import last_day
from assess.core.report.setting import Setting
from assess.core.report.values import Due, Meeting, Occasion
from assess.core.roadmap import HORIZONS, Initiative, Projection, first_monday

KICKOFF, BOARD, FIGURES, STEERING, REVIEW, REASSESSMENT, EXPIRY = (
    "kickoff",
    "board",
    "figures",
    "steering",
    "review",
    "reassessment",
    "expiry",
)
QUARTER, BOARD_WEEKS = timedelta(weeks=13), 4
NEAR = timedelta(weeks=3)
"""A steering meeting this close to a review is that review."""
NOTICE = timedelta(weeks=1)
"""How long before a meeting the figures of the measures have to be in."""
LISTED = timedelta(days=HORIZONS[-1][1])
"""How far the calendar lists single meetings."""
MAX_DUE, MAX_EXPIRY_DAYS, MAX_EXPIRIES = 8, 6, 12
FIRST_MONTHS = HORIZONS[1][1]
LEADERS, LEAD = "executive", "champion"
STEERING_ROLES = (LEADERS, LEAD, "sales", "operations", "finance")


@dataclass(frozen=True)
class _Date:
    """A day of the calendar before it has words; projection belongs to the review of a horizon's end."""

    kind: str
    day: date
    projection: Projection | None = None


def ahead(setting: Setting) -> tuple[Initiative, ...]:
    """The initiatives of the plan that are neither done nor stopped: what there is to steer."""
    return tuple(i for i in setting.evaluation.roadmap.initiatives if i.status not in (DONE, STOPPED))


def meetings(setting: Setting) -> tuple[Meeting, ...]:
    """Every kind of meeting that the calendar has, in the order of their first day."""
    initiatives = ahead(setting)
    owners = [initiative.owner_role for initiative in initiatives]
    first = [i.owner_role for i in initiatives if 7 * i.start_week <= FIRST_MONTHS]
    answered = [person.role for person in setting.assessment.respondents]
    planned = (
        _meeting(setting, KICKOFF, LEADERS, (LEAD, *first)),
        _meeting(setting, BOARD, LEAD, owners),
        _meeting(setting, FIGURES, LEAD, ("finance", *owners)),
        _meeting(setting, STEERING, LEADERS, STEERING_ROLES),
        _meeting(setting, REVIEW, LEADERS, (*STEERING_ROLES, *owners)),
    )
    return (*(planned if initiatives else ()), _meeting(setting, REASSESSMENT, LEAD, answered or STEERING_ROLES))


def _meeting(setting: Setting, id_: str, chair: str, roles: Iterable[str]) -> Meeting:
    words, wanted = setting.words, {chair, *roles}
    known = [role.id for role in setting.core.roles if role.id in wanted]
    leader = chair if chair in known else next(iter(known), chair)
    return Meeting(
        id=id_,
        name=words.say(f"meeting.{id_}"),
        rhythm=_rhythm(setting, id_),
        chair=setting.role(leader),
        people=words.names([setting.role(role) for role in known if role != leader]),
        input=words.say(f"meeting.{id_}_input"),
        decision=words.say(f"meeting.{id_}_decision"),
    )


def _rhythm(setting: Setting, id_: str) -> str:
    if id_ != BOARD:
        return setting.words.say(f"meeting.{id_}_rhythm")
    roadmap = setting.evaluation.roadmap
    times = max(1, max((i.end_week for i in ahead(setting)), default=0) // BOARD_WEEKS)
    first = setting.words.day(roadmap.start + timedelta(weeks=BOARD_WEEKS)).text
    return setting.words.say("meeting.board_rhythm", first=first, n=times)


def calendar(setting: Setting) -> tuple[Occasion, ...]:
    """All dated occasions by day: meetings of the plan, days on which evidence runs out, assessments to come."""
    days = list(_steered_days(setting))
    steered = [_steered(setting, entry, before) for before, entry in zip([None, *days], days, strict=False)]
    others = [*_expiries(setting), *_reassessments(setting)]
    return tuple(sorted([*steered, *others], key=lambda occasion: occasion.day.iso))


def plan_end(setting: Setting) -> date | None:
    """The day after the last initiative; None without one."""
    return max((initiative.end for initiative in ahead(setting)), default=None)


def unlisted_from(setting: Setting) -> date | None:
    """The day from which steering meetings go on without being listed; None where all of them are."""
    end, last = plan_end(setting), setting.evaluation.roadmap.start + LISTED
    return last if end is not None and end > last + QUARTER else None


def _steered_days(setting: Setting) -> Iterator[_Date]:
    """Kick-off, reviews at the ends of horizons and of the plan, and steering meetings between them, by day."""
    roadmap, end = setting.evaluation.roadmap, plan_end(setting)
    if end is None:
        return
    yield _Date(KICKOFF, roadmap.start)
    reviews = [_Date(REVIEW, first_monday(p.end), p) for p in roadmap.projection if p.end < end]
    reviews.append(_Date(REVIEW, first_monday(end), roadmap.projection[-1]))
    quarters = (first_monday(roadmap.start + QUARTER * n) for n in range(1, LISTED // QUARTER + 1))
    free = [day for day in quarters if day < end and all(abs(day - review.day) > NEAR for review in reviews)]
    yield from sorted([*reviews, *(_Date(STEERING, day) for day in free)], key=lambda entry: entry.day)


def _steered(setting: Setting, entry: _Date, before: _Date | None) -> Occasion:
    words, initiatives = setting.words, ahead(setting)
    due = [i for i in initiatives if before is not None and before.day < i.end <= entry.day]
    due.sort(key=lambda initiative: (initiative.end, setting.places[initiative.action]))
    return Occasion(
        kind=entry.kind,
        name=_name(setting, entry),
        day=words.day(entry.day),
        text=words.sentences(*_agenda(setting, entry), _more_due(setting, len(due) - MAX_DUE)),
        due=tuple(_due(setting, initiative) for initiative in due[:MAX_DUE]),
        figures=None if entry.kind == KICKOFF else words.day(entry.day - NOTICE),
    )


def _due(setting: Setting, initiative: Initiative) -> Due:
    return Due(setting.places[initiative.action], setting.words.of(setting.evaluation.action[initiative.action].title))


def _more_due(setting: Setting, n: int) -> str:
    return setting.words.say("occasion.due_more", n=n) if n > 0 else ""


def _name(setting: Setting, entry: _Date) -> str:
    words, end = setting.words, plan_end(setting)
    if entry.kind != REVIEW or entry.projection is None:
        return words.say(f"occasion.{entry.kind}")
    if end is not None and entry.day >= end:
        return words.say("occasion.closing")
    return words.say("occasion.review", horizon=words.say(f"horizon.{entry.projection.horizon}"))


def _agenda(setting: Setting, entry: _Date) -> Iterator[str]:
    words, initiatives = setting.words, ahead(setting)
    if entry.kind == KICKOFF:
        first = [i for i in initiatives if i.start_week == 0]
        yield words.say("occasion.kickoff_text", n=len(first), numbers=_numbers(setting, first))
        return
    running = sum(i.start <= entry.day < i.end for i in initiatives)
    if running:
        yield words.say("occasion.running", n=running)
    if entry.projection is not None:
        overall = entry.projection.measured.overall
        key = "occasion.projected" if overall.level is not None else "occasion.projected_index"
        yield words.say(key, level=overall.level, index=words.figure(overall.index, 0).text)
        if entry.projection.horizon == "quick_wins" and any(item.gate for item in setting.core.items):
            yield words.say("occasion.pulse")


def _numbers(setting: Setting, initiatives: Sequence[Initiative]) -> str:
    return setting.words.names([str(setting.places[initiative.action]) for initiative in initiatives])


def lapses(setting: Setting) -> dict[str, date]:
    """Item id -> the last day on which anything proves it; items proven without an end, or not at all, are left out."""
    assessment, found = setting.assessment, {}
    for id_ in setting.item_score:
        if any(answer.evidence.strip() for _, answer in assessment.answers_to(id_)):
            continue
        ends = [entry.expires for entry in assessment.evidence.get(id_, ()) if entry.counts_on(assessment.date)]
        dated = [end for end in ends if end is not None]
        if dated and len(dated) == len(ends):
            found[id_] = max(dated)
    return found


def _expiries(setting: Setting) -> Iterator[Occasion]:
    """Days on which items lose their last evidence; by month where there are many, and no more than a dozen."""
    words = setting.words
    horizon = max(plan_end(setting) or setting.assessment.date, _years_after(setting.assessment.date, 1))
    ending = sorted((day, id_) for id_, day in lapses(setting).items() if day <= horizon)
    by_month = len({day for day, _ in ending}) > MAX_EXPIRY_DAYS
    groups = [list(group) for _, group in groupby(ending, lambda entry: entry[0].replace(day=1) if by_month else entry[0])]
    for group in groups[:MAX_EXPIRIES]:
        ids = [id_ for _, id_ in group]
        key = "occasion.expiry_text" if group[0][0] == group[-1][0] else "occasion.expiry_month"
        yield Occasion(
            kind=EXPIRY,
            name=words.say("occasion.expiry"),
            day=words.day(group[0][0]),
            text=words.say(key, items=words.names(ids)),
            due=(),
            figures=None,
        )


def _reassessments(setting: Setting) -> Iterator[Occasion]:
    """Twelve months after this assessment, and every twelve months while the plan runs, three at most."""
    words, end = setting.words, plan_end(setting)
    for year in (1, 2, 3):
        day = first_monday(_years_after(setting.assessment.date, year))
        if year > 1 and (end is None or day > first_monday(end) + QUARTER):
            return
        yield Occasion(
            kind=REASSESSMENT,
            name=words.say("occasion.reassessment"),
            day=words.day(day),
            text=words.say("occasion.reassessment_text", version=setting.core.version),
            due=(),
            figures=None,
        )


def _years_after(day: date, years: int) -> date:
    """The same day of a later year; the 28th for a 29 February that the year does not have."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def last_listed(setting: Setting) -> str:
    """The last day of the plan in words."""
    end = plan_end(setting)
    return "" if end is None else setting.words.day(last_day(end)).text
