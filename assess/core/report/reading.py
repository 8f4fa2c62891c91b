"""How to read the report: the scale, the rules, who answered, what is hidden, what is absent and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction

from assess.core.confidentiality import MIN_GROUP, suppressed_groups
from assess.core.report.setting import Setting
from assess.core.report.values import LevelRow, Reading, RoleCount, Term
from assess.core.report.words import NOTHING
from assess.core.scoring import BAND_EDGES, NOT_APPLICABLE, SCORED

RULES = ("item", "level", "gate", "programme", "evidence", "dont_know", "not_applicable", "agreement")


def explain(setting: Setting, absent: Mapping[str, str]) -> Reading:
    """absent: section id -> phrase key of the reason."""
    words = setting.words
    roles = _roles(setting)
    return Reading(
        heading=setting.heading("reading", words.say("reading.finding")),
        levels=tuple(
            LevelRow(level.level, words.of(level.name), _range(setting, level.level), words.of(level.summary))
            for level in setting.core.levels
        ),
        rules=tuple(Term(words.say(f"rule.{rule}_name"), words.say(f"rule.{rule}")) for rule in RULES),
        roles=roles,
        roles_note="" if roles else words.say("reading.nobody"),
        has_rates=bool(setting.assessment.invited),
        facts=tuple(_facts(setting)),
        suppressions=tuple(_suppressions(setting)),
        absent=tuple(Term(words.say(f"section.{id_}"), words.say(reason)) for id_, reason in absent.items()),
    )


def _range(setting: Setting, level: int) -> str:
    """The band of a level: 1.5 to below 2.5."""
    words = setting.words
    edges = (Fraction(1), *BAND_EDGES, Fraction(5))
    key = "reading.range_last" if level == 5 else "reading.range"
    return words.say(key, low=words.score(edges[level - 1]), high=words.score(edges[level]))


def _roles(setting: Setting) -> tuple[RoleCount, ...]:
    """Roles that answered or were asked, in the order of the questionnaire."""
    answered = Counter(person.role for person in setting.assessment.respondents)
    invited = setting.assessment.invited
    hidden = suppressed_groups(answered) if setting.assessment.confidential else frozenset()
    order = [role.id for role in setting.core.roles]
    roles = {role for role in (*answered, *invited) if answered[role] or invited.get(role)}
    return tuple(
        RoleCount(role, setting.role(role), count_of_people(setting, answered[role]), *_asked(setting, role, hidden))
        for role in sorted(roles, key=lambda role: (order.index(role) if role in order else len(order), role))
    )


def _asked(setting: Setting, role: str, hidden: frozenset[str]) -> tuple[str, str]:
    """How many of the role were asked, and the share that answered; both hidden where the group is small."""
    words, invited = setting.words, setting.assessment.invited
    if not invited:
        return "", ""
    if role in hidden or (setting.assessment.confidential and not _answered(setting, role)):
        return words.say("figure.hidden"), words.say("figure.hidden")
    asked = invited.get(role, 0)
    return str(asked), words.percent(Fraction(_answered(setting, role), asked)) if asked else NOTHING


def _answered(setting: Setting, role: str) -> int:
    return sum(person.role == role for person in setting.assessment.respondents)


def count_of_people(setting: Setting, count: int) -> str:
    """A group's size; in a confidential report a small one is only called small."""
    if setting.assessment.confidential and count < MIN_GROUP:
        return setting.words.say("count.few", limit=MIN_GROUP)
    return str(count)


def _facts(setting: Setting) -> Iterator[Term]:
    words, card, assessment = setting.words, setting.card, setting.assessment
    scored = sum(item.status == SCORED for item in card.items)
    left_out = sum(item.status == NOT_APPLICABLE for item in card.items)
    yield Term(words.say("fact.date"), words.day(assessment.date).text)
    yield Term(words.say("fact.respondents"), words.say("count.people", n=len(assessment.respondents)))
    if assessment.invited:
        yield Term(words.say("fact.response"), _response(setting))
    yield Term(
        words.say("fact.coverage"),
        words.say("fact.coverage_nothing")
        if card.coverage is None
        else words.say(
            "fact.coverage_value", scored=scored, total=len(card.items) - left_out, share=words.percent(card.coverage)
        ),
    )
    yield Term(words.say("fact.not_applicable"), words.say("count.items", n=left_out))
    agreed = sum(item in setting.core.item_ids for item in assessment.consensus)
    yield Term(words.say("fact.consensus"), words.say("count.items", n=agreed))
    proven = sum(assessment.has_evidence(item.id) for item in card.items)
    yield Term(words.say("fact.evidence"), words.say("fact.evidence_value", n=proven, total=len(card.items)))
    yield Term(words.say("fact.targets"), _targets(setting))


def _response(setting: Setting) -> str:
    """How many of those asked answered, all roles together."""
    answered, invited = len(setting.assessment.respondents), sum(setting.assessment.invited.values())
    share = NOTHING if not invited else setting.words.percent(Fraction(answered, invited))
    return setting.words.say("fact.response_value", n=answered, invited=invited, share=share)


def _targets(setting: Setting) -> str:
    words, assessment = setting.words, setting.assessment
    preset = next((profile for profile in setting.core.profiles if profile.id == assessment.profile), None)
    if preset is not None:
        key = "targets.profile_and_hand" if assessment.targets else "targets.profile"
        return words.say(key, name=words.of(preset.name), n=len(assessment.targets))
    return words.say("targets.hand" if assessment.targets else "targets.default", n=len(assessment.targets))


def _suppressions(setting: Setting) -> Iterator[str]:
    words = setting.words
    if not setting.assessment.confidential:
        yield words.say("suppression.open")
        return
    yield words.say("suppression.rule", limit=MIN_GROUP)
    hidden = sum(role.score is None for _, card in setting.measured for d in card.dimensions for role in d.roles.values())
    if hidden:
        yield words.say("suppression.roles", n=hidden)
    if setting.hidden:
        yield words.say("suppression.items", n=len(setting.hidden))
