"""What a report says: composed once, before anything is laid out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

import pytest

from assess.content.phrases import load_phrases
from assess.content.styles import load_style
from assess.core.answers import Answer, Organisation, Respondent
from assess.core.evaluation import evaluate
from assess.core.questionnaire import LANGUAGES, Questionnaire, ReferencePoint
from assess.core.report import ReportContent
from assess.core.report.appendix import fingerprint
from assess.core.report.words import fill
from tests.reports import EVIL, assessment, peers, people, report, report_of, rich, same

NOTHING: dict[str, Any] = {"consensus": {}, "evidence": {}}


def texts(value: Any) -> Iterator[str]:
    """Every text anywhere in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from texts(part)


def everything(mini: Questionnaire) -> dict[str, dict[str, Any]]:
    """Assessments at the edge of what there can be."""
    ids = [item.id for item in mini.items]
    return {
        "nobody": {"respondents": (), **NOTHING},
        "one person": {"respondents": people(mini, {"sales1": 3}), **NOTHING},
        "one step": {
            "respondents": (Respondent("a", "sales", {i: Answer(level=2) for i in ids if i.startswith("s1.")}),),
            **NOTHING,
        },
        "nobody knows": {"respondents": (Respondent("a", "sales", {i: Answer(dont_know=True) for i in ids}),), **NOTHING},
        "nothing applies": {
            "respondents": (Respondent("a", "sales", {i: Answer(not_applicable="constraint") for i in ids}),),
            **NOTHING,
        },
        "the top": {"respondents": people(mini, {"sales1": 5}), **NOTHING},
        "the bottom": {"respondents": people(mini, {"sales1": 1}), **NOTHING},
        "confidential": {"confidential": True},
        "confidential, two people": {"confidential": True, "respondents": people(mini, {"sales1": 2, "kam1": 4}), **NOTHING},
        "no name": {"organisation": Organisation()},
        "sample": {"sample": True},
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [None, 2, 7, 12, 40])
def test_no_report_ever_says_none_or_leaves_a_placeholder(mini: Questionnaire, language: str, count: int | None) -> None:
    for name, changes in everything(mini).items():
        content = report_of(mini, language, given=None if count is None else peers(count), **changes)
        bad = [t for t in texts(asdict(content)) if re.search(r"\bNone\b|undefined|\bnan\b|\{[a-z_]+[|}]", t)]
        assert bad == [], name


def test_the_title_says_the_level_in_words(mini: Questionnaire) -> None:
    content = report_of(mini)
    assert content.summary.heading.finding == "Acme stands at level 3, Introducing"
    assert content.summary.claimed.text == "Level 3: Introducing"


def test_page_one_names_the_binding_constraint(mini: Questionnaire) -> None:
    summary = report_of(mini).summary
    assert summary.constraint_title == "Step 2 (Two) holds back level 4"
    assert "every step has to stand at level 3 or higher" in summary.constraint[0]
    assert "its must-have s2.1 (1.0) caps it" in summary.constraint[1]


def test_page_one_shows_three_of_each_at_most_with_owner_and_date(mini: Questionnaire) -> None:
    summary = report_of(mini).summary
    assert len(summary.strengths) <= 3
    assert len(summary.risks) == 3
    assert [move.owner for move in summary.moves] == ["champion", "champion"]
    assert summary.moves[0].start.iso == "2026-11-23"
    assert summary.moves[0].end.iso == "2026-12-20"


def test_the_must_have_that_caps_a_step_is_the_first_risk(mini: Questionnaire) -> None:
    assert report_of(mini).summary.risks[0].title == "Must-have s2.1 stands at 1.0 and caps Step 2 (Two)"


def test_without_a_blocking_step_the_score_is_named_with_decimals_enough_to_see_it(mini: Questionnaire) -> None:
    nearly = people(mini, {"sales1": 3}, sales1={"s1.3": Answer(level=2)})
    summary = report_of(mini, respondents=nearly, **NOTHING).summary
    assert summary.constraint_title == "The overall score holds back level 4"
    assert "has to reach 3.5" in summary.constraint[0]


def test_a_provisional_report_names_the_steps_that_lack_answers(mini: Questionnaire) -> None:
    content = report_of(mini, **everything(mini)["one step"])
    assert content.summary.claimed.level is None
    assert "2 of 3 steps have too few answers" in content.summary.heading.finding
    assert any("Step 2: Two: 0%" in sentence for sentence in content.summary.constraint)
    assert content.profile is not None
    assert not content.profile.is_radar


def test_what_nobody_answered_gives_no_chart_and_says_so(mini: Questionnaire) -> None:
    content = report_of(mini, **everything(mini)["nobody"])
    assert content.profile is None
    assert content.plan is None
    assert not any(page.is_scored for page in content.steps)
    assert {term.name for term in content.reading.absent} >= {"Profile", "Perceptions", "Roadmap"}
    assert content.summary.risks_note == "Nothing can be said before there are answers."


def test_items_without_evidence_count_as_level_three_at_most(mini: Questionnaire) -> None:
    summary = report_of(mini, **everything(mini)["the top"]).summary
    assert (summary.index.text, summary.index_evidenced.text) == ("100", "50")
    assert "9 scored items claim more than level 3" in summary.assurance


def test_an_absent_benchmark_says_why(mini: Questionnaire) -> None:
    plain = evaluate(mini, (), assessment(mini))
    content = report(plain)
    assert content.benchmark is None
    assert "benchmark" not in content.sections
    reason = next(term.text for term in content.reading.absent if term.name == "Benchmark")
    assert "No peer data was given" in reason


def test_reference_points_stand_without_peers_and_are_never_blended(mini: Questionnaire) -> None:
    benchmark = report_of(mini).benchmark
    assert benchmark is not None
    assert benchmark.rows == ()
    assert "none is invented here" in benchmark.reason
    assert (benchmark.references[0].about, benchmark.references[0].value) == ("Step 3", "5-25")
    assert benchmark.references[0].basis == "2012, n = 69"


def test_too_few_peers_show_how_many_are_missing_and_no_figure(mini: Questionnaire) -> None:
    content = report_of(mini, given=peers(3))
    assert content.benchmark is not None
    assert content.profile is not None
    assert content.benchmark.rows == ()
    assert "3 comparable organisations used this questionnaire; 2 more are needed" in content.benchmark.reason
    assert not content.profile.has_peers


@pytest.mark.parametrize(("count", "tails", "word"), [(7, False, "direction"), (12, True, "percentile band"), (40, True, "")])
def test_figures_appear_as_the_number_of_peers_allows(mini: Questionnaire, count: int, tails: bool, word: str) -> None:
    benchmark = report_of(mini, given=peers(count)).benchmark
    assert benchmark is not None
    row = benchmark.rows[0]
    assert row.median.value is not None
    assert (row.p10.value is not None) is tails
    assert any(word in note for note in benchmark.notes)
    assert ("percentile" in row.place) is (count >= 30)


def test_a_confidential_report_shows_no_person_and_no_small_group(mini: Questionnaire) -> None:
    named = people(mini, {"executive1": 5, "sales1": 2, "sales2": 2, "sales3": 2, "kam1": 4})
    remark = {"s1.1": Answer(level=5, comment="I alone said this"), "s1.2": Answer(level=5, comment="Alpha")}
    named = (replace(named[0], id="jane.doe", answers={**named[0].answers, **remark}), *named[1:])
    content = report_of(mini, confidential=True, respondents=named, **NOTHING)
    whole = json.dumps(asdict(content))
    assert "jane.doe" not in whole
    assert all(comment.name == "" for remark in content.appendix.remarks for comment in remark.comments)
    shown = {mark.role: mark for mark in content.steps[0].roles}
    assert shown["executive"].hidden
    assert shown["executive"].score.value is None
    assert content.perceptions is not None
    cells = {row.role: row.cells[0] for row in content.perceptions.rows}
    assert cells["kam"].score.text == "hidden"
    counts = {row.role: row.count for row in content.reading.roles}
    assert counts["executive"] == "fewer than 3"


def test_an_item_too_few_people_rated_is_hidden_with_another_so_that_it_cannot_be_subtracted(mini: Questionnaire) -> None:
    three = people(mini, {"sales1": 2, "sales2": 2, "sales3": 2}, sales1={"s1.1": Answer(dont_know=True)})
    content = report_of(mini, confidential=True, respondents=three, **NOTHING)
    hidden = [item.id for item in content.steps[0].items if item.score.text == "hidden"]
    assert "s1.1" in hidden
    assert len(hidden) >= 2
    assert all(item.now is None and item.lowest is None for item in content.steps[0].items if item.id in hidden)
    assert all(detail.counts == () for detail in content.appendix.items if detail.id in hidden)


def test_comments_on_items_few_people_answered_stay_out_of_a_confidential_report(mini: Questionnaire) -> None:
    two = people(mini, {"sales1": 2, "kam1": 3}, sales1={"s1.1": Answer(level=2, comment="only me")})
    content = report_of(mini, confidential=True, respondents=two, **NOTHING)
    assert content.appendix.remarks == ()
    assert "at least 3 people" in content.appendix.remarks_note


FEW = {
    "sales1": {"s1.1": Answer(level=1), "s1.3": Answer(not_applicable="constraint", comment="only me")},
    "sales2": {"s1.1": Answer(dont_know=True)},
}


def few_answered(mini: Questionnaire, *also: str, **changes: Any) -> ReportContent:
    """Two people answer s1.1, one s1.3; those named in `also` say there that they don't know, as nobody else does."""
    three = people(mini, {"sales1": 3, "sales2": 3, "sales3": 3, "kam1": 3}, **FEW)
    left_out = {"sales1": (), "sales2": ("s1.3",), "sales3": ("s1.1", "s1.3"), "kam1": ("s1.1", "s1.3")}
    respondents = tuple(
        replace(
            one,
            answers={i: a for i, a in one.answers.items() if i not in left_out[one.id]}
            | dict.fromkeys(("s1.1",) if one.id in also else (), Answer(dont_know=True)),
        )
        for one in three
    )
    return report_of(mini, respondents=respondents, **{**NOTHING, **changes})


@pytest.mark.parametrize(("language", "few"), [("en", "fewer than 3"), ("zh-Hant", "少於3人"), ("zh-Hans", "少于3人")])
def test_how_many_of_two_people_did_not_know_is_nowhere_in_a_confidential_report(
    mini: Questionnaire, language: str, few: str
) -> None:
    content = few_answered(mini, confidential=True, language=language)
    told = {detail.id: detail for detail in content.appendix.items}
    for id_ in ("s1.1", "s1.3"):
        assert (told[id_].ratings, told[id_].dont_know, told[id_].not_applicable) == (few, few, few)
    assert content.perceptions is not None
    assert content.perceptions.unseen == ()
    assert content.appendix.inapplicable == ()
    everything = list(texts(asdict(content)))
    assert not any("50%" in each and "s1.1" in each for each in everything)
    assert not any("only me" in each for each in everything)


def test_by_name_the_same_report_says_all_of_it(mini: Questionnaire) -> None:
    content = few_answered(mini)
    assert content.perceptions is not None
    assert any("s1.1" in each and "50%" in each for each in content.perceptions.unseen)
    assert [row.id for row in content.appendix.inapplicable] == ["s1.3"]
    assert next(detail for detail in content.appendix.items if detail.id == "s1.1").dont_know == "1"


def test_where_three_answered_in_any_way_a_confidential_report_says_how_many_did_not_know(mini: Questionnaire) -> None:
    content = few_answered(mini, "sales3", confidential=True)
    assert content.perceptions is not None
    assert any("s1.1" in each and "67%" in each for each in content.perceptions.unseen)
    detail = next(detail for detail in content.appendix.items if detail.id == "s1.1")
    assert (detail.ratings, detail.dont_know, detail.score.text) == ("fewer than 3", "2", "hidden")


def test_the_urgency_of_what_lifts_a_hidden_item_is_hidden_too(mini: Questionnaire) -> None:
    content = few_answered(mini, confidential=True)
    assert content.plan is not None
    sheets = {sheet.action: sheet for sheet in content.plan.sheets}
    assert sheets["a-one"].priority.text == "hidden"
    assert sheets["a-one"].lifts[0].start.text == "hidden"


def test_a_step_page_says_what_is_true_now_and_what_comes_next(mini: Questionnaire) -> None:
    item = next(i for i in report_of(mini).steps[0].items if i.id == "s1.2")
    assert item.now is not None
    assert item.next is not None
    assert (item.now.name, item.next.name) == ("Now: level 3, Introducing", "Next: level 4, Embedding")
    assert item.basis == "agreed in the workshop"


def test_expired_evidence_is_listed_and_does_not_count(mini: Questionnaire) -> None:
    content = report_of(mini)
    row = next(row for row in content.appendix.evidence if row.id == "s1.3")
    assert not row.counts
    assert row.state == "expired on 1 Jan 2025, does not count"


def test_what_many_cannot_judge_and_what_divides_people_is_named(mini: Questionnaire) -> None:
    perceptions = report_of(mini).perceptions
    assert perceptions is not None
    assert any(sentence.startswith("s3.2: 40%") for sentence in perceptions.unseen)
    assert any("leadership optimism" in sentence for sentence in perceptions.gaps)
    assert perceptions.decisions[0].dissent == "Sales would say 2"


def test_the_plan_numbers_its_initiatives_and_their_needs(mini: Questionnaire) -> None:
    plan = report_of(mini).plan
    assert plan is not None
    first, second = plan.sheets
    assert (first.number, second.number, second.needs) == (1, 2, (1,))
    assert second.needs_text == "1 Do a-one"
    assert second.start.iso > first.end.iso
    assert "A projection, not a forecast" in plan.projection_note
    assert [term.name for term in plan.no_action]


def test_an_end_on_paper_is_the_last_day_wherever_it_stands(mini: Questionnaire) -> None:
    content = report_of(mini)
    roadmap = evaluate(rich(mini), (), assessment(mini)).roadmap
    assert content.plan is not None
    last = [date.fromisoformat(sheet.end.iso) + timedelta(days=1) for sheet in content.plan.sheets]
    assert last == [initiative.end for initiative in roadmap.initiatives]
    assert [move.end for move in content.summary.moves] == [sheet.end for sheet in content.plan.sheets[:3]]
    assert content.plan.heading.finding.endswith(max(content.plan.sheets, key=lambda sheet: sheet.end.iso).end.text)
    ends = [date.fromisoformat(row.end.iso) + timedelta(days=1) for row in content.plan.projection]
    assert ends == [projection.end for projection in roadmap.projection]


def test_reference_points_follow_the_steps_and_name_rules_of_thumb(mini: Questionnaire) -> None:
    points = (
        ReferencePoint("later", "1", same("Later."), "none", 2012, None, "C", "s3"),
        ReferencePoint("nowhere", "2", same("About nothing here."), "none", 2012, None, "A"),
        ReferencePoint("item", "3", same("Of an item."), "none", 2012, 10, "B", "s1", "s1.2"),
        ReferencePoint("step", "4", same("Of a step."), "none", 2012, 10, "A", "s1"),
    )
    content = report(evaluate(replace(mini, reference_points=points), (), assessment(mini)))
    assert content.benchmark is not None
    shown = [(row.about, row.grade_text) for row in content.benchmark.references]
    assert shown == [("Step 1", "A"), ("s1.2", "B"), ("Step 3", "C, rule of thumb")]


def test_sample_data_says_so(mini: Questionnaire) -> None:
    assert report_of(mini, sample=True).cover.sample == "Sample data"
    assert report_of(mini).cover.sample == ""


def test_the_contents_list_every_section_and_step_in_order(mini: Questionnaire) -> None:
    content = report_of(mini)
    assert [entry.id for entry in content.contents if entry.depth == 1] == list(content.sections)
    assert [entry.number for entry in content.contents if entry.depth == 2] == ["4.1", "4.2", "4.3"]


def test_a_style_chooses_its_sections(mini: Questionnaire) -> None:
    short = replace(load_style("full"), sections=("summary", "plan"))
    content = report(evaluate(rich(mini), (), assessment(mini)), style=short)
    assert content.sections == ("summary", "plan")
    assert content.profile is None


def test_modules_stand_beside_the_programme(mini: Questionnaire) -> None:
    module = replace(
        mini,
        id="extra",
        kind="module",
        title=replace(mini.title, en="Extra"),
        dimensions=(replace(mini.dimensions[0], id="x1", items=(replace(mini.items[0], id="x1.1"),)),),
    )
    answered = assessment(mini, modules=("extra",))
    first = replace(answered.respondents[0], answers={**answered.respondents[0].answers, "x1.1": Answer(level=4)})
    content = report(evaluate(rich(mini), (module,), replace(answered, respondents=(first, *answered.respondents[1:]))))
    assert [page.module for page in content.modules] == ["Extra"]
    assert content.profile is not None
    assert [row.id for row in content.profile.modules] == ["x1"]
    assert content.summary.index.text == report_of(mini).summary.index.text


def test_markup_and_braces_in_what_people_wrote_stay_text(mini: Questionnaire) -> None:
    content = report_of(mini, organisation=Organisation(EVIL))
    assert content.cover.client == EVIL


def test_equal_answers_have_one_fingerprint_and_others_another(mini: Questionnaire) -> None:
    one, two = assessment(mini), assessment(mini)
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one) != fingerprint(replace(one, sample=True))


def test_a_phrase_picks_its_number_and_is_filled_once() -> None:
    assert fill("{n} {n|person|people}", {"n": 1}) == "1 person"
    assert fill("{n} {n|person|people}", {"n": 3}) == "3 people"
    assert fill("{a}", {"a": "{b}", "b": "no"}) == "{b}"
    with pytest.raises(KeyError):
        fill("{unknown}", {})


def test_the_phrasebook_is_whole_in_every_language() -> None:
    book = load_phrases()
    assert len(book.texts) > 400
    for language in LANGUAGES:
        assert all(text.of(language).strip() for text in book.texts.values())
