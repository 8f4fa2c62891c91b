"""Evaluations and reports of the small questionnaire, for the tests of what reports say and how they look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from assess.content.phrases import load_phrases
from assess.content.styles import load_style
from assess.core.answers import Answer, Assessment, Consensus, Evidence, Organisation, Respondent
from assess.core.benchmark import Peer
from assess.core.evaluation import Evaluation, evaluate
from assess.core.questionnaire import Action, Lift, Questionnaire, Raci, ReferencePoint, Text
from assess.core.report import ReportContent, compose
from assess.render.formats import formats_of

DAY = date(2026, 11, 21)
EVIL = '<script>alert(1)</script> <img src=file:///etc/passwd> {{ 7*7 }} & "quoted" {title}'


def same(words: str) -> Text:
    return Text(words, words, words)


def action(id_: str, item: str, to: int, *, requires: tuple[str, ...] = (), weeks: int = 4) -> Action:
    return Action(
        id=id_,
        title=same(f"Do {id_}"),
        why=same("Because it helps."),
        how=(same("First this."), same("Then that.")),
        done_when=same("It is done."),
        kpi=same("Share of accounts"),
        measure=same("From the register, each quarter"),
        owner_role="champion",
        effort=2,
        weeks=weeks,
        requires=requires,
        lifts=(Lift(item, to),),
        raci=Raci(("champion",), "executive", ("sales",), ("kam",)),
    )


def rich(mini: Questionnaire) -> Questionnaire:
    """The small questionnaire with actions and a reference point."""
    return replace(
        mini,
        actions=(action("a-one", "s1.1", 4), action("a-two", "s3.1", 4, requires=("a-one",))),
        reference_points=(ReferencePoint("rp", "5-25", same("Usual number of accounts."), "none", 2012, 69, "A", "s3"),),
    )


def people(mini: Questionnaire, levels: Mapping[str, int], **special: Mapping[str, Answer]) -> tuple[Respondent, ...]:
    """One respondent per entry of levels ("sales1": 3): that level on every item, except what `special` says."""
    return tuple(
        Respondent(
            name, name.rstrip("0123456789"), {i.id: Answer(level=level) for i in mini.items} | dict(special.get(name, {}))
        )
        for name, level in levels.items()
    )


PANEL = {"executive1": 4, "sales1": 3, "sales2": 3, "sales3": 2, "kam1": 2}


def assessment(mini: Questionnaire, **changes: Any) -> Assessment:
    """Five people in three roles, a decision, evidence, a comment; step 2 is held by its must-have."""
    special = {
        "executive1": {"s2.1": Answer(level=1, comment="Nobody owns it."), "s1.1": Answer(level=5, evidence="Charter, page 3")},
        "sales1": {"s2.1": Answer(level=1), "s3.2": Answer(dont_know=True)},
        "sales2": {"s2.1": Answer(level=1), "s3.2": Answer(dont_know=True)},
        "sales3": {"s2.1": Answer(level=1)},
        "kam1": {"s2.1": Answer(level=1)},
    }
    base = Assessment(
        questionnaire="mini",
        organisation=Organisation("Acme", "machinery", "eu", "250-999"),
        date=DAY,
        respondents=people(mini, PANEL, **special),
        consensus={"s1.2": Consensus(3, rationale="Seen in the minutes", dissent="Sales would say 2")},
        evidence={"s1.3": (Evidence("Old note", expires=date(2025, 1, 1)),)},
        targets={"s2": Fraction(4)},
    )
    return replace(base, **changes)


def peers(count: int) -> tuple[Peer, ...]:
    return tuple(
        Peer(f"P{n}", "mini", "1.0.0", date(2026, 1 + n % 12, 1), {f"s{s}": Fraction(20 + n % 20, 10) for s in (1, 2, 3)})
        for n in range(count)
    )


def report(evaluation: Evaluation, language: str = "en", **options: Any) -> ReportContent:
    options = {"style": load_style("full"), "phrases": load_phrases().in_language(language)} | options
    return compose(evaluation, language=language, formats=formats_of(language), **options)


def report_of(
    mini: Questionnaire, language: str = "en", *, given: Iterable[Peer] | None = None, **changes: Any
) -> ReportContent:
    """The report of the assessment above with some of it changed."""
    return report(evaluate(rich(mini), (), assessment(mini, **changes), peers=given, segments={}), language)
