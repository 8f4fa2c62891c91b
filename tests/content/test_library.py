from __future__ import annotations

import pytest

from assess.content.library import Library, thaw
from assess.content.questionnaires import freeze
from assess.core.errors import Invalid, NotFound
from tests.conftest import VECTORS
from tests.content.builders import HEAD, document, dumped, mini_files, problems_of


def renamed(files, prefix: str):
    """The mini questionnaire with other ids for its dimensions and items."""
    asked = files["questionnaire.yaml"]
    for dimension in asked["dimensions"]:
        dimension.update(id=prefix + dimension["id"], requires=[])
        for item in dimension["items"]:
            item["id"] = prefix + item["id"]
    return files


def write(parent, name: str, files) -> None:
    (parent / name).mkdir(parents=True)
    for file, content in files.items():
        (parent / name / file).write_bytes(dumped(content))


@pytest.fixture
def library(tmp_path) -> Library:
    """mini; a module `extra` with ids of its own; a module `clash` with those of mini; `broken`."""
    for name, prefix in (("extra", "x-"), ("clash", "")):
        files = renamed(mini_files(), prefix)
        files["questionnaire.yaml"].update(id=name, kind="module")
        write(tmp_path, name, files)
    write(tmp_path, "broken", {"questionnaire.yaml": {"id": "broken"}, "actions.yaml": {}})
    return Library([tmp_path, VECTORS])


def read(library: Library, text: str):
    return library.read_answers(document(text))


def test_answers_are_read_with_their_core_and_modules(library):
    text = f"{HEAD}modules: [extra]\nrespondents:\n- {{id: r, role: kam, answers: {{s1.1: 3, x-s1.1: 4}}}}\n"
    core, modules, assessment = read(library, text + "targets: {x-s1: 3}\n")
    assert (core.id, [module.id for module in modules]) == ("mini", ["extra"])
    assert assessment.respondents[0].answers["x-s1.1"].level == 4


def test_items_of_a_module_that_is_not_used_are_unknown(library):
    text = f"{HEAD}consensus: {{x-s1.1: 3}}\n"
    assert problems_of(read, library, text) == ["f:4: consensus.x-s1.1: there is no item x-s1.1 in mini"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEAD}modules: [mini]\n", ["f:4: modules[0]: mini is not a module"]),
        (f"{HEAD}modules: [clash]\n", ["f:4: modules[0]: clash has ids in common with mini"]),
        (f"{HEAD}modules: [extra, extra]\n", ["f:4: modules[1]: extra has ids in common with extra"]),
        (
            f"{HEAD}modules: [gone, lost]\n",
            ["f:4: modules[0]: there is no questionnaire gone", "f:4: modules[1]: there is no questionnaire lost"],
        ),
        (
            HEAD.replace("mini", "extra"),
            ["f:2: questionnaire: extra is a module, which stands beside a core questionnaire"],
        ),
        (
            f"{HEAD}colour: 1\nmodules: [gone]\n",
            ["f:4: colour: is not a known key", "f:5: modules[0]: there is no questionnaire gone"],
        ),
    ],
)
def test_questionnaires_that_do_not_go_together_are_named(library, text, said):
    assert problems_of(read, library, text) == said


def test_a_broken_questionnaire_says_what_is_wrong_with_it(library):
    with pytest.raises(Invalid, match=r"questionnaire\.yaml:1: schema: is missing"):
        read(library, HEAD.replace("mini", "broken"))


def test_an_unknown_questionnaire_is_not_found_and_the_known_ones_are_named(library):
    with pytest.raises(NotFound, match=r"there is no questionnaire gone \(there are: broken, clash, extra, mini"):
        library.questionnaire("gone")


@pytest.mark.parametrize("id_", ["../mini", "mini/../mini", "/etc", "", "."])
def test_an_id_is_a_name_and_never_a_path(library, id_):
    with pytest.raises(NotFound):
        library.folder(id_)


def test_an_override_folder_is_looked_at_first(tmp_path):
    files = mini_files()
    files["questionnaire.yaml"]["version"] = "9.0.0"
    write(tmp_path, "mini", files)
    assert Library([tmp_path, VECTORS]).questionnaire("mini").version == "9.0.0"
    assert Library([VECTORS, tmp_path]).questionnaire("mini").version == "1.0.0"


def test_a_frozen_copy_thaws_to_the_questionnaire_once_per_process(mini):
    assert thaw(freeze(VECTORS / "mini")) == mini
    assert thaw(freeze(VECTORS / "mini")) is thaw(freeze(VECTORS / "mini"))


def test_an_unused_folder_may_be_missing(tmp_path):
    assert Library([tmp_path / "none", VECTORS]).questionnaire("mini").id == "mini"
