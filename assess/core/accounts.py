"""What a file of accounts or of transactions says about the portfolio (method section 9). Figures, never the file.

Amounts are Fractions in the file's one currency, shares are 0..1, and whatever has no basis is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

LARGEST = 10
"""How many accounts `cr10` adds up; there is no such share among fewer."""
TOP_SHOWN = 20
"""How many accounts are kept by name."""
EXPOSED = Fraction(1, 10)
"""A customer of this share of revenue must be disclosed by public entities: ASC 280-10-50-42."""
LEVERAGE = Fraction(1, 2)
"""Share of the ten largest from which both readings, leverage and exposure, are due."""
CURVE_POINTS = 100
TIERS = ("diamond", "gold", "strategic", "potential", "ordinary", "problem")
"""The value tiers, highest first. A key account is expected in one of TOP_TIERS."""
TOP_TIERS = frozenset({"diamond", "gold", "strategic"})


@dataclass(frozen=True)
class AccountYear:
    """One account in one year, or in a file without dates: the sums of its lines. market_growth 0.05 is five percent."""

    revenue: Fraction
    contribution: Fraction | None = None
    cost_to_serve: Fraction | None = None
    wallet: Fraction | None = None
    market_growth: Fraction | None = None
    is_key: bool = False

    @property
    def net(self) -> Fraction | None:
        """Contribution after cost to serve, where contribution is known."""
        return None if self.contribution is None else self.contribution - (self.cost_to_serve or 0)


@dataclass(frozen=True)
class Account:
    """years: calendar year (None in a file without dates) -> figures. stage 1..4 and proof are the newest of the file."""

    name: str
    years: Mapping[int | None, AccountYear]
    is_key: bool = False
    stage: int | None = None
    has_proof: bool = False
    managers: frozenset[str] = frozenset()
    has_sponsor: bool = False

    @cached_property
    def total(self) -> AccountYear:
        return _added(self.years.values())


def _added(years: Iterable[AccountYear]) -> AccountYear:
    """Several years as one: amounts are added; what a year is compared with, wallet and market, has no sum."""
    many = list(years)
    return AccountYear(
        revenue=sum((year.revenue for year in many), Fraction()),
        contribution=_known_sum([year.contribution for year in many]),
        cost_to_serve=_known_sum([year.cost_to_serve for year in many]),
        is_key=any(year.is_key for year in many),
    )


def _known_sum(values: Sequence[Fraction | None]) -> Fraction | None:
    known = [value for value in values if value is not None]
    return sum(known, Fraction()) if known else None


@dataclass(frozen=True)
class Unreadable:
    """A line that was left out, 1-based, and why, as a message with its values; part names the column, "" the whole line."""

    line: int
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    part: str = ""

    @property
    def text(self) -> str:
        """The reason in English."""
        said = self.message.format_map(self.params)
        return f"{self.part}: {said}" if self.part else said


@dataclass(frozen=True)
class Ledger:
    """The accounts of one file and how it was read. given names the columns there were; days the first and last of a year."""

    accounts: tuple[Account, ...]
    lines_read: int = 0
    lines_without_account: int = 0
    lines_unreadable: int = 0
    unreadable: tuple[Unreadable, ...] = ()
    given: frozenset[str] = frozenset()
    days: Mapping[int, tuple[date, date]] = field(default_factory=dict)
    file: str = ""
    names_hidden: bool = False

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted({year for account in self.accounts for year in account.years if year is not None}))


@dataclass(frozen=True)
class Block:
    """One year or the whole file. revenue and every share are over accounts above zero; `accounts` counts those.

    cr10: share of the ten largest, None below ten. hhi: sum of squared shares, effective_customers its inverse.
    key_accounts counts every key account with a line, None where the file does not tell which they are.
    """

    revenue: Fraction
    accounts: int
    accounts_not_positive: int
    cr10: Fraction | None
    top1_share: Fraction | None
    hhi: Fraction | None
    effective_customers: Fraction | None
    key_accounts: int | None
    key_account_share: Fraction | None
    exposed: int
    """Accounts that hold EXPOSED of the revenue or more."""


@dataclass(frozen=True)
class Loss:
    """What the loss of the largest account would do. growth_needed: by how much all others must grow to make up for it.

    contribution_share is its share of all contribution after cost to serve, None where there is none or none above zero.
    """

    account: str
    revenue: Fraction
    share: Fraction
    growth_needed: Fraction | None
    contribution_share: Fraction | None


@dataclass(frozen=True)
class Largest:
    """One of the largest accounts of the whole file. tier is the id of its value tier, "" where there are none."""

    rank: int
    name: str
    revenue: Fraction
    share: Fraction
    cumulative: Fraction
    tier: str
    is_key: bool


@dataclass(frozen=True)
class TierRule:
    """The conditions of one value tier, all of which must hold in each of the years looked at. None asks nothing.

    revenue and contribution (after cost to serve) are least amounts, the shares least shares of the year's revenue; wallet
    is what the account buys of our kind from anybody; contribution_below is an amount that contribution must be under.
    """

    id: str
    revenue: Fraction | None = None
    revenue_share: Fraction | None = None
    contribution: Fraction | None = None
    wallet: Fraction | None = None
    wallet_share: Fraction | None = None
    contribution_below: Fraction | None = None


@dataclass(frozen=True)
class TierRules:
    """The tiers in the order in which they are tried, over how many consecutive years, and what share of wallet is high."""

    rules: tuple[TierRule, ...]
    years: int
    high_share: Fraction


@dataclass(frozen=True)
class TierCount:
    """Accounts above zero in one tier, over the years looked at."""

    id: str
    accounts: int
    key_accounts: int | None
    revenue: Fraction
    share: Fraction | None


@dataclass(frozen=True)
class Tiering:
    """years are those looked at, fewer than asked where the file has fewer; key_accounts_below stand under the top tiers."""

    years: tuple[int | None, ...]
    years_asked: int
    counts: tuple[TierCount, ...]
    key_accounts_below: int | None


DEFEND, ACCELERATE, EROSION, REPOSITION = "defend", "accelerate", "erosion_alert", "reposition"
QUADRANTS = (DEFEND, ACCELERATE, EROSION, REPOSITION)


@dataclass(frozen=True)
class WalletPoint:
    """share: our part of what the account buys; relative_growth: our growth there minus the market growth of the account."""

    name: str
    revenue: Fraction
    share: Fraction
    growth: Fraction
    market_growth: Fraction
    relative_growth: Fraction
    quadrant: str
    is_key: bool


@dataclass(frozen=True)
class Wallets:
    """year against the year before. The points are the largest; counts go over all accounts that could be placed."""

    year: int
    high_share: Fraction
    points: tuple[WalletPoint, ...]
    counts: Mapping[str, int]
    key_counts: Mapping[str, int] | None


@dataclass(frozen=True)
class Ladder:
    """Accounts per stage 1..4; unknown have none; unproven have a stage but no proof (None without a column of proofs)."""

    accounts: Mapping[int, int]
    key_accounts: Mapping[int, int] | None
    unknown: int
    unproven: int | None


@dataclass(frozen=True)
class Assumptions:
    """What a lifetime value rests on: yearly retention and discount rate 0..1, and how many years are counted."""

    retention: Fraction
    discount: Fraction
    years: int


@dataclass(frozen=True)
class RankShift:
    """An account by revenue and by contribution after cost to serve. shift: places won (above 0) or lost between the two."""

    name: str
    revenue: Fraction
    contribution: Fraction
    revenue_rank: int
    contribution_rank: int
    lifetime_value: Fraction | None
    is_key: bool

    @property
    def shift(self) -> int:
        return self.revenue_rank - self.contribution_rank


@dataclass(frozen=True)
class Profit:
    """accounts: how many have a contribution. unprofitable accounts lose money after cost to serve."""

    accounts: int
    with_cost_to_serve: bool
    rows: tuple[RankShift, ...]
    unprofitable: int
    unprofitable_key: int | None
    assumptions: Assumptions | None


@dataclass(frozen=True)
class AccountFigures:
    """Everything measured from one file. A part is None where the file gives no basis; `reasons` says why, part -> key."""

    file: str
    lines_read: int
    lines_without_account: int
    lines_unreadable: int
    unreadable: tuple[Unreadable, ...]
    accounts: int
    accounts_not_positive: int
    total: Block
    years: Mapping[int, Block]
    days: Mapping[int, tuple[date, date]]
    loss: Loss | None
    largest: tuple[Largest, ...]
    curve: tuple[tuple[Fraction, Fraction], ...]
    tiering: Tiering | None
    wallets: Wallets | None
    ladder: Ladder | None
    profit: Profit | None
    key_accounts_without_manager: int | None
    key_account_managers: int | None
    key_accounts_without_sponsor: int | None
    key_accounts_without_profit: int | None
    reasons: Mapping[str, str]
    names_hidden: bool = False

    @property
    def key_accounts_per_manager(self) -> Fraction | None:
        """Key accounts that have a manager, per manager; None where managers are not given."""
        if not self.key_account_managers or self.total.key_accounts is None or self.key_accounts_without_manager is None:
            return None
        return Fraction(self.total.key_accounts - self.key_accounts_without_manager, self.key_account_managers)


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
    return sorted((a for a in accounts if a.total.revenue > 0), key=lambda a: (-a.total.revenue, a.name))


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
    within = {account.name: _added(one for year in window if (one := account.years.get(year))).revenue for account in order}
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
    points.sort(key=lambda point: (-point.revenue, point.name))
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
    order = sorted(amounts, key=lambda name: (-amounts[name], name))
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
