"""The roadmap in the Word report: time line, projection, all initiatives, action sheets."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.report.values import Plan, Sheet
from assess.render.docx_parts import (
    NOTHING,
    Desk,
    cell,
    cells,
    figure,
    head,
    heads,
    joined,
    level_cell,
    number,
    number_head,
    opening,
    paragraphs,
    part,
    shown,
    terms,
)
from assess.render.docx_xml import Cell, link, para, run, says, table


def plan(desk: Desk) -> Iterator[str]:
    said, labels = desk.content.plan, desk.labels
    if said is None:
        return
    yield opening(said.heading)
    yield paragraphs([said.reason, said.intro], "KAMLead")
    if said.sheets:
        yield says(said.chart_title, "Caption")
        yield "".join(shown(desk, picture) for picture in desk.pictures.gantt(said))
        if said.projection:
            yield part(said.projection_title)
            yield says(said.projection_note, "KAMNote")
            yield _projection(desk, said)
        yield part(labels["initiatives"])
        yield _initiatives(desk, said)
    for name, entries in (
        ("left_out_plan", said.left_out),
        ("no_action", said.no_action),
        ("unanswered", said.unanswered),
    ):
        if entries:
            yield part(labels[name])
            yield terms(desk, labels[name], entries, 0.12)
    if said.sheets:
        yield part(labels["sheets"])
        for sheet in said.sheets:
            yield from _sheet(desk, sheet)


def _projection(desk: Desk, said: Plan) -> str:
    labels, steps = desk.labels, len(said.projection_columns)
    first = [
        *(Cell(head(labels[name]).body, rows=2) for name in ("horizon", "until")),
        *(Cell(number_head(labels[name]).body, rows=2) for name in ("finished", "score", "index")),
        Cell(head(labels["programme_level"]).body, rows=2),
        head(labels["step_levels"], columns=steps),
    ]
    second = [*(Cell(says("", "KAMCellHead"), goes_on=True) for _ in range(6)), *map(number_head, said.projection_columns)]
    rows = [
        [
            *cells(row.name, row.end.short),
            number(str(row.finished)),
            figure(row.score),
            figure(row.index, strong=True),
            level_cell(row.level),
            *map(number, row.steps),
        ]
        for row in said.projection
    ]
    widths = [14, 15, 11, 9, 9, 19, *[4.2] * steps]
    return table(widths, [first, second], rows, total=desk.width, caption=said.projection_title)


def _initiatives(desk: Desk, said: Plan) -> str:
    labels = desk.labels
    rows = []
    for span in said.spans:
        name = para(run(span.name, "KAMLabel") + run(f" {span.period}"), "KAMCell")
        rows.append([Cell(name, columns=7)])
        rows.extend(_initiative(sheet) for sheet in said.sheets if sheet.horizon == span.horizon)
    titles = [labels[name] for name in ("number", "initiative", "owner", "start", "end", "effort", "needs")]
    head_row = heads(titles, (5, 6))
    return table([6, 36, 18, 13, 13, 8, 10], [head_row], rows, total=desk.width, caption=labels["initiatives"])


def _initiative(sheet: Sheet) -> list[Cell]:
    kind = run(f" {sheet.kind}", "KAMMuted") if sheet.kind else ""
    needs = ", ".join(map(str, sheet.needs)) or NOTHING
    return [
        cell(str(sheet.number)),
        Cell(para(link(f"initiative-{sheet.number}", run(sheet.title)) + kind, "KAMCell")),
        *cells(sheet.owner, sheet.start.short, sheet.end.short),
        number(str(sheet.effort)),
        number(needs),
    ]


def _sheet(desk: Desk, sheet: Sheet) -> Iterator[str]:
    labels = desk.labels
    yield says(f"{sheet.number} {sheet.title}", "Heading3", anchor=f"initiative-{sheet.number}")
    when = f"{sheet.start.text} – {sheet.end.text}"
    meta = [
        run(sheet.owner, "KAMStrong"),
        run(when),
        run(sheet.duration),
        run(sheet.horizon_name),
        run(sheet.kind, "KAMLabel"),
        run(sheet.status_text, "KAMLabel"),
    ]
    yield para(joined(meta), "KAMMeta")
    measure = run(f" {sheet.measure}", "KAMMuted") if sheet.measure else ""
    rows = [
        (labels["why"], says(sheet.why, "KAMCell")),
        (labels["how"], _how(desk, sheet)),
        (labels["done_when"], says(sheet.done_when, "KAMCell")),
        (labels["kpi"], para(run(sheet.kpi) + measure, "KAMCell")),
        (labels["effort"], says(sheet.effort_text, "KAMCell")),
        (labels["needs"], says(sheet.needs_text, "KAMCell")),
        (labels["lifts"], _lifts(sheet)),
        (labels["raci"], _roles(sheet)),
        (labels["notes"], says(sheet.notes, "KAMCell") if sheet.notes else ""),
    ]
    body = [[cell(name, strong=True), Cell(text)] for name, text in rows if text]
    yield table([20, 80], [], body, total=desk.width, caption=sheet.title)


def _how(desk: Desk, sheet: Sheet) -> str:
    if len(sheet.how) == 1:
        return says(sheet.how[0], "KAMCell")
    numbering = desk.new_list()
    return "".join(para(run(line), "KAMCellList", numbering=numbering) for line in sheet.how)


def _roles(sheet: Sheet) -> str:
    told = [run(f"{term.name} ", "KAMMuted") + run(term.text) for term in sheet.raci]
    return para(joined(told), "KAMCell") if told else ""


def _lifts(sheet: Sheet) -> str:
    lifts = [link(f"item-{lift.item}", run(lift.item)) + run(f" {lift.start.text} → {lift.to}") for lift in sheet.lifts]
    return para(joined(lifts, ", "), "KAMCell") if lifts else ""
