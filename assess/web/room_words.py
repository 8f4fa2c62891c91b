"""What screens of a workshop say: how far the room agrees, and what then helps."""

from __future__ import annotations

from datetime import datetime

from assess.core.answers import Consensus
from assess.core.questionnaire import Questionnaire
from assess.core.workshop import APART, CAMPS, CLOSE, SPREAD, TOO_FEW, UNANIMOUS, Count
from assess.web.choices import SHORT_REASONS
from assess.web.languages import current_language, gettext
from assess.web.languages import lazy_gettext as _l

AGREEMENT = {
    UNANIMOUS: _l("Everyone chose the same level"),
    CLOSE: _l("Close together"),
    SPREAD: _l("Some differences"),
    APART: _l("Far apart"),
    CAMPS: _l("Two camps"),
    TOO_FEW: _l("Too few votes to compare"),
}
ADVICE = {
    UNANIMOUS: _l("Ask once what proves it, record it and go on."),
    CLOSE: _l("One or two reasons are enough; then decide."),
    SPREAD: _l("Let the lowest and the highest say why, then decide or vote again."),
    APART: _l("The room does not see the same company. Hear both ends, ask for an example, look at the evidence, vote again."),
    CAMPS: _l("Two groups see two different things. Ask each for one example, find out what they compare, vote again."),
    TOO_FEW: _l("Talk it over and decide together."),
}


def agreement_text(words: str) -> str:
    return str(AGREEMENT[words])


def advice_text(words: str) -> str:
    return str(ADVICE[words])


def range_text(count: Count) -> str:
    """From which level to which the votes go; empty without a number."""
    chosen = [level for level, times in enumerate(count.levels, 1) if times]
    if not chosen:
        return ""
    if chosen[0] == chosen[-1]:
        return gettext("Level %(level)s", level=chosen[0])
    return gettext("From level %(low)s to level %(high)s", low=chosen[0], high=chosen[-1])


def consensus_text(questionnaire: Questionnaire, agreed: Consensus) -> str:
    """The level with its name, or why the item does not apply."""
    if agreed.level is None:
        return gettext("Does not apply: %(reason)s", reason=SHORT_REASONS.get(agreed.not_applicable or "", ""))
    name = questionnaire.level_name(agreed.level).of(current_language())
    return gettext("Level %(level)s: %(name)s", level=agreed.level, name=name)


def milliseconds_left(ends: datetime | None, now: datetime) -> int | None:
    """Until the timer is up; 0 when it is, None without one."""
    return None if ends is None else max(0, int((ends - now).total_seconds() * 1000))
