"""The accounts section: findings with both numbers, reasons where there is no basis, names only where they may be."""

from __future__ import annotations

from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from assess.content.phrases import load_phrases
from assess.content.questionnaires import load_folder
from assess.content.styles import load_style
from assess.core.accounts import Account, AccountFigures, AccountYear, Assumptions, Ledger
from assess.core.accounts_analysis import analyse, hide_names
from assess.core.accounts_claims import compare_claims
from assess.core.evaluation import evaluate
from assess.core.questionnaire import LANGUAGES, ClaimRule, Questionnaire, ValueTiers
from assess.core.report import ReportContent, compose
from assess.render import charts
from assess.render.charts import Look
from assess.render.formats import formats_of
from assess.render.html import render_html
from assess.resources import QUESTIONNAIRES, REPORTS
from tests.core.test_report import texts
from tests.reports import EVIL, assessment, same

FULL = frozenset(
    {
        "account",
        "revenue",
        "contribution",
        "cost_to_serve",
        "wallet",
        "market_growth",
        "key_account",
        "stage",
        "proof",
        "sponsor",
    }
)
LOOK = Look("'KAM Latin'", "en")


@pytest.fixture(scope="module")
def tiers() -> ValueTiers:
    found = load_folder(QUESTIONNAIRES / "kam-seven-steps").tiers
    assert found is not None
    return found


def a_ledger(names: list[str] | None = None, given: frozenset[str] = FULL) -> Ledger:
    """Twelve accounts over two years; the second largest loses money, every second one is a key account."""
    called = names or [f"Account {place}" for place in range(1, 13)]
    accounts = []
    for place, name in enumerate(called, start=1):
        years = {
            year: AccountYear(
                Fraction(1000, place) * (1 + Fraction(year - 2023, 10)),
                Fraction(200, place),
                Fraction(300 if place == 2 else 10, place),
                Fraction(1500, place),
                Fraction(place, 100) if place < 11 else Fraction(3, 10),
                is_key=place % 2 == 0,
            )
            for year in (2023, 2024)
        }
        accounts.append(Account(name, years, place % 2 == 0, 1 + place % 4, place > 3, has_sponsor=place > 4))
    return Ledger(tuple(accounts), lines_read=24, given=given, file="accounts.csv")


def a_rule(**changes: Any) -> ClaimRule:
    said = same("claimed {claimed}, measured {measured}, limit {threshold}")
    base = ClaimRule("r", "s1.1", 3, "key_accounts", "above", Fraction(5), said, same("Because."), ("A source",))
    return replace(base, **changes)


def composed(mini: Questionnaire, figures: AccountFigures | None, language: str = "en", **changes: Any) -> ReportContent:
    answers = assessment(mini, **changes)
    evaluation = replace(evaluate(mini, (), answers), accounts=figures)
    phrases = load_phrases().in_language(language)
    return compose(evaluation, language=language, phrases=phrases, formats=formats_of(language), style=load_style("full"))


@pytest.fixture
def measured(mini: Questionnaire, tiers: ValueTiers) -> Questionnaire:
    rules = (
        a_rule(),
        a_rule(id="fine", threshold=Fraction(50)),
        a_rule(id="unclaimed", item="s2.1"),
        a_rule(id="unknown", figure="key_accounts_per_manager"),
        a_rule(id="part", figure="key_account_share", when="below", threshold=Fraction(9, 10)),
    )
    return replace(mini, tiers=tiers, account_rules=rules)


def test_without_a_file_the_section_is_left_out_and_the_reason_is_said(mini: Questionnaire) -> None:
    content = composed(mini, None)
    assert content.accounts is None
    assert "accounts" not in content.sections
    assert "No file of accounts was given." in [term.text for term in content.reading.absent]


def test_the_section_stands_between_benchmark_and_plan(measured: Questionnaire, tiers: ValueTiers) -> None:
    content = composed(measured, analyse(a_ledger(), tiers.rules))
    assert content.sections.index("accounts") + 1 == content.sections.index("plan")
    assert [entry.title for entry in content.contents if entry.id == "accounts"] == ["Account figures"]


def test_a_claim_is_set_against_the_figure_with_both_numbers(measured: Questionnaire, tiers: ValueTiers) -> None:
    part = composed(measured, analyse(a_ledger(), tiers.rules)).accounts
    assert part is not None
    states = {check.id: check.state for check in part.checks}
    assert states == {
        "r": "contradicted",
        "part": "contradicted",
        "fine": "consistent",
        "unclaimed": "not_claimed",
        "unknown": "no_figure",
    }
    assert part.checks[0].text.startswith("claimed 3")
    assert "measured 6, limit 5" in part.checks[0].text
    assert "measured 39.5%, limit 90.0%" in part.checks[1].text
    assert part.heading.finding.startswith("2 answers do not match the file; the ten largest accounts hold ")


def test_findings_never_change_a_score(measured: Questionnaire, tiers: ValueTiers) -> None:
    with_file, without = composed(measured, analyse(a_ledger(), tiers.rules)), composed(measured, None)
    assert with_file.summary.score == without.summary.score
    assert with_file.profile == without.profile


def test_a_claim_few_people_made_in_confidence_is_not_told(measured: Questionnaire, tiers: ValueTiers) -> None:
    two = tuple(one for one in assessment(measured).respondents if one.id in ("sales1", "kam1"))
    answers = {"confidential": True, "respondents": two, "consensus": {}}
    part = composed(measured, analyse(a_ledger(), tiers.rules), **answers).accounts
    assert part is not None
    assert part.checks == ()


def test_claims_from_exactly_the_level_on_are_compared(measured: Questionnaire, tiers: ValueTiers) -> None:
    evaluation = evaluate(measured, (), assessment(measured))
    score = evaluation.scorecard.items[0].score
    assert score is not None
    figures = analyse(a_ledger(), tiers.rules)
    for level in range(1, 6):
        one = replace(measured, account_rules=(a_rule(from_level=level),))
        (finding,) = compare_claims([(one, evaluation.scorecard)], figures)
        assert finding.state == ("contradicted" if score >= level else "not_claimed")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_told_in_every_language_without_a_gap(measured: Questionnaire, tiers: ValueTiers, language: str) -> None:
    figures = analyse(a_ledger(), tiers.rules, Assumptions(Fraction(9, 10), Fraction(1, 10), 5))
    part = composed(measured, figures, language).accounts
    assert part is not None
    assert [p.reason for p in (part.tiers, part.wallet, part.ladder, part.profit)] == [""] * 4
    said = [text for text in texts(asdict(part)) if text]
    assert not [text for text in said if "None" in text or "{" in text or "undefined" in text]
    assert sum(int(row.accounts.text) for row in part.tiers.rows) == 12
    assert len(part.wallet.rows) == 12
    assert part.profit.rows[1].is_unprofitable


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_no_basis_says_why(mini: Questionnaire, language: str) -> None:
    accounts = tuple(Account(str(n), {None: AccountYear(Fraction(n))}) for n in range(-1, 3))
    for ledger in (Ledger(accounts), Ledger(accounts[:1]), a_ledger(given=frozenset({"account"}))):
        part = composed(mini, analyse(ledger), language).accounts
        assert part is not None
        assert part.tiers.reason
        assert part.wallet.reason
        assert part.heading.finding


def test_hidden_names_appear_nowhere(measured: Questionnaire, tiers: ValueTiers) -> None:
    content = composed(measured, analyse(hide_names(a_ledger()), tiers.rules))
    assert content.accounts is not None
    assert content.accounts.notes
    assert not [text for text in texts(asdict(content)) if "Account 1" in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_stay_text_on_the_page(measured: Questionnaire, tiers: ValueTiers, language: str) -> None:
    names = [EVIL, "=1+1", "X" * 400, "\u202edesrever", "客" * 60, *(f"A{n}" for n in range(7))]
    html = render_html(composed(measured, analyse(a_ledger(names), tiers.rules), language), [REPORTS]).decode()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_charts_are_well_formed_and_described(measured: Questionnaire, tiers: ValueTiers) -> None:
    names = [EVIL, *(f"Account {n}" for n in range(11))]
    part = composed(measured, analyse(a_ledger(names), tiers.rules)).accounts
    assert part is not None
    bars = [(row.name, row.accounts, row.share) for row in part.tiers.rows]
    drawn = [
        charts.lorenz(part.concentration.curve, ["a", "b", "c"], LOOK, "Finding", "Data"),
        charts.by_year(part.concentration.rows[:-1], ["a", "b"], LOOK, "Finding", "Data"),
        charts.bars(bars, ["a", "b"], LOOK, "Finding", "Data"),
        charts.share_growth(part.wallet, ["a", "b", "c", "d"], LOOK),
        charts.rank_shift(part.profit.rows, ["a", "b", "c"], LOOK, "Finding", "Data"),
    ]
    for svg in drawn:
        root = ET.fromstring(svg)
        assert [child.tag.split("}")[1] for child in root[:2]] == ["title", "desc"]
        assert all((child.text or "").strip() for child in root[:2])
        assert "<script" not in svg
    assert drawn[3].count("<circle") == 12 + 2
    assert drawn[0].count(f"{LOOK.palette.accent}") >= 1
