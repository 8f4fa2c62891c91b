"""Claimed against measured: what was answered beside what the accounts file shows. A finding never changes a score."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assess.core.accounts import AccountFigures
from assess.core.questionnaire import ClaimRule, Questionnaire
from assess.core.scoring import Scorecard

CONTRADICTED, CONSISTENT, NOT_CLAIMED, NO_FIGURE = "contradicted", "consistent", "not_claimed", "no_figure"
ABOVE, BELOW = "above", "below"


@dataclass(frozen=True)
class ClaimFinding:
    """claimed is the item's score, measured the figure; None where there is none."""

    rule: ClaimRule
    claimed: Fraction | None
    measured: Fraction | None
    state: str


def _whole(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _part(figures: AccountFigures, count: int | None) -> Fraction | None:
    """A number of key accounts as a share of all of them."""
    keys = figures.total.key_accounts
    return None if count is None or not keys else Fraction(count, keys)


def _unprofitable_key(figures: AccountFigures) -> Fraction | None:
    return None if figures.profit is None else _whole(figures.profit.unprofitable_key)


def _below_top_tiers(figures: AccountFigures) -> Fraction | None:
    return None if figures.tiering is None else _part(figures, figures.tiering.key_accounts_below)


def _eroding_key(figures: AccountFigures) -> Fraction | None:
    wallets = figures.wallets
    return None if wallets is None or wallets.key_counts is None else Fraction(wallets.key_counts["erosion_alert"])


def _unknown_profit(figures: AccountFigures) -> Fraction | None:
    return None if figures.key_accounts_without_profit is None else _part(figures, figures.key_accounts_without_profit)


def _unproven(figures: AccountFigures) -> Fraction | None:
    return None if figures.ladder is None else _whole(figures.ladder.unproven)


FIGURES: Mapping[str, tuple[Callable[[AccountFigures], Fraction | None], str]] = {
    "key_accounts": (lambda figures: _whole(figures.total.key_accounts), "count"),
    "key_account_share": (lambda figures: figures.total.key_account_share, "share"),
    "key_accounts_per_manager": (lambda figures: figures.key_accounts_per_manager, "number"),
    "key_accounts_without_manager": (lambda figures: _whole(figures.key_accounts_without_manager), "count"),
    "key_accounts_without_sponsor": (lambda figures: _whole(figures.key_accounts_without_sponsor), "count"),
    "key_accounts_without_profit_share": (_unknown_profit, "share"),
    "key_accounts_below_top_tiers_share": (_below_top_tiers, "share"),
    "unprofitable_key_accounts": (_unprofitable_key, "count"),
    "eroding_key_accounts": (_eroding_key, "count"),
    "stages_without_proof": (_unproven, "count"),
    "top1_share": (lambda figures: figures.total.top1_share, "share"),
    "cr10": (lambda figures: figures.total.cr10, "share"),
}
"""Figures a rule can look at: name -> how it is taken, and whether it is a count, a number or a share."""


def compare_claims(measured: Sequence[tuple[Questionnaire, Scorecard]], figures: AccountFigures) -> tuple[ClaimFinding, ...]:
    """One finding for each rule of each questionnaire, contradictions first."""
    findings = [finding for questionnaire, card in measured for finding in _findings(questionnaire, card, figures)]
    order = (CONTRADICTED, CONSISTENT, NOT_CLAIMED, NO_FIGURE)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.state)))


def _findings(questionnaire: Questionnaire, card: Scorecard, figures: AccountFigures) -> Iterator[ClaimFinding]:
    scores = {item.id: item.score for item in card.items}
    for rule in questionnaire.account_rules:
        claimed, value = scores.get(rule.item), FIGURES[rule.figure][0](figures)
        yield ClaimFinding(rule, claimed, value, _state(rule, claimed, value))


def _state(rule: ClaimRule, claimed: Fraction | None, value: Fraction | None) -> str:
    if claimed is None or claimed < rule.from_level:
        return NOT_CLAIMED
    if value is None:
        return NO_FIGURE
    contradicted = value > rule.threshold if rule.when == ABOVE else value < rule.threshold
    return CONTRADICTED if contradicted else CONSISTENT
