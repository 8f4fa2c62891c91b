"""What ships: every folder valid and good, alike where it must be, and leading to plans a practitioner finds sensible."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from assess.content.advice import advise, documents_of
from assess.content.glossary import load_glossaries
from assess.content.questionnaires import freeze, load_folder
from assess.core.answers import Answer, Assessment, Organisation, Respondent
from assess.core.questionnaire import Questionnaire
from assess.core.roadmap import Initiative, Roadmap, plan, targets_of
from assess.core.scoring import score
from assess.resources import QUESTIONNAIRES, questionnaire_folders
from scripts.write_short_form import SHORT, short_form

DAY = date(2026, 11, 23)
WEEKS_OF_FOUR_YEARS = 208
FOLDERS = tuple(questionnaire_folders())
MODULES = (
    "buying-factors",
    "customer-view",
    "early-warning",
    "knowledge-crm",
    "operating-system",
    "portfolio-ladder",
    "relationships-integrity",
    "service-complaints",
    "share-growth",
    "value-proposition",
)
CORE, SHORT_FORM = "kam-seven-steps", "kam-seven-steps-short"
MOBILISING = {"a-executive-owner", "a-charter", "a-champion", "a-integrity-policy"}
START_UP = {"a-executive-owner", "a-charter", "a-champion", "a-steering", "a-resistance-map", "a-roadshow", "a-pilot-list"}

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
each_core = pytest.mark.parametrize("core", [CORE, SHORT_FORM])


@cache
def shipped(id_: str) -> Questionnaire:
    return load_folder(QUESTIONNAIRES / id_)


def everything() -> list[Questionnaire]:
    """The core and all its modules: what may be used together."""
    return [shipped(CORE), *(shipped(module) for module in MODULES)]


@cache
def planned(core: str, level: int, profile: str | None = None) -> Roadmap:
    """The plan of a programme where one person rated every item at this level."""
    questionnaire = shipped(core)
    person = Respondent("r1", "champion", {item.id: Answer(level=level) for item in questionnaire.items})
    assessment = Assessment(core, Organisation(), DAY, (person,), profile=profile)
    return plan([(questionnaire, score(questionnaire, assessment))], targets_of(questionnaire, assessment), DAY)


def first(roadmap: Roadmap, weeks: int) -> list[Initiative]:
    return [initiative for initiative in roadmap.initiatives if initiative.start_week < weeks]


def test_core_short_form_and_ten_modules_ship() -> None:
    assert {folder.name for folder in FOLDERS} == {CORE, SHORT_FORM, *MODULES}
    assert {one.id: one.kind for one in everything()} == {CORE: "core"} | dict.fromkeys(MODULES, "module")


@each_folder
def test_authors_have_nothing_left_to_do(folder: Path) -> None:
    frozen = freeze(folder)
    advice = advise(load_folder(folder), documents_of(frozen, folder.name), load_glossaries())
    assert [str(one) for one in advice] == []


@each_folder
def test_a_model_card_and_a_changelog_name_the_version(folder: Path) -> None:
    one = shipped(folder.name)
    assert (folder / "MODEL_CARD.md").read_text().startswith(f"# Model card: {one.id} {one.version}\n")
    assert f"## {one.version}\n" in (folder / "CHANGELOG.md").read_text()


def test_ids_are_used_once_over_core_and_modules() -> None:
    ids = Counter(
        id_ for one in everything() for id_ in [*one.item_ids, *one.dimension, *(action.id for action in one.actions)]
    )
    assert [id_ for id_, times in ids.items() if times > 1] == []


@each_folder
def test_levels_roles_and_noun_are_those_of_the_core(folder: Path) -> None:
    core, one = shipped(CORE), shipped(folder.name)
    assert (one.levels, one.roles) == (core.levels, core.roles)


def test_a_source_is_quoted_alike_wherever_it_is_cited() -> None:
    citations: dict[str, set[str]] = {}
    for one in everything():
        for source in one.sources:
            citations.setdefault(source.id, set()).add(source.citation)
    assert [id_ for id_, many in citations.items() if len(many) > 1] == []


def test_the_core_has_seven_steps_of_six_items_with_two_must_haves() -> None:
    assert [(len(step.items), sum(item.gate for item in step.items)) for step in shipped(CORE).dimensions] == [(6, 2)] * 7


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_one_dimension_of_five_or_six_items(module: str) -> None:
    (dimension,) = shipped(module).dimensions
    assert len(dimension.items) in (5, 6)


def test_there_are_sixty_actions_and_more() -> None:
    assert sum(len(one.actions) for one in everything()) >= 60


@each_folder
def test_every_item_says_why_who_knows_what_proves_it_and_where_it_comes_from(folder: Path) -> None:
    for item in shipped(folder.name).items:
        assert item.why, item.id
        assert item.evidence, item.id
        assert item.ask, item.id
        assert item.sources, item.id


@pytest.mark.parametrize("level", [1, 2, 3])
@each_core
def test_every_gap_has_an_action(core: str, level: int) -> None:
    assert planned(core, level).no_action == ()


@pytest.mark.parametrize("level", [1, 2, 3])
@each_core
def test_a_plan_ends_within_four_years(core: str, level: int) -> None:
    assert max(initiative.end_week for initiative in planned(core, level).initiatives) <= WEEKS_OF_FOUR_YEARS


@each_core
def test_a_beginner_mobilises_first(core: str) -> None:
    begun = {initiative.action for initiative in first(planned(core, 1), 5)}
    assert begun >= MOBILISING
    assert begun - MOBILISING <= {"a-renewal-watch"}


@each_core
def test_a_beginner_is_not_sent_into_optimising_in_the_first_year(core: str) -> None:
    questionnaire = shipped(core)
    optimising = {action.id for action in questionnaire.actions if action.lifts and min(x.to for x in action.lifts) == 5}
    assert optimising
    assert {initiative.action for initiative in first(planned(core, 1), 40)} & optimising == set()


@each_core
def test_an_advanced_programme_is_not_sent_back_to_start_up_work(core: str) -> None:
    assert {initiative.action for initiative in planned(core, 3).initiatives} & START_UP == set()


def test_an_advanced_programme_gets_enablers_only_as_a_safeguard() -> None:
    enablers = {core: {i.action for i in planned(core, 3).initiatives if i.enabler} for core in (CORE, SHORT_FORM)}
    assert enablers == {CORE: set(), SHORT_FORM: {"a-integrity-policy"}}


@each_core
def test_the_better_the_programme_the_shorter_its_plan(core: str) -> None:
    counts = [len(planned(core, level).initiatives) for level in (1, 2, 3, 4)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 0


def test_the_short_form_is_made_from_the_core() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in SHORT.glob("*.yaml")}
    assert committed == short_form()


def test_the_short_form_holds_the_must_haves_of_the_core_as_they_are() -> None:
    core, short = shipped(CORE), shipped(SHORT_FORM)
    assert [item.id for item in short.items] == [item.id for item in core.items if item.gate]
    for item in short.items:
        assert (item.text, item.levels, item.evidence) == (
            core.item[item.id].text,
            core.item[item.id].levels,
            core.item[item.id].evidence,
        )
    assert (list(short.dimension), short.profiles, short.kind) == (list(core.dimension), core.profiles, "core")


def test_the_short_form_says_it_is_another_questionnaire() -> None:
    core, short = shipped(CORE), shipped(SHORT_FORM)
    assert core.summary
    assert short.summary
    for language in ("en", "zh-Hant", "zh-Hans"):
        assert short.title.of(language) != core.title.of(language)
        assert short.summary.of(language) != core.summary.of(language)
