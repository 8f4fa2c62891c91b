"""What could make this evaluation misleading or its plan fail: risks by stated rules, and the assumptions of the method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from assess.core.quality import DISAGREEMENT, INTEGRITY, VISIBILITY
from assess.core.report.apart import in_words, steps_apart
from assess.core.report.occasions import ahead, lapses, last_listed, plan_end
from assess.core.report.profile import target_of
from assess.core.report.setting import Setting
from assess.core.report.summary import MIN_ASSURANCE_GAP
from assess.core.report.values import Exposure, Term
from assess.core.roadmap import HORIZONS, Initiative
from assess.core.scoring import INSUFFICIENT, NOT_APPLICABLE, UNEVIDENCED_CEILING, integrity_items, measure

FEW_PEOPLE, FEW_ROLES = 5, 3
LOW_RESPONSE = Fraction(2, 3)
MANY_CONTESTED = 3
MANY_WAITING, WAITING_SHARE = 3, Fraction(1, 5)
OWNER_PEAK = 3
FULL_SHARE = Fraction(1, 2)
YEAR = timedelta(days=365)
LEADERS = "executive"

Sign = Mapping[str, object]
"""What the sentences about a risk are filled with."""


def exposures(setting: Setting) -> tuple[Exposure, ...]:
    """The risks that apply, those of the evaluation before those of the plan."""
    found = ((id_, rule(setting)) for id_, rule in RULES.items())
    return tuple(_exposure(setting, id_, sign) for id_, sign in found if sign is not None)


def assumptions(setting: Setting) -> tuple[Term, ...]:
    """What holds for every evaluation by this method."""
    words, roadmap = setting.words, setting.evaluation.roadmap
    ids = ("self_report", "conventions", *(("effective", "capacity") if roadmap.initiatives else ()), "date")
    values = {"capacity": roadmap.capacity, "date": words.day(setting.assessment.date).text}
    return tuple(Term(words.say(f"assumption.{id_}_name"), words.say(f"assumption.{id_}", **values)) for id_ in ids)


def _exposure(setting: Setting, id_: str, sign: Sign) -> Exposure:
    words = setting.words
    parts = (words.say(f"exposure.{id_}_{part}", **sign) for part in ("title", "sign", "consequence", "counter"))
    return Exposure(id_, *parts)


def _integrity(setting: Setting) -> Sign | None:
    ids = [flag.items[0] for flag in setting.flags_of(INTEGRITY)]
    return {"n": len(ids), "items": setting.words.names(ids)} if ids else None


def _insufficient(setting: Setting) -> Sign | None:
    short = [d for d, score in setting.scored_steps() if score.status == INSUFFICIENT]
    if not short:
        return None
    return {"n": len(short), "steps": setting.words.names([setting.step(dimension) for dimension in short])}


def _few_people(setting: Setting) -> Sign | None:
    people = setting.assessment.respondents
    roles = {person.role for person in people}
    return {"n": len(people), "roles": len(roles)} if len(people) < FEW_PEOPLE or len(roles) < FEW_ROLES else None


def _no_executive(setting: Setting) -> Sign | None:
    people = setting.assessment.respondents
    if not people or LEADERS not in setting.core.role_name or any(person.role == LEADERS for person in people):
        return None
    return {"role": setting.role(LEADERS)}


def _response(setting: Setting) -> Sign | None:
    invited, answered = sum(setting.assessment.invited.values()), len(setting.assessment.respondents)
    if not invited or Fraction(answered, invited) >= LOW_RESPONSE:
        return None
    return {"n": answered, "invited": invited, "rate": setting.words.percent(Fraction(answered, invited))}


def _unproven(setting: Setting) -> Sign | None:
    gaps = [
        (score.claimed.score - score.evidenced.score, dimension, score)
        for dimension, score in setting.scored_steps()
        if score.claimed.score is not None and score.evidenced.score is not None
    ]
    wide = sorted((gap for gap in gaps if gap[0] >= MIN_ASSURANCE_GAP), key=lambda entry: -entry[0])
    if not wide:
        return None
    _, dimension, score = wide[0]
    words = setting.words
    values = {"claimed": words.score(score.claimed.score), "evidenced": words.score(score.evidenced.score)}
    return {"n": len(wide), "step": setting.step_inline(dimension), **values}


def _lapsing(setting: Setting) -> Sign | None:
    """Evidence that runs out within a year, and what would be left of the evidenced index."""
    words, today = setting.words, setting.assessment.date
    ending = {id_: day for id_, day in lapses(setting).items() if today <= day <= today + YEAR and id_ in setting.core.item_ids}
    before = setting.card.evidenced.index
    if not ending or before is None:
        return None
    after = _evidenced_without(setting, ending)
    if after is None or after >= before:
        return None
    first = words.day(min(ending.values())).text
    return {
        "n": len(ending),
        "first": first,
        "before": words.figure(before, 0).text,
        "after": words.figure(after, 0).text,
    }


def _evidenced_without(setting: Setting, ending: Mapping[str, date]) -> Fraction | None:
    """The evidenced index once these items have no evidence any more."""
    values = {
        item.id: min(item.evidenced, UNEVIDENCED_CEILING) if item.id in ending else item.evidenced
        for item in setting.card.items
        if item.evidenced is not None
    }
    left_out = frozenset(item.id for item in setting.card.items if item.status == NOT_APPLICABLE)
    return measure(setting.core, values, left_out | integrity_items(setting.core)).overall.index


def _roles_apart(setting: Setting) -> Sign | None:
    apart = steps_apart(setting)
    if not apart:
        return None
    dimension, widest = apart[0]
    return {"n": len(apart), "finding": in_words(setting, widest, setting.step_inline(dimension))}


def _contested(setting: Setting) -> Sign | None:
    disputed = setting.flags_of(DISAGREEMENT)
    unseen = setting.flags_of(VISIBILITY) if len(setting.assessment.respondents) > 1 else ()
    if len(disputed) + len(unseen) < MANY_CONTESTED:
        return None
    return {"disputed": len(disputed), "unseen": len(unseen)}


def _doubtful(setting: Setting) -> Sign | None:
    """Ways of answering that deserve a second look."""
    people = {flag.respondent for flag in setting.evaluation.flags if flag.respondent is not None}
    return {"n": len(people), "total": len(setting.assessment.respondents)} if people else None


def _hidden(setting: Setting) -> Sign | None:
    roles = sum(role.score is None for _, card in setting.measured for d in card.dimensions for role in d.roles.values())
    if not setting.assessment.confidential or not (roles or setting.hidden):
        return None
    return {"roles": roles, "items": len(setting.hidden)}


def _bottleneck(setting: Setting) -> Sign | None:
    """The initiative that most others wait for, directly or not."""
    initiatives = ahead(setting)
    waiting = {i.action: len(_followers(i.action, initiatives)) for i in initiatives}
    if not waiting:
        return None
    most = max(initiatives, key=lambda i: (waiting[i.action], -setting.places[i.action]))
    n = waiting[most.action]
    if n < MANY_WAITING or Fraction(n, len(initiatives)) < WAITING_SHARE:
        return None
    title = setting.words.of(setting.evaluation.action[most.action].title)
    end = setting.words.day(most.end - timedelta(days=1)).text
    return {"n": n, "total": len(initiatives), "number": setting.places[most.action], "title": title, "end": end}


def _followers(action: str, initiatives: tuple[Initiative, ...]) -> frozenset[str]:
    found: set[str] = set()
    waiting = [action]
    while waiting:
        current = waiting.pop()
        follow = {i.action for i in initiatives if current in i.requires} - found
        found |= follow
        waiting.extend(follow)
    return frozenset(found)


def _owner_load(setting: Setting) -> Sign | None:
    """The role that has the most initiatives running at one time."""
    initiatives = ahead(setting)
    peaks = {role: _peak([i for i in initiatives if i.owner_role == role]) for role in {i.owner_role for i in initiatives}}
    if not peaks or max(peaks.values()) < OWNER_PEAK:
        return None
    owned = Counter(i.owner_role for i in initiatives)
    role = max(peaks, key=lambda role: (peaks[role], owned[role], role))
    return {"role": setting.role(role), "n": owned[role], "total": len(initiatives), "peak": peaks[role]}


def _peak(initiatives: list[Initiative]) -> int:
    """How many run at one time at most."""
    return max((sum(o.start_week <= i.start_week < o.end_week for o in initiatives) for i in initiatives), default=0)


def _full(setting: Setting) -> Sign | None:
    """Weeks without any room for something to slip."""
    roadmap = setting.evaluation.roadmap
    weeks = max((i.end_week for i in ahead(setting)), default=0)
    running = [sum(i.start_week <= week < i.end_week for i in ahead(setting)) for week in range(weeks)]
    full = sum(n >= roadmap.capacity for n in running)
    if not weeks or Fraction(full, weeks) < FULL_SHARE:
        return None
    return {"n": full, "weeks": weeks, "capacity": roadmap.capacity}


def _silent_owners(setting: Setting) -> Sign | None:
    """Roles that are to carry something out and that nobody asked, or that did not answer."""
    answered = {person.role for person in setting.assessment.respondents}
    silent = [i.owner_role for i in ahead(setting) if i.owner_role not in answered]
    if not silent or not answered:
        return None
    known = [setting.role(role.id) for role in setting.core.roles if role.id in silent]
    return {"n": len(silent), "roles": setting.words.names(known or sorted(set(silent)))}


def _beyond(setting: Setting) -> Sign | None:
    roadmap, end = setting.evaluation.roadmap, plan_end(setting)
    limit = roadmap.start + timedelta(days=HORIZONS[-1][1])
    if end is None or end <= limit:
        return None
    return {"n": sum(i.end > limit for i in ahead(setting)), "end": last_listed(setting)}


def _unreached(setting: Setting) -> Sign | None:
    """Steps that stay below their target even if everything planned is effective."""
    roadmap = setting.evaluation.roadmap
    if not roadmap.initiatives:
        return None
    final = roadmap.projection[-1].measured.dimensions
    low = [
        dimension
        for dimension, _ in setting.scored_steps()
        if (value := final[dimension.id].standing.score) is not None and value < target_of(setting, dimension)
    ]
    if not low and not roadmap.no_action:
        return None
    steps = setting.words.names([setting.step(dimension) for dimension in low])
    return {"n": len(low), "steps": steps, "items": len(roadmap.no_action)}


RULES: Mapping[str, Callable[[Setting], Sign | None]] = {
    "integrity": _integrity,
    "insufficient": _insufficient,
    "few_people": _few_people,
    "no_executive": _no_executive,
    "response": _response,
    "unproven": _unproven,
    "lapsing": _lapsing,
    "roles_apart": _roles_apart,
    "contested": _contested,
    "doubtful": _doubtful,
    "hidden": _hidden,
    "bottleneck": _bottleneck,
    "owner_load": _owner_load,
    "full": _full,
    "silent_owners": _silent_owners,
    "beyond": _beyond,
    "unreached": _unreached,
}
"""Every rule, by the id of its risk; None means that the risk does not apply."""
