"""Figures of an accounts file, worked by hand, and against an independent calculation."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.accounts import Account, AccountYear, Assumptions, Ledger, TierRule, TierRules
from assess.core.accounts_analysis import analyse, hide_names, lifetime_value, quadrant_of
from assess.core.accounts_outputs import accounts_json


def ledger(revenues: dict[str, int], keys: tuple[str, ...] = (), given: tuple[str, ...] = ("key_account",)) -> Ledger:
    accounts = tuple(
        Account(name, {None: AccountYear(Fraction(revenue), is_key=name in keys)}, is_key=name in keys)
        for name, revenue in revenues.items()
    )
    return Ledger(accounts, lines_read=len(accounts), given=frozenset(given))


def years_of(name: str, revenues: dict[int, int], *, is_key: bool = False, **same: Fraction) -> Account:
    return Account(
        name, {year: AccountYear(Fraction(value), **same, is_key=is_key) for year, value in revenues.items()}, is_key=is_key
    )


def test_concentration_worked_by_hand() -> None:
    total = analyse(ledger({"a": 50, "b": 30, "c": 20})).total
    assert (total.revenue, total.accounts, total.cr10) == (100, 3, None)
    assert total.top1_share == Fraction(1, 2)
    assert total.hhi == Fraction(25 + 9 + 4, 100)
    assert total.effective_customers == Fraction(100, 38)
    assert total.exposed == 3


def test_the_share_of_the_ten_largest_needs_ten_accounts_above_zero() -> None:
    nine = {f"a{n}": 10 for n in range(9)}
    assert analyse(ledger(nine)).total.cr10 is None
    assert analyse(ledger(nine | {"zero": 0})).total.cr10 is None
    assert analyse(ledger(nine | {"tenth": 10})).total.cr10 == 1
    assert analyse(ledger(nine | {"tenth": 10, "eleventh": 5})).total.cr10 == Fraction(100, 105)


def test_accounts_at_or_below_zero_are_counted_and_take_no_part_in_shares() -> None:
    figures = analyse(ledger({"a": 60, "b": 40, "zero": 0, "refunded": -30}, keys=("a", "refunded")))
    assert (figures.accounts, figures.accounts_not_positive) == (4, 2)
    assert (figures.total.revenue, figures.total.accounts, figures.total.accounts_not_positive) == (100, 2, 2)
    assert (figures.total.key_accounts, figures.total.key_account_share) == (2, Fraction(3, 5))


def test_a_file_where_nothing_is_above_zero_has_no_shares() -> None:
    figures = analyse(ledger({"a": 0, "b": -5}))
    total = figures.total
    assert (total.revenue, total.cr10, total.top1_share, total.hhi, total.effective_customers) == (0, None, None, None, None)
    assert total.key_account_share is None
    assert (figures.loss, figures.largest, figures.curve) == (None, (), ())


def test_key_accounts_are_none_where_the_file_does_not_tell_them() -> None:
    total = analyse(ledger({"a": 5}, given=())).total
    assert (total.key_accounts, total.key_account_share) == (None, None)


def test_each_year_stands_alone_and_the_total_adds_them() -> None:
    accounts = (years_of("a", {2023: 100, 2024: -20}), years_of("b", {2024: 50}))
    figures = analyse(Ledger(accounts))
    assert (figures.years[2023].revenue, figures.years[2023].accounts) == (100, 1)
    assert (figures.years[2024].revenue, figures.years[2024].accounts_not_positive) == (50, 1)
    assert (figures.total.revenue, figures.total.top1_share) == (130, Fraction(80, 130))


def test_losing_the_largest_account_asks_the_others_to_grow() -> None:
    loss = analyse(ledger({"a": 50, "b": 30, "c": 20})).loss
    assert loss is not None
    assert (loss.account, loss.share, loss.growth_needed, loss.contribution_share) == ("a", Fraction(1, 2), 1, None)
    alone = analyse(ledger({"a": 50})).loss
    assert alone is not None
    assert alone.growth_needed is None


def test_the_largest_come_by_revenue_and_equal_ones_by_name() -> None:
    rows = analyse(ledger({"b": 10, "a": 10, "c": 20})).largest
    assert [(row.rank, row.name, row.cumulative) for row in rows] == [
        (1, "c", Fraction(1, 2)),
        (2, "a", Fraction(3, 4)),
        (3, "b", Fraction(1)),
    ]


def test_the_curve_goes_from_nothing_to_everything() -> None:
    curve = analyse(ledger({f"a{n}": n for n in range(1, 1001)})).curve
    assert (curve[0], curve[-1], len(curve)) == ((0, 0), (1, 1), 101)
    assert all(before[1] < after[1] for before, after in pairwise(curve))


TIERS = TierRules(
    (
        TierRule("problem", contribution_below=Fraction(0)),
        TierRule("diamond", revenue_share=Fraction(1, 10)),
        TierRule("gold", revenue_share=Fraction(1, 50)),
        TierRule("strategic", wallet_share=Fraction(1, 10)),
        TierRule("potential", wallet_share=Fraction(1, 50)),
        TierRule("ordinary"),
    ),
    years=2,
    high_share=Fraction(1, 2),
)


def test_tiers_ask_for_every_one_of_the_years() -> None:
    accounts = (
        years_of("steady", {2023: 800, 2024: 800}),
        years_of("once", {2023: 10, 2024: 150}),
        years_of("small", {2023: 5, 2024: 5}),
        years_of("promising", {2023: 5, 2024: 5}, wallet=Fraction(300)),
        years_of("losing", {2023: 180, 2024: 40}, contribution=Fraction(1), cost_to_serve=Fraction(2)),
    )
    figures = analyse(Ledger(accounts, given=frozenset({"wallet"})), TIERS)
    assert {row.name: row.tier for row in figures.largest} == {
        "steady": "diamond",
        "once": "ordinary",
        "small": "ordinary",
        "promising": "strategic",
        "losing": "problem",
    }
    assert figures.tiering is not None
    counts = {one.id: (one.accounts, one.revenue) for one in figures.tiering.counts}
    assert counts["diamond"] == (1, 1600)
    assert counts["ordinary"] == (2, 170)
    assert sum(accounts for accounts, _ in counts.values()) == 5


def test_tiers_look_at_the_last_years_only_and_not_across_a_gap() -> None:
    late = years_of("late", {2020: 1, 2023: 100, 2024: 100})
    figures = analyse(Ledger((late, years_of("other", {2023: 300, 2024: 300}))), TIERS)
    assert figures.tiering is not None
    assert figures.tiering.years == (2023, 2024)
    gap = analyse(Ledger((years_of("a", {2020: 1, 2024: 1}),)), TIERS).tiering
    assert gap is not None
    assert gap.years == (2024,)


def test_key_accounts_below_the_top_tiers_are_counted() -> None:
    accounts = (years_of("a", {2023: 99, 2024: 99}, is_key=True), years_of("b", {2023: 1, 2024: 1}, is_key=True))
    tiering = analyse(Ledger(accounts, given=frozenset({"key_account"})), TIERS).tiering
    assert tiering is not None
    assert tiering.key_accounts_below == 1


@pytest.mark.parametrize(
    ("share", "growth", "quadrant"),
    [
        (Fraction(1, 2), Fraction(0), "defend"),
        (Fraction(49, 100), Fraction(0), "accelerate"),
        (Fraction(1, 2), Fraction(-1, 100), "erosion_alert"),
        (Fraction(1, 10), Fraction(-1, 100), "reposition"),
    ],
)
def test_quadrants_meet_at_half_the_wallet_and_the_growth_of_the_market(
    share: Fraction, growth: Fraction, quadrant: str
) -> None:
    assert quadrant_of(share, growth, Fraction(1, 2)) == quadrant


def test_we_grew_eight_percent_while_the_customer_grew_seventeen() -> None:
    account = Account(
        "c",
        {
            2023: AccountYear(Fraction(100)),
            2024: AccountYear(Fraction(108), wallet=Fraction(135), market_growth=Fraction(17, 100)),
        },
    )
    wallets = analyse(Ledger((account,), given=frozenset({"wallet", "market_growth"})), TIERS).wallets
    assert wallets is not None
    (point,) = wallets.points
    assert (point.share, point.growth, point.relative_growth) == (Fraction(4, 5), Fraction(8, 100), Fraction(-9, 100))
    assert point.quadrant == "erosion_alert"
    assert wallets.counts["erosion_alert"] == 1


def test_parts_without_a_basis_are_none_and_say_why() -> None:
    figures = analyse(ledger({"a": 5}), TIERS)
    assert (figures.wallets, figures.ladder, figures.profit) == (None, None, None)
    assert figures.reasons == {"wallet": "no_two_years", "ladder": "no_columns", "profit": "no_columns"}
    assert analyse(ledger({"a": 5})).reasons["tiers"] == "no_thresholds"
    assert analyse(ledger({"a": -5}), TIERS).reasons["tiers"] == "no_positive"


def test_the_ladder_counts_stages_and_those_without_a_proof() -> None:
    accounts = tuple(
        Account(name, {None: AccountYear(Fraction(1))}, stage=stage, has_proof=proof)
        for name, stage, proof in (("a", 4, True), ("b", 4, False), ("c", 1, True), ("d", None, False))
    )
    ladder = analyse(Ledger(accounts, given=frozenset({"stage", "proof"}))).ladder
    assert ladder is not None
    assert (ladder.accounts, ladder.unknown, ladder.unproven) == ({1: 1, 2: 0, 3: 0, 4: 2}, 1, 1)
    unasked = analyse(Ledger(accounts, given=frozenset({"stage"}))).ladder
    assert unasked is not None
    assert unasked.unproven is None


def test_the_largest_by_revenue_may_be_the_last_by_contribution() -> None:
    accounts = tuple(
        Account(name, {2024: AccountYear(Fraction(revenue), Fraction(margin), Fraction(cost))}, is_key=name == "big")
        for name, revenue, margin, cost in (("big", 100, 20, 25), ("mid", 50, 15, 5), ("low", 20, 8, 1))
    )
    profit = analyse(Ledger(accounts, given=frozenset({"key_account", "contribution", "cost_to_serve"}))).profit
    assert profit is not None
    rows = {row.name: (row.contribution, row.revenue_rank, row.contribution_rank, row.shift) for row in profit.rows}
    assert rows == {"big": (-5, 1, 3, -2), "mid": (10, 2, 1, 1), "low": (7, 3, 2, 1)}
    assert (profit.unprofitable, profit.unprofitable_key, profit.with_cost_to_serve) == (1, 1, True)
    assert all(row.lifetime_value is None for row in profit.rows)


def test_lifetime_value_worked_by_hand() -> None:
    assumed = Assumptions(retention=Fraction(9, 10), discount=Fraction(1, 10), years=2)
    assert lifetime_value(Fraction(100), assumed) == 100 * (Fraction(9, 11) + Fraction(81, 121))
    assert lifetime_value(None, assumed) is None


def test_lifetime_value_rests_on_the_newest_year() -> None:
    account = Account(
        "a", {2023: AccountYear(Fraction(9), Fraction(50)), 2024: AccountYear(Fraction(9), Fraction(10), Fraction(4))}
    )
    profit = analyse(Ledger((account,)), assumptions=Assumptions(Fraction(1), Fraction(0), 3)).profit
    assert profit is not None
    assert profit.rows[0].lifetime_value == 18


def test_managers_and_sponsors_of_key_accounts_are_counted_where_they_are_given() -> None:
    accounts = (
        Account("a", {None: AccountYear(Fraction(1), is_key=True)}, is_key=True, managers=frozenset({"m"}), has_sponsor=True),
        Account("b", {None: AccountYear(Fraction(1), is_key=True)}, is_key=True, managers=frozenset({"m"})),
        Account("c", {None: AccountYear(Fraction(1), is_key=True)}, is_key=True),
        Account("d", {None: AccountYear(Fraction(1))}, managers=frozenset({"other"})),
    )
    figures = analyse(Ledger(accounts, given=frozenset({"key_account", "manager", "sponsor"})))
    assert (figures.key_account_managers, figures.key_accounts_per_manager) == (1, 2)
    assert (figures.key_accounts_without_manager, figures.key_accounts_without_sponsor) == (1, 2)
    unknown = analyse(Ledger(accounts, given=frozenset({"key_account"})))
    assert (unknown.key_accounts_per_manager, unknown.key_accounts_without_sponsor) == (None, None)


def test_hidden_names_are_places_by_revenue() -> None:
    hidden = hide_names(ledger({"Acme": 5, "Globex": 9, "Refunds Ltd": -3}))
    figures = analyse(hidden)
    assert [(row.name, row.revenue) for row in figures.largest] == [("#1", 9), ("#2", 5)]
    assert figures.names_hidden
    assert "Acme" not in str(accounts_json(figures))


def test_hidden_accounts_of_equal_revenue_stand_in_the_order_of_their_numbers() -> None:
    figures = analyse(hide_names(ledger({f"A{n}": 5 for n in range(12)})))
    assert [row.name for row in figures.largest] == [f"#{place}" for place in range(1, 13)]


def test_json_holds_the_agreed_keys_first_and_nulls_where_there_is_no_basis() -> None:
    content = accounts_json(
        analyse(Ledger((years_of("a", {2024: 10}),), lines_read=1, days={2024: (date(2024, 1, 2), date(2024, 5, 6))}))
    )
    assert list(content)[:8] == [
        "schema",
        "lines_read",
        "lines_without_account",
        "lines_unreadable",
        "accounts",
        "accounts_not_positive",
        "total",
        "years",
    ]
    assert content["schema"] == "kam-accounts/1"
    block = ["revenue", "accounts", "cr10", "top1_share", "hhi", "effective_customers", "key_accounts", "key_account_share"]
    assert list(content["total"])[:8] == block
    assert content["total"]["cr10"] is None
    assert content["years"]["2024"]["last_day"] == "2024-05-06"
    assert (content["tiers"], content["share_growth"], content["ladder"], content["profit"]) == (None, None, None, None)


amounts = st.integers(-1000, 1000).map(lambda cents: Fraction(cents, 100))
lines = st.lists(
    st.tuples(st.sampled_from("abcdefghijklmnop"), st.sampled_from([2022, 2023]), amounts), min_size=1, max_size=80
)


@given(lines)
def test_figures_equal_an_independent_calculation(drawn: list[tuple[str, int, Fraction]]) -> None:
    sums: defaultdict[str, dict[int, Fraction]] = defaultdict(dict)
    for name, year, amount in drawn:
        sums[name][year] = sums[name].get(year, Fraction()) + amount
    accounts = tuple(Account(name, {y: AccountYear(v) for y, v in by.items()}) for name, by in sums.items())
    figures = analyse(Ledger(accounts))
    plain: defaultdict[str, float] = defaultdict(float)
    for name, _, amount in drawn:
        plain[name] += float(amount)
    positive = sorted((value for value in plain.values() if value > 1e-9), reverse=True)
    total = figures.total
    assert figures.accounts == len(plain)
    assert total.accounts == len(positive)
    assert float(total.revenue) == pytest.approx(sum(positive))
    if positive:
        assert float(total.top1_share or 0) == pytest.approx(positive[0] / sum(positive))
        assert float(total.hhi or 0) == pytest.approx(sum((value / sum(positive)) ** 2 for value in positive))
    if len(positive) >= 10:
        assert float(total.cr10 or 0) == pytest.approx(sum(positive[:10]) / sum(positive))
    assert sum(block.accounts + block.accounts_not_positive for block in figures.years.values()) == sum(map(len, sums.values()))
