"""The sections of the Word report that steer: the outlook for the board, governance, and what changed since last time."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.report.values import (
    Branch,
    ChangeRow,
    Figure,
    Governance,
    KpiTree,
    LevelMark,
    Measure,
    Occasion,
    Progress,
    Stage,
)
from assess.render.docx_parts import (
    NOTHING,
    Desk,
    cell,
    cells,
    figure,
    grid,
    head,
    heads,
    level_run,
    number,
    number_head,
    opening,
    paragraphs,
    part,
    terms,
    titled,
)
from assess.render.docx_xml import Cell, link, para, run, says, table
from assess.render.office import colon


def outlook(desk: Desk) -> Iterator[str]:
    said, labels = desk.content.outlook, desk.labels
    if said is None:
        return
    yield opening(said.heading)
    if said.profile is not None:
        yield part(said.profile.heading.finding)
        yield titled(desk, desk.pictures.steps(said.profile))
    yield paragraphs([said.profile_note], "KAMLead")
    yield part(said.stages_title)
    if said.stages:
        rows = [_stage(stage) for stage in said.stages]
        yield grid(desk, said.stages_title, [labels[name] for name in ("horizon", "begins", "stands")], [22, 50, 28], rows)
    yield paragraphs([said.stages_note], "KAMNote")
    yield part(labels["next_decisions"])
    yield terms(desk, labels["next_decisions"], said.decisions)


def _stage(stage: Stage) -> list[Cell]:
    lines = [
        para(link(f"initiative-{sheet.number}", run(sheet.title)) + run(f" ({sheet.owner})", "KAMMuted"), "KAMCell")
        for sheet in stage.sheets
    ]
    lines += [para(run(stage.more, "KAMMuted"), "KAMCell")] if stage.more else []
    end = says(NOTHING, "KAMCell")
    if stage.level is not None and stage.end is not None:
        stands = run(stage.index.text, "KAMStrong") + run(" ") + level_run(stage.level)
        end = para(stands, "KAMCell") + para(run(stage.end.text, "KAMMuted"), "KAMCell")
    name = para(run(stage.name, "KAMStrong"), "KAMCell") + para(run(stage.period, "KAMMuted"), "KAMCell")
    return [Cell(name), Cell("".join(lines) or says(NOTHING, "KAMCell")), Cell(end)]


def governance(desk: Desk) -> Iterator[str]:
    said, labels = desk.content.governance, desk.labels
    if said is None:
        return
    yield opening(said.heading)
    yield part(labels["meetings"])
    yield _meetings(desk, said)
    yield part(said.calendar_title)
    yield paragraphs([said.calendar_note], "KAMNote")
    if said.calendar:
        titles = [labels[name] for name in ("when", "occasion", "figures_by", "due")]
        yield grid(desk, said.calendar_title, titles, [14, 24, 14, 48], [_occasion(row) for row in said.calendar])
    if said.tree is not None:
        yield part(said.tree.title)
        yield _goal(desk, said.tree)
        yield _tree(desk, said.tree)
        yield paragraphs([said.tree.note], "KAMNote")
    yield from _risks(desk, said)
    yield from _integrity(desk, said)


def _meetings(desk: Desk, said: Governance) -> str:
    labels = desk.labels
    rows = []
    for meeting in said.meetings:
        name = para(run(meeting.name, "KAMStrong"), "KAMCell") + para(run(meeting.rhythm, "KAMMuted"), "KAMCell")
        chair = para(run(f"{labels['chair']} ", "KAMMuted") + run(meeting.chair, "KAMStrong"), "KAMCell")
        rows.append([Cell(name), Cell(chair + says(meeting.people, "KAMCell")), *cells(meeting.input, meeting.decision)])
    return grid(
        desk, labels["meetings"], [labels[name] for name in ("meeting", "present", "input", "decides")], [22, 22, 28, 28], rows
    )


def _occasion(row: Occasion) -> list[Cell]:
    due = [para(link(f"initiative-{one.number}", run(f"{one.number} {one.title}")), "KAMCell") for one in row.due]
    due += [para(run(row.text, "KAMMuted"), "KAMCell")] if row.text else []
    figures = row.figures.short if row.figures else NOTHING
    return [cell(row.day.short), cell(row.name, strong=True), cell(figures), Cell("".join(due) or says(NOTHING, "KAMCell"))]


def _goal(desk: Desk, tree: KpiTree) -> str:
    labels = desk.labels
    today = (
        f"{labels['baseline']}{colon(desk.content.language)}{tree.baseline_level.text}, {labels['index']} {tree.baseline.text}"
    )
    return para(run(f"{labels['goal']} ", "KAMLabel") + run(f"{tree.goal} ") + run(today, "KAMMuted"))


def _tree(desk: Desk, tree: KpiTree) -> str:
    labels = desk.labels
    titles = [labels["kpi"], f"{labels['baseline']} → {labels['target']}", labels["measured_by"]]
    titles.append(f"{labels['owner']}, {labels['until']}")
    rows = []
    for branch in tree.branches:
        rows.append(_branch(branch))
        rows.extend(_leaf(leaf) for leaf in branch.measures)
    return table([34, 17, 31, 18], [heads(titles)], rows, total=desk.width, caption=tree.title)


def _branch(branch: Branch) -> list[Cell]:
    name = para(run(branch.title, "KAMLabel"), "KAMCell")
    if branch.level is None:
        note = para(run(branch.note, "KAMMuted"), "KAMCell") if branch.note else ""
        return [Cell(name + note, columns=4)]
    stands = para(run(branch.note, "KAMMuted") if branch.note else level_run(branch.level), "KAMCell")
    return [Cell(name), cell(f"{branch.baseline.text} → {branch.target.text}", strong=True), Cell(stands, columns=2)]


def _leaf(leaf: Measure) -> list[Cell]:
    lifts = [f"{lift.item}{': '}{lift.start.text} → {lift.to}" for lift in leaf.lifts]
    name = para(link(f"initiative-{leaf.number}", run(f"{leaf.number} {leaf.kpi}")), "KAMCell")
    return [
        Cell(name),
        cell("\n".join(lifts) or NOTHING),
        cell(leaf.source or NOTHING),
        cell(f"{leaf.owner}\n{leaf.due.short}"),
    ]


def _risks(desk: Desk, said: Governance) -> Iterator[str]:
    labels = desk.labels
    yield part(said.exposures_title)
    yield paragraphs([said.exposures_note], "KAMNote")
    if said.exposures:
        rows = []
        for row in said.exposures:
            name = para(run(row.title, "KAMStrong"), "KAMCell") + says(row.sign, "KAMCell")
            rows.append([Cell(name), *cells(row.consequence, row.counter)])
        titles = [labels[name] for name in ("risk", "consequence", "counter")]
        yield grid(desk, said.exposures_title, titles, [36, 32, 32], rows)
    yield part(labels["assumptions"])
    yield terms(desk, labels["assumptions"], said.assumptions)


def _integrity(desk: Desk, said: Governance) -> Iterator[str]:
    labels, note = desk.labels, said.integrity
    yield part(note.title)
    yield says(note.intro, "KAMLead")
    if note.items:
        rows = [
            [
                cell(item.id, anchor=f"item-{item.id}"),
                cell(item.text),
                figure(item.score),
                Cell(para(run(item.state, "KAMWarm" if item.is_alert else ""), "KAMCell")),
            ]
            for item in note.items
        ]
        titles = [labels[name] for name in ("item", "statement", "score", "state")]
        yield grid(desk, note.title, titles, [9, 57, 10, 24], rows, (2,))
    yield paragraphs([note.measure], "KAMCap")
    yield says(labels["board_questions"], "Heading3")
    numbering = desk.new_list()
    yield "".join(para(run(question), "ListNumber", numbering=numbering) for question in note.questions)
    if note.sources:
        yield says(f"{labels['sources']}{colon(desk.content.language)}{' '.join(note.sources)}", "KAMNote")


def progress(desk: Desk) -> Iterator[str]:
    said = desk.content.progress
    if said is None:
        return
    yield opening(said.heading)
    yield terms(desk, said.heading.title, said.facts)
    yield paragraphs(said.notes, "KAMNote")
    if said.rows and said.is_comparable:
        yield titled(desk, desk.pictures.dumbbells(said))
    yield paragraphs([said.cause_note], "KAMNote")
    yield _changes(desk, said)
    if said.is_comparable:
        yield from _since(desk, said)


def _changes(desk: Desk, said: Progress) -> str:
    labels = desk.labels
    first = [
        Cell(head(labels["step"]).body, rows=2),
        number_head(labels["claimed"], columns=2),
        number_head(labels["evidenced"], columns=2),
        Cell(number_head(labels["level"]).body, rows=2),
        Cell(head(labels["causes"]).body, rows=2),
    ]
    below = Cell(says("", "KAMCellHead"), goes_on=True)
    pair = [number_head(labels["then_now"]), number_head(labels["change"])]
    rows = [_change(desk, row) for row in (said.overall, *said.rows)]
    if said.modules:
        rows.append([Cell(para(run(labels["modules"], "KAMLabel"), "KAMCell"), columns=7)])
        rows += [_change(desk, row) for row in said.modules]
    widths = [24, 12, 9, 12, 9, 9, 25]
    return table(widths, [first, [below, *pair, *pair, below, below]], rows, total=desk.width, caption=said.chart_title)


def _change(desk: Desk, row: ChangeRow) -> list[Cell]:
    causes = [para(run(desk.labels["unproven_mark"], "KAMWarm"), "KAMCell")] if row.is_unproven else []
    causes += [says(cause, "KAMCell") for cause in row.causes]
    return [
        cell(f"{row.number} {row.title}".strip(), strong=not row.number),
        number(then_now(row.before, row.after)),
        figure(row.change, strong=True),
        number(then_now(row.evidenced_before, row.evidenced_after)),
        figure(row.evidenced_change, strong=True),
        number(f"{_place(row.level_before)} → {_place(row.level_after)}"),
        Cell("".join(causes) or says(NOTHING, "KAMCell")),
    ]


def then_now(before: Figure, after: Figure) -> str:
    return f"{before.text} → {after.text}"


def _place(mark: LevelMark) -> str:
    return NOTHING if mark.level is None else str(mark.level)


def _since(desk: Desk, said: Progress) -> Iterator[str]:
    labels = desk.labels
    yield part(labels["unproven"])
    if said.unproven:
        rows = [
            [
                cell(row.id, anchor=f"item-{row.id}"),
                cell(row.text),
                number(then_now(row.before, row.after)),
                figure(row.change, strong=True),
                cell(row.cause),
            ]
            for row in said.unproven
        ]
        titles = [labels[name] for name in ("item", "statement", "then_now", "change", "causes")]
        yield grid(desk, labels["unproven"], titles, [9, 40, 13, 9, 29], rows, (2, 3))
    else:
        yield says(said.unproven_note)
    yield part(labels["past_initiatives"])
    yield paragraphs([said.initiatives_note])
    if said.initiatives:
        done = [
            [*cells(row.title, row.owner, row.end.short), cell(row.state, strong=row.is_reached)] for row in said.initiatives
        ]
        titles = [labels[name] for name in ("initiative", "owner", "end", "state")]
        yield grid(desk, labels["past_initiatives"], titles, [42, 22, 13, 23], done)
