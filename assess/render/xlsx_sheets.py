"""What stands on each sheet of the workbook. One function makes one kind of sheet; none where the report has nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from assess.core.report.values import ItemDetail, ItemRow, LevelMark, ReportContent, StepPage, Term
from assess.core.report.values import Sheet as ActionSheet
from assess.render.office import colon
from assess.render.xlsx_more import accounts, governance, progress
from assess.render.xlsx_values import Sheet, Value

STATUSES = ("status_open", "status_running", "status_done", "status_dropped")
Maker = Callable[[ReportContent], Iterator[Sheet]]


def summary(content: ReportContent) -> Iterator[Sheet]:
    """Page one as names and values."""
    cover, said, labels = content.cover, content.summary, content.labels
    rows: list[tuple[Value, ...]] = [
        (labels["prepared_for"], cover.client),
        (cover.title, cover.programme),
        (labels["day"], _day(content)),
    ]
    if cover.sample:
        rows.append((cover.sample, cover.sample_note))
    rows += [
        (labels["finding"], said.heading.finding),
        (labels["claimed_level"], _level_text(said.claimed)),
        (labels["evidenced_level"], _level_text(said.evidenced)),
        (labels["score_claimed"], said.score),
        (labels["score_evidenced"], said.score_evidenced),
        (labels["index_claimed"], said.index),
        (labels["index_evidenced"], said.index_evidenced),
        (labels["meaning"], said.meaning),
        (labels["binding"], "\n".join((said.constraint_title, *said.constraint))),
        *((labels["strengths"], f"{point.title}\n{point.text}") for point in said.strengths),
        *((labels["risks"], f"{point.title}\n{point.text}") for point in said.risks),
        *((labels["moves"], _move(move.number, move.title, move.owner, move.start.text, move.end.text)) for move in said.moves),
    ]
    rows += [(name, text) for name, text in _summary_notes(content) if text]
    yield Sheet(labels["sheet_summary"], (labels["what"], labels["value"]), (32, 100), tuple(rows), is_plain=True)


def _day(content: ReportContent) -> Value:
    return content.cover.date.text


def _move(number: int, title: str, owner: str, start: str, end: str) -> str:
    return f"{number} {title}\n{owner} · {start} – {end}"


def _summary_notes(content: ReportContent) -> Iterator[tuple[str, str]]:
    said, labels = content.summary, content.labels
    yield labels["index"], said.assurance
    yield labels["strengths"], said.strengths_note
    yield labels["risks"], said.risks_note
    yield labels["moves"], said.moves_note
    yield labels["fingerprints"], content.cover.confidentiality


def _level_text(mark: LevelMark) -> str:
    return mark.name if mark.level is None else f"{mark.level} {mark.name}"


def steps(content: ReportContent) -> Iterator[Sheet]:
    """Every step and module with both scores, target, gap and peers."""
    labels, said = content.labels, content.profile
    beside = {} if said is None else {row.id: row for row in (*said.rows, *said.modules)}
    names = [
        "number",
        "step",
        "modules",
        "claimed_level",
        "evidenced_level",
        "score_claimed",
        "score_evidenced",
        "target",
        "gap",
    ]
    rows = []
    for page in _pages(content):
        row = beside.get(page.id)
        gap, peer = (None, None) if row is None else (row.gap, row.peer)
        levels = (_level_text(page.claimed), _level_text(page.evidenced))
        rows.append(
            (
                page.heading.number,
                page.heading.title,
                page.module or None,
                *levels,
                page.score,
                page.score_evidenced,
                page.target,
                gap,
                peer,
                page.heading.finding,
                page.cap,
            )
        )
    columns = [labels[name] for name in (*names, "peer_median", "finding", "what_caps")]
    widths = (7, 40, 24, 22, 22, 10, 11, 9, 10, 10, 60, 70)
    yield Sheet(labels["sheet_steps"], columns, widths, tuple(rows), fixed=2)


def _pages(content: ReportContent) -> tuple[StepPage, ...]:
    return (*content.steps, *content.modules)


def items(content: ReportContent) -> Iterator[Sheet]:
    """Every item with its scores, ratings and descriptors."""
    labels = content.labels
    details = {detail.id: detail for detail in content.appendix.items}
    rows = [_item(page, item, details.get(item.id), content) for page in _pages(content) for item in page.items]
    names = ["item", "step", "statement", "gate", "score", "evidenced", "level", "lowest", "highest"]
    columns = [labels[name] for name in names] + ["1", "2", "3", "4", "5"]
    columns += [labels[name] for name in ("ratings", "dont_know", "not_applicable")] + ["AD", "r_wg", "a_wg"]
    columns += [labels[name] for name in ("agreement", "now", "next", "evidence_held", "evidence_wanted", "notes")]
    widths = (9, 30, 60, 11, 9, 11, 8, 9, 9, *[5] * 5, 9, 11, 12, 8, 8, 8, 16, 50, 50, 40, 40, 40)
    yield Sheet(labels["sheet_items"], columns, widths, tuple(rows), fixed=1)


def _item(page: StepPage, item: ItemRow, detail: ItemDetail | None, content: ReportContent) -> tuple[Value, ...]:
    counts: tuple[Value, ...] = detail.counts if detail is not None and detail.counts else (None,) * 5
    told: tuple[Value, ...] = (None,) * 6
    if detail is not None:
        shares = (_counted(detail.ratings), _counted(detail.dont_know), _counted(detail.not_applicable))
        told = (*shares, detail.ad_m, detail.r_wg, detail.a_wg)
    return (
        item.id,
        f"{page.heading.number} {page.heading.title}",
        item.text,
        content.labels["yes" if item.is_gate else "no"],
        item.score,
        item.evidenced,
        item.level,
        item.lowest,
        item.highest,
        *counts,
        *told,
        item.agreement or None,
        _stand(item.now),
        _stand(item.next),
        "\n".join(item.evidence) or item.evidence_note or None,
        "\n".join(item.wanted) or None,
        item.note or item.basis or None,
    )


def _counted(text: str) -> Value:
    return int(text) if text.isascii() and text.isdecimal() else text


def _stand(term: Term | None) -> Value:
    return None if term is None else f"{term.name}\n{term.text}"


def roadmap(content: ReportContent) -> Iterator[Sheet]:
    """The initiatives with real dates, and columns to keep up while they are carried out."""
    labels, plan = content.labels, content.plan
    if plan is None:
        return
    names = [
        "number",
        "initiative",
        "owner",
        "start",
        "end",
        "status",
        "notes",
        "horizon",
        "weeks",
        "effort",
        "priority",
        "needs",
    ]
    names += ["why", "how", "done_when", "kpi", "measure", "lifts", "raci", "code"]
    widths = (7, 44, 22, 12, 12, 14, 30, 20, 8, 8, 10, 14, 50, 60, 44, 36, 36, 26, 44, 26)
    rows = tuple(_initiative(sheet, content) for sheet in plan.sheets)
    choices = {5: tuple(labels[name] for name in STATUSES)}
    yield Sheet(labels["sheet_roadmap"], [labels[name] for name in names], widths, rows, fixed=2, choices=choices)


def _initiative(sheet: ActionSheet, content: ReportContent) -> tuple[Value, ...]:
    return (
        sheet.number,
        f"{sheet.title} ({sheet.kind})" if sheet.kind else sheet.title,
        sheet.owner,
        sheet.start,
        sheet.end,
        sheet.status_text or content.labels["status_open"],
        sheet.notes or None,
        sheet.horizon_name,
        sheet.end_week - sheet.start_week,
        sheet.effort,
        sheet.priority,
        ", ".join(map(str, sheet.needs)) or None,
        sheet.why,
        _numbered(sheet.how),
        sheet.done_when,
        sheet.kpi,
        sheet.measure or None,
        ", ".join(f"{lift.item} {lift.start.text} → {lift.to}" for lift in sheet.lifts) or None,
        "\n".join(f"{term.name}{colon(content.language)}{term.text}" for term in sheet.raci) or None,
        sheet.action,
    )


def _numbered(lines: Sequence[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    return "\n".join(f"{place}. {line}" for place, line in enumerate(lines, start=1))


def projection(content: ReportContent) -> Iterator[Sheet]:
    """Where the plan leads, horizon by horizon."""
    labels, plan = content.labels, content.plan
    if plan is None:
        return
    names = ("horizon", "until", "finished", "score", "index", "programme_level")
    titles = [labels[name] for name in names] + [f"{labels['step_levels']}: {name}" for name in plan.projection_columns]
    rows = tuple(
        (row.name, row.end, row.finished, row.score, row.index, _level_text(row.level), *map(_counted, row.steps))
        for row in plan.projection
    )
    widths = (26, 12, 12, 9, 9, 24, *[12] * len(plan.projection_columns))
    yield Sheet(labels["projection"], titles, widths, rows, fixed=1)


def perceptions(content: ReportContent) -> Iterator[Sheet]:
    """Mean ratings by role and step; then what the workshop decided."""
    labels, said = content.labels, content.perceptions
    if said is None:
        return
    names = {page.heading.number: page.heading.title for page in content.steps}
    titles = list(names.values()) if len(names) == len(said.columns) else list(said.columns)
    columns = [labels["role"]]
    for title in titles:
        columns += [title, f"{labels['n']} · {title}"]
    rows = tuple(
        (row.name, *(value for field in row.cells for value in (field.score, field.count or None))) for row in said.rows
    )
    yield Sheet(labels["sheet_perceptions"], columns, (32, *[14, 10] * len(titles)), rows, fixed=1)
    decided = tuple(
        (row.id, row.text, row.agreed, row.before, row.rationale or None, row.dissent or None) for row in said.decisions
    )
    columns = [labels[name] for name in ("item", "statement", "agreed", "before", "rationale", "dissent")]
    yield Sheet(labels["sheet_decisions"], columns, (9, 60, 22, 11, 50, 50), decided, fixed=1)


def benchmark(content: ReportContent) -> Iterator[Sheet]:
    """The peer group, and beside it the published figures."""
    labels, said = content.labels, content.benchmark
    if said is None:
        return
    names = ["step", "own", "median", "first_quartile", "third_quartile"]
    columns = [labels[name] for name in names] + ["P10", "P90"] + [labels[name] for name in ("peers", "place")]
    rows = tuple(
        (f"{r.number} {r.title}".strip(), r.own, r.median, r.q1, r.q3, r.p10, r.p90, _counted(r.peers), r.place)
        for r in said.rows
    )
    yield Sheet(labels["sheet_benchmark"], columns, (44, 10, 10, 10, 10, 10, 10, 9, 44), rows, fixed=1)
    found = tuple((r.about, r.value, r.text, r.grade_text, r.basis, r.citation, r.url or None) for r in said.references)
    columns = [labels[name] for name in ("about", "value", "says", "grade", "source", "citation", "address")]
    yield Sheet(labels["sheet_references"], columns, (16, 18, 60, 20, 30, 70, 40), found)


def evidence(content: ReportContent) -> Iterator[Sheet]:
    labels = content.labels
    rows = tuple(
        (row.id, row.text, row.url or None, row.where, row.state, labels["yes" if row.counts else "no"])
        for row in content.appendix.evidence
    )
    columns = [labels[name] for name in ("item", "evidence", "address", "where", "state", "counts_as_evidence")]
    yield Sheet(labels["sheet_evidence"], columns, (9, 60, 44, 30, 30, 11), rows, fixed=1)


def comments(content: ReportContent) -> Iterator[Sheet]:
    """Every comment, and every item that does not apply with its reason."""
    labels, said = content.labels, content.appendix
    rows = tuple((remark.id, remark.text, each.name or None, each.text) for remark in said.remarks for each in remark.comments)
    columns = [labels[name] for name in ("item", "statement", "person", "comment")]
    yield Sheet(labels["sheet_comments"], columns, (9, 50, 24, 90), rows, fixed=1)
    left = tuple((row.id, row.text, row.reason, "\n".join(row.notes) or None) for row in said.inapplicable)
    columns = [labels[name] for name in ("item", "statement", "reason", "comments")]
    yield Sheet(labels["sheet_inapplicable"], columns, (9, 60, 40, 60), left, fixed=1)


def about(content: ReportContent) -> Sheet:
    """Who answered, the rules, what is hidden or left out, the method, the limits, the fingerprints."""
    labels, said, last = content.labels, content.reading, content.appendix
    rows: list[tuple[Value, ...]] = [(labels["facts"], term.name, term.text) for term in (*content.cover.facts, *said.facts)]
    rows += [(labels["who"], role.name, _counted(role.count)) for role in said.roles]
    rows += [(labels["levels"], f"{row.level} {row.name}", f"{row.scores}\n{row.summary}") for row in said.levels]
    rows += [(labels["rules"], term.name, term.text) for term in said.rules]
    rows += [(labels["suppressed"], None, text) for text in said.suppressions]
    rows += [(labels["left_out"], term.name, term.text) for term in said.absent]
    rows += [(labels["flags"], f"{row.name} · {row.about}", row.detail) for row in last.flags]
    rows += [(labels["method"], term.name, term.text) for term in last.method]
    rows += [(labels["limits"], None, text) for text in last.limits]
    rows += [(labels["sources"], None, " ".join(filter(None, (term.name, term.text)))) for term in last.sources]
    rows += [(labels["fingerprints"], term.name, term.text) for term in last.fingerprints]
    return Sheet(labels["sheet_about"], (labels["about"], labels["what"], labels["text"]), (26, 40, 110), tuple(rows))


SHEETS: tuple[Maker, ...] = (
    summary,
    steps,
    items,
    roadmap,
    projection,
    governance,
    progress,
    perceptions,
    benchmark,
    accounts,
    evidence,
    comments,
)
