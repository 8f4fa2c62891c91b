"""YAML and JSON are read strictly: what is not plainly allowed is refused, with the file and the line."""

from __future__ import annotations

import json
import time

import pytest

from assess.content.document import MAX_BYTES, MAX_DEPTH, MAX_NODES, WrittenFloat, WrittenInteger, read_file
from assess.core.errors import Invalid, NotFound
from tests.content.builders import document, problems_of


def refused(text: str | bytes) -> str:
    """The only problem of a text, as it is said."""
    (problem,) = problems_of(document, text)
    return problem


class TestYaml:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("a: &x 1\nb: *x\n", "f:1: anchors and aliases (& and *) are not allowed"),
            ("a: 1\nb: &x [1]\n", "f:2: anchors and aliases (& and *) are not allowed"),
            ("a: 1\nb: *x\n", "f:2: anchors and aliases (& and *) are not allowed"),
            ("a: 1\n*x : 2\n", "f:2: anchors and aliases (& and *) are not allowed"),
            ("a: {b: 1}\nc:\n  <<: *a\n", "f:3: anchors and aliases (& and *) are not allowed"),
            ("a: !!str 1\n", "f:1: tags such as tag:yaml.org,2002:str are not allowed"),
            (
                "a:\n- !!python/object/apply:os.system [x]\n",
                "f:2: tags such as tag:yaml.org,2002:python/object/apply:os.system are not allowed",
            ),
            ("a: !mine b\n", "f:1: tags such as !mine are not allowed"),
            ("a: ! 3\n", "f:1: tags such as ! are not allowed"),
            ("a: !%1B%0Ax b\n", r"f:1: tags such as !\x1b\nx are not allowed"),
            ("a: 1\na: 2\n", "f:2: a: the key is given twice (first in line 1)"),
            ("a: 1\n---\nb: 2\n", "f:2: holds more than one YAML document"),
            ("a: 1\n? [x]\n: 2\n", "f:2: a key must be plain text"),
            ("a: 1\n{b: 1}: 2\n", "f:2: a key must be plain text"),
            ('a: 1\n"b\\e": 2\n', "f:2: a key must be plain text"),
            (
                "a:\n\t- 1\n",
                "f:2: is not valid YAML: while scanning for the next token found character that cannot start any token",
            ),
            ("a: 1\nb: [1\n", "f:3: is not valid YAML: while parsing a flow sequence did not find expected ',' or ']'"),
            ("a: x: y\n", "f:1: is not valid YAML: mapping values are not allowed in this context"),
            ("a: 1\n b: 2\n", "f:2: is not valid YAML: mapping values are not allowed in this context"),
            ("a: 1\nb: 'x\n", "f:3: is not valid YAML: while scanning a quoted scalar found unexpected end of stream"),
            (
                "a: @b\n",
                "f:1: is not valid YAML: while scanning for the next token found character that cannot start any token",
            ),
            ("a: 1\nb: \x07\n", "f:2: holds a character that is not allowed: control characters are not allowed"),
            ("ä: 1\nb: ü\x00\n", "f:2: holds a character that is not allowed: control characters are not allowed"),
            ("", "f:1: is empty"),
            (" \n\n", "f:1: is empty"),
            ("# only a comment\n", "f:1: is empty"),
            ("%YAML 1.1\n%FOO\n", "f:2: is not valid YAML: while scanning a directive found unknown directive name"),
        ],
    )
    def test_what_is_not_plain_is_refused_with_its_line(self, text, said):
        assert refused(text) == said

    def test_every_duplicate_key_is_named_at_once(self):
        assert problems_of(document, "a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n") == [
            "f:2: c: the key is given twice (first in line 2)",
            "f:3: a: the key is given twice (first in line 1)",
            "f:4: a: the key is given twice (first in line 1)",
        ]

    def test_duplicates_are_still_named_when_something_else_stops_the_reading(self):
        assert problems_of(document, "a: 1\na: 2\nb: *x\n") == [
            "f:2: a: the key is given twice (first in line 1)",
            "f:3: anchors and aliases (& and *) are not allowed",
        ]

    def test_a_merge_key_is_an_ordinary_key(self):
        assert document("<<: {a: 1}\n").data == {"<<": {"a": 1}}

    @pytest.mark.parametrize(
        "text",
        [
            "no",
            "No",
            "yes",
            "on",
            "off",
            "y",
            "True",
            "TRUE",
            "Null",
            "~",
            "012",
            "0x1F",
            "0o17",
            "1_000",
            "1:30",
            "2026-11-21",
            "1e5",
            ".5",
            "5.",
            ".inf",
            ".nan",
            "-.INF",
            "+",
            "=",
            "1.0.0",
            "1,5",
            "１",
        ],
    )
    def test_only_plain_words_and_numbers_are_anything_but_text(self, text):
        assert document(f"a: {text}").data == {"a": text}

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("true", True),
            ("false", False),
            ("null", None),
            ("", None),
            ("3", 3),
            ("-3", -3),
            ("+3", 3),
            ("0", 0),
            ("1.5", 1.5),
            ("-0.5", -0.5),
            ("1.0e-05", 1e-05),
            ('"true"', "true"),
            ("'3'", "3"),
            ('""', ""),
            ("|\n  3", "3"),
        ],
    )
    def test_words_and_numbers_are_what_they_say(self, text, value):
        found = document(f"a: {text}").data["a"]
        assert (found, isinstance(found, bool), isinstance(found, str)) == (
            value,
            isinstance(value, bool),
            isinstance(value, str),
        )

    def test_numbers_remember_how_they_were_written(self):
        found = document("a: 1984\nb: 1.10\nc: +3\n").data
        assert isinstance(found["a"], WrittenInteger)
        assert isinstance(found["b"], WrittenFloat)
        assert [value.written for value in found.values()] == ["1984", "1.10", "+3"]

    def test_a_number_too_long_to_be_one_stays_text(self):
        assert document(f"a: {'9' * 19}").data == {"a": "9" * 19}

    def test_keys_are_always_text(self):
        assert document("1: a\n2.0: b\ntrue: c\nnull: d\n'': e\n").data == {
            "1": "a",
            "2.0": "b",
            "true": "c",
            "null": "d",
            "": "e",
        }

    def test_a_byte_order_mark_is_skipped(self):
        assert document(b"\xef\xbb\xbfa: 1\n").data == {"a": 1}

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf_16_is_refused(self, encoding):
        assert refused("a: 1\nb: 2\n".encode(encoding)).startswith("f:1: ")

    def test_utf_16_with_its_mark_is_named(self):
        assert refused("a: 1\n".encode("utf-16")) == "f:1: is UTF-16; save it as UTF-8"

    def test_latin_1_is_refused_where_it_stops_being_utf_8(self):
        assert refused("a: 1\nb: Müller\n".encode("latin-1")) == "f:2: is not UTF-8 text (byte 10)"

    def test_windows_line_ends_count_as_lines(self):
        assert refused("a: 1\r\nb: 2\r\nb: 3\r\n") == "f:3: b: the key is given twice (first in line 2)"


class TestLimits:
    def test_two_mebibytes_are_the_most(self):
        assert document("a: " + "x" * (MAX_BYTES - 3)).data["a"].startswith("x")
        assert problems_of(document, "a: " + "x" * (MAX_BYTES - 2)) == ["f: is larger than 2 MiB"]

    @pytest.mark.parametrize("nest", ["[", "- ", "? ", '{"a":', "{a: ", "[{a: "])
    def test_deep_nesting_is_refused(self, nest):
        assert refused("a: " + "[" * 10**5) == f"f:1: is nested deeper than {MAX_DEPTH} levels"
        assert len(problems_of(document, nest * 10**5)) == 1

    def test_the_deepest_nesting_allowed(self):
        deepest = MAX_DEPTH - 1
        for first, last in (("a: ", ""), ('{"a":', "}")):
            assert document(first + "[" * (deepest - 1) + "1" + "]" * (deepest - 1) + last).data
            assert refused(first + "[" * deepest + "1" + "]" * deepest + last) == "f:1: is nested deeper than 32 levels"

    @pytest.mark.parametrize("wrap", ["a: [{}]", '{"a": [{}]}'])
    def test_too_many_values_are_refused_in_yaml_and_in_json(self, wrap, monkeypatch):
        monkeypatch.setattr("assess.content.document.MAX_NODES", 1000)
        few, many = (wrap.replace("{}]", ",".join(["1"] * count) + "]") for count in (997, 998))
        assert len(document(few).data["a"]) == 997
        assert refused(many) == "f:1: holds more than 1000 values"

    def test_two_hundred_thousand_values_are_the_most(self):
        assert MAX_NODES == 200_000

    @pytest.mark.parametrize(
        "text",
        [
            "a: " + "[" * 10**6,
            "a: " * 500_000,
            "? " * 500_000,
            "x" * 1_500_000 + ": 1",
            "".join(f"k{n}: 1\n" for n in range(150_000)),
            "a: " + '"' * 10**6,
            "[" * 10**6 + "]" * 10**6,
            '{"a": "' + '\\"' * 10**6,
            '{"a":' * 300_000,
            "{" + ",".join(f'"k{n}":1' for n in range(150_000)) + "}",
        ],
        ids=range(10),
    )
    def test_no_file_takes_long(self, text):
        started = time.process_time()
        problems_of(document, text)
        assert time.process_time() - started < 4


class TestJson:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('{"a": 1,\n "b": 2,\n "a": 3}', "f:3: a: the key is given twice (first in line 1)"),
            ('{"a": [\n{"b": 1,\n"b": 2}]}', "f:3: b: the key is given twice (first in line 2)"),
            ('{"a":\n NaN}', "f:2: NaN is not a number"),
            ('{"a": [1,\n -Infinity]}', "f:2: -Infinity is not a number"),
            ('{"a": 1,\n}', "f:2: is not valid JSON: Expecting property name enclosed in double quotes"),
            ('{"a": 1', "f:1: is not valid JSON: Expecting ',' delimiter"),
            ('{"a": 1}\n{"b": 2}', "f:2: is not valid JSON: Extra data"),
            ('{"a": "x\ny"}', "f:1: is not valid JSON: Invalid control character at"),
            ("{a: 1}", "f:1: is not valid JSON: Expecting property name enclosed in double quotes"),
            ('{"a\\u0000": 1}', "f:1: a key must be plain text"),
            ('{"x": 1,\n"a\\ud800": 1}', "f:2: a key must be plain text"),
            ("[" * 50 + "]" * 50, "f:1: is nested deeper than 32 levels"),
            ('{"a":\n' + "[" * 50_000, "f:2: is nested deeper than 32 levels"),
        ],
    )
    def test_what_is_not_plain_is_refused_with_its_line(self, text, said):
        assert refused(text) == said

    def test_values_are_those_of_the_json_reader(self):
        text = '{"a": [1, -2.5, 1e3, true, false, null], "b": {"c": "x \\" } ] , \\u00e9 \\ud83d\\ude00"}, "d": {}, "e": []}'
        assert document(text).data == json.loads(text)

    def test_brackets_and_line_ends_in_strings_do_not_confuse_the_lines(self):
        found = document('{"a": "}\\n]{",\n\n "b": [\n  {"id": "x", "c": 1}]}')
        assert [found.line_of(path) for path in (("a",), ("b",), ("b", 0), ("b", 0, "c"))] == [1, 3, 4, 4]

    def test_numbers_remember_how_they_were_written(self):
        found = document('{"a": 1984, "b": 1.10, "c": 1E2}').data
        assert [value.written for value in found.values()] == ["1984", "1.10", "1E2"]


class TestPlaces:
    TEXT = "a: 1\nlist:\n- id: x\n  k: 1\n- id: y\n\n  k:\n    m: 2\n"

    @pytest.mark.parametrize(
        ("path", "line", "readable"),
        [
            ((), 1, ""),
            (("a",), 1, "a"),
            (("list",), 2, "list"),
            (("list", 0), 3, "list[x]"),
            (("list", 1, "k"), 7, "list[y].k"),
            (("list", 1, "k", "m"), 8, "list[y].k.m"),
            (("list", 1, "gone", "more"), 5, "list[y].gone.more"),
            (("list", 7, "k"), 2, "list[7].k"),
        ],
    )
    def test_a_path_has_the_line_of_its_key_and_names_list_entries_by_id(self, path, line, readable):
        found = document(self.TEXT)
        assert (found.line_of(path), found.readable(path)) == (line, readable)

    def test_the_same_content_has_the_same_paths_in_json(self):
        found = document('{"list": [\n {"id": "x"},\n {"id": "", "k": 1}]}')
        assert (found.line_of(("list", 1)), found.readable(("list", 0)), found.readable(("list", 1, "k"))) == (
            3,
            "list[x]",
            "list[1].k",
        )


class TestFiles:
    def test_a_missing_file_is_not_found(self, tmp_path):
        with pytest.raises(NotFound, match="there is no such file"):
            read_file(tmp_path / "none.yaml")

    def test_a_folder_cannot_be_read(self, tmp_path):
        with pytest.raises(Invalid, match="cannot be read: Is a directory"):
            read_file(tmp_path)

    def test_a_large_file_is_refused_before_it_is_parsed(self, tmp_path):
        (tmp_path / "large.yaml").write_bytes(b"a" * (MAX_BYTES + 1))
        with pytest.raises(Invalid, match="is larger than 2 MiB"):
            read_file(tmp_path / "large.yaml")

    def test_problems_name_the_file_as_it_was_given(self, tmp_path):
        (tmp_path / "a.yaml").write_text("a: *x", encoding="utf-8")
        with pytest.raises(Invalid, match=r"^upload\.yaml:1: "):
            read_file(tmp_path / "a.yaml", "upload.yaml")
