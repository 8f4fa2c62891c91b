from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from assess.content.exchange import (
    bins_of,
    canonical,
    cell_key,
    dump_cell,
    fingerprint,
    grouped,
    is_exchange,
    load_cell,
    pack_bins,
    pack_block,
    pack_histograms,
    parse_exchange,
    read_exchange,
    unpack_block,
    unpack_histograms,
    write_exchange,
)
from assess.core.errors import Invalid
from assess.core.release import ALL, OVERALL, Block, Release, ReleasedCell, figures_of

KEY = bytes(range(32))
FOOD = ("食品", None, None)


def made(n: int = 12, cells=(ALL, FOOD)) -> Release:
    random = Random(n)
    figures = {step: figures_of({random.randrange(401): 1 for _ in range(4 * n)}) for step in (OVERALL, "s1", "s2")}
    shown = [
        ReleasedCell(c, figures[OVERALL].n, date(2026, 1, 1), date(2026, 9, 30), 2, date(2026, 10, 1), figures) for c in cells
    ]
    return Release("Made-up House", "", "mini", 1, ("1.0.0",), 3, date(2026, 11, 1), ("s1", "s2"), {c.cell: c for c in shown})


TEXT = write_exchange(made(), KEY)


def test_a_file_holds_the_release_and_says_who_signed_it():
    signed = parse_exchange(TEXT, "f")
    assert replace(signed.release, key="") == made()
    assert signed.release.key == fingerprint(signed.public_key)
    assert len(signed.release.key) == 40


def test_the_same_release_gives_the_same_bytes():
    assert write_exchange(made(), KEY) == TEXT


def test_another_key_is_another_issuer():
    assert parse_exchange(write_exchange(made(), bytes(32)), "f").release.key != parse_exchange(TEXT, "f").release.key


def test_no_organisation_no_exact_count_and_no_day_of_an_assessment_is_in_the_file():
    content = json.loads(TEXT)
    assert set(content) == {"schema", "issuer", "questionnaire", "release", "rules", "steps", "cells", "signature"}
    for cell in content["cells"]:
        assert set(cell) == {"segments", "n", "first", "last", "release", "released_on", "figures"}
        assert cell["n"] % 5 == 0
        for each in cell["figures"].values():
            assert set(each) == {"n", "quantiles"}
            assert each["n"] % 5 == 0


def test_a_file_on_disk_is_read_and_known_from_a_csv_file(tmp_path):
    path = tmp_path / "pool.json"
    path.write_text("\ufeff" + TEXT, encoding="utf-8")
    assert read_exchange(path).release.name == "Made-up House"
    assert is_exchange("\ufeff \n" + TEXT)
    assert not is_exchange("organisation,questionnaire\n")


def test_any_change_of_what_is_said_is_noticed():
    """Every value in the file, one at a time."""
    places = []

    def walk(value, path):
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, child in inner:
            walk(child, (*path, key))
        if not isinstance(value, dict | list):
            places.append(path)

    walk(json.loads(TEXT), ())
    assert len(places) > 60
    for path in places:
        content = json.loads(TEXT)
        parent = content
        for step in path[:-1]:
            parent = parent[step]
        old = parent[path[-1]]
        parent[path[-1]] = (
            old + 5 if isinstance(old, int | float) else old[:-1] + ("A" if old[-1] != "A" else "B") if old else "x"
        )
        with pytest.raises(Invalid):
            parse_exchange(json.dumps(content), "f")


def signed_again(change) -> str:
    """A file changed by somebody who signs it with a key of his own."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    content = json.loads(TEXT)
    change(content)
    key = Ed25519PrivateKey.from_private_bytes(KEY)
    return json.dumps(
        content | {"signature": {"algorithm": "Ed25519", "value": b64encode(key.sign(canonical(content))).decode()}}
    )


def said(change) -> list[str]:
    with pytest.raises(Invalid) as refused:
        parse_exchange(signed_again(change), "f")
    return [str(problem) for problem in refused.value.problems]


def at(*path, value):
    def change(content):
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (at("cells", 0, "n", value=4), "f: cells[0].n: must be a multiple of 5, at least 5"),
        (at("cells", 0, "n", value=12), "f: cells[0].n: must be a multiple of 5, at least 5"),
        (at("cells", 0, "n", value=True), "f: cells[0].n: must be a multiple of 5, at least 5"),
        (
            at("cells", 0, "segments", value={"size": "x", "region": "y"}),
            "f: cells[0].segments: is not one of the groups that are exchanged",
        ),
        (
            at("cells", 0, "segments", value={"colour": "x"}),
            "f: cells[0].segments: must name industry, region or size with a text each",
        ),
        (at("cells", 0, "segments", value=None), "f: cells[0].segments: must name industry, region or size with a text each"),
        (at("cells", 1, "segments", value={}), "f: cells: hold the same group twice"),
        (at("cells", 0, "release", value=9), "f: cells: hold figures of a later release than the file's"),
        (at("cells", 0, "first", value="1.1.2026"), "f: cells[0].first: must be a date such as 2026-11-21"),
        (
            at("cells", 0, "figures", "s1", "quantiles", "50", value=0.5),
            "f: cells[0].figures.s1.quantiles: must be scores from 1 to 5",
        ),
        (
            at("cells", 0, "figures", "s1", "quantiles", "50", value="3"),
            "f: cells[0].figures.s1.quantiles: must be scores from 1 to 5",
        ),
        (
            at("cells", 0, "figures", "s1", "quantiles", "25", value=4.999),
            "f: cells[0].figures.s1.quantiles: must ascend and have at most two decimals",
        ),
        (
            at("cells", 0, "figures", "s1", "quantiles", value={}),
            "f: cells[0].figures.s1.quantiles: must hold the quantiles that 45 organisations allow",
        ),
        (at("cells", 0, "figures", value={}), "f: cells[0].figures: must hold overall"),
        (at("cells", 0, "figures", "s9", value={}), "f: cells[0].figures: names a step that is not in the list of steps"),
        (at("cells", 0, value=7), "f: cells[0]: must be a group"),
        (at("cells", value={}), "f: cells: must be a list of at most 20000"),
        (at("steps", value=["s1", "s1"]), "f: steps: must be a list of different ids"),
        (at("issuer", "name", value="two\nlines"), "f: issuer.name: must be a text of one line"),
        (at("issuer", "fingerprint", value="00"), "f: issuer.fingerprint: is not that of the key"),
        (at("questionnaire", "versions", value=["one"]), "f: questionnaire.versions: must be a list of versions such as 1.0.0"),
        (at("release", "number", value=0), "f: release.number: must be a whole number from 1"),
    ],
)
def test_a_signature_does_not_excuse_a_wrong_file(change, problem):
    assert problem in said(change)


def test_all_problems_are_named_at_once():
    def change(content):
        content["release"]["number"] = "x"
        content["cells"][0]["n"] = 1
        content["cells"][1]["last"] = None

    assert len(said(change)) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "f:1: is not readable JSON: Expecting value"),
        ("{", "f:1: is not readable JSON: Expecting property name enclosed in double quotes"),
        ("[]", "f: is not a benchmark exchange file"),
        ('{"schema": "kam-answers/1"}', "f: is not a benchmark exchange file (kam-benchmark-exchange/1)"),
        ('{"schema": 1, "schema": 2}', "f: holds the same key twice"),
        ('{"a": NaN}', "f: holds a number that JSON does not know"),
        ('{"a": "\\ud800"}', "f: is nested too deeply or holds a value that cannot be read"),
        ("[" * 100_000, "f: is nested too deeply or holds a value that cannot be read"),
        ('{"a": ' + "9" * 5000 + "}", "f: is nested too deeply or holds a value that cannot be read"),
    ],
)
def test_what_is_no_exchange_file_is_refused_in_words(text, problem):
    with pytest.raises(Invalid) as refused:
        parse_exchange(text, "f")
    assert [str(p) for p in refused.value.problems] == [problem]


@pytest.mark.parametrize("value", [None, 7, "", "AAAA", "ä", "!" * 44])
def test_a_key_or_signature_that_is_none_is_refused(value):
    for path in (("issuer", "key"), ("signature", "value")):
        content = json.loads(TEXT)
        content[path[0]][path[1]] = value
        with pytest.raises(Invalid, match="bytes in Base64"):
            parse_exchange(json.dumps(content), "f")


def test_a_file_without_its_signature_is_refused():
    content = json.loads(TEXT)
    del content["signature"]
    with pytest.raises(Invalid, match="signature"):
        parse_exchange(json.dumps(content), "f")


def test_fingerprints_are_read_aloud_in_fours():
    assert grouped("0123456789") == "0123 4567 89"


def test_what_the_database_keeps_comes_back():
    cell = made().cells[FOOD]
    assert load_cell(dump_cell(cell)) == cell
    assert cell_key(FOOD) == '["食品",null,null]'
    histograms = {"s1": {0: 3, 400: 2}, "s2": {}}
    assert unpack_histograms(pack_histograms(histograms)) == histograms
    block = Block(7, FOOD, 5, histograms, date(2026, 1, 1), date(2026, 3, 31))
    assert unpack_block(7, pack_block(block)) == block
    assert dict(bins_of(pack_bins([0, None, 400]), ("overall", "s1", "s2", "s3"))) == {"overall": 0, "s2": 400}
