"""Claimed against measured: what was answered beside what the company's own file shows, as sentences; no score changes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from assess.core.accounts_claims import ABOVE, CONSISTENT, CONTRADICTED, FIGURES, NOT_CLAIMED, ClaimFinding
from assess.core.questionnaire import ClaimRule
from assess.core.report.account_values import share_of
from assess.core.report.setting import Setting
from assess.core.report.values import ClaimCheck, Figure
from assess.core.report.words import NOTHING, Words, fill
from assess.core.rounding import half_up


def count_contradicted(checks: Sequence[ClaimCheck]) -> int:
    return sum(check.state == CONTRADICTED for check in checks)


def checks_title(words: Words, checks: Sequence[ClaimCheck]) -> str:
    contradicted = count_contradicted(checks)
    if contradicted:
        claimed = sum(check.state in (CONTRADICTED, CONSISTENT) for check in checks)
        return words.say("accounts.checks_contradicted", n=contradicted, all=claimed)
    return words.say("accounts.checks_fine")


def check_claim(setting: Setting, claim: ClaimFinding) -> ClaimCheck:
    words, rule = setting.words, claim.rule
    shown = setting.shown_score(rule.item)
    measured, limit = _measured(words, rule, claim.measured), _measured(words, rule, rule.threshold)
    claimed = _claimed(words, rule, shown)
    key = f"accounts.check.{claim.state}"
    if claim.state == NOT_CLAIMED and shown is None:
        key = "accounts.check.unanswered"
    text = words.say(key, item=rule.item, claimed=claimed.text, measured=measured.text) if claim.state != CONTRADICTED else ""
    if claim.state == CONTRADICTED:
        numbers: dict[str, object] = {"claimed": claimed.text, "measured": measured.text, "threshold": limit.text}
        text = fill(words.of(rule.text), numbers)
    told = words.say(
        "accounts.rule" if rule.when == ABOVE else "accounts.rule_below",
        level=rule.from_level,
        threshold=limit.text,
        why=words.of(rule.why),
    )
    return ClaimCheck(
        id=rule.id,
        item=rule.item,
        item_text=setting.text(rule.item),
        state=claim.state,
        state_name=words.say(f"accounts.state.{claim.state}"),
        claimed=claimed,
        measured=measured,
        text=text,
        rule=told,
        source=words.names(rule.citations),
    )


def _claimed(words: Words, rule: ClaimRule, shown: Fraction | None) -> Figure:
    """The score; with a second decimal where one would make it look as high as the level that is not reached."""
    if shown is not None and shown < rule.from_level <= half_up(shown, 1):
        return words.figure(shown, 2)
    return words.figure(shown)


def _measured(words: Words, rule: ClaimRule, value: Fraction | None) -> Figure:
    """A figure of a rule as its kind is printed: a count, a share, or a number."""
    kind = FIGURES[rule.figure][1]
    if kind == "share":
        return share_of(words, value)
    return Figure(None, NOTHING) if value is None else words.plain(value)
