"""What authors are told about a questionnaire that is valid but not yet good."""

from __future__ import annotations

from typing import Any

import pytest

from assess.content.advice import advise, documents_of
from assess.content.glossary import Avoided, Glossary
from assess.content.questionnaires import load
from tests.content.builders import frozen, mini_files

Files = dict[str, Any]


def said(english: str, hant: str = "", hans: str = "") -> dict[str, str]:
    return {"en": english, "zh-Hant": hant or f"說明{english}", "zh-Hans": hans or f"说明{english}"}


def levels() -> dict[str, dict[str, str]]:
    ladder = ("nobody does it", "one team tried", "half of all accounts", "every account with records", "reviewed each year")
    han = ("無人", "一組試過", "半數已做到了", "全部皆有佐證可查", "每年據成果調整一次做法")
    hans = ("无人", "一组试过", "半数已做到了", "全部皆有佐证可查", "每年据成果调整一次做法")
    return {str(n): said(*texts) for n, texts in enumerate(zip(ladder, han, hans, strict=True), 1)}


def action(id_: str, *lifts: tuple[str, int], **parts: Any) -> dict[str, Any]:
    whole = {
        "id": id_,
        "title": said("do it"),
        "why": said("because"),
        "how": [said("one"), said("two"), said("three")],
        "done_when": said("done"),
        "kpi": said("count"),
        "measure": said("from records"),
        "owner_role": "kam",
        "raci": {"responsible": ["kam"], "accountable": "kam"},
        "effort": 1,
        "weeks": 2,
        "lifts": [{"item": item, "to": to} for item, to in lifts],
    }
    return {key: value for key, value in (whole | parts).items() if value is not None}


@pytest.fixture
def files() -> Files:
    """A questionnaire of one item about which there is nothing to say."""
    whole = mini_files()
    item = {"id": "s1.1", "text": said("we do it"), "why": said("it pays"), "levels": levels(), "sources": ["book"]}
    dimension = {"id": "s1", "title": said("first"), "purpose": said("why"), "good": said("good"), "prompts": [said("really?")]}
    main = whole["questionnaire.yaml"]
    main |= {
        "title": said("mini"),
        "noun": said("step"),
        "levels": [{"level": n, "name": said(f"name {n}"), "summary": said(f"level {n}")} for n in range(1, 6)],
        "roles": [{"id": "kam", "name": said("manager")}],
        "sources": [{"id": "book", "citation": "A book."}],
        "profiles": [],
        "dimensions": [dimension | {"items": [item]}],
    }
    main.pop("summary", None)
    whole["actions.yaml"]["actions"] = [action("a", ("s1.1", 3)), action("b", ("s1.1", 5), requires=["a"])]
    return whole


def advice(files: Files, *glossaries: Glossary) -> list[str]:
    content = frozen(files)
    return [str(problem) for problem in advise(load(content), documents_of(content), glossaries)]


def the_item(files: Files) -> dict[str, Any]:
    item: dict[str, Any] = files["questionnaire.yaml"]["dimensions"][0]["items"][0]
    return item


def test_nothing_is_said_about_good_content(files: Files) -> None:
    assert advice(files) == []


def test_every_step_up_needs_an_action(files: Files) -> None:
    files["actions.yaml"]["actions"].pop()
    (line,) = advice(files)
    assert line.endswith("dimensions[s1].items[s1.1]: no action lifts it one or two levels from level 3, 4")


def test_a_leap_over_three_levels_is_no_step_up(files: Files) -> None:
    files["actions.yaml"]["actions"] = [action("a", ("s1.1", 5))]
    (line,) = advice(files)
    assert "from level 1, 2" in line


def test_an_action_nobody_needs_is_an_orphan(files: Files) -> None:
    files["actions.yaml"]["actions"] += [action("c"), action("d", ("s1.1", 4), requires=["e"]), action("e")]
    (line,) = advice(files)
    assert "actions[c]: lifts no item and no other action requires it" in line


def test_a_source_must_be_cited_somewhere(files: Files) -> None:
    files["questionnaire.yaml"]["sources"].append({"id": "other", "citation": "Another book."})
    (line,) = advice(files)
    assert "sources[other]: is listed but never cited" in line
    files["actions.yaml"]["actions"][0]["sources"] = ["other"]
    assert advice(files) == []


def test_advice_names_file_line_and_place(files: Files) -> None:
    the_item(files)["levels"]["3"]["en"] = "word " * 61
    (line,) = advice(files)
    number = next(
        n for n, text in enumerate(frozen(files).files["questionnaire.yaml"].decode().splitlines(), 1) if "word word" in text
    )
    assert line == f"questionnaire.yaml:{number}: dimensions[s1].items[s1.1].levels.3.en: has 61 words, more than 60"


@pytest.mark.parametrize(("language", "text"), [("en", "word " * 60), ("zh-Hant", "一" * 120), ("zh-Hans", "一" * 120)])
def test_a_descriptor_may_be_as_long_as_the_limit(files: Files, language: str, text: str) -> None:
    the_item(files)["levels"]["3"][language] = text
    assert advice(files) == []


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
def test_a_longer_chinese_descriptor_is_named(files: Files, language: str) -> None:
    the_item(files)["levels"]["3"][language] = "一" * 121
    (line,) = advice(files)
    assert line.endswith(f"levels.3.{language}: has 121 characters, more than 120")


@pytest.mark.parametrize(
    ("language", "second", "third"),
    [
        ("en", "One team tried!", "one team tried"),
        ("en", "One team often tried", "one team tried"),
        ("en", "sometimes one team tried", "always one team tried"),
        ("zh-Hant", "有人試過這個做法。", "有人試過這個做法"),
        ("zh-Hans", "经常试过这个做法", "偶尔试过这个做法"),
    ],
)
def test_two_descriptors_alike_are_named_once(files: Files, language: str, second: str, third: str) -> None:
    the_item(files)["levels"]["2"][language] = second
    the_item(files)["levels"]["3"][language] = third
    (line,) = advice(files)
    assert line.endswith(f"levels.3.{language}: says nearly the same as level 2")


@pytest.mark.parametrize("count", [1, 2, 7])
def test_too_few_or_too_many_steps(files: Files, count: int) -> None:
    files["actions.yaml"]["actions"][0]["how"] = [said(f"step {n}") for n in range(count)]
    (line,) = advice(files)
    assert f"actions[a].how: has {count} steps" in line


def test_what_helps_readers_is_asked_for(files: Files) -> None:
    files["actions.yaml"]["actions"][0] = action("a", ("s1.1", 3), measure=None, raci=None)
    del the_item(files)["why"]
    dimension = files["questionnaire.yaml"]["dimensions"][0]
    del dimension["good"], dimension["prompts"]
    assert [line.split(": ", 1)[1] for line in advice(files)] == [
        "dimensions[s1]: has no good",
        "dimensions[s1]: has no prompts",
        "dimensions[s1].items[s1.1]: has no why",
        "actions[a]: has no measure",
        "actions[a]: has no raci",
    ]


def test_english_left_in_a_chinese_place_is_named(files: Files) -> None:
    the_item(files)["why"]["zh-Hans"] = "it pays"
    (line,) = advice(files)
    assert line.endswith("items[s1.1].why.zh-Hans: is not Chinese")


def test_the_other_chinese_script_is_named(files: Files) -> None:
    the_item(files)["why"] = said("it pays", "为客户服务", "為客戶服務")
    assert [line.split(".why.")[1] for line in advice(files)] == [
        "zh-Hant: holds characters of the other Chinese script: 为户务",
        "zh-Hans: holds characters of the other Chinese script: 為戶務",
    ]


def test_a_word_the_glossary_avoids_is_named_with_the_word_to_use(files: Files) -> None:
    glossary = Glossary("zh-Hant", {"quality": "品質"}, (Avoided("質量", "品質", "mainland word"),))
    the_item(files)["why"] = said("it pays", "講求質量", "讲求质量")
    (line,) = advice(files, glossary)
    assert line.endswith("why.zh-Hant: says 質量; the word is 品質 (mainland word)")
