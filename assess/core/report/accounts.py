"""The accounts section: what the company's own file shows, and where it contradicts what was answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from assess.core.accounts import LEVERAGE, QUADRANTS, TIERS, TOP_TIERS, AccountFigures, Block, WalletPoint
from assess.core.accounts import Ladder as LadderFigures
from assess.core.accounts import Profit as ProfitFigures
from assess.core.accounts import Tiering as TieringFigures
from assess.core.accounts import Wallets as WalletFigures
from assess.core.accounts_claims import compare_claims
from assess.core.questionnaire import ValueTiers
from assess.core.report.account_claims import check_claim, checks_title, count_contradicted
from assess.core.report.account_values import amount_of, share_of
from assess.core.report.setting import Setting
from assess.core.report.values import (
    AccountRow,
    Accounts,
    ClaimCheck,
    Concentration,
    ConcentrationRow,
    CurvePoint,
    Figure,
    Profit,
    RankRow,
    StageLadder,
    StageRow,
    Term,
    TierRow,
    Tiers,
    Wallet,
    WalletRow,
)
from assess.core.report.words import NOTHING, Words
from assess.core.rounding import half_up, number

SHOWN = 12
"""Accounts shown by name in a table and its chart."""
TOLD = (Fraction(1, 10), Fraction(1, 5), Fraction(1, 2))
"""The shares of accounts whose share of revenue the curve tells in words."""


def account_for(setting: Setting) -> Accounts | None:
    """None where no file of accounts was given."""
    figures = setting.evaluation.accounts
    if figures is None:
        return None
    words = setting.words
    claims = [c for c in compare_claims(setting.measured, figures) if not setting.hides_score(c.rule.item)]
    checks = tuple(check_claim(setting, claim) for claim in claims)
    return Accounts(
        heading=setting.heading("accounts", _finding(words, figures, checks)),
        facts=tuple(_facts(words, figures)),
        concentration=_concentration(words, figures, setting.core.tiers),
        tiers=_tiers(words, figures, setting.core.tiers),
        wallet=_wallet(words, figures),
        ladder=_ladder(words, figures),
        profit=_profit(words, figures),
        checks_title=checks_title(words, checks),
        checks=checks,
        checks_note=words.say("accounts.checks_note" if checks else "accounts.checks_none"),
        notes=(words.say("accounts.top_hidden"),) if figures.names_hidden else (),
    )


def _count(words: Words, value: int | None) -> Figure:
    return words.figure(None if value is None else Fraction(value), 0)


def _many(words: Words, value: int) -> str:
    """A number of accounts or lines as it is printed."""
    return words.formats.decimal(half_up(Fraction(value), 0))


def _points(words: Words, value: Fraction) -> Figure:
    """A difference of growth rates in percentage points, with its sign."""
    sign = "+" if value > 0 else ""
    return Figure(number(value), words.say("accounts.points", value=sign + words.formats.decimal(half_up(100 * value, 1))))


def _finding(words: Words, figures: AccountFigures, checks: Sequence[ClaimCheck]) -> str:
    total = figures.total
    if total.top1_share is None:
        text = words.say("accounts.finding_none")
    elif total.cr10 is None:
        text = words.say("accounts.finding_one", share=share_of(words, total.top1_share).text)
    else:
        text = words.say("accounts.finding_ten", share=share_of(words, total.cr10).text)
    contradicted = count_contradicted(checks)
    if contradicted:
        text = words.say("accounts.finding_claims", n=contradicted, concentration=text)
    return text[:1].upper() + text[1:]


def _facts(words: Words, figures: AccountFigures) -> Iterator[Term]:
    if figures.file:
        yield Term(words.say("accounts.fact.file"), figures.file)
    read = {"lines": figures.lines_read, "none": figures.lines_without_account, "bad": figures.lines_unreadable}
    plain = {name: _many(words, value) for name, value in read.items()}
    yield Term(words.say("accounts.fact.lines"), words.say("accounts.lines", **plain))
    low = figures.accounts_not_positive
    counted = words.say("accounts.counted" if low else "accounts.counted_all", accounts=_many(words, figures.accounts), low=low)
    yield Term(words.say("accounts.fact.accounts"), counted)
    years = words.names([_year(words, figures, year) for year in figures.years]) if figures.years else ""
    yield Term(words.say("accounts.fact.years"), years or words.say("accounts.years_none"))
    total = figures.total
    keys = words.say("accounts.keys_unknown")
    if total.key_accounts is not None:
        keys = words.say("accounts.keys", n=total.key_accounts, share=share_of(words, total.key_account_share).text)
    yield Term(words.say("accounts.fact.keys"), keys)
    if figures.loss is not None:
        yield Term(words.say("accounts.fact.loss"), _loss(words, figures))


def _year(words: Words, figures: AccountFigures, year: int) -> str:
    """A year, with its first and last day where the file covers less than all of its months."""
    days = figures.days.get(year)
    if days is None or (days[0].month == 1 and days[1].month == 12):
        return words.say("accounts.year_whole", year=year)
    return words.say("accounts.year_partial", year=year, first=words.day(days[0]).short, last=words.day(days[1]).short)


def _loss(words: Words, figures: AccountFigures) -> str:
    loss = figures.loss
    if loss is None:
        return NOTHING
    if loss.growth_needed is None:
        return words.say("accounts.loss_all", account=loss.account)
    growth, share = share_of(words, loss.growth_needed).text, share_of(words, loss.share).text
    told = words.say("accounts.loss", account=loss.account, share=share, growth=growth)
    if loss.contribution_share is None:
        return told
    stop = "" if told.endswith(("。", ".")) else "。" if words.language.startswith("zh") else "."
    part = words.say("accounts.loss_contribution", share=share_of(words, loss.contribution_share).text)
    return words.sentences(told + stop, part)


# Concentration


def _concentration(words: Words, figures: AccountFigures, tiers: ValueTiers | None) -> Concentration:
    years = [_concentration_row(words, str(year), str(year), block) for year, block in figures.years.items()]
    total = _concentration_row(words, "total", words.say("accounts.total"), figures.total)
    return Concentration(
        title=_by_year(words, figures),
        text=words.sentences(
            *(words.say("accounts.by_year_line", year=row.title, largest=row.largest.text, ten=row.ten.text) for row in years)
        ),
        rows=(*years, total),
        curve_title=_curve_title(words, figures),
        curve_text=words.sentences(
            *(
                words.say("accounts.curve_line", part=words.percent(part), share=share_of(words, share).text)
                for part in TOLD
                if (share := _held(figures, part)) is not None
            )
        ),
        curve=tuple(CurvePoint(float(accounts), float(revenue)) for accounts, revenue in figures.curve),
        readings=tuple(_readings(words, figures)),
        top_title=_top_title(words, figures),
        top_note=words.say("accounts.top_hidden" if figures.names_hidden else "accounts.top_note"),
        top=tuple(_top(words, figures, tiers)),
    )


def _concentration_row(words: Words, id_: str, title: str, block: Block) -> ConcentrationRow:
    return ConcentrationRow(
        id=id_,
        title=title,
        revenue=amount_of(words, block.revenue),
        accounts=_count(words, block.accounts),
        largest=share_of(words, block.top1_share),
        ten=share_of(words, block.cr10),
        hhi=words.figure(block.hhi, 3),
        effective=words.figure(block.effective_customers, 1),
        key_accounts=_count(words, block.key_accounts),
        key_share=share_of(words, block.key_account_share),
    )


def _by_year(words: Words, figures: AccountFigures) -> str:
    """How concentration moved from the first year to the last, in the figure that both have."""
    years = list(figures.years)
    if len(years) < 2:
        return words.say("accounts.concentrated")
    first, last = figures.years[years[0]], figures.years[years[-1]]
    key = "accounts.by_year"
    pair = (first.cr10, last.cr10)
    if None in pair:
        key, pair = "accounts.by_year_one", (first.top1_share, last.top1_share)
    if None in pair:
        return words.say("accounts.concentrated")
    told = [share_of(words, share).text for share in pair]
    return words.say(key, first=told[0], from_year=years[0], last=told[1], to_year=years[-1])


def _held(figures: AccountFigures, part: Fraction) -> Fraction | None:
    """The share of revenue that the largest accounts, this part of their number, hold; None for an empty curve."""
    reached = [revenue for accounts, revenue in figures.curve if accounts <= part]
    return max(reached) if len(reached) > 1 else None


def _curve_title(words: Words, figures: AccountFigures) -> str:
    part = next((part for part in (Fraction(1, 5), Fraction(1, 2)) if _held(figures, part) is not None), None)
    if part is None:
        return words.say("accounts.concentrated")
    return words.say("accounts.curve", part=words.percent(part), share=share_of(words, _held(figures, part)).text)


def _readings(words: Words, figures: AccountFigures) -> Iterator[Term]:
    """Both readings of concentration: weight that is worth care, and dependence."""
    total = figures.total
    if total.top1_share is None:
        return
    key = "accounts.reading.leverage_none"
    if total.cr10 is not None:
        key = "accounts.reading.leverage_high" if total.cr10 >= LEVERAGE else "accounts.reading.leverage_low"
    yield Term(words.say("accounts.reading.leverage"), words.say(key, share=share_of(words, total.cr10).text))
    exposure = "accounts.reading.exposure_some" if total.exposed else "accounts.reading.exposure_none"
    told = words.say(
        exposure,
        n=total.exposed,
        largest=share_of(words, total.top1_share).text,
        effective=words.figure(total.effective_customers, 1).text,
    )
    yield Term(words.say("accounts.reading.exposure"), told)


def _top_title(words: Words, figures: AccountFigures) -> str:
    shown = figures.largest[:SHOWN]
    if len(shown) < 2:
        return words.say("accounts.top_one") if shown else words.say("accounts.finding_none")
    return words.say("accounts.top", n=len(shown), share=share_of(words, shown[-1].cumulative).text)


def _top(words: Words, figures: AccountFigures, tiers: ValueTiers | None) -> Iterator[AccountRow]:
    for one in figures.largest[:SHOWN]:
        yield AccountRow(
            rank=one.rank,
            name=one.name,
            revenue=amount_of(words, one.revenue),
            share=share_of(words, one.share),
            cumulative=share_of(words, one.cumulative),
            tier=words.of(tiers.names[one.tier]) if tiers is not None and one.tier in tiers.names else "",
            is_key=one.is_key,
        )


# Tiers


def _reason(words: Words, figures: AccountFigures, part: str) -> str:
    return words.say(f"accounts.reason.{part}.{figures.reasons[part]}")


def _tiers(words: Words, figures: AccountFigures, tiers: ValueTiers | None) -> Tiers:
    tiering = figures.tiering
    if tiering is None or tiers is None:
        reason = _reason(words, figures, "tiers")
        return Tiers(reason, "", reason, (), ())
    order = {tier.id: tier for tier in tiering.counts}
    rows = tuple(
        TierRow(
            id=id_,
            name=words.of(tiers.names[id_]),
            rule=words.of(tiers.summaries[id_]),
            accounts=_count(words, order[id_].accounts),
            key_accounts=_count(words, order[id_].key_accounts),
            revenue=amount_of(words, order[id_].revenue),
            share=share_of(words, order[id_].share),
        )
        for id_ in TIERS
        if id_ in order
    )
    lines = (
        words.say("accounts.tier_line", name=row.name, accounts=order[row.id].accounts, share=row.share.text) for row in rows
    )
    return Tiers(_tiers_title(words, tiering), words.sentences(*lines), "", rows, tuple(_tier_notes(words, tiering, tiers)))


def _tiers_title(words: Words, tiering: TieringFigures) -> str:
    top = [one for one in tiering.counts if one.id in TOP_TIERS]
    shares = [one.share for one in top if one.share is not None]
    return words.say(
        "accounts.tiers_finding",
        top=sum(one.accounts for one in top),
        all=_many(words, sum(one.accounts for one in tiering.counts)),
        share=share_of(words, sum(shares, Fraction()) if shares else None).text,
    )


def _tier_notes(words: Words, tiering: TieringFigures, tiers: ValueTiers) -> Iterator[str]:
    found = [str(year) for year in tiering.years if year is not None]
    if not found:
        yield words.say("accounts.tier_undated", asked=tiering.years_asked)
    else:
        yield words.say("accounts.tier_years", years=words.names(found))
        if len(found) < tiering.years_asked:
            yield words.say("accounts.tier_few_years", asked=tiering.years_asked, found=len(found))
    if tiering.key_accounts_below:
        yield words.say("accounts.tier_keys", n=tiering.key_accounts_below)
    yield words.of(tiers.basis)


# Share and growth


def _wallet(words: Words, figures: AccountFigures) -> Wallet:
    wallets = figures.wallets
    if wallets is None:
        reason = _reason(words, figures, "wallet")
        return Wallet(reason, "", reason, Figure(None, NOTHING), (), (), ())
    rows = tuple(_wallet_row(words, point) for point in wallets.points[:SHOWN])
    lines = (
        words.say("accounts.wallet_line", name=r.name, share=r.share.text, growth=r.growth.text, quadrant=r.quadrant_name)
        for r in rows
    )
    eroding, placed = wallets.counts["erosion_alert"], sum(wallets.counts.values())
    return Wallet(
        title=words.say("accounts.wallet_finding" if eroding else "accounts.wallet_calm", n=eroding, all=_many(words, placed)),
        text=words.sentences(*lines),
        reason="",
        limit=share_of(words, wallets.high_share),
        rows=rows,
        quadrants=tuple(
            Term(words.say(f"accounts.quadrant.{name}"), words.say(f"accounts.quadrant.{name}_text")) for name in QUADRANTS
        ),
        notes=tuple(_wallet_notes(words, figures, wallets)),
    )


def _wallet_row(words: Words, point: WalletPoint) -> WalletRow:
    return WalletRow(
        name=point.name,
        share=share_of(words, point.share),
        growth=_points(words, point.relative_growth),
        revenue=amount_of(words, point.revenue),
        quadrant=point.quadrant,
        quadrant_name=words.say(f"accounts.quadrant.{point.quadrant}"),
        is_key=point.is_key,
    )


def _wallet_notes(words: Words, figures: AccountFigures, wallets: WalletFigures) -> Iterator[str]:
    yield words.say("accounts.wallet_note", year=wallets.year, limit=words.percent(wallets.high_share))
    days = figures.days.get(wallets.year)
    if days is not None and days[1].month < 12:
        yield words.say("accounts.wallet_partial", year=wallets.year, last=words.day(days[1]).text)
    if any(point.share > 1 for point in wallets.points):
        yield words.say("accounts.wallet_above")


# Ladder


def _ladder(words: Words, figures: AccountFigures) -> StageLadder:
    ladder = figures.ladder
    if ladder is None:
        reason = _reason(words, figures, "ladder")
        return StageLadder(reason, "", reason, (), ())
    known = sum(ladder.accounts.values())
    rows = tuple(
        StageRow(
            stage=stage,
            name=words.say(f"accounts.stage.{stage}"),
            proof=words.say(f"accounts.stage.{stage}_proof"),
            accounts=_count(words, count),
            key_accounts=_count(words, None if ladder.key_accounts is None else ladder.key_accounts[stage]),
            share=share_of(words, Fraction(count, known)),
        )
        for stage, count in ladder.accounts.items()
    )
    lines = (words.say("accounts.ladder_line", stage=row.stage, name=row.name, accounts=row.accounts.text) for row in rows)
    return StageLadder(
        title=words.say("accounts.ladder_finding", n=ladder.accounts[4], all=_many(words, known)),
        text=words.sentences(*lines),
        reason="",
        rows=rows,
        notes=tuple(_ladder_notes(words, ladder)),
    )


def _ladder_notes(words: Words, ladder: LadderFigures) -> Iterator[str]:
    if ladder.unproven is None:
        yield words.say("accounts.ladder_no_proof")
    elif ladder.unproven:
        yield words.say("accounts.ladder_unproven", n=ladder.unproven)
    if ladder.unknown:
        yield words.say("accounts.ladder_unknown", n=ladder.unknown)


# Profit


def _profit(words: Words, figures: AccountFigures) -> Profit:
    profit = figures.profit
    if profit is None:
        reason = _reason(words, figures, "profit")
        return Profit(reason, "", reason, (), (), "")
    rows = tuple(
        RankRow(
            name=row.name,
            revenue=amount_of(words, row.revenue),
            contribution=amount_of(words, row.contribution),
            revenue_rank=row.revenue_rank,
            contribution_rank=row.contribution_rank,
            shift=Figure(float(row.shift), f"+{row.shift}" if row.shift > 0 else str(row.shift).replace("-", "−")),
            lifetime=Figure(None, NOTHING) if row.lifetime_value is None else amount_of(words, row.lifetime_value),
            is_key=row.is_key,
            is_unprofitable=row.contribution < 0,
        )
        for row in profit.rows[:SHOWN]
    )
    lines = (
        words.say("accounts.profit_line", name=row.name, from_rank=row.revenue_rank, to_rank=row.contribution_rank)
        for row in rows
    )
    served = words.say("accounts.profit_served" if profit.with_cost_to_serve else "accounts.profit_unserved")
    return Profit(_profit_title(words, profit), words.sentences(*lines), "", rows, (served,), _assumed(words, profit))


def _profit_title(words: Words, profit: ProfitFigures) -> str:
    if profit.unprofitable_key is None:
        return words.say("accounts.profit_finding_all", n=profit.unprofitable, all=_many(words, profit.accounts))
    return words.say(
        "accounts.profit_finding", n=profit.unprofitable, all=_many(words, profit.accounts), keys=profit.unprofitable_key
    )


def _assumed(words: Words, profit: ProfitFigures) -> str:
    assumed = profit.assumptions
    if assumed is None:
        return words.say("accounts.no_assumptions")
    return words.say(
        "accounts.assumptions",
        years=assumed.years,
        retention=share_of(words, assumed.retention).text,
        discount=share_of(words, assumed.discount).text,
    )
