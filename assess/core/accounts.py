"""What a file of accounts or of transactions says about the portfolio (method section 9). Figures, never the file.

Amounts are Fractions in the file's one currency, shares are 0..1, and whatever has no basis is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
        return added(self.years.values())


def added(years: Iterable[AccountYear]) -> AccountYear:
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
