from __future__ import annotations

import hashlib

import pytest

from assess.content.questionnaires import Frozen, freeze, load, load_folder
from assess.core.errors import Invalid, NotFound
from tests.conftest import VECTORS
from tests.content.builders import dumped, frozen, lint, mini_files, words

SLUG = "must be a slug: small ASCII letters, digits, and . _ - between them"


def an_action(id_: str = "a", **parts):
    base = {part: words() for part in ("title", "why", "how", "done_when", "kpi")}
    return {"id": id_, **base, "owner_role": "kam", "effort": 1, "weeks": 1, **parts}


def a_point(**parts):
    return {"id": "p", "value": "5-25", "text": words(), "source": "none", "year": 2012, "grade": "A", **parts}


def changed(change) -> list[str]:
    """Problems of the mini questionnaire after a change to its questionnaire.yaml, without their lines."""
    files = mini_files()
    change(files["questionnaire.yaml"])
    return without_lines(lint(files))


def with_actions(*actions) -> list[str]:
    return without_lines(lint({**mini_files(), "actions.yaml": {"schema": "kam-actions/1", "actions": list(actions)}}))


def with_points(*points) -> list[str]:
    content = {"schema": "kam-reference-points/1", "points": list(points)}
    return without_lines(lint({**mini_files(), "reference-points.yaml": content}))


def without_lines(problems: list[str]) -> list[str]:
    assert all(problem.split(":")[1].isdigit() for problem in problems)
    return [problem.split(": ", 1)[1] for problem in problems]


def item(one, number: int = 0):
    return one["dimensions"][0]["items"][number]


class TestReading:
    def test_the_mini_questionnaire_is_fine(self):
        assert lint(mini_files()) == []

    def test_everything_authored_is_kept(self):
        files = mini_files()
        asked = files["questionnaire.yaml"]
        asked["summary"] = words("what it measures")
        asked["profiles"] = [{"id": "p", "name": words(), "summary": words("s"), "targets": {"s1": 3}}]
        asked["dimensions"][0] |= {"good": words("good"), "prompts": [words("ask")], "disagreements": [words("d")]}
        item(asked).update(why=words("because"), contradicts=["s1.2"], integrity=True)
        raci = {"responsible": ["kam"], "accountable": "executive", "informed": ["sales"]}
        files["actions.yaml"]["actions"] = [
            an_action(lifts=[{"item": "s1.1", "to": 3}], raci=raci, measure=words("m"), sources=["none"]),
            an_action("b", how=[words("one"), words("two")], requires=["a"]),
        ]
        files["reference-points.yaml"] = {"schema": "kam-reference-points/1", "points": [a_point(dimension="s1", n=69)]}
        made = load(frozen(files))
        first = made.items[0]
        assert (made.summary.en, made.dimensions[0].good.en, made.dimensions[0].prompts[0].en) == (
            "what it measures",
            "good",
            "ask",
        )
        assert (first.gate, first.integrity, first.why.en, first.contradicts, first.ask) == (
            True,
            True,
            "because",
            ("s1.2",),
            ("executive",),
        )
        assert (made.profiles[0].targets, made.profiles[0].summary.en) == ({"s1": 3}, "s")
        assert [(one.id, len(one.how), one.requires) for one in made.actions] == [("a", 1, ()), ("b", 2, ("a",))]
        assert (made.actions[0].raci.accountable, made.actions[0].raci.consulted, made.actions[0].measure.en) == (
            "executive",
            (),
            "m",
        )
        assert (made.actions[0].lifts[0].item, made.actions[0].lifts[0].to) == ("s1.1", 3)
        assert (made.reference_points[0].dimension, made.reference_points[0].n, made.reference_points[0].item) == (
            "s1",
            69,
            None,
        )

    def test_texts_are_kept_in_every_language(self):
        files = mini_files()
        files["questionnaire.yaml"]["title"] = {"en": "Plan", "zh-Hant": "計劃", "zh-Hans": "计划"}
        title = load(frozen(files)).title
        assert [title.of(language) for language in ("en", "zh-Hant", "zh-Hans")] == ["Plan", "計劃", "计划"]

    def test_texts_that_look_like_numbers_or_booleans_stay_text(self):
        files = mini_files()
        text = dumped(files["questionnaire.yaml"]).replace(b"citation: Test content, no source", b"citation: 1984")
        text = (
            text.replace(b"en: Mini", b"en: no")
            .replace(b"zh-Hant: Mini", b"zh-Hant: 1.10")
            .replace(b"zh-Hans: Mini", b"zh-Hans: true")
        )
        made = load(frozen({**files, "questionnaire.yaml": text}))
        assert (made.title.en, made.title.zh_hant, made.title.zh_hans) == ("no", "1.10", "true")
        assert made.sources[0].citation == "1984"

    def test_the_fingerprint_is_that_of_the_file_byte_for_byte(self, mini):
        content = (VECTORS / "mini" / "questionnaire.yaml").read_bytes()
        assert mini.sha256 == hashlib.sha256(content).hexdigest()

    def test_a_frozen_copy_is_the_folder(self, mini):
        copy = freeze(VECTORS / "mini")
        assert sorted(copy.files) == ["actions.yaml", "questionnaire.yaml"]
        assert load(copy) == mini == load_folder(VECTORS / "mini")

    def test_a_folder_without_a_questionnaire_is_not_found(self, tmp_path):
        with pytest.raises(NotFound, match=r"there is no questionnaire\.yaml in it"):
            load_folder(tmp_path)


class TestMistakes:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda one: one["title"].pop("zh-Hans"), "title.zh-Hans: is missing"),
            (lambda one: one["title"].update(de="x"), "title.de: is not a known key"),
            (lambda one: one["title"].update(en=" "), "title.en: must not be empty"),
            (lambda one: one["title"].update(en=None), "title.en: must be text"),
            (lambda one: one.update(title="Mini"), "title: must be a mapping"),
            (lambda one: item(one)["levels"].pop(3), "dimensions[s1].items[s1.1].levels.3: is missing"),
            (lambda one: item(one)["levels"].update({6: words()}), "dimensions[s1].items[s1.1].levels.6: is not a known key"),
            (lambda one: item(one)["levels"][2].pop("en"), "dimensions[s1].items[s1.1].levels.2.en: is missing"),
            (lambda one: item(one).update(colour=1), "dimensions[s1].items[s1.1].colour: is not a known key"),
            (lambda one: item(one).update(weight=0), "dimensions[s1].items[s1.1].weight: must be at least 1"),
            (lambda one: item(one).update(weight=1.5), "dimensions[s1].items[s1.1].weight: must be a whole number"),
            (lambda one: item(one).update(weight="1"), "dimensions[s1].items[s1.1].weight: must be a whole number"),
            (lambda one: item(one).update(gate="yes"), "dimensions[s1].items[s1.1].gate: must be true or false"),
            (lambda one: item(one).update(sources=["gone"]), "dimensions[s1].items[s1.1].sources[0]: there is no source gone"),
            (lambda one: item(one).update(ask=["boss"]), "dimensions[s1].items[s1.1].ask[0]: there is no role boss"),
            (
                lambda one: item(one).update(contradicts=["s1.1"]),
                "dimensions[s1].items[s1.1].contradicts[0]: there is no other item s1.1",
            ),
            (
                lambda one: item(one).update(id="S1"),
                f"dimensions[s1].items[S1].id: {SLUG}",
            ),
            (lambda one: item(one, 1).update(id="s1.1"), "dimensions[s1].items[s1.1].id: s1.1 is used twice"),
            (lambda one: item(one).update(id="s3.2"), "dimensions[s3].items[s3.2].id: s3.2 is used twice"),
            (lambda one: one["dimensions"][1].update(id="s3", requires=[]), "dimensions[s3].id: s3 is used twice"),
            (lambda one: one["dimensions"][0].update(requires=["s9"]), "dimensions[s1].requires[0]: there is no dimension s9"),
            (
                lambda one: one["dimensions"][0].update(requires=["s1"]),
                "dimensions[s1].requires: goes round in a circle: s1 -> s1",
            ),
            (lambda one: one["dimensions"][0].update(items=[]), "dimensions[s1].items: needs at least 1 entries"),
            (lambda one: one["roles"].append({"id": "kam", "name": words()}), "roles[kam].id: kam is used twice"),
            (lambda one: one["levels"].pop(), "levels: needs at least 5 entries"),
            (lambda one: one["levels"][1].update(level=3), "levels[1].level: must be 2: levels are listed from 1 to 5"),
            (lambda one: one.update(schema="kam-questionnaire/2"), "schema: must be one of 'kam-questionnaire/1'"),
            (lambda one: one.update(kind="extra"), "kind: must be one of 'core' or 'module'"),
            (lambda one: one.update(version="1.0"), "version: must be a version such as 1.0.0"),
            (lambda one: one.pop("noun"), "noun: is missing"),
            (
                lambda one: one["profiles"].append({"id": "p", "name": words(), "targets": {"s9": 3}}),
                "profiles[p].targets.s9: there is no dimension s9",
            ),
            (
                lambda one: one["profiles"].append({"id": "p", "name": words(), "targets": {"s1": 6}}),
                "profiles[p].targets.s1: must be at most 5",
            ),
        ],
    )
    def test_a_mistake_in_a_questionnaire_is_named(self, change, said):
        found = changed(change)
        assert said in found

    def test_a_circle_of_dimensions_is_shown(self):
        def change(one):
            one["dimensions"][0]["requires"] = ["s3"]

        (found,) = changed(change)
        assert "goes round in a circle: " in found
        assert set(found.partition("circle: ")[2].split(" -> ")) <= {"s1", "s2", "s3"}

    @pytest.mark.parametrize(
        ("actions", "said"),
        [
            ([an_action(requires=["b"])], ["actions[a].requires[0]: there is no action b"]),
            ([an_action(requires=["a"])], ["actions[a].requires: goes round in a circle: a -> a"]),
            (
                [an_action(requires=["b"]), an_action("b", requires=["a"])],
                ["actions[a].requires: goes round in a circle: a -> b -> a"],
            ),
            ([an_action(), an_action()], ["actions[a].id: a is used twice"]),
            ([an_action(owner_role="boss")], ["actions[a].owner_role: there is no role boss"]),
            ([an_action(effort=6)], ["actions[a].effort: must be at most 5"]),
            ([an_action(weeks=0)], ["actions[a].weeks: must be at least 1"]),
            ([an_action(how=[])], ["actions[a].how: needs at least 1 entries"]),
            ([an_action(lifts=[{"item": "s9.9", "to": 3}])], ["actions[a].lifts[0].item: there is no item s9.9"]),
            ([an_action(lifts=[{"item": "s1.1", "to": 1}])], ["actions[a].lifts[0].to: must be at least 2"]),
            (
                [an_action(lifts=[{"item": "s1.1", "to": 3}, {"item": "s1.1", "to": 4}])],
                ["actions[a].lifts[1].item: s1.1 is used twice"],
            ),
            ([an_action(sources=["gone"])], ["actions[a].sources[0]: there is no source gone"]),
            (
                [an_action(raci={"responsible": ["x"], "accountable": "y"})],
                ["actions[a].raci.responsible[0]: there is no role x", "actions[a].raci.accountable: there is no role y"],
            ),
        ],
    )
    def test_a_mistake_in_the_catalogue_is_named(self, actions, said):
        assert with_actions(*actions) == said

    @pytest.mark.parametrize(
        ("point", "said"),
        [
            (a_point(dimension="s9"), ["points[p].dimension: there is no dimension s9"]),
            (a_point(item="s9.9"), ["points[p].item: there is no item s9.9"]),
            (a_point(source="gone"), ["points[p].source: there is no source gone"]),
            (a_point(grade="D"), ["points[p].grade: must be one of 'A', 'B' or 'C'"]),
            (a_point(n=0), ["points[p].n: must be at least 1"]),
        ],
    )
    def test_a_mistake_in_the_reference_points_is_named(self, point, said):
        assert with_points(point) == said

    def test_problems_of_all_files_are_named_together_in_order(self):
        files = mini_files()
        del files["questionnaire.yaml"]["title"]["zh-Hans"]
        files["questionnaire.yaml"]["dimensions"][2]["colour"] = "blue"
        files["actions.yaml"]["actions"] = [an_action(effort=9)]
        files["reference-points.yaml"] = b"schema: kam-reference-points/1\npoints: &x []\n"
        assert [problem.partition(": ")[0].partition(":")[0] for problem in lint(files)] == [
            "questionnaire.yaml",
            "questionnaire.yaml",
            "actions.yaml",
            "reference-points.yaml",
        ]

    def test_dangling_references_of_all_files_are_named_together_by_line(self):
        files = mini_files()
        asked = files["questionnaire.yaml"]
        asked["dimensions"][2]["items"][0]["sources"] = ["gone"]
        item(asked).update(ask=["boss"])
        asked["levels"][1]["level"] = 1
        files["actions.yaml"]["actions"] = [an_action(lifts=[{"item": "s9.9", "to": 3}]), an_action()]
        files["reference-points.yaml"] = {"schema": "kam-reference-points/1", "points": [a_point(source="gone")]}
        found = lint(files)
        assert without_lines(found) == [
            "levels[1].level: must be 2: levels are listed from 1 to 5",
            "dimensions[s1].items[s1.1].ask[0]: there is no role boss",
            "dimensions[s3].items[s3.1].sources[0]: there is no source gone",
            "actions[a].lifts[0].item: there is no item s9.9",
            "actions[a].id: a is used twice",
            "points[p].source: there is no source gone",
        ]
        lines = [int(problem.split(":")[1]) for problem in found if problem.startswith("questionnaire.yaml")]
        assert lines == sorted(lines)

    def test_a_missing_catalogue_is_a_problem_like_any_other(self):
        files = mini_files()
        del files["actions.yaml"]
        del files["questionnaire.yaml"]["noun"]
        assert lint(files) == ["questionnaire.yaml:1: noun: is missing", "actions.yaml: is missing"]

    def test_problems_name_the_folder(self):
        with pytest.raises(Invalid) as caught:
            load(Frozen({"questionnaire.yaml": b"", "actions.yaml": b"a: *x"}), "my/folder")
        assert str(caught.value) == (
            "my/folder/questionnaire.yaml:1: is empty\nmy/folder/actions.yaml:1: anchors and aliases (& and *) are not allowed"
        )
