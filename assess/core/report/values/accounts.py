"""What an accounts file shows."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.report.values.basics import Figure, Heading, Term


@dataclass(frozen=True)
class ConcentrationRow:
    """One year of the accounts file, or all of it (id "total"). Shares are 0..1; no value where a figure has no basis.

    ten is the share of the ten largest accounts, effective how many accounts of equal size would be as concentrated.
    """

    id: str
    title: str
    revenue: Figure
    accounts: Figure
    largest: Figure
    ten: Figure
    hhi: Figure
    effective: Figure
    key_accounts: Figure
    key_share: Figure


@dataclass(frozen=True)
class CurvePoint:
    """The largest accounts, `accounts` (0..1) of their number, hold `revenue` (0..1) of the total."""

    accounts: float
    revenue: float


@dataclass(frozen=True)
class AccountRow:
    """One of the largest accounts; name is a stand-in where names are hidden, tier "" where there are no tiers."""

    rank: int
    name: str
    revenue: Figure
    share: Figure
    cumulative: Figure
    tier: str
    is_key: bool


@dataclass(frozen=True)
class Concentration:
    """How much hangs on few accounts: by year, as a curve, with the largest by name, and read both ways."""

    title: str
    text: str
    rows: tuple[ConcentrationRow, ...]
    curve_title: str
    curve_text: str
    curve: tuple[CurvePoint, ...]
    readings: tuple[Term, ...]
    top_title: str
    top_note: str
    top: tuple[AccountRow, ...]


@dataclass(frozen=True)
class TierRow:
    """One value tier: its rule in words, how many accounts stand in it, how many of them are key accounts, its revenue."""

    id: str
    name: str
    rule: str
    accounts: Figure
    key_accounts: Figure
    revenue: Figure
    share: Figure


@dataclass(frozen=True)
class Tiers:
    """Accounts by value tier. rows is empty where reason says why there are none, here and in the parts below."""

    title: str
    text: str
    reason: str
    rows: tuple[TierRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class WalletRow:
    """Our share of what the account buys (0..1) and our growth minus its market's (0.05 is five points)."""

    name: str
    share: Figure
    growth: Figure
    revenue: Figure
    quadrant: str
    quadrant_name: str
    is_key: bool


@dataclass(frozen=True)
class Wallet:
    """Share of wallet against relative growth. limit is the share from which it counts as high; quadrants name what to do."""

    title: str
    text: str
    reason: str
    limit: Figure
    rows: tuple[WalletRow, ...]
    quadrants: tuple[Term, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class StageRow:
    """One stage 1..4 of the relationship ladder and what the supplier must prove there."""

    stage: int
    name: str
    proof: str
    accounts: Figure
    key_accounts: Figure
    share: Figure


@dataclass(frozen=True)
class StageLadder:
    title: str
    text: str
    reason: str
    rows: tuple[StageRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RankRow:
    """An account by revenue and by contribution after cost to serve; shift is places lost (below 0) or won."""

    name: str
    revenue: Figure
    contribution: Figure
    revenue_rank: int
    contribution_rank: int
    shift: Figure
    lifetime: Figure
    is_key: bool
    is_unprofitable: bool


@dataclass(frozen=True)
class Profit:
    """Whether the largest accounts are the most valuable ones. assumptions is what the lifetime value rests on."""

    title: str
    text: str
    reason: str
    rows: tuple[RankRow, ...]
    notes: tuple[str, ...]
    assumptions: str


@dataclass(frozen=True)
class ClaimCheck:
    """What was answered beside what the file shows. state: contradicted, consistent, not_claimed, no_figure; rule in words."""

    id: str
    item: str
    item_text: str
    state: str
    state_name: str
    claimed: Figure
    measured: Figure
    text: str
    rule: str
    source: str


@dataclass(frozen=True)
class Accounts:
    """The company's own accounts: concentration, tiers, share and growth, ladder, profit, and what was claimed about them."""

    heading: Heading
    facts: tuple[Term, ...]
    concentration: Concentration
    tiers: Tiers
    wallet: Wallet
    ladder: StageLadder
    profit: Profit
    checks_title: str
    checks: tuple[ClaimCheck, ...]
    checks_note: str
    notes: tuple[str, ...]
