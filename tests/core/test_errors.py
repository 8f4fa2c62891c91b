from __future__ import annotations

import pytest

from assess.core.errors import Invalid, Problem


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem("is missing", {}, "a.yaml", 3, "s1.title"), "a.yaml:3: s1.title: is missing"),
        (Problem("is empty", {}, "a.yaml"), "a.yaml: is empty"),
        (Problem("there is no {what} {id}", {"what": "item", "id": "x"}, "", None, "p"), "p: there is no item x"),
        (Problem("is odd"), "is odd"),
    ],
)
def test_a_problem_reads_as_file_line_path_and_what_is_wrong(problem, said):
    assert str(problem) == said


def test_a_problem_keeps_to_one_line_and_sends_no_control_characters_to_the_terminal():
    problem = Problem("there is no {id}", {"id": "\x1b[2J\nroot\ud800"}, "a\n.yaml", 1, "x\u2028y")
    assert str(problem) == r"a\n.yaml:1: x\u2028y: there is no \x1b[2J\nroot\ud800"
    assert problem.text == r"there is no \x1b[2J\nroot\ud800"


def test_braces_in_what_was_given_are_left_alone():
    assert Problem("{given} is odd", {"given": "{a}"}).text == "{a} is odd"


def test_invalid_says_every_problem_on_its_own_line():
    error = Invalid([Problem("is odd", {}, "a", 1), Problem("is even", {}, "a", 2)])
    assert str(error) == "a:1: is odd\na:2: is even"
