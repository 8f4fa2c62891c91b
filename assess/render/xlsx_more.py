"""Sheets of the sections that are not in every report: accounts, the calendar of governance, what changed since last time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assess.core.report.values import Accounts, ReportContent
from assess.render.xlsx_values import Sheet, Value

KEY = "●"


def _columns(labels: Mapping[str, str], *names: str) -> list[str]:
    return [labels[name] for name in names]


def accounts(content: ReportContent) -> Iterator[Sheet]:
    """The figures of the accounts file, and beside them what was claimed."""
    said, labels = content.accounts, content.labels
    if said is None:
        return
    name = labels["sheet_accounts"]
    checks = [(row.item, row.item_text, row.state_name, row.claimed, row.measured, row.text, row.rule) for row in said.checks]
    columns = _columns(labels, "item", "statement", "state", "claimed", "measured", "finding", "rule")
    yield Sheet(f"{name} · {labels['claimed']}", columns, (9, 50, 22, 11, 12, 60, 60), checks, fixed=1)
    yield _by_year(name, said, labels)
    yield _largest(name, said, labels)
    yield from _groups(name, said, labels)


def _by_year(name: str, said: Accounts, labels: Mapping[str, str]) -> Sheet:
    rows: Sequence[Sequence[Value]] = [
        (
            row.title,
            row.revenue,
            row.accounts,
            row.largest,
            row.ten,
            row.hhi,
            row.effective,
            row.key_accounts,
            row.key_share,
        )
        for row in said.concentration.rows
    ]
    names = ("year", "revenue", "account_count", "largest", "ten_largest", "hhi", "effective", "key_accounts", "key_share")
    return Sheet(f"{name} · {labels['year']}", _columns(labels, *names), (16, 18, 12, 12, 14, 10, 16, 14, 16), rows, fixed=1)


def _largest(name: str, said: Accounts, labels: Mapping[str, str]) -> Sheet:
    rows = [
        (row.rank, row.name, row.revenue, row.share, row.cumulative, row.tier or None, KEY if row.is_key else None)
        for row in said.concentration.top
    ]
    columns = _columns(labels, "rank", "account", "revenue", "share", "cumulative", "tier", "key_account")
    return Sheet(f"{name} · {labels['rank']}", columns, (8, 44, 18, 11, 12, 12, 14), rows, fixed=2)


def _groups(name: str, said: Accounts, labels: Mapping[str, str]) -> Iterator[Sheet]:
    """Tiers, share against growth, the ladder, profit; each only where the file allows it."""
    tiers = [(row.name, row.rule, row.accounts, row.key_accounts, row.revenue, row.share) for row in said.tiers.rows]
    columns = _columns(labels, "tier", "rule", "account_count", "key_accounts", "revenue", "share")
    yield Sheet(f"{name} · {labels['tier']}", columns, (16, 60, 12, 14, 18, 11), tiers, fixed=1)
    wallet = [(row.name, row.revenue, row.share, row.growth, row.quadrant_name) for row in said.wallet.rows]
    columns = _columns(labels, "account", "revenue", "share_of_wallet", "relative_growth", "quadrant")
    yield Sheet(f"{name} · {labels['quadrant']}", columns, (44, 18, 16, 16, 24), wallet, fixed=1)
    ladder = [(row.stage, row.name, row.proof, row.accounts, row.key_accounts, row.share) for row in said.ladder.rows]
    columns = _columns(labels, "stage", "meaning", "proof", "account_count", "key_accounts", "share")
    yield Sheet(f"{name} · {labels['stage']}", columns, (9, 30, 60, 12, 14, 11), ladder, fixed=1)
    profit = [
        (row.name, row.revenue, row.contribution, row.revenue_rank, row.contribution_rank, row.shift, row.lifetime)
        for row in said.profit.rows
    ]
    names = ("account", "revenue", "contribution", "revenue_rank", "contribution_rank", "shift", "lifetime")
    widths = (44, 18, 18, 14, 18, 10, 18)
    yield Sheet(f"{name} · {labels['contribution']}", _columns(labels, *names), widths, profit, fixed=1)


def governance(content: ReportContent) -> Iterator[Sheet]:
    """The calendar with real days, the measures, the risks."""
    said, labels = content.governance, content.labels
    if said is None:
        return
    calendar = [
        (row.day, row.name, row.figures, "\n".join(f"{due.number} {due.title}" for due in row.due) or None, row.text or None)
        for row in said.calendar
    ]
    columns = _columns(labels, "when", "occasion", "figures_by", "due", "notes")
    yield Sheet(labels["sheet_governance"], columns, (12, 36, 14, 70, 60), calendar, fixed=2)
    measures = [
        (
            branch.title,
            leaf.number,
            leaf.kpi,
            "\n".join(f"{lift.item} {lift.start.text} → {lift.to}" for lift in leaf.lifts) or None,
            leaf.source or None,
            leaf.owner,
            leaf.due,
        )
        for branch in (said.tree.branches if said.tree is not None else ())
        for leaf in branch.measures
    ]
    columns = _columns(labels, "step", "number", "kpi", "lifts", "measured_by", "owner", "until")
    yield Sheet(labels["kpi"], columns, (36, 8, 50, 20, 50, 24, 12), measures, fixed=1)
    risks = [(row.title, row.sign, row.consequence, row.counter) for row in said.exposures]
    columns = _columns(labels, "risk", "state", "consequence", "counter")
    yield Sheet(labels["risks"], columns, (40, 50, 50, 50), risks, fixed=1)


def progress(content: ReportContent) -> Iterator[Sheet]:
    """Then and now, step by step, and what became of the earlier plan."""
    said, labels = content.progress, content.labels
    if said is None:
        return
    rows = [
        (
            f"{row.number} {row.title}".strip(),
            row.before,
            row.after,
            row.change,
            row.evidenced_before,
            row.evidenced_after,
            row.evidenced_change,
            row.level_before.level,
            row.level_after.level,
            "\n".join(row.causes) or None,
        )
        for row in (said.overall, *said.rows, *said.modules)
    ]
    pair = ("from", "to", "change")
    scores = [f"{labels[kind]}: {labels[name]}" for kind in ("claimed", "evidenced") for name in pair]
    levels = [f"{labels['level']}: {labels[name]}" for name in ("from", "to")]
    columns = [labels["step"], *scores, *levels, labels["causes"]]
    yield Sheet(labels["sheet_progress"], columns, (44, *[12] * 8, 70), rows, fixed=1)
    past = [(row.title, row.owner, row.end, row.state) for row in said.initiatives]
    columns = _columns(labels, "initiative", "owner", "end", "state")
    yield Sheet(labels["past_initiatives"], columns, (60, 24, 12, 40), past, fixed=1)
