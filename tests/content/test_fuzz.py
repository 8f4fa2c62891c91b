"""Damaged files are read or refused in words: never another exception, never slowly."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import yaml
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from assess.content.library import Library
from assess.content.peers import parse_peers
from assess.content.questionnaires import Frozen, load, load_folder
from assess.core.errors import Invalid, NotFound, Problem
from tests.conftest import VECTORS
from tests.content.builders import document, dumped, words
from tests.fuzzing import SEED, amount

LIBRARY = Library([VECTORS])
MINI = load_folder(VECTORS / "mini")
LIMIT = 2
PANEL = (VECTORS / "panel.answers.yaml").read_text(encoding="utf-8")
PARTIAL = (VECTORS / "insufficient.answers.yaml").read_text(encoding="utf-8")
ANSWERS = (PANEL, PARTIAL, json.dumps(yaml.safe_load(PANEL), indent=1))
QUESTIONNAIRE = (VECTORS / "mini" / "questionnaire.yaml").read_text(encoding="utf-8")
ACTION = {
    **{part: words() for part in ("title", "why", "how", "done_when", "kpi")},
    "id": "a",
    "owner_role": "kam",
    "effort": 1,
    "weeks": 1,
    "lifts": [{"item": "s1.1", "to": 3}],
}
ACTIONS = dumped({"schema": "kam-actions/1", "actions": [ACTION, {**ACTION, "id": "b", "requires": ["a"]}]}).decode()
PEERS = "organisation,questionnaire,version,completed_on,industry,region,size,s1,s2,s3\n" + "\n".join(
    f'"Org {n}",mini,1.0.{n},2026-01-0{n},it,eu,1-9,{n}.5,2,' for n in range(1, 5)
)

TOKENS = st.sampled_from(
    [
        *(
            "&a ",
            "*a",
            "!!str ",
            "! ",
            "<<: ",
            "? ",
            "- ",
            ": ",
            ":",
            "{",
            "}",
            "[",
            "]",
            ",",
            '"',
            "'",
            "|",
            ">",
            "%",
            "@",
            "`",
        ),
        *("#", "\t", "\n", "\n---\n", "\n...\n", "\x00", "\x85", "\u2028", "\ufeff", "\ufffd", "😀", "  ", "\\", "\\ud800"),
        *("null", "true", "no", "~", "012", "1:30", "NaN", "1e999", "-1", "9" * 30, "0.5", "2026-02-30", "\\u0000"),
        *("s1.1", "s1.1: 3\n", "id: r1\n", "level: 6", "[" * 40, "{a: " * 40, "x" * 300),
    ]
)


@st.composite
def damaged(draw: st.DrawFn, sources: tuple[str, ...]) -> bytes:
    """A good file after a few cuts, insertions, repetitions and flipped bytes."""
    text = draw(st.sampled_from(sources))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 40))
        kind = draw(st.sampled_from(["insert", "insert", "replace", "cut", "repeat", "swap"]))
        middle = {
            "insert": draw(TOKENS) + text[start:end],
            "replace": draw(TOKENS),
            "cut": "",
            "repeat": text[start:end] * 2,
            "swap": text[start:end][::-1],
        }[kind]
        text = text[:start] + middle + text[end:]
    content = text.encode()
    if draw(st.integers(0, 9)) == 0 and content:
        place = draw(st.integers(0, len(content) - 1))
        content = content[:place] + bytes([draw(st.integers(0, 255))]) + content[place + 1 :]
    return content


def holds(read: Callable[[], object]) -> None:
    """Reading ends in time, with a result or with problems that have their place and can be printed."""
    started = time.process_time()
    problems = refusals(read)
    assert time.process_time() - started < LIMIT
    assert all(problem.file and problem.line is not None and problem.line >= 1 for problem in problems)
    said = [str(problem) for problem in problems]
    assert all("\n" not in line for line in said)
    "\n".join(said).encode()
    lines = [problem.line for problem in problems]
    assert len({problem.file for problem in problems}) > 1 or lines == sorted(lines)


def refusals(read: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        read()
    except NotFound:
        return ()
    except Invalid as error:
        return error.problems or (Problem("refused without a reason"),)
    return ()


@seed(SEED)
@settings(max_examples=amount(100, 2000), deadline=None)
@given(damaged(ANSWERS))
def test_a_damaged_answers_file_is_read_or_refused(content):
    holds(lambda: LIBRARY.read_answers(document(content)))


@seed(SEED)
@settings(max_examples=amount(24, 400), deadline=None)
@given(damaged((QUESTIONNAIRE,)), damaged((ACTIONS,)))
def test_a_damaged_questionnaire_is_read_or_refused(questionnaire, actions):
    holds(lambda: load(Frozen({"questionnaire.yaml": questionnaire, "actions.yaml": actions})))


@seed(SEED)
@settings(max_examples=amount(40, 800), deadline=None)
@given(damaged((ACTIONS,)))
def test_a_damaged_catalogue_is_read_or_refused(actions):
    holds(lambda: load(Frozen({"questionnaire.yaml": QUESTIONNAIRE.encode(), "actions.yaml": actions})))


@seed(SEED)
@settings(max_examples=amount(60, 1000), deadline=None)
@given(damaged((PEERS, PEERS.replace(",", ";"))))
def test_a_damaged_benchmark_file_is_read_or_refused(content):
    holds(lambda: parse_peers(content.decode("utf-8", "replace"), "f", MINI))


@seed(SEED)
@settings(max_examples=amount(60, 1000), deadline=None)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
        max_leaves=12,
    ),
    st.sampled_from(
        ["respondents", "consensus", "evidence", "targets", "organisation", "modules", "date", "profile", "version"]
    ),
)
def test_any_json_value_anywhere_is_read_or_refused(value, part):
    content = {"schema": "kam-answers/1", "questionnaire": "mini", "date": "2026-11-21", part: value}
    holds(lambda: LIBRARY.read_answers(document(json.dumps(content))))
    holds(lambda: LIBRARY.read_answers(document(json.dumps(value))))
