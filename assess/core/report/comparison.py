"""The benchmark: peers as far as their number allows, and published reference points. Never blended, never invented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assess.core.benchmark import MIN_PEERS, MIN_PEERS_RANK, MIN_PEERS_TAILS, Comparison, Position, Provenance
from assess.core.questionnaire import Questionnaire, ReferencePoint
from assess.core.report.setting import Setting
from assess.core.report.values import BandRow, Benchmark, Reference, Term

_AUTHOR = re.compile(r"(?P<name>.{1,80}?)\s*\((?P<year>[0-9]{4})\)")


def benchmark(setting: Setting) -> Benchmark | None:
    """None where there are neither peers nor reference points."""
    comparison, references = setting.evaluation.comparison, tuple(_references(setting))
    if comparison is None and not references:
        return None
    words = setting.words
    rows = _rows(setting, comparison)
    finding = _finding(setting, comparison, rows)
    return Benchmark(
        heading=setting.heading("benchmark", finding),
        reason="" if rows else _reason(setting, comparison),
        facts=tuple(_facts(setting, comparison)) if comparison is not None else (),
        rows=rows,
        chart_title=finding,
        chart_text=words.sentences(
            *(words.say("benchmark.line", title=row.title, own=row.own.text, median=row.median.text) for row in rows)
        ),
        notes=tuple(_notes(setting, comparison)) if rows else (),
        references=references,
        references_note=words.say("references.note" if references else "references.none"),
    )


def _reason(setting: Setting, comparison: Comparison | None) -> str:
    if comparison is None:
        return setting.words.say("benchmark.no_peers", limit=MIN_PEERS)
    return setting.words.say("benchmark.few_peers", n=comparison.n, missing=comparison.missing, limit=MIN_PEERS)


def _finding(setting: Setting, comparison: Comparison | None, rows: tuple[BandRow, ...]) -> str:
    words = setting.words
    if comparison is None:
        return words.say("benchmark.finding_none")
    if not rows:
        return words.say("benchmark.finding_few", n=comparison.n, limit=MIN_PEERS)
    compared = [row for row in rows if row.own.value is not None and row.median.value is not None]
    above = sum(row.own.value > row.median.value for row in compared if row.own.value and row.median.value)
    return words.say("benchmark.finding", above=above, total=len(compared), n=_least(comparison, comparison.n))


def _least(comparison: Comparison, n: int) -> str:
    """The same in few characters: 300+ for a band that begins at 300."""
    return str(n) if comparison.n_to is None else f"{n}+"


def _count(setting: Setting, comparison: Comparison, n: int) -> str:
    """A number of organisations as it may be told: exactly, or as a band of released figures."""
    if comparison.n_to is None:
        return str(n)
    return setting.words.say("range.count", low=n, high=n + comparison.n_to - comparison.n)


def _facts(setting: Setting, comparison: Comparison) -> Iterator[Term]:
    words = setting.words
    yield Term(words.say("fact.group"), _group(setting, comparison.group))
    if comparison.group != comparison.asked:
        yield Term(words.say("fact.asked"), _group(setting, comparison.asked))
    if comparison.n_to is None:
        yield Term(words.say("fact.peers"), words.say("count.organisations", n=comparison.n))
    else:
        yield Term(words.say("fact.peers"), words.say("range.organisations", n=_count(setting, comparison, comparison.n)))
    if comparison.first is not None and comparison.last is not None:
        first, last = words.day(comparison.first).text, words.day(comparison.last).text
        yield Term(words.say("fact.period"), first if first == last else words.say("range.days", first=first, last=last))
    if comparison.versions:
        yield Term(words.say("fact.versions"), words.names([f"{comparison.questionnaire} {v}" for v in comparison.versions]))
    for source in comparison.sources:
        yield Term(words.say("fact.source"), _source(setting, source))


def _source(setting: Setting, source: Provenance) -> str:
    """Who released the figures, when, and the key that the file was signed with."""
    words = setting.words
    told = {"number": source.number, "day": words.day(source.released_on).text}
    if not source.key:
        return words.say("benchmark.source_own", **told)
    key = " ".join(source.key[start : start + 4] for start in range(0, len(source.key), 4))
    return words.say("benchmark.source", name=source.name, mark=key, **told)


def _group(setting: Setting, group: Mapping[str, str]) -> str:
    words = setting.words
    parts = [words.say(f"segment.{segment}", value=_segment(setting, segment, value)) for segment, value in group.items()]
    return words.names(parts) if parts else words.say("segment.all")


def _segment(setting: Setting, segment: str, value: str) -> str:
    """The words for an industry, region or size of the lists; what was typed into a file stays as it was typed."""
    try:
        return setting.words.say(f"{segment}.{value.replace('+', '-up')}")
    except KeyError:
        return value


def _rows(setting: Setting, comparison: Comparison | None) -> tuple[BandRow, ...]:
    """The programme and the steps; nothing where the group is too small."""
    if comparison is None or comparison.n < MIN_PEERS:
        return ()
    words = setting.words
    rows = [_row(setting, comparison, "overall", "", words.say("benchmark.overall"), comparison.overall)]
    for dimension, _ in setting.scored_steps():
        number = str(setting.step_numbers[dimension.id])
        position = comparison.dimensions[dimension.id]
        rows.append(_row(setting, comparison, dimension.id, number, words.of(dimension.title), position))
    return tuple(rows)


def _row(setting: Setting, comparison: Comparison, id_: str, number: str, title: str, position: Position) -> BandRow:
    words = setting.words
    return BandRow(
        id=id_,
        number=number,
        title=title,
        own=words.figure(position.own),
        median=words.figure(position.median),
        q1=words.figure(position.q1),
        q3=words.figure(position.q3),
        p10=words.figure(position.p10),
        p90=words.figure(position.p90),
        peers=_least(comparison, position.n),
        place=_place(setting, position),
    )


def _place(setting: Setting, position: Position) -> str:
    words = setting.words
    if position.own is None:
        return words.say("place.no_own")
    if position.n < MIN_PEERS:
        return words.say("place.few", n=position.n)
    if position.rank is not None and position.rank_low is not None and position.rank_high is not None:
        return words.say(
            "place.rank",
            rank=words.figure(position.rank, 0).text,
            low=round(position.rank_low),
            high=round(position.rank_high),
        )
    if position.band is not None:
        return words.say(f"place.{position.band}")
    return words.say(_quarter(position))


def _quarter(position: Position) -> str:
    """Where the own score lies between the quartiles, for groups too small for tails."""
    own = position.own
    if own is None or position.q1 is None or position.q3 is None:
        return "place.no_own"
    return "place.below_q1" if own < position.q1 else "place.above_q3" if own >= position.q3 else "place.middle"


def _notes(setting: Setting, comparison: Comparison | None) -> Iterator[str]:
    words = setting.words
    if comparison is None:
        return
    if comparison.directional:
        yield words.say("benchmark.directional", n=_count(setting, comparison, comparison.n), limit=MIN_PEERS_TAILS)
    elif comparison.n < MIN_PEERS_RANK:
        yield words.say("benchmark.no_rank", n=_count(setting, comparison, comparison.n), limit=MIN_PEERS_RANK)
    if comparison.group != comparison.asked:
        yield words.say("benchmark.widened")
    if comparison.sources:
        yield words.say("benchmark.released")
    if comparison.pooled:
        yield words.say("benchmark.pooled", n=len(comparison.sources))
    if any(source.key for source in comparison.sources):
        yield words.say("benchmark.own_unknown")
    yield words.say("benchmark.meaning")


def _references(setting: Setting) -> Iterator[Reference]:
    """Those of a step or an item, in the order of the steps: a figure about nothing in the report would say nothing."""
    for questionnaire, _ in setting.measured:
        order = {id_: place for place, id_ in enumerate(_subjects(questionnaire))}
        told = [point for point in questionnaire.reference_points if _subject(point) in order]
        for point in sorted(told, key=lambda point: order[_subject(point)]):
            yield _reference(setting, questionnaire, point)


def _subjects(questionnaire: Questionnaire) -> Iterator[str]:
    """Each step, followed by its items."""
    for dimension in questionnaire.dimensions:
        yield dimension.id
        yield from (item.id for item in dimension.items)


def _subject(point: ReferencePoint) -> str:
    return point.item or point.dimension or ""


def _reference(setting: Setting, questionnaire: Questionnaire, point: ReferencePoint) -> Reference:
    words, source = setting.words, questionnaire.source[point.source]
    basis = words.say("references.basis" if point.n is not None else "references.basis_unknown", year=point.year, n=point.n)
    return Reference(
        id=point.id,
        about=_about(setting, questionnaire, point),
        value=point.value,
        text=words.of(point.text),
        source=words.say("references.source", name=_author(source.citation, point.year), basis=basis),
        citation=source.citation,
        url=source.url or "",
        basis=basis,
        grade=point.grade,
        grade_text=words.say("references.grade_c") if point.grade == "C" else point.grade,
    )


def _author(citation: str, year: int) -> str:
    """Who a citation begins with; with its year where that is not the year of the figure. The list of sources has the rest."""
    match = _AUTHOR.match(citation)
    if match is None:
        return citation.split(" (")[0]
    return match["name"] if match["year"] == str(year) else f"{match['name']} ({match['year']})"


def _about(setting: Setting, questionnaire: Questionnaire, point: ReferencePoint) -> str:
    return point.item or setting.step(questionnaire.dimension[point.dimension or ""])
