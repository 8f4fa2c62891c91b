"""The sections of the Word report that prove the others: the benchmark and the appendix."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.report.values import Appendix, BandRow, Benchmark, ItemDetail
from assess.render.docx_parts import (
    NOTHING,
    Desk,
    bullets,
    cell,
    cells,
    figure,
    grid,
    heads,
    number,
    opening,
    paragraphs,
    part,
    shown,
    terms,
    tint,
)
from assess.render.docx_xml import Cell, link, para, run, says, table
from assess.render.office import colon


def benchmark(desk: Desk) -> Iterator[str]:
    said, labels = desk.content.benchmark, desk.labels
    if said is None:
        return
    yield opening(said.heading)
    yield paragraphs([said.reason], "KAMLead")
    yield terms(desk, labels["group"], said.facts)
    if said.rows:
        yield says(said.chart_title, "Caption") + shown(desk, desk.pictures.bands(said))
        yield _bands(desk, said)
        yield paragraphs(said.notes, "KAMNote")
    if said.references:
        yield part(labels["reference_points"])
        yield says(said.references_note, "KAMNote")
        yield _references(desk, said)
    else:
        yield paragraphs([said.references_note], "KAMNote")


def _bands(desk: Desk, said: Benchmark) -> str:
    rows = [
        [
            cell(f"{row.number} {row.title}".strip()),
            figure(row.own, strong=True),
            figure(row.median),
            *map(number, quantiles(row)),
            number(row.peers),
            cell(row.place),
        ]
        for row in said.rows
    ]
    titles = [desk.labels[name] for name in ("step", "own", "median", "quartiles", "tails", "n", "place")]
    return grid(desk, said.chart_title, titles, [30, 9, 10, 14, 14, 7, 22], rows, range(1, 6))


def quantiles(row: BandRow) -> tuple[str, str]:
    """Quartiles and tails as printed; a dash where the number of peers does not allow them."""
    quartiles = NOTHING if row.q1.value is None else f"{row.q1.text} – {row.q3.text}"
    tails = NOTHING if row.p10.value is None else f"{row.p10.text} – {row.p90.text}"
    return quartiles, tails


def _references(desk: Desk, said: Benchmark) -> str:
    rows = [
        [cell(row.about), cell(row.value, strong=True), *cells(row.text, row.source, row.grade_text)] for row in said.references
    ]
    titles = [desk.labels[name] for name in ("about", "value", "says", "source", "grade")]
    return grid(desk, desk.labels["reference_points"], titles, [10, 13, 44, 22, 11], rows)


def appendix(desk: Desk) -> Iterator[str]:
    said, labels = desk.content.appendix, desk.labels
    yield opening(said.heading)
    yield part(labels["answers"])
    yield says(labels["answers_note"], "KAMNote")
    yield _answers(desk, said)
    yield part(labels["remarks"])
    yield paragraphs([said.remarks_note], "KAMNote")
    for remark in said.remarks:
        yield says(f"{remark.id} {remark.text}", "Heading3")
        for comment in remark.comments:
            name = run(f"{comment.name}{colon(desk.content.language)}", "KAMMuted") if comment.name else ""
            yield para(name + run(comment.text), "ListBullet")
    yield part(labels["evidence_index"])
    yield _evidence(desk, said) if said.evidence else says(said.evidence_note)
    yield part(labels["inapplicable"])
    yield _inapplicable(desk, said) if said.inapplicable else says(said.inapplicable_note)
    yield part(labels["flags"])
    yield says(said.flags_note, "KAMNote")
    if said.flags:
        rows = [cells(row.name, row.about, row.detail) for row in said.flags]
        yield grid(desk, labels["flags"], [labels[name] for name in ("finding", "person", "details")], [30, 30, 40], rows)
    yield paragraphs([said.flags_effect])
    yield part(labels["method"])
    yield terms(desk, labels["method"], said.method)
    yield part(labels["limits"])
    yield bullets(said.limits)
    if said.sources:
        yield part(labels["sources"])
        for source in said.sources:
            note = run(f" {source.text}", "KAMMuted") if source.text else ""
            yield para(run(source.name, "KAMEnglish") + note, "KAMSource")
    yield part(labels["fingerprints"])
    rows = [[cell(term.name, strong=True), Cell(para(run(term.text, "KAMCode"), "KAMCell"))] for term in said.fingerprints]
    yield table([38, 62], [], rows, total=desk.width, caption=labels["fingerprints"])


def _answers(desk: Desk, said: Appendix) -> str:
    labels = desk.labels
    titles = [labels["item"], "1", "2", "3", "4", "5", labels["ratings"], labels["dont_know"], labels["not_applicable"]]
    titles = [*titles, labels["score"], "AD", "r_wg", "a_wg"]
    widths = [9, *[5] * 5, 9.5, 9.5, 11.5, 11, 8, 8, 8.5]
    rows = [_answer(desk, row) for row in said.items]
    return table(widths, [heads(titles, range(1, 13))], rows, total=desk.width, caption=labels["answers"])


def _answer(desk: Desk, row: ItemDetail) -> list[Cell]:
    counts = [_count(desk, place, count) for place, count in enumerate(row.counts, start=1)]
    return [
        Cell(para(link(f"item-{row.id}", run(row.id)), "KAMCell")),
        *(counts or [number(NOTHING)] * 5),
        *map(number, (row.ratings, row.dont_know, row.not_applicable)),
        figure(row.score, strong=True),
        *map(figure, (row.ad_m, row.r_wg, row.a_wg)),
    ]


def _count(desk: Desk, level: int, count: int) -> Cell:
    look = f"KAMLevel{level}" if count else ""
    return Cell(para(run(str(count), look), "KAMCellNumber"), tint(desk, level) if count else "")


def _evidence(desk: Desk, said: Appendix) -> str:
    labels = desk.labels
    rows = []
    for row in said.evidence:
        address = run(("\n" if row.text else "") + row.url, "KAMMuted") if row.url else ""
        state = run(row.state, "" if row.counts else "KAMMuted")
        rows.append(
            [cell(row.id), Cell(para(run(row.text) + address, "KAMCell")), cell(row.where), Cell(para(state, "KAMCell"))]
        )
    titles = [labels[name] for name in ("item", "evidence", "where", "state")]
    return grid(desk, labels["evidence_index"], titles, [9, 50, 19, 22], rows)


def _inapplicable(desk: Desk, said: Appendix) -> str:
    labels = desk.labels
    rows = [cells(f"{row.id} {row.text}", row.reason, " · ".join(row.notes) or NOTHING) for row in said.inapplicable]
    return grid(desk, labels["inapplicable"], [labels[name] for name in ("item", "reason", "comments")], [40, 28, 32], rows)
