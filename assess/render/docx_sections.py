"""The sections of the Word report, in the words and the order of the paper. One function writes one section."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from assess.core.report.values import Disputed, ItemRow, Profile, ProfileRow, StepPage, Summary
from assess.render.docx_accounts import accounts
from assess.render.docx_parts import (
    NOTHING,
    Desk,
    bullets,
    cell,
    cells,
    figure,
    grid,
    head,
    heads,
    joined,
    labelled,
    level_cell,
    number,
    number_head,
    numbered,
    opening,
    paragraphs,
    part,
    shown,
    terms,
    tint,
    titled,
)
from assess.render.docx_plan import plan
from assess.render.docx_proof import appendix, benchmark
from assess.render.docx_steer import governance, outlook, progress
from assess.render.docx_xml import Cell, link, para, run, says, table
from assess.render.office import colon

Section = Callable[[Desk], Iterator[str]]


def cover(desk: Desk) -> Iterator[str]:
    front, labels = desk.content.cover, desk.labels
    yield says(front.title, "KAMTitle", anchor="cover")
    yield says(labels["prepared_for"], "KAMCoverNote")
    yield says(front.client, "KAMClient")
    yield says(front.programme, "Subtitle")
    yield says(front.date.text, "Subtitle")
    if front.sample:
        yield para(run(f"{front.sample}. ", "KAMStrong") + run(front.sample_note), "KAMSample")
    yield terms(desk, front.title, front.facts)
    if desk.content.brand.name:
        yield para(run(f"{labels['prepared_by']} ") + run(desk.content.brand.name, "KAMStrong"), "KAMNote")
    yield says(front.confidentiality, "KAMNote")


def summary(desk: Desk) -> Iterator[str]:
    said, labels = desk.content.summary, desk.labels
    yield opening(said.heading)
    yield _ladder(desk, said)
    yield says(said.meaning, "KAMLead")
    if said.index.value is not None:
        row = [Cell(_big(value.text, labels["of_hundred"])) for value in (said.index, said.index_evidenced)]
        yield table(
            [1, 1],
            [[head(labels["index_claimed"]), head(labels["index_evidenced"])]],
            [row],
            total=desk.width // 2,
            caption=labels["index"],
        )
        yield says(said.assurance, "KAMNote")
    yield para(run(labels["binding"], "KAMWarm"), "KAMConstraint")
    yield para(run(said.constraint_title, "KAMStrong"), "KAMConstraint")
    yield paragraphs(said.constraint, "KAMConstraint")
    yield part(f"{labels['strengths']} · {labels['risks']}")
    yield _both_sides(desk, said)
    yield part(labels["moves"])
    yield _moves(desk, said)


def _ladder(desk: Desk, said: Summary) -> str:
    labels = desk.labels
    first = [
        Cell(para(run(f" {rung.level} ", f"KAMLevel{rung.level}") + run(f" {rung.name}"), "KAMCellHead"))
        for rung in said.ladder
    ]
    second = [
        cell(
            "\n".join(
                mark
                for mark, holds in (
                    (f"▲ {labels['claimed']}", rung.claimed),
                    (f"△ {labels['evidenced']}", rung.evidenced),
                )
                if holds
            ),
            strong=rung.claimed,
        )
        for rung in said.ladder
    ]
    return table([1] * len(first), [first], [second], total=desk.width, caption=said.ladder_text)


def _big(value: str, unit: str) -> str:
    return para(run(value) + run(f" {unit}", "KAMMuted"), "KAMCellValue")


def _both_sides(desk: Desk, said: Summary) -> str:
    labels = desk.labels
    left = [
        para(run(point.title, "KAMStrong") + run("\n") + link(point.anchor, run(point.text)), "KAMCell")
        for point in said.strengths
    ]
    right = [
        para(link(point.anchor, run(point.title, "KAMStrong")) + run("\n" + point.text), "KAMCell") for point in said.risks
    ]
    left += [para(run(said.strengths_note, "KAMMuted"), "KAMCell")] if said.strengths_note else []
    right += [para(run(said.risks_note, "KAMMuted"), "KAMCell")] if said.risks_note else []
    row = [Cell("".join(side) or says(NOTHING, "KAMCell")) for side in (left, right)]
    titles = [labels["strengths"], labels["risks"]]
    return grid(desk, " · ".join(titles), titles, [1, 1], [row])


def _moves(desk: Desk, said: Summary) -> str:
    labels = desk.labels
    if not said.moves:
        return says(said.moves_note)
    rows = [
        [
            cell(str(move.number)),
            cell(move.title, anchor=f"initiative-{move.number}"),
            *cells(move.owner, move.start.short, move.end.short),
        ]
        for move in said.moves
    ]
    titles = [labels[name] for name in ("number", "moves", "owner", "start", "end")]
    return grid(desk, labels["moves"], titles, [6, 45, 23, 13, 13], rows)


def reading(desk: Desk) -> Iterator[str]:
    said, labels = desk.content.reading, desk.labels
    yield opening(said.heading)
    yield part(labels["levels"])
    rows = [
        [
            Cell(para(run(f" {row.level} ", f"KAMLevel{row.level}") + run(f" {row.name}"), "KAMCell")),
            *cells(row.scores, row.summary),
        ]
        for row in said.levels
    ]
    yield grid(desk, labels["levels"], [labels["level"], labels["scores"], labels["meaning"]], [22, 18, 60], rows)
    yield part(labels["rules"])
    yield terms(desk, labels["rules"], said.rules)
    yield part(labels["who"])
    yield _who(desk)
    yield part(labels["facts"])
    yield terms(desk, labels["facts"], said.facts)
    yield part(labels["suppressed"])
    yield paragraphs(said.suppressions)
    if said.absent:
        yield part(labels["left_out"])
        yield terms(desk, labels["left_out"], said.absent)


def _who(desk: Desk) -> str:
    said, labels = desk.content.reading, desk.labels
    if not said.roles:
        return says(said.roles_note)
    titles, widths = [labels["role"], labels["respondents"]], [50.0, 20.0]
    if said.has_rates:
        titles, widths = [*titles, labels["invited"], labels["rate"]], [*widths, 15, 15]
    rows = [
        [cell(row.name), number(row.count), *([number(row.invited), number(row.rate)] if said.has_rates else [])]
        for row in said.roles
    ]
    return grid(desk, labels["who"], titles, widths, rows, range(1, 4)) + paragraphs([said.roles_note], "KAMNote")


def profile(desk: Desk) -> Iterator[str]:
    said = desk.content.profile
    if said is None:
        return
    yield opening(said.heading)
    yield titled(desk, desk.pictures.profile(said))
    yield _profile_rows(desk, said, said.rows, said.heading.title)
    yield paragraphs(said.notes, "KAMNote")
    if said.modules:
        yield part(desk.labels["modules"])
        yield _profile_rows(desk, said, said.modules, desk.labels["modules"])


def _profile_rows(desk: Desk, said: Profile, rows: tuple[ProfileRow, ...], caption: str) -> str:
    names = ["number", "step", "level", "claimed", "evidenced", "target", "gap"] + ["peer_median"] * said.has_peers
    body = [
        [
            cell(row.number),
            cell(row.title, anchor=f"step-{row.id}"),
            level_cell(row.level),
            figure(row.claimed, strong=True),
            *(figure(value) for value in (row.evidenced, row.target, row.gap)),
            *([figure(row.peer)] if said.has_peers else []),
        ]
        for row in rows
    ]
    widths = [6, 33, 19, 10, 12, 10, 11] + [11] * said.has_peers
    return grid(desk, caption, [desk.labels[name] for name in names], widths, body, range(3, 8))


def steps(desk: Desk) -> Iterator[str]:
    yield from _pages(desk, "steps", desk.content.steps)


def modules(desk: Desk) -> Iterator[str]:
    yield from _pages(desk, "modules", desk.content.modules)


def _pages(desk: Desk, section: str, pages: tuple[StepPage, ...]) -> Iterator[str]:
    title = next((f"{entry.number} {entry.title}" for entry in desk.content.contents if entry.id == section), "")
    yield says(title, "Heading1", anchor=section)
    for place, page in enumerate(pages):
        yield from _step(desk, page, new_page=place > 0)


def _step(desk: Desk, page: StepPage, *, new_page: bool) -> Iterator[str]:
    labels = desk.labels
    yield says(numbered(page.heading), "Heading2", anchor=page.heading.id, new_page=new_page)
    yield says(page.heading.finding, "KAMFinding")
    yield paragraphs([page.module], "KAMNote")
    yield says(page.purpose, "KAMLead")
    if page.is_scored:
        yield _key_figures(desk, page)
        facts = [run(f"{fact.name}{colon(desk.content.language)}", "KAMMuted") + run(fact.text) for fact in page.facts]
        yield para(joined(facts), "KAMNote")
    yield para(run(labels["what_caps"], "KAMLabel") + run(f" {page.cap}"), "KAMCap")
    if not page.is_scored:
        yield _unscored(desk, page)
        return
    yield titled(desk, desk.pictures.items(page), 0.66)
    if page.roles:
        yield titled(desk, desk.pictures.roles(page), 0.44)
        yield paragraphs([page.roles_note], "KAMNote")
    for item in page.items:
        yield from _item(desk, item)


def _key_figures(desk: Desk, page: StepPage) -> str:
    names = ("score_claimed", "score_evidenced", "claimed_level", "evidenced_level", "target")
    row = [
        *(cell(value.text, "KAMCellValue") for value in (page.score, page.score_evidenced)),
        *(level_cell(mark) for mark in (page.claimed, page.evidenced)),
        cell(page.target.text, "KAMCellValue"),
    ]
    return grid(desk, page.heading.title, [desk.labels[name] for name in names], [18, 18, 24, 24, 16], [row])


def _unscored(desk: Desk, page: StepPage) -> str:
    labels = desk.labels
    gate = run(f" ◆ {labels['gate']}", "KAMMuted")
    rows = [
        [
            Cell(says(item.id, "KAMCell", anchor=f"item-{item.id}")),
            Cell(para(run(item.text) + (gate if item.is_gate else ""), "KAMCell")),
            cell(item.note),
        ]
        for item in page.items
    ]
    return grid(desk, page.heading.title, [labels["item"], labels["statement"], labels["state"]], [9, 53, 38], rows)


def _item(desk: Desk, item: ItemRow) -> Iterator[str]:
    labels = desk.labels
    yield says(f"{item.id} {item.text}", "Heading3", anchor=f"item-{item.id}")
    meta = [
        run(f"{labels['score']} ") + run(item.score.text, "KAMStrong"),
        run(f"{labels['evidenced']} {item.evidenced.text}"),
        run(item.basis),
        run(f"◆ {labels['gate']}", "KAMLabel") if item.is_gate else "",
        run(labels["caps"], "KAMWarm") if item.caps else "",
        run(item.agreement, "KAMWarm"),
    ]
    yield para(joined(meta), "KAMMeta")
    stands = [term for term in (item.now, item.next) if term is not None]
    if item.now is not None:
        fills = (tint(desk, 0), tint(desk, 1))
        row = [
            cell(term.text, fill=fill if place else "") for place, (term, fill) in enumerate(zip(stands, fills, strict=False))
        ]
        yield grid(desk, item.id, [term.name for term in stands], [1] * len(stands), [row])
    yield paragraphs([item.note], "KAMProof")
    yield labelled(labels["evidence_held"], " · ".join(item.evidence), "KAMProof")
    if item.evidence_note and item.score.value is not None:
        wanted = run(f" {labels['evidence_wanted']} ", "KAMLabel") + run(" · ".join(item.wanted)) if item.wanted else ""
        yield para(run(item.evidence_note) + wanted, "KAMProof")


def perceptions(desk: Desk) -> Iterator[str]:
    said, labels = desk.content.perceptions, desk.labels
    if said is None:
        return
    yield opening(said.heading)
    if said.rows:
        yield part(said.heat_title)
        yield _heat(desk)
        yield says(" · ".join(said.legend), "KAMNote")
        yield paragraphs([said.heat_note], "KAMNote")
    if said.gaps:
        yield part(labels["roles_apart"])
        yield bullets(said.gaps)
    yield part(labels["disputed"])
    if said.disputed:
        rows = [_disputed(desk, item) for item in said.disputed]
        yield grid(desk, labels["disputed"], [labels["item"], labels["ratings"]], [64, 36], rows)
    if said.disputed_note:
        yield says(said.disputed_note)
    if said.unseen:
        yield part(labels["unseen"])
        yield bullets(said.unseen)
    yield part(labels["decisions"])
    yield _decisions(desk) if said.decisions else says(said.decisions_note)


def _heat(desk: Desk) -> str:
    said = desk.content.perceptions
    if said is None:
        return ""
    rows = []
    for row in said.rows:
        shaded = [
            Cell(
                para(
                    run(f" {field.score.text} ", f"KAMLevel{field.shade}" if field.shade else "KAMMuted")
                    + (run("\n" + field.count, f"KAMLevel{field.shade}" if field.shade else "KAMMuted") if field.count else ""),
                    "KAMCellCentre",
                ),
                tint(desk, field.shade),
            )
            for field in row.cells
        ]
        rows.append([cell(row.name), *shaded])
    titles = heads([desk.labels["role"], *said.columns])
    return table([3, *[1.2] * len(said.columns)], [titles], rows, total=desk.width, caption=said.heat_title)


def _disputed(desk: Desk, item: Disputed) -> list[Cell]:
    labels = desk.labels
    spread = f"{labels['deviation']} {item.deviation.text} · {labels['dont_know']} {item.dont_know}"
    words = (
        para(run(item.title, "KAMStrong"), "KAMCell") + says(item.text, "KAMCell") + para(run(spread, "KAMMuted"), "KAMCell")
    )
    return [Cell(words), Cell(shown(desk, desk.pictures.distribution(item), 0.34, "KAMCell"))]


def _decisions(desk: Desk) -> str:
    said, labels = desk.content.perceptions, desk.labels
    rows = []
    for row in said.decisions if said else ():
        dissent = labelled(labels["dissent"], row.dissent, "KAMCell")
        name = para(link(f"item-{row.id}", run(row.id, "KAMStrong")) + run(f" {row.text}"), "KAMCell")
        rows.append(
            [Cell(name), cell(row.agreed), figure(row.before), Cell(says(row.rationale or NOTHING, "KAMCell") + dissent)]
        )
    titles = [head(labels["item"]), head(labels["agreed"]), number_head(labels["before"]), head(labels["rationale"])]
    return table([31, 16, 14, 39], [titles], rows, total=desk.width, caption=labels["decisions"])


SECTIONS: Mapping[str, Section] = {
    "summary": summary,
    "outlook": outlook,
    "reading": reading,
    "profile": profile,
    "steps": steps,
    "modules": modules,
    "perceptions": perceptions,
    "benchmark": benchmark,
    "accounts": accounts,
    "plan": plan,
    "governance": governance,
    "progress": progress,
    "appendix": appendix,
}
"""Every section of a report: its id, and the function that writes it."""
