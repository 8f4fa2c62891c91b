"""The slides of a board meeting: one message each, said in the title; where its numbers come from stands in the notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assess.core.colours import Palette
from assess.core.report.values import Heading, LevelMark, Point, ReportContent, Rung
from assess.render.office import colon
from assess.render.pictures import Pictures
from assess.render.pptx_board import BODY, BOTTOM, INNER, MARGIN, TOP, Box, Field, Grid, Line, fits, picture, table, write

GANTT_ROWS = 14
FIRST_INITIATIVES = 6
MOST_CAPS = 3
NOTHING = "–"


@dataclass(frozen=True)
class Deck:
    """What slides are made from; add puts a new slide with that title and those notes into the presentation."""

    content: ReportContent
    pictures: Pictures
    add: Callable[[str, list[str]], Any]

    @property
    def labels(self) -> Mapping[str, str]:
        return self.content.labels

    @property
    def language(self) -> str:
        return self.content.language

    @property
    def palette(self) -> Palette:
        return self.content.brand.palette

    def source(self, *headings: Heading) -> list[str]:
        """Where the numbers of a slide come from: the sections of the report, who answered and when."""
        places = " · ".join(f"{heading.number} {heading.title}".strip() for heading in headings)
        facts = [f"{fact.name}{colon(self.language)}{fact.text}" for fact in self.content.cover.facts]
        first = f"{self.labels['numbers_from']}{colon(self.language)}{self.labels['in_report']}{colon(self.language)}{places}"
        return [first, f"{self.content.cover.client} · {self.content.cover.date.text}", *facts]

    def table(self, slide: Any, box: Box, grid: Grid, name: str) -> None:
        table(slide, box, grid, self.palette, self.language, name=name, more=self.labels["in_report"])

    def write(self, slide: Any, box: Box, said: list[Line], **look: Any) -> None:
        write(slide, box, said, self.language, **look)


def level_text(mark: LevelMark) -> str:
    return mark.name if mark.level is None else f"{mark.level} {mark.name}"


def on_page_one(deck: Deck) -> None:
    """The level in words, both indices, what holds the next level back."""
    said, labels, colours = deck.content.summary, deck.labels, deck.palette
    notes = [said.ladder_text, said.meaning, said.assurance, *said.constraint, *deck.source(said.heading)]
    slide = deck.add(said.heading.finding, notes)
    rungs = Grid([f"{rung.level} {rung.name}" for rung in said.ladder], [1] * 5, [[_rung(deck, rung) for rung in said.ladder]])
    deck.table(slide, Box(MARGIN, TOP, INNER, 0.95), rungs, said.ladder_text)
    left, right = Box(MARGIN, 2.75, 5.6, BOTTOM - 2.75), Box(6.6, 2.75, 13.333 - MARGIN - 6.6, BOTTOM - 2.75)
    if said.index.value is not None:
        for place, (name, figure) in enumerate((("index_claimed", said.index), ("index_evidenced", said.index_evidenced))):
            box = Box(left.left + place * 2.8, left.top, 2.7, 1.35)
            big = [Line(figure.text, bold=True, colour=colours.accent)]
            deck.write(slide, Box(box.left, box.top, box.width, 0.85), big, sizes=(44.0, 36.0), name=labels[name])
            told = [Line(f"{labels[name]} · {labels['of_hundred']}", colour=colours.muted)]
            deck.write(slide, Box(box.left, box.top + 0.85, box.width, 0.5), told, sizes=(13.0, 12.0, 11.0, 10.0))
    above = 0.0 if said.index.value is None else 1.5
    below = Box(left.left, left.top + above, left.width, left.height - above)
    deck.write(slide, below, [Line(said.meaning), Line(said.assurance, colour=colours.muted)], name=labels["meaning"])
    held = [
        Line(labels["binding"], bold=True, colour=colours.warm_dark),
        Line(said.constraint_title, bold=True),
        *(Line(sentence) for sentence in said.constraint),
    ]
    deck.write(slide, right, held, fill=colours.warm_soft, name=labels["binding"])


def _rung(deck: Deck, rung: Rung) -> Field:
    labels, colours = deck.labels, deck.palette
    marks = [
        text
        for text, holds in ((f"▲ {labels['claimed']}", rung.claimed), (f"△ {labels['evidenced']}", rung.evidenced))
        if holds
    ]
    fill, ink = colours.tints[rung.level], colours.on_tints[rung.level]
    return Field("  ".join(marks) or " ", fill, ink, bold=bool(marks), centred=True)


def strengths_and_risks(deck: Deck) -> None:
    said, labels, colours = deck.content.summary, deck.labels, deck.palette
    points = [f"{point.title} {point.text}" for point in (*said.strengths, *said.risks)]
    title = said.risks[0].title if said.risks else f"{labels['strengths']} · {labels['risks']}"
    slide = deck.add(title, [*points, said.strengths_note, said.risks_note, *deck.source(said.heading)])
    half = (INNER - 0.5) / 2
    sides = (
        (labels["strengths"], said.strengths, said.strengths_note, colours.accent),
        (labels["risks"], said.risks, said.risks_note, colours.warm_dark),
    )
    room = Box(MARGIN, TOP + 0.55, half, BOTTOM - TOP - 0.55)
    told = [_points(deck, found, note) for _, found, note, _ in sides]
    size = min(fits(lines, room, deck.language) for lines in told)
    for place, (name, _, _, colour) in enumerate(sides):
        left = MARGIN + place * (half + 0.5)
        deck.write(slide, Box(left, TOP, half, 0.5), [Line(name, bold=True, colour=colour)], sizes=(20.0, 18.0))
        deck.write(slide, Box(left, room.top, half, room.height), told[place], name=name, sizes=(size,))


def _points(deck: Deck, found: Sequence[Point], note: str) -> list[Line]:
    told = [line for point in found for line in (Line(point.title, bold=True), Line(point.text, colour=deck.palette.body))]
    return [*told, *([Line(note, colour=deck.palette.muted)] if note else [])] or [Line(NOTHING)]


def profile(deck: Deck) -> None:
    said, labels = deck.content.profile, deck.labels
    if said is None:
        return
    slide = deck.add(said.heading.finding, [said.chart_text, *said.notes, *deck.source(said.heading)])
    picture(slide, Box(MARGIN - 0.2, TOP, 6.5, BOTTOM - TOP), deck.pictures.profile(said))
    names = ["step", "level", "claimed", "evidenced", "target", "gap"] + ["peer_median"] * said.has_peers
    rows = [
        [
            Field(f"{row.number} {row.title}"),
            Field(level_text(row.level)),
            Field(row.claimed.text, bold=True),
            *(Field(figure.text) for figure in (row.evidenced, row.target, row.gap)),
            *([Field(row.peer.text)] if said.has_peers else []),
        ]
        for row in said.rows
    ]
    widths = [28.0, 18, 14, 17, 12, 11] + [12.0] * said.has_peers
    grid = Grid([labels[name] for name in names], widths, rows, frozenset(range(2, 7)))
    deck.table(slide, Box(6.95, TOP, 13.333 - MARGIN - 6.95, BOTTOM - TOP), grid, said.heading.title)


def what_caps(deck: Deck) -> None:
    """What gives each step its level, and what the items that cap one must reach next."""
    said, labels = deck.content.summary, deck.labels
    pages = [page for page in deck.content.steps if page.is_scored]
    if not pages:
        return
    slide = deck.add(said.constraint_title, [*said.constraint, *(page.cap for page in pages), *deck.source(said.heading)])
    rows = [
        [
            Field(f"{page.heading.number} {page.heading.title}"),
            Field(level_text(page.claimed)),
            Field(page.score.text, bold=True),
            Field(page.cap),
        ]
        for page in pages
    ]
    grid = Grid([labels[name] for name in ("step", "level", "score", "what_caps")], [30, 18, 9, 43], rows, frozenset({2}))
    items = [item for page in pages for item in page.items if item.caps and item.next is not None][:MOST_CAPS]
    room = 0.75 + 0.6 * len(items) if items else 0.0
    deck.table(slide, Box(MARGIN, TOP, INNER, BOTTOM - TOP - room), grid, said.constraint_title)
    if items:
        wanted = [
            [Field(item.id, bold=True), Field(item.text), Field(item.score.text), Field(item.next.text if item.next else "")]
            for item in items
        ]
        titles = [labels[name] for name in ("item", "statement", "score", "next")]
        box = Box(MARGIN, BOTTOM - room + 0.15, INNER, room - 0.15)
        deck.table(slide, box, Grid(titles, [9, 36, 10, 45], wanted, frozenset({2})), labels["next"])


def perceptions(deck: Deck) -> None:
    said, labels, colours = deck.content.perceptions, deck.labels, deck.palette
    if said is None or not said.rows:
        return
    told = [*said.gaps, said.heat_note, " · ".join(said.legend)]
    slide = deck.add(said.heading.finding, [*told, *deck.source(said.heading)])
    rows = [
        [
            Field(row.name),
            *(
                Field(
                    cell.score.text + (f"\n{cell.count}" if cell.count else ""),
                    colours.tints[cell.shade],
                    colours.on_tints[cell.shade],
                )
                for cell in row.cells
            ),
        ]
        for row in said.rows
    ]
    grid = Grid(
        [labels["role"], *said.columns], [2.4, *[1.0] * len(said.columns)], rows, frozenset(range(1, 1 + len(said.columns)))
    )
    room = 1.5 if said.gaps else 0.75
    deck.table(slide, Box(MARGIN, TOP, INNER, BOTTOM - TOP - room - 0.1), grid, said.heat_title)
    below = [Line(text, bullet=True) for text in said.gaps[:3]] + [Line(" · ".join(said.legend), colour=colours.muted)]
    deck.write(slide, Box(MARGIN, BOTTOM - room, INNER, room), below, sizes=(14.0, 13.0, 12.0, 11.0, 10.0))


def benchmark(deck: Deck) -> None:
    said, labels = deck.content.benchmark, deck.labels
    if said is None or not said.rows:
        return
    facts = [f"{fact.name}{colon(deck.language)}{fact.text}" for fact in said.facts]
    slide = deck.add(said.heading.finding, [said.chart_text, *facts, *said.notes, *deck.source(said.heading)])
    picture(slide, Box(MARGIN, TOP, 7.6, BOTTOM - TOP), deck.pictures.bands(said))
    rows = [
        [Field(row.number or row.title), Field(row.own.text, bold=True), Field(row.median.text), Field(row.place)]
        for row in said.rows
    ]
    grid = Grid([labels[name] for name in ("step", "own", "median", "place")], [12, 18, 20, 50], rows, frozenset({1, 2}))
    deck.table(slide, Box(8.45, TOP, 13.333 - MARGIN - 8.45, 3.4), grid, said.chart_title)
    deck.write(
        slide,
        Box(8.45, TOP + 3.5, 13.333 - MARGIN - 8.45, BOTTOM - TOP - 3.5),
        [Line(fact, colour=deck.palette.muted) for fact in facts],
        sizes=(12.0, 11.0, 10.0),
    )


def accounts(deck: Deck) -> None:
    """What was claimed about the accounts beside what the file shows, and how much hangs on few of them."""
    said, labels = deck.content.accounts, deck.labels
    if said is None:
        return
    facts = [f"{fact.name}{colon(deck.language)}{fact.text}" for fact in said.facts]
    readings = [f"{term.name}{colon(deck.language)}{term.text}" for term in said.concentration.readings]
    slide = deck.add(said.heading.finding, [*facts, *said.notes, said.checks_note, *readings, *deck.source(said.heading)])
    checks = [
        [
            Field(row.item, bold=True),
            Field(row.state_name, bold=row.state == "contradicted"),
            Field(row.claimed.text),
            Field(row.measured.text),
            Field(row.text),
        ]
        for row in said.checks
    ]
    years = [
        [Field(row.title), *(Field(figure.text) for figure in (row.revenue, row.accounts, row.largest, row.ten, row.effective))]
        for row in said.concentration.rows
    ]
    names = ("year", "revenue", "account_count", "largest", "ten_largest", "effective")
    grid = Grid([labels[name] for name in names], [16, 22, 14, 14, 16, 18], years, frozenset(range(1, 6)))
    top = Box(MARGIN, TOP, INNER, 2.0 if checks else BOTTOM - TOP)
    deck.table(slide, top, grid, said.concentration.title)
    if checks:
        titles = [labels[name] for name in ("item", "state", "claimed", "measured", "finding")]
        below = Box(MARGIN, TOP + 2.2, INNER, BOTTOM - TOP - 2.2)
        deck.table(slide, below, Grid(titles, [8, 18, 11, 11, 52], checks, frozenset({2, 3})), said.checks_title)


def roadmap(deck: Deck) -> None:
    """The time line of the first initiatives, and how many begin in each horizon."""
    said, labels, colours = deck.content.plan, deck.labels, deck.palette
    if said is None or not said.sheets:
        return
    told = [f"{sheet.number} {sheet.title} ({sheet.owner}, {sheet.start.text} – {sheet.end.text})" for sheet in said.sheets]
    slide = deck.add(said.heading.finding, [said.intro, *told, *deck.source(said.heading)])
    first = sorted(said.sheets, key=lambda sheet: (sheet.start_week, sheet.number))[:GANTT_ROWS]
    picture(slide, Box(MARGIN, TOP, 8.4, BOTTOM - TOP), deck.pictures.first_part(said, first))
    rows = [[Field(span.name), Field(span.period), Field(str(span.count), bold=True)] for span in said.spans]
    grid = Grid([labels["horizon"], labels["when"], labels["initiative"]], [36, 36, 28], rows, frozenset({2}))
    right = 9.25
    deck.table(slide, Box(right, TOP, 13.333 - MARGIN - right, 3.0), grid, said.chart_title)
    left = len(said.sheets) - len(first)
    note = f"+{left} · {labels['in_report']}" if left else ""
    below = [Line(said.chart_title, bold=True), Line(said.intro), Line(note, colour=colours.muted)]
    deck.write(
        slide, Box(right, TOP + 3.1, 13.333 - MARGIN - right, BOTTOM - TOP - 3.1), below, sizes=(14.0, 13.0, 12.0, 11.0, 10.0)
    )


def first_moves(deck: Deck) -> None:
    said, labels = deck.content.plan, deck.labels
    if said is None or not said.sheets:
        return
    first = said.sheets[:FIRST_INITIATIVES]
    notes = [f"{sheet.number} {sheet.title}: {sheet.why} {sheet.done_when}" for sheet in first]
    slide = deck.add(said.chart_title, [*notes, *deck.source(said.heading)])
    rows = [
        [
            Field(str(sheet.number)),
            Field(sheet.title, bold=True),
            Field(sheet.owner),
            Field(sheet.start.short),
            Field(sheet.end.short),
            Field(sheet.done_when),
        ]
        for sheet in first
    ]
    names = ("number", "moves", "owner", "start", "end", "done_when")
    deck.table(slide, BODY, Grid([labels[name] for name in names], [5, 30, 16, 11, 11, 40], rows), labels["moves"])


def projection(deck: Deck) -> None:
    said, labels = deck.content.plan, deck.labels
    if said is None or not said.projection:
        return
    slide = deck.add(said.projection_title, [said.projection_note, *deck.source(said.heading)])
    rows = [
        [
            Field(row.name),
            Field(row.end.short),
            Field(str(row.finished)),
            Field(row.score.text),
            Field(row.index.text, bold=True),
            Field(level_text(row.level)),
            *(_level_field(deck, level) for level in row.steps),
        ]
        for row in said.projection
    ]
    names = ("horizon", "until", "finished", "score", "index", "programme_level")
    steps = len(said.projection_columns)
    titles = [labels[name] for name in names] + [f"{labels['step']} {name}" for name in said.projection_columns]
    centred = frozenset({2, 3, 4, *range(6, 6 + steps)})
    grid = Grid(titles, [15, 13, 11, 8, 8, 17, *[6.5] * steps], rows, centred)
    deck.table(slide, Box(MARGIN, TOP, INNER, BOTTOM - TOP - 1.0), grid, said.projection_title)
    deck.write(
        slide,
        Box(MARGIN, BOTTOM - 0.9, INNER, 0.9),
        [Line(said.projection_note, colour=deck.palette.muted)],
        sizes=(14.0, 13.0, 12.0, 11.0),
    )


def _level_field(deck: Deck, level: str) -> Field:
    place = int(level) if level in {"1", "2", "3", "4", "5"} else 0
    return Field(level, deck.palette.tints[place], deck.palette.on_tints[place])


def governance(deck: Deck) -> None:
    """Who meets how often, and what comes first."""
    said, labels = deck.content.governance, deck.labels
    if said is None:
        return
    calendar = [f"{row.day.text} {row.name}" for row in said.calendar]
    slide = deck.add(said.heading.finding, [*calendar, said.calendar_note, *deck.source(said.heading)])
    rows = [
        [Field(each.name, bold=True), Field(each.rhythm), Field(each.chair), Field(each.decision)] for each in said.meetings
    ]
    titles = [labels[name] for name in ("meeting", "when", "chair", "decides")]
    left = 7.4 if said.calendar else INNER
    deck.table(slide, Box(MARGIN, TOP, left, BOTTOM - TOP), Grid(titles, [24, 22, 20, 34], rows), labels["meetings"])
    if said.calendar:
        dates = [[Field(row.day.short), Field(row.name)] for row in said.calendar]
        box = Box(MARGIN + left + 0.35, TOP, INNER - left - 0.35, BOTTOM - TOP)
        deck.table(slide, box, Grid([labels["when"], labels["occasion"]], [36, 64], dates), said.calendar_title)


def next_steps(deck: Deck) -> None:
    """Without governance: what the plan asks of the board, horizon by horizon."""
    said, labels = deck.content.plan, deck.labels
    if deck.content.governance is not None or said is None or not said.projection:
        return
    slide = deck.add(labels["next_steps"], [labels["decide"], *deck.source(said.heading)])
    rows = [
        [Field(row.end.text), Field(f"{labels['review']}{colon(deck.language)}{row.name}"), Field(level_text(row.level))]
        for row in said.projection
    ]
    deck.write(slide, Box(MARGIN, TOP, INNER, 0.7), [Line(labels["decide"], bold=True)], sizes=(18.0, 16.0, 14.0))
    grid = Grid([labels["when"], labels["review"], labels["expected"]], [25, 40, 35], rows)
    deck.table(slide, Box(MARGIN, TOP + 0.8, INNER, BOTTOM - TOP - 0.8), grid, labels["next_steps"])


def progress(deck: Deck) -> None:
    said, labels = deck.content.progress, deck.labels
    if said is None:
        return
    facts = [f"{fact.name}{colon(deck.language)}{fact.text}" for fact in said.facts]
    slide = deck.add(said.heading.finding, [said.chart_text, *facts, *said.notes, said.cause_note, *deck.source(said.heading)])
    left = BODY
    if said.is_comparable and said.rows:
        picture(slide, Box(MARGIN, TOP, 6.6, BOTTOM - TOP), deck.pictures.dumbbells(said))
        left = Box(7.4, TOP, 13.333 - MARGIN - 7.4, BOTTOM - TOP)
    rows = [
        [
            Field(f"{row.number} {row.title}".strip(), bold=not row.number),
            Field(f"{row.before.text} → {row.after.text}"),
            Field(row.change.text, bold=True),
            Field(row.evidenced_change.text),
        ]
        for row in (said.overall, *said.rows)
    ]
    names = ("step", "then_now", "change", "evidenced")
    deck.table(
        slide, left, Grid([labels[name] for name in names], [44, 22, 15, 19], rows, frozenset({1, 2, 3})), said.chart_title
    )


def method(deck: Deck) -> None:
    said, labels, last = deck.content.reading, deck.labels, deck.content.appendix
    notes = [f"{term.name}{colon(deck.language)}{term.text}" for term in (*said.rules, *last.method)]
    slide = deck.add(said.heading.finding, [*notes, *last.limits, *deck.source(said.heading, last.heading)])
    half = (INNER - 0.4) / 2
    facts = Grid(
        [labels["facts"], labels["value"]], [40, 60], [[Field(term.name, bold=True), Field(term.text)] for term in said.facts]
    )
    deck.table(slide, Box(MARGIN, TOP, half, BOTTOM - TOP), facts, labels["facts"])
    right = Box(MARGIN + half + 0.4, TOP, half, BOTTOM - TOP)
    told = [
        Line(labels["limits"], bold=True, colour=deck.palette.accent_dark),
        *(Line(text, bullet=True) for text in last.limits),
    ]
    told += [Line(text, colour=deck.palette.muted) for text in said.suppressions]
    deck.write(slide, right, told, sizes=(14.0, 13.0, 12.0, 11.0, 10.0), name=labels["limits"])


@dataclass(frozen=True)
class Kind:
    """A kind of slide; the one with the highest number goes first when there would be too many."""

    make: Callable[[Deck], None]
    spare: int = 0


SLIDES: tuple[Kind, ...] = (
    Kind(on_page_one),
    Kind(strengths_and_risks),
    Kind(profile),
    Kind(what_caps, 1),
    Kind(perceptions),
    Kind(benchmark),
    Kind(accounts),
    Kind(progress),
    Kind(roadmap),
    Kind(first_moves, 2),
    Kind(projection, 3),
    Kind(governance),
    Kind(next_steps),
    Kind(method),
)


def has(content: ReportContent) -> Iterator[Kind]:
    """The kinds of slides for which the report has something to show."""
    plan = content.plan
    shown: Mapping[Callable[[Deck], None], bool] = {
        profile: content.profile is not None,
        what_caps: any(page.is_scored for page in content.steps),
        perceptions: content.perceptions is not None and bool(content.perceptions.rows),
        benchmark: content.benchmark is not None and bool(content.benchmark.rows),
        accounts: content.accounts is not None,
        progress: content.progress is not None,
        roadmap: plan is not None and bool(plan.sheets),
        first_moves: plan is not None and bool(plan.sheets),
        projection: plan is not None and bool(plan.projection),
        governance: content.governance is not None,
        next_steps: content.governance is None and plan is not None and bool(plan.projection),
    }
    return (kind for kind in SLIDES if shown.get(kind.make, True))
