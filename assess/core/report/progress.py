"""Since last time: what changed in each step, what the data say it came from, and which rises nothing proves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from assess.core.progress import (
    CONSENSUS,
    EVIDENCE,
    EVIDENCE_GONE,
    INITIATIVES,
    RESPONDENTS,
    UNKNOWN,
    Cause,
    Change,
    ItemChange,
    PastInitiative,
    Unmatched,
    compare_runs,
)
from assess.core.progress import Progress as Comparison
from assess.core.questionnaire import Dimension
from assess.core.report import values
from assess.core.report.appendix import fingerprint
from assess.core.report.planning import last_day
from assess.core.report.setting import Setting
from assess.core.report.values import ChangeRow, Figure, ItemChangeRow, Progress, Term
from assess.core.scoring import Standing

NAMED = 3
MOST_UNPROVEN = 10


@dataclass(frozen=True)
class _Runs:
    """Both runs, each with what may be shown of it."""

    setting: Setting
    before: Setting
    found: Comparison

    def hides(self, id_: str) -> bool:
        return any(id_ not in one.item_score or id_ in one.hidden for one in (self.before, self.setting))

    def hides_initiative(self, past: PastInitiative) -> bool:
        """Whether saying that its items got there would tell of an item that is hidden."""
        return self.is_confidential and any(self.hides(raised.item) for raised in past.initiative.raises)

    @cached_property
    def hidden_actions(self) -> frozenset[str]:
        return frozenset(past.action for past in self.found.initiatives if self.hides_initiative(past))

    @property
    def is_confidential(self) -> bool:
        return self.setting.assessment.confidential or self.before.assessment.confidential


def recall(setting: Setting) -> Progress | None:
    """None without an earlier run. Raises Invalid where the two can't be compared."""
    earlier = setting.evaluation.earlier
    if earlier is None:
        return None
    words = setting.words
    found = compare_runs(earlier, setting.evaluation)
    runs = _Runs(setting, Setting(earlier, words, setting.numbers), found)
    rows = tuple(_row(runs, change) for change in found.steps)
    unproven = _unproven(runs) if found.is_comparable else ()
    initiatives = tuple(_initiative(runs, past) for past in found.initiatives) if found.is_comparable else ()
    return Progress(
        heading=setting.heading("progress", _finding(runs)),
        is_comparable=found.is_comparable,
        facts=tuple(_facts(runs)),
        chart_title=_chart_title(runs),
        chart_text=words.sentences(*(_row_in_words(setting, row) for row in rows)),
        overall=_row(runs, found.overall),
        rows=rows,
        modules=tuple(_row(runs, change) for change in found.modules),
        cause_note=words.say("progress.cause_note" if found.is_comparable else "progress.incomparable"),
        unproven=unproven,
        unproven_note="" if unproven else words.say("progress.no_unproven"),
        initiatives=initiatives,
        initiatives_note=_initiatives_note(setting, initiatives),
        notes=tuple(_notes(runs)),
    )


def _finding(runs: _Runs) -> str:
    words, overall = runs.setting.words, runs.found.overall
    day = words.day(runs.before.assessment.date).text
    if not runs.found.is_comparable:
        return words.say("progress.finding_incomparable", date=day)
    if overall.claimed is None:
        return words.say("progress.finding_nothing", date=day)
    return words.say(
        "progress.finding",
        date=day,
        before=words.figure(overall.before.index, 0).text,
        after=words.figure(overall.after.index, 0).text,
        evidenced_before=words.figure(overall.evidenced_before.index, 0).text,
        evidenced_after=words.figure(overall.evidenced_after.index, 0).text,
    )


def _facts(runs: _Runs) -> Iterator[Term]:
    words, before, now = runs.setting.words, runs.before, runs.setting
    for name, one in (("then", before), ("now", now)):
        yield Term(
            words.say(f"progress.{name}"),
            words.say(
                "progress.run",
                date=words.day(one.assessment.date).text,
                version=one.core.version,
                n=len(one.assessment.respondents),
                agreed=sum(id_ in one.core.item_ids for id_ in one.assessment.consensus),
                proven=sum(one.assessment.has_evidence(id_) for id_ in one.core.item_ids),
            ),
        )
    yield Term(words.say("progress.fingerprint"), fingerprint(before.assessment))


def _row(runs: _Runs, change: Change) -> ChangeRow:
    words, comparable = runs.setting.words, runs.found.is_comparable
    number, title = _named(runs.setting, change)
    claimed, evidenced = (change.claimed, change.evidenced) if comparable else (None, None)
    return ChangeRow(
        id=change.id,
        number=number,
        title=title,
        before=words.figure(change.before.score),
        after=words.figure(change.after.score),
        change=signed(runs.setting, claimed),
        evidenced_before=words.figure(change.evidenced_before.score),
        evidenced_after=words.figure(change.evidenced_after.score),
        evidenced_change=signed(runs.setting, evidenced),
        level_before=_mark(runs.before, change.before),
        level_after=_mark(runs.setting, change.after),
        causes=_causes(runs, change.causes) if comparable else (),
        is_unproven=comparable and change.is_unproven_rise,
    )


def _named(setting: Setting, change: Change) -> tuple[str, str]:
    if not change.id:
        return "", setting.words.say("progress.programme")
    dimension = _dimension(setting, change.id)
    return str(setting.step_numbers[change.id]), setting.words.of(dimension.title)


def _dimension(setting: Setting, id_: str) -> Dimension:
    return next(q.dimension[id_] for q, _ in setting.measured if id_ in q.dimension)


def _mark(setting: Setting, standing: Standing) -> values.LevelMark:
    return setting.mark(standing, "level.none" if standing.score is None else "level.insufficient")


def signed(setting: Setting, value: Fraction | None) -> Figure:
    """A difference with its sign; rounded once, so that what is printed as 0.0 has none."""
    plain = setting.words.figure(value)
    if value is None or not any(char in "123456789" for char in plain.text):
        return Figure(plain.value, plain.text.lstrip("-−"))
    return Figure(plain.value, ("+" if value > 0 else "−") + setting.words.figure(abs(value)).text)


def _causes(runs: _Runs, causes: Sequence[Cause]) -> tuple[str, ...]:
    """The causes that may be told."""
    told = [
        replace(cause, ids=tuple(id_ for id_ in cause.ids if id_ not in runs.hidden_actions))
        if cause.kind == INITIATIVES
        else cause
        for cause in causes
    ]
    return tuple(_cause(runs, cause) for cause in told if cause.ids or cause.kind == UNKNOWN)


def _cause(runs: _Runs, cause: Cause) -> str:
    words, n = runs.setting.words, len(cause.ids)
    if cause.kind == INITIATIVES:
        titles = [words.of(runs.before.evaluation.action[id_].title) for id_ in cause.ids]
        more = words.say("cause.more", n=n - NAMED) if n > NAMED else ""
        return words.say("cause.initiatives", titles=words.say("cause.between").join(titles[:NAMED]), n=n, more=more)
    if cause.kind in (EVIDENCE, EVIDENCE_GONE, CONSENSUS):
        more = words.say("cause.more", n=n - NAMED) if n > NAMED else ""
        return words.say(f"cause.{cause.kind}", items=words.names(cause.ids[:NAMED]), n=n, more=more)
    if cause.kind == RESPONDENTS:
        return words.say("cause.respondents_hidden" if runs.is_confidential else "cause.respondents", n=n)
    return words.say("cause.unknown")


def _row_in_words(setting: Setting, row: ChangeRow) -> str:
    return setting.words.say(
        "progress.chart_line",
        title=row.title,
        before=row.before.text,
        after=row.after.text,
        evidenced_before=row.evidenced_before.text,
        evidenced_after=row.evidenced_after.text,
    )


def _chart_title(runs: _Runs) -> str:
    """Which step rose most, and which fell most."""
    words, setting = runs.setting.words, runs.setting
    known = [(change.claimed, _dimension(setting, change.id)) for change in runs.found.steps if change.claimed is not None]
    if not known or not runs.found.is_comparable:
        return words.say("progress.chart_none")
    (most, highest), (least, lowest) = max(known, key=lambda pair: pair[0]), min(known, key=lambda pair: pair[0])
    rise = {"step": setting.step_inline(highest), "by": words.score(most)}
    fall = {"other": setting.step_inline(lowest), "fell": words.score(-least)}
    if most > 0:
        return words.say("progress.chart_both" if least < 0 else "progress.chart_rise", **rise, **fall)
    return words.say("progress.chart_fall" if least < 0 else "progress.chart_same", **fall)


def _unproven(runs: _Runs) -> tuple[ItemChangeRow, ...]:
    """The items that rose most without evidence; none that confidentiality hides in either run."""
    rises = [item for item in runs.found.items if item.is_unproven_rise and not runs.hides(item.id)]
    rises.sort(key=lambda item: -(item.change or 0))
    return tuple(_item_row(runs, item) for item in rises[:MOST_UNPROVEN])


def _item_row(runs: _Runs, item: ItemChange) -> ItemChangeRow:
    words = runs.setting.words
    return ItemChangeRow(
        id=item.id,
        text=runs.setting.text(item.id),
        before=words.figure(item.before),
        after=words.figure(item.after),
        change=signed(runs.setting, item.change),
        cause=words.sentences(*_causes(runs, item.causes)),
    )


def _initiative(runs: _Runs, past: PastInitiative) -> values.PastInitiative:
    words, action = runs.setting.words, runs.before.evaluation.action[past.action]
    hidden = past.action in runs.hidden_actions
    state = "hidden" if hidden else "reached" if past.is_reached else "open" if past.is_reached is None else "missed"
    return values.PastInitiative(
        action=past.action,
        title=words.of(action.title),
        owner=runs.before.owner(past.initiative),
        end=words.day(last_day(past.initiative.end)),
        is_reached=bool(past.is_reached) and not hidden,
        state=words.say(f"progress.{state}"),
    )


def _initiatives_note(setting: Setting, initiatives: Sequence[values.PastInitiative]) -> str:
    """How many got there; a hidden one counts as not there, and its state says that it is hidden."""
    if not initiatives:
        return setting.words.say("progress.no_initiatives")
    reached = sum(one.is_reached for one in initiatives)
    return setting.words.say("progress.initiatives", n=len(initiatives), reached=reached)


def _notes(runs: _Runs) -> Iterator[str]:
    words, found = runs.setting.words, runs.found
    if runs.before.client != runs.setting.client:
        yield words.say("progress.other_client", earlier=runs.before.client, client=runs.setting.client)
    if found.is_comparable and runs.before.core.version != runs.setting.core.version:
        yield words.say("progress.other_version", earlier=runs.before.core.version, version=runs.setting.core.version)
    matches = {"items": found.unmatched_items, "steps": found.unmatched_steps, "modules": found.unmatched_modules}
    for what, unmatched in matches.items():
        yield from _unmatched(runs, what, unmatched)


def _unmatched(runs: _Runs, what: str, unmatched: Unmatched) -> Iterator[str]:
    words = runs.setting.words
    for side, ids in (("gone", unmatched.gone), ("added", unmatched.added)):
        if ids:
            yield words.say(f"progress.{what}_{side}", ids=words.names(ids), n=len(ids))
