"""An evaluation becomes a report: which sections there are, and what each of them says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assess.core.brand import Brand
from assess.core.evaluation import Evaluation
from assess.core.report.accounts import account_for
from assess.core.report.appendix import append
from assess.core.report.comparison import benchmark
from assess.core.report.governance import govern, has_scores
from assess.core.report.labels import LABELS
from assess.core.report.outlook import look_ahead
from assess.core.report.perceptions import perceive
from assess.core.report.planning import lay_out
from assess.core.report.profile import describe
from assess.core.report.progress import recall
from assess.core.report.reading import explain
from assess.core.report.setting import Setting
from assess.core.report.steps import pages
from assess.core.report.style import Style
from assess.core.report.summary import headline, summarise
from assess.core.report.values import SCHEMA, Cover, Entry, ReportContent, StepPage, Term
from assess.core.report.words import Formats, Phrases, Words

SECTIONS = (
    "summary",
    "outlook",
    "reading",
    "profile",
    "steps",
    "modules",
    "perceptions",
    "benchmark",
    "accounts",
    "plan",
    "governance",
    "progress",
    "appendix",
)
"""The sections a style can ask for, in their usual order."""


def compose(
    evaluation: Evaluation,
    *,
    language: str,
    phrases: Phrases,
    formats: Formats,
    style: Style,
    paper: str | None = None,
    brand: Brand | None = None,
) -> ReportContent:
    """The report of an evaluation in one language and style; `paper` (a4 or letter) overrides brand and style."""
    brand = brand or Brand()
    words = Words(language, phrases, formats)
    absent = _absent(evaluation, words, style.sections)
    present = [section for section in style.sections if section not in absent]
    numbers = {section: str(place) for place, section in enumerate(present, start=1)}
    setting = Setting(evaluation, words, dict.fromkeys(SECTIONS, "") | numbers)
    steps = pages(setting, "steps", evaluation.core, evaluation.scorecard)
    modules = tuple(_module_pages(setting))
    profile, plan = describe(setting), lay_out(setting)
    parts = {
        "outlook": look_ahead(setting, profile, plan),
        "profile": profile,
        "perceptions": perceive(setting),
        "benchmark": benchmark(setting),
        "accounts": account_for(setting),
        "plan": plan,
        "governance": govern(setting),
        "progress": recall(setting),
    }
    content = ReportContent(
        schema=SCHEMA,
        style=style.id,
        paper=paper or brand.paper or style.paper,
        language=language,
        sections=tuple(present),
        labels=_labels(words),
        brand=brand.figures,
        contents=(),
        cover=_cover(setting),
        summary=summarise(setting),
        reading=explain(setting, absent),
        steps=steps,
        modules=modules,
        appendix=append(setting),
        **{name: part if name in present else None for name, part in parts.items()},  # type: ignore[arg-type]
    )
    return replace(content, contents=tuple(_contents(setting, content)))


def _labels(words: Words) -> dict[str, str]:
    """The fixed words, and the parts of "page x of y" around its two numbers."""
    before, between, after = words.say("page.of", page="|", pages="|").split("|")
    return {
        **{label: words.say(f"label.{label}") for label in LABELS},
        "page_before": before,
        "page_between": between,
        "page_after": after,
    }


def _absent(evaluation: Evaluation, words: Words, sections: Sequence[str]) -> dict[str, str]:
    """Section id -> phrase key of the reason why it is not in the report."""
    setting = Setting(evaluation, words, dict.fromkeys(SECTIONS, ""))
    scored = evaluation.scorecard.claimed.score is not None
    empty = {
        "profile": describe(setting) is None,
        "steps": not evaluation.scorecard.dimensions,
        "modules": not any(card.dimensions for card in evaluation.module_scorecards),
        "perceptions": perceive(setting) is None,
        "benchmark": benchmark(setting) is None,
        "accounts": evaluation.accounts is None,
        "plan": lay_out(setting) is None,
        "governance": not has_scores(setting),
        "progress": evaluation.earlier is None,
    }
    reasons = {section: f"absent.{section}" for section in sections if empty.get(section)}
    if "plan" in reasons and scored:
        reasons["plan"] = "absent.plan_reached"
    return reasons


def _module_pages(setting: Setting) -> Iterator[StepPage]:
    place = 1
    for questionnaire, card in setting.measured[1:]:
        found = pages(setting, "modules", questionnaire, card, place)
        place += len(found)
        yield from found


def _cover(setting: Setting) -> Cover:
    words, assessment, core = setting.words, setting.assessment, setting.core
    title = words.say("cover.title")
    facts = [
        Term(
            words.say("fact.questionnaire"), words.say("cover.questionnaire", title=words.of(core.title), version=core.version)
        ),
        *(
            Term(
                words.say("fact.module"), words.say("cover.questionnaire", title=words.of(module.title), version=module.version)
            )
            for module in setting.evaluation.modules
        ),
        Term(words.say("fact.fingerprint"), core.sha256),
        Term(words.say("fact.respondents"), words.say("count.people", n=len(assessment.respondents))),
        Term(words.say("fact.language"), words.say("cover.language")),
    ]
    return Cover(
        client=setting.client,
        title=title,
        programme=words.of(core.title),
        date=words.day(assessment.date),
        confidentiality=words.say(
            "cover.confidential" if assessment.confidential else "cover.restricted", client=setting.client
        ),
        sample=words.say("cover.sample") if assessment.sample else "",
        sample_note=words.say("cover.sample_note") if assessment.sample else "",
        facts=tuple(facts),
        keywords=(words.say("cover.keyword"), words.of(core.title), setting.client, headline(setting)),
    )


def _contents(setting: Setting, content: ReportContent) -> Iterator[Entry]:
    words = setting.words
    for section in content.sections:
        yield Entry(section, setting.numbers[section], words.say(f"section.{section}"), 1)
        pages_: tuple[StepPage, ...] = {"steps": content.steps, "modules": content.modules}.get(section, ())
        for page in pages_:
            yield Entry(page.heading.id, page.heading.number, page.heading.title, 2)
