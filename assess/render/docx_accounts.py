"""The accounts section of the Word report: what was claimed, concentration, tiers, share and growth, ladder, profit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assess.core.report.values import Accounts, Concentration, Profit, StageLadder, Tiers, Wallet
from assess.render.docx_parts import (
    NOTHING,
    Desk,
    cell,
    cells,
    figure,
    grid,
    labelled,
    number,
    opening,
    paragraphs,
    part,
    shown,
    terms,
    titled,
)
from assess.render.pictures import Picture

KEY = "●"


def accounts(desk: Desk) -> Iterator[str]:
    said = desk.content.accounts
    if said is None:
        return
    yield opening(said.heading)
    yield terms(desk, said.heading.title, said.facts)
    yield paragraphs(said.notes, "KAMNote")
    yield part(said.checks_title)
    yield paragraphs([said.checks_note], "KAMNote")
    yield _checks(desk, said)
    yield from _concentration(desk, said.concentration)
    yield from _tiers(desk, said.tiers)
    yield from _wallet(desk, said.wallet)
    yield from _ladder(desk, said.ladder)
    yield from _profit(desk, said.profit)


def _titles(desk: Desk, *names: str) -> list[str]:
    return [desk.labels[name] for name in names]


def _checks(desk: Desk, said: Accounts) -> str:
    rows = [
        [
            cell(row.item, anchor=f"item-{row.item}"),
            cell(row.state_name, strong=row.state == "contradicted"),
            figure(row.claimed),
            figure(row.measured),
            *cells(row.text, row.rule),
        ]
        for row in said.checks
    ]
    titles = _titles(desk, "item", "state", "claimed", "measured", "finding", "rule")
    return grid(desk, said.checks_title, titles, [9, 14, 10, 11, 28, 28], rows, (2, 3)) if rows else ""


def _concentration(desk: Desk, said: Concentration) -> Iterator[str]:
    yield part(said.title)
    if len(said.rows) > 2:
        yield _drawn(desk, desk.pictures.by_year(said))
    figures = [
        [
            cell(row.title),
            *map(figure, (row.revenue, row.accounts, row.largest)),
            figure(row.ten, strong=True),
            *map(figure, (row.hhi, row.effective, row.key_accounts, row.key_share)),
        ]
        for row in said.rows
    ]
    names = ("year", "revenue", "account_count", "largest", "ten_largest", "hhi", "effective", "key_accounts", "key_share")
    yield grid(desk, said.title, _titles(desk, *names), [14, 16, 11, 10, 10, 9, 11, 10, 10], figures, range(1, 9))
    yield "".join(labelled(term.name, term.text, "KAMProof") for term in said.readings)
    if len(said.curve) > 2:
        yield titled(desk, desk.pictures.lorenz(said), 0.7)
    if said.top:
        yield part(said.top_title)
        rows = [
            [
                number(str(row.rank)),
                cell(row.name),
                figure(row.revenue),
                figure(row.share, strong=True),
                figure(row.cumulative),
                *cells(row.tier or NOTHING, KEY if row.is_key else NOTHING),
            ]
            for row in said.top
        ]
        titles = _titles(desk, "rank", "account", "revenue", "share", "cumulative", "tier", "key_account")
        yield grid(desk, said.top_title, titles, [7, 32, 17, 10, 12, 10, 12], rows, (0, 2, 3, 4))
        yield paragraphs([said.top_note], "KAMNote")


def _drawn(desk: Desk, picture: Picture, share: float = 1.0) -> str:
    """A chart whose finding stands above it already."""
    return shown(desk, picture, share)


def _missing(desk: Desk, label: str, reason: str) -> str:
    return part(desk.labels[label]) + paragraphs([reason])


def _tiers(desk: Desk, said: Tiers) -> Iterator[str]:
    if said.reason:
        yield _missing(desk, "tiers", said.reason)
        return
    yield part(said.title)
    yield _drawn(desk, desk.pictures.tiers(said))
    rows = [
        [
            *cells(row.name, row.rule),
            figure(row.accounts, strong=True),
            *map(figure, (row.key_accounts, row.revenue, row.share)),
        ]
        for row in said.rows
    ]
    titles = _titles(desk, "tier", "rule", "account_count", "key_accounts", "revenue", "share")
    yield grid(desk, said.title, titles, [14, 36, 12, 12, 16, 10], rows, range(2, 6))
    yield paragraphs(said.notes, "KAMNote")


def _wallet(desk: Desk, said: Wallet) -> Iterator[str]:
    if said.reason:
        yield _missing(desk, "wallet", said.reason)
        return
    yield part(said.title)
    yield _drawn(desk, desk.pictures.share_growth(said))
    rows = [
        [
            cell(row.name),
            *map(figure, (row.revenue, row.share, row.growth)),
            cell(row.quadrant_name, strong=row.quadrant == "erosion_alert"),
        ]
        for row in said.rows
    ]
    titles = _titles(desk, "account", "revenue", "share_of_wallet", "relative_growth", "quadrant")
    yield grid(desk, said.title, titles, [34, 18, 14, 14, 20], rows, (1, 2, 3))
    yield "".join(labelled(term.name, term.text, "KAMProof") for term in said.quadrants)
    yield paragraphs(said.notes, "KAMNote")


def _ladder(desk: Desk, said: StageLadder) -> Iterator[str]:
    if said.reason:
        yield _missing(desk, "ladder", said.reason)
        return
    yield part(said.title)
    yield _drawn(desk, desk.pictures.ladder(said))
    rows = [
        [
            *cells(str(row.stage), row.name, row.proof),
            figure(row.accounts, strong=True),
            *map(figure, (row.key_accounts, row.share)),
        ]
        for row in said.rows
    ]
    titles = _titles(desk, "stage", "meaning", "proof", "account_count", "key_accounts", "share")
    yield grid(desk, said.title, titles, [8, 22, 36, 12, 12, 10], rows, (3, 4, 5))
    yield paragraphs(said.notes, "KAMNote")


def _profit(desk: Desk, said: Profit) -> Iterator[str]:
    if said.reason:
        yield _missing(desk, "profit", said.reason)
        return
    yield part(said.title)
    yield _drawn(desk, desk.pictures.rank_shift(said), 0.8)
    rows = [
        [
            cell(f"{row.name} {KEY}" if row.is_key else row.name),
            figure(row.revenue),
            figure(row.contribution, strong=row.is_unprofitable),
            *map(number, _ranks(row.revenue_rank, row.contribution_rank)),
            *map(figure, (row.shift, row.lifetime)),
        ]
        for row in said.rows
    ]
    names = ("account", "revenue", "contribution", "revenue_rank", "contribution_rank", "shift", "lifetime")
    yield grid(desk, said.title, _titles(desk, *names), [25, 15, 15, 12, 16, 9, 16], rows, range(1, 7))
    yield paragraphs([*said.notes, said.assumptions], "KAMNote")


def _ranks(*ranks: int) -> Sequence[str]:
    return [str(rank) for rank in ranks]
