"""`kam-accounts/1`: the figures of an accounts file as JSON (interfaces section 6), further ones beside the agreed keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assess.core.accounts import AccountFigures, Block, Ladder, Loss, Profit, Tiering, Wallets
from assess.core.accounts_claims import ClaimFinding
from assess.core.rounding import number

Json = dict[str, Any]


def accounts_json(figures: AccountFigures, claims: Sequence[ClaimFinding] | None = None) -> Json:
    """None for claims: no answers were given to compare with."""
    content: Json = {
        "schema": "kam-accounts/1",
        "lines_read": figures.lines_read,
        "lines_without_account": figures.lines_without_account,
        "lines_unreadable": figures.lines_unreadable,
        "accounts": figures.accounts,
        "accounts_not_positive": figures.accounts_not_positive,
        "total": _block(figures.total),
        "years": {str(year): _year(figures, year) for year in figures.years},
        "unreadable": [{"line": one.line, "reason": one.text} for one in figures.unreadable],
        "names_hidden": figures.names_hidden,
        "loss_of_largest": _loss(figures.loss),
        "largest": [
            {
                "rank": one.rank,
                "account": one.name,
                "revenue": number(one.revenue),
                "share": number(one.share),
                "cumulative_share": number(one.cumulative),
                "tier": one.tier or None,
                "key_account": one.is_key,
            }
            for one in figures.largest
        ],
        "curve": [[number(accounts), number(revenue)] for accounts, revenue in figures.curve],
        "tiers": _tiering(figures.tiering),
        "share_growth": _wallets(figures.wallets),
        "ladder": _ladder(figures.ladder),
        "profit": _profit(figures.profit),
        "key_account_managers": figures.key_account_managers,
        "key_accounts_per_manager": number(figures.key_accounts_per_manager),
        "key_accounts_without_manager": figures.key_accounts_without_manager,
        "key_accounts_without_sponsor": figures.key_accounts_without_sponsor,
        "key_accounts_without_profit": figures.key_accounts_without_profit,
        "reasons": dict(figures.reasons),
    }
    return content if claims is None else {**content, "claims": [_claim(claim) for claim in claims]}


def _block(block: Block) -> Json:
    return {
        "revenue": number(block.revenue),
        "accounts": block.accounts,
        "cr10": number(block.cr10),
        "top1_share": number(block.top1_share),
        "hhi": number(block.hhi),
        "effective_customers": number(block.effective_customers),
        "key_accounts": block.key_accounts,
        "key_account_share": number(block.key_account_share),
        "accounts_not_positive": block.accounts_not_positive,
        "accounts_from_10_percent": block.exposed,
    }


def _year(figures: AccountFigures, year: int) -> Json:
    first, last = figures.days.get(year, (None, None))
    return {
        **_block(figures.years[year]),
        "first_day": None if first is None else first.isoformat(),
        "last_day": None if last is None else last.isoformat(),
    }


def _loss(loss: Loss | None) -> Json | None:
    if loss is None:
        return None
    return {
        "account": loss.account,
        "revenue": number(loss.revenue),
        "share": number(loss.share),
        "growth_needed": number(loss.growth_needed),
        "contribution_share": number(loss.contribution_share),
    }


def _tiering(tiering: Tiering | None) -> Json | None:
    if tiering is None:
        return None
    return {
        "years": list(tiering.years),
        "years_asked": tiering.years_asked,
        "key_accounts_below_top_tiers": tiering.key_accounts_below,
        "counts": [
            {
                "tier": one.id,
                "accounts": one.accounts,
                "key_accounts": one.key_accounts,
                "revenue": number(one.revenue),
                "share": number(one.share),
            }
            for one in tiering.counts
        ],
    }


def _wallets(wallets: Wallets | None) -> Json | None:
    if wallets is None:
        return None
    return {
        "year": wallets.year,
        "high_share": number(wallets.high_share),
        "counts": dict(wallets.counts),
        "key_counts": None if wallets.key_counts is None else dict(wallets.key_counts),
        "accounts": [
            {
                "account": point.name,
                "revenue": number(point.revenue),
                "share_of_wallet": number(point.share),
                "growth": number(point.growth),
                "market_growth": number(point.market_growth),
                "relative_growth": number(point.relative_growth),
                "quadrant": point.quadrant,
                "key_account": point.is_key,
            }
            for point in wallets.points
        ],
    }


def _ladder(ladder: Ladder | None) -> Json | None:
    if ladder is None:
        return None
    return {
        "accounts": {str(stage): count for stage, count in ladder.accounts.items()},
        "key_accounts": None
        if ladder.key_accounts is None
        else {str(stage): count for stage, count in ladder.key_accounts.items()},
        "unknown": ladder.unknown,
        "without_proof": ladder.unproven,
    }


def _profit(profit: Profit | None) -> Json | None:
    if profit is None:
        return None
    assumed = profit.assumptions
    return {
        "accounts": profit.accounts,
        "after_cost_to_serve": profit.with_cost_to_serve,
        "unprofitable": profit.unprofitable,
        "unprofitable_key_accounts": profit.unprofitable_key,
        "assumptions": None
        if assumed is None
        else {"retention": number(assumed.retention), "discount": number(assumed.discount), "years": assumed.years},
        "ranks": [
            {
                "account": row.name,
                "revenue": number(row.revenue),
                "contribution": number(row.contribution),
                "revenue_rank": row.revenue_rank,
                "contribution_rank": row.contribution_rank,
                "shift": row.shift,
                "lifetime_value": number(row.lifetime_value),
                "key_account": row.is_key,
            }
            for row in profit.rows
        ],
    }


def _claim(claim: ClaimFinding) -> Json:
    return {
        "rule": claim.rule.id,
        "item": claim.rule.item,
        "claims_from": claim.rule.from_level,
        "claimed": number(claim.claimed),
        "figure": claim.rule.figure,
        "measured": number(claim.measured),
        "contradicted_when": claim.rule.when,
        "threshold": number(claim.rule.threshold),
        "state": claim.state,
    }
