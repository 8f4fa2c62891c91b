"""The catalogues are complete, compiled and fresh. To bring them up to date: python -m tests.web.catalogues"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from flask import Flask

from assess.core.errors import Problem
from assess.web.languages import use_language
from assess.web.messages import PROBLEMS, problem_text
from tests.web import catalogues

PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
HANT_ONLY = set("個們這為說還點請題級關閱間頁讀寫開時從過儲載連結帳號資據評檔會與")
HANS_ONLY = set("个们这为说还点请题级关阅间页读写开时从过储载连结帐号资据评档会与") - set("与据")


def texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (tuple, list)) else [str(message.string)]


def messages(language: str) -> list[Message]:
    return [message for message in catalogues.read(catalogues.po_path(language)) if message.id]


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_message_is_translated_and_none_is_guessed(language: str) -> None:
    assert [m.id for m in messages(language) if m.fuzzy or not all(texts(m))] == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_placeholders_are_those_of_the_original(language: str) -> None:
    for message in messages(language):
        original = message.id[-1] if isinstance(message.id, (tuple, list)) else message.id
        for text in texts(message):
            assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(original)), original


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    path = catalogues.po_path(language)
    assert path.with_suffix(".mo").read_bytes() == catalogues.compiled(catalogues.read(path))


@cache
def found_in_the_code() -> set[str]:
    return {str(message.id) for message in catalogues.extract() if message.id}


@pytest.mark.parametrize("language", ["", *catalogues.LANGUAGES])
def test_no_catalogue_is_stale(language: str) -> None:
    path = catalogues.po_path(language) if language else catalogues.TRANSLATIONS / "messages.pot"
    written = {str(message.id) for message in catalogues.read(path) if message.id}
    assert written == found_in_the_code()


def test_each_script_is_written_in_itself() -> None:
    for language, foreign in (("zh_Hant", HANS_ONLY), ("zh_Hans", HANT_ONLY)):
        for message in messages(language):
            assert not foreign.intersection("".join(texts(message))), message.id


def problem_messages(folder: Path) -> Iterator[str]:
    """Every text that is given to Problem, wrong, _refuse or a document's problem as its message.

    Not those of the advice: it speaks to authors on the command line only.
    """
    for path in (each for each in folder.rglob("*.py") if each.name != "advice.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                place = {"Problem": 0, "wrong": 0, "_refuse": 0, "problem": 1}.get(name)
                if place is not None and len(node.args) > place:
                    given = node.args[place]
                    if isinstance(given, ast.Constant) and isinstance(given.value, str):
                        yield given.value


def test_every_problem_of_the_content_is_listed_for_translation() -> None:
    from assess.content.parsing import _MESSAGES

    root = catalogues.ROOT / "assess"
    written = {*problem_messages(root / "content"), *problem_messages(root / "usecases"), *_MESSAGES.values()}
    assert written - set(PROBLEMS) == set()


def test_a_problem_is_said_in_the_readers_language(app: Flask) -> None:
    with app.test_request_context("/"):
        use_language("zh-Hant")
        problem = Problem("there is no {what} {id}", {"what": "role", "id": "boss"})
        assert problem_text(problem) == "沒有 boss 這個角色"
        assert problem_text(Problem("never listed {n}", {"n": 1})) == "never listed 1"
