"""From a ledger to figures: concentration, tiers, share and growth, the ladder, profit (method section 9)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from assess.core.accounts import (
    ACCELERATE,
    CURVE_POINTS,
    DEFEND,
    EROSION,
    EXPOSED,
    LARGEST,
    QUADRANTS,
    REPOSITION,
    TOP_SHOWN,
    TOP_TIERS,
    Account,
    AccountFigures,
    AccountYear,
    Assumptions,
    Block,
    Ladder,
    Largest,
    Ledger,
    Loss,
    Profit,
    RankShift,
    TierCount,
    Tiering,
    TierRule,
    TierRules,
    WalletPoint,
    Wallets,
    added,
)


def analyse(ledger: Ledger, tiers: TierRules | None = None, assumptions: Assumptions | None = None) -> AccountFigures:
    """All figures of a ledger. tiers None: no value tiers and no quadrants; assumptions None: no lifetime values."""
    order = ranked(ledger.accounts)
    tiering, tier_of = (None, {}) if tiers is None else _tiering(ledger, tiers)
    wallets = None if tiers is None else _wallets(ledger, tiers.high_share)
    profit, ladder = _profit(ledger, assumptions), _ladder(ledger)
    parts = {"tiers": tiering, "wallet": wallets, "ladder": ladder, "profit": profit}
    keys = [account for account in ledger.accounts if account.is_key]
    knows_managers = {"key_account", "manager"} <= ledger.given
    return AccountFigures(
        file=ledger.file,
        lines_read=ledger.lines_read,
        lines_without_account=ledger.lines_without_account,
        lines_unreadable=ledger.lines_unreadable,
        unreadable=ledger.unreadable,
        accounts=len(ledger.accounts),
        accounts_not_positive=len(ledger.accounts) - len(order),
        total=_block([account.total for account in ledger.accounts], ledger.given),
        years={year: _block(_of_year(ledger, year), ledger.given) for year in ledger.years},
        days=ledger.days,
        loss=_loss(order),
        largest=_largest(order, tier_of),
        curve=_curve(order),
        tiering=tiering,
        wallets=wallets,
        ladder=ladder,
        profit=profit,
        key_accounts_without_manager=sum(not account.managers for account in keys) if knows_managers else None,
        key_account_managers=len(frozenset().union(*(a.managers for a in keys))) if knows_managers else None,
        key_accounts_without_sponsor=sum(not account.has_sponsor for account in keys)
        if {"key_account", "sponsor"} <= ledger.given
        else None,
        key_accounts_without_profit=sum(account.total.contribution is None for account in keys)
        if {"key_account", "contribution"} <= ledger.given
        else None,
        reasons={part: _reason(part, ledger, tiers) for part, found in parts.items() if found is None},
        names_hidden=ledger.names_hidden,
    )


_ALIAS = re.compile(r"#[0-9]+")


def hide_names(ledger: Ledger) -> Ledger:
    """The same ledger with #1, #2 ... by revenue in the place of names, and without the managers' names."""
    order = sorted(ledger.accounts, key=lambda account: (-account.total.revenue, account.name))
    aliases: dict[str, str] = {}
    for name in sorted({name for account in order for name in account.managers}):
        aliases[name] = f"M{len(aliases) + 1}"
    hidden = (
        replace(account, name=f"#{place}", managers=frozenset(aliases[name] for name in account.managers))
        for place, account in enumerate(order, start=1)
    )
    return replace(ledger, accounts=tuple(hidden), names_hidden=True)


def ranked(accounts: Iterable[Account]) -> list[Account]:
    """The accounts above zero, largest revenue first; equal ones by name."""
    return sorted((a for a in accounts if a.total.revenue > 0), key=lambda a: (-a.total.revenue, _by_name(a.name)))


def _by_name(name: str) -> tuple[int, str]:
    """Names by text; the numbers that stand for hidden ones by number."""
    return (int(name[1:]), "") if _ALIAS.fullmatch(name) else (0, name)


def _of_year(ledger: Ledger, year: int) -> list[AccountYear]:
    return [account.years[year] for account in ledger.accounts if year in account.years]


def _block(sums: Sequence[AccountYear], given: frozenset[str]) -> Block:
    positive = sorted((one.revenue for one in sums if one.revenue > 0), reverse=True)
    revenue = sum(positive, Fraction())
    hhi = sum((amount * amount for amount in positive), Fraction()) / revenue**2 if positive else None
    knows_keys = "key_account" in given
    of_keys = sum((one.revenue for one in sums if one.is_key and one.revenue > 0), Fraction())
    return Block(
        revenue=revenue,
        accounts=len(positive),
        accounts_not_positive=len(sums) - len(positive),
        cr10=sum(positive[:LARGEST], Fraction()) / revenue if len(positive) >= LARGEST else None,
        top1_share=positive[0] / revenue if positive else None,
        hhi=hhi,
        effective_customers=1 / hhi if hhi else None,
        key_accounts=sum(one.is_key for one in sums) if knows_keys else None,
        key_account_share=of_keys / revenue if knows_keys and positive else None,
        exposed=sum(amount >= EXPOSED * revenue for amount in positive),
    )


def _loss(order: Sequence[Account]) -> Loss | None:
    if not order:
        return None
    largest, revenue = order[0], sum((account.total.revenue for account in order), Fraction())
    share = largest.total.revenue / revenue
    nets = [account.total.net for account in order if account.total.net is not None]
    net, all_net = largest.total.net, sum(nets, Fraction())
    return Loss(
        account=largest.name,
        revenue=largest.total.revenue,
        share=share,
        growth_needed=share / (1 - share) if share < 1 else None,
        contribution_share=net / all_net if net is not None and all_net > 0 else None,
    )


def _largest(order: Sequence[Account], tier_of: Mapping[str, str]) -> tuple[Largest, ...]:
    revenue = sum((account.total.revenue for account in order), Fraction())
    rows, cumulative = [], Fraction()
    for rank, account in enumerate(order[:TOP_SHOWN], start=1):
        share = account.total.revenue / revenue
        cumulative += share
        tier = tier_of.get(account.name, "")
        rows.append(Largest(rank, account.name, account.total.revenue, share, cumulative, tier, account.is_key))
    return tuple(rows)


def _curve(order: Sequence[Account]) -> tuple[tuple[Fraction, Fraction], ...]:
    """The Lorenz curve from the largest down: at most CURVE_POINTS of (share of accounts, share of revenue) after (0, 0)."""
    if not order:
        return ()
    count, revenue = len(order), sum((account.total.revenue for account in order), Fraction())
    wanted = {-(-count * step // CURVE_POINTS) for step in range(1, CURVE_POINTS + 1)}
    points, cumulative = [(Fraction(), Fraction())], Fraction()
    for place, account in enumerate(order, start=1):
        cumulative += account.total.revenue
        if place in wanted:
            points.append((Fraction(place, count), cumulative / revenue))
    return tuple(points)


def _tiering(ledger: Ledger, tiers: TierRules) -> tuple[Tiering | None, Mapping[str, str]]:
    """Tiers over the last years of the file, and account name -> tier id."""
    order = ranked(ledger.accounts)
    if not order:
        return None, {}
    window: tuple[int | None, ...] = _last_in_a_row(ledger.years, tiers.years) or (None,)
    revenues = {
        year: sum((one.revenue for a in order if (one := a.years.get(year)) and one.revenue > 0), Fraction()) for year in window
    }
    tier_of = {account.name: _tier(account, tiers.rules, revenues) for account in order}
    within = {account.name: added(one for year in window if (one := account.years.get(year))).revenue for account in order}
    whole = sum((amount for amount in within.values() if amount > 0), Fraction())
    knows_keys = "key_account" in ledger.given
    counts = []
    for rule in tiers.rules:
        members = [account for account in order if tier_of[account.name] == rule.id]
        revenue = sum((max(within[account.name], Fraction()) for account in members), Fraction())
        keys = sum(account.is_key for account in members) if knows_keys else None
        counts.append(TierCount(rule.id, len(members), keys, revenue, revenue / whole if whole else None))
    below = sum(a.is_key and tier_of.get(a.name) not in TOP_TIERS for a in ledger.accounts) if knows_keys else None
    return Tiering(window, tiers.years, tuple(counts), below), tier_of


def _last_in_a_row(years: Sequence[int], most: int) -> tuple[int, ...]:
    """The last calendar years without a gap, at most `most`."""
    row: list[int] = []
    for year in reversed(years):
        if len(row) == most or (row and row[0] - year != 1):
            break
        row.insert(0, year)
    return tuple(row)


def _tier(account: Account, rules: Sequence[TierRule], revenues: Mapping[int | None, Fraction]) -> str:
    """The first tier whose conditions hold in every year looked at; "" where none does."""
    nothing = AccountYear(Fraction())
    for rule in rules:
        if all(_fits(account.years.get(year, nothing), rule, revenue) for year, revenue in revenues.items()):
            return rule.id
    return ""


def _fits(one: AccountYear, rule: TierRule, revenue: Fraction) -> bool:
    """A condition on a figure the file does not give does not hold."""
    wanted = [
        (one.revenue, rule.revenue),
        (one.revenue, None if rule.revenue_share is None else rule.revenue_share * revenue),
        (one.net, rule.contribution),
        (one.wallet, rule.wallet),
        (one.wallet, None if rule.wallet_share is None else rule.wallet_share * revenue),
    ]
    enough = all(least is None or (value is not None and value >= least) for value, least in wanted)
    limit = rule.contribution_below
    return enough and (limit is None or (one.net is not None and one.net < limit))


def _wallets(ledger: Ledger, high_share: Fraction) -> Wallets | None:
    pair = _last_in_a_row(ledger.years, 2)
    if len(pair) < 2:
        return None
    points = [point for account in ranked(ledger.accounts) if (point := _wallet_point(account, pair, high_share))]
    if not points:
        return None
    points.sort(key=lambda point: (-point.revenue, _by_name(point.name)))
    knows_keys = "key_account" in ledger.given
    return Wallets(
        year=pair[1],
        high_share=high_share,
        points=tuple(points[:TOP_SHOWN]),
        counts={name: sum(point.quadrant == name for point in points) for name in QUADRANTS},
        key_counts={name: sum(point.is_key and point.quadrant == name for point in points) for name in QUADRANTS}
        if knows_keys
        else None,
    )


def _wallet_point(account: Account, pair: tuple[int, ...], high_share: Fraction) -> WalletPoint | None:
    """None where revenue of both years, wallet or market growth is not known."""
    before, now = account.years.get(pair[0]), account.years.get(pair[1])
    if before is None or now is None or before.revenue <= 0 or not now.wallet or now.wallet <= 0 or now.market_growth is None:
        return None
    share, growth = now.revenue / now.wallet, now.revenue / before.revenue - 1
    relative = growth - now.market_growth
    quadrant = quadrant_of(share, relative, high_share)
    return WalletPoint(account.name, now.revenue, share, growth, now.market_growth, relative, quadrant, account.is_key)


def quadrant_of(share: Fraction, relative_growth: Fraction, high_share: Fraction) -> str:
    """Which of QUADRANTS: a high share that grows with its market or faster is to be defended, and so on."""
    if relative_growth >= 0:
        return DEFEND if share >= high_share else ACCELERATE
    return EROSION if share >= high_share else REPOSITION


def _ladder(ledger: Ledger) -> Ladder | None:
    staged = [account for account in ledger.accounts if account.stage is not None]
    if not staged:
        return None
    keys = [account for account in staged if account.is_key]
    return Ladder(
        accounts={stage: sum(account.stage == stage for account in staged) for stage in range(1, 5)},
        key_accounts={stage: sum(account.stage == stage for account in keys) for stage in range(1, 5)}
        if "key_account" in ledger.given
        else None,
        unknown=len(ledger.accounts) - len(staged),
        unproven=sum(not account.has_proof for account in staged) if "proof" in ledger.given else None,
    )


def _profit(ledger: Ledger, assumptions: Assumptions | None) -> Profit | None:
    known = {account.name: net for account in ledger.accounts if (net := account.total.net) is not None}
    counted = [account for account in ledger.accounts if account.name in known]
    if not counted:
        return None
    by_revenue = _places({account.name: account.total.revenue for account in counted})
    by_contribution = _places(known)
    rows = [
        RankShift(
            account.name,
            account.total.revenue,
            known[account.name],
            by_revenue[account.name],
            by_contribution[account.name],
            None if assumptions is None else lifetime_value(_newest_net(account), assumptions),
            account.is_key,
        )
        for account in counted
    ]
    rows.sort(key=lambda row: row.revenue_rank)
    return Profit(
        accounts=len(rows),
        with_cost_to_serve="cost_to_serve" in ledger.given,
        rows=tuple(rows[:TOP_SHOWN]),
        unprofitable=sum(row.contribution < 0 for row in rows),
        unprofitable_key=sum(row.contribution < 0 and row.is_key for row in rows) if "key_account" in ledger.given else None,
        assumptions=assumptions,
    )


def _places(amounts: Mapping[str, Fraction]) -> dict[str, int]:
    """Name -> place from 1, the highest amount first; equal ones by name."""
    order = sorted(amounts, key=lambda name: (-amounts[name], _by_name(name)))
    return {name: place for place, name in enumerate(order, start=1)}


def _newest_net(account: Account) -> Fraction | None:
    """Contribution after cost to serve of the last year that has one."""
    for year in sorted(account.years, key=lambda year: year or 0, reverse=True):
        if (net := account.years[year].net) is not None:
            return net
    return None


def lifetime_value(net: Fraction | None, assumptions: Assumptions) -> Fraction | None:
    """`sum r^t net / (1+d)^t` for t = 1 .. years, net = margin - cost to serve of one year, taken to stay as it is."""
    if net is None:
        return None
    factor = assumptions.retention / (1 + assumptions.discount)
    return net * sum((factor**t for t in range(1, assumptions.years + 1)), Fraction())


def _reason(part: str, ledger: Ledger, tiers: TierRules | None) -> str:
    """The key of the sentence that says why a part has no basis."""
    if not ranked(ledger.accounts) and part in ("tiers", "wallet"):
        return "no_positive"
    if part in ("tiers", "wallet") and tiers is None:
        return "no_thresholds"
    if part == "wallet" and len(_last_in_a_row(ledger.years, 2)) < 2:
        return "no_two_years"
    columns = {"wallet": ("wallet", "market_growth"), "ladder": ("stage",), "profit": ("contribution",)}[part]
    return "no_columns" if not set(columns) <= ledger.given else "no_values"
