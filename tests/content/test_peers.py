from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from assess.content.peers import parse_peers, read_peers
from assess.core.errors import Invalid, NotFound
from tests.content.builders import problems_of

HEADER = "organisation,questionnaire,version,completed_on,industry,region,size,s1,s2,s3"
LINE = "Acme,mini,1.0.0,2026-01-31,it,eu,1-9,3,2.5,"


@pytest.fixture
def read(mini):
    return lambda text: parse_peers(text, "f", mini)


@pytest.fixture
def said(mini):
    return lambda *lines: problems_of(parse_peers, "\n".join((HEADER, *lines)) + "\n", "f", mini)


def test_a_line_is_one_organisations_assessment(read):
    (peer,) = read(f"{HEADER}\n{LINE}\n")
    assert (peer.organisation, peer.questionnaire, peer.version, peer.major) == ("Acme", "mini", "1.0.0", 1)
    assert (peer.completed_on, peer.industry, peer.region, peer.size) == (date(2026, 1, 31), "it", "eu", "1-9")
    assert peer.scores == {"s1": Fraction(3), "s2": Fraction(5, 2)}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_delimiters_and_line_ends_that_spreadsheets_write_are_read(read, delimiter, ends):
    text = ends.join((HEADER, LINE, LINE)).replace(",", delimiter)
    assert len(read(text)) == 2


def test_quotes_hold_delimiters_line_ends_and_quotes(read):
    (peer,) = read(f'{HEADER}\n"Acme, ""Big""\nand Co",mini,1.0.0,2026-01-31,,,,3,,\n')
    assert peer.organisation == 'Acme, "Big"\nand Co'


def test_columns_may_stand_in_any_order_be_missing_or_be_unknown(read):
    (peer,) = read(" s2 ,completed_on,notes,organisation,version,questionnaire\n4,2026-01-31,x,Acme,1.0.0,mini\n")
    assert (peer.scores, peer.industry) == ({"s2": 4}, "")


def test_empty_lines_are_skipped(read):
    assert len(read(f"{HEADER}\n\n{LINE}\n,,,,,,,,,\n   \n{LINE}\n\n")) == 2


def test_a_short_line_has_empty_cells_at_its_end(read):
    assert read(f"{HEADER}\nAcme,mini,1.0.0,2026-01-31,it\n")[0].scores == {}


def test_lines_of_other_questionnaires_are_kept(read):
    assert read(f"{HEADER}\n{LINE.replace('mini', 'other')}\n")[0].questionnaire == "other"


def test_scores_may_have_all_the_digits_that_programs_write(read):
    assert read(f"{HEADER}\nAcme,mini,1.0.0,2026-01-31,,,,2.857142857142857,,\n")[0].scores["s1"] == Fraction(
        "2.857142857142857"
    )


def test_a_header_alone_holds_no_peers(read):
    assert read(HEADER) == ()


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        (",mini,1.0.0,2026-01-31,,,,3,,", ["f:2: organisation: is empty"]),
        ("Acme,,1.0.0,2026-01-31,,,,3,,", ["f:2: questionnaire: is empty"]),
        ("Acme,mini,one,2026-01-31,,,,3,,", ["f:2: version: one is not a version such as 1.0.0"]),
        ("Acme,mini,,2026-01-31,,,,3,,", ["f:2: version: is empty"]),
        ("Acme,mini,1.0.0,2026-02-30,,,,3,,", ["f:2: completed_on: 2026-02-30 is not a date such as 2026-11-21"]),
        ("Acme,mini,1.0.0,31.01.2026,,,,3,,", ["f:2: completed_on: 31.01.2026 is not a date such as 2026-11-21"]),
        ("Acme,mini,1.0.0,20260131,,,,3,,", ["f:2: completed_on: 20260131 is not a date such as 2026-11-21"]),
        ("Acme,mini,1.0.0,2026-W05-6,,,,3,,", ["f:2: completed_on: 2026-W05-6 is not a date such as 2026-11-21"]),
        ("Acme,mini,1.0.0,2026-01-31,,,,3,,,,", ["f:2: has more cells than the header"]),
        *(
            (f"Acme,mini,1.0.0,2026-01-31,,,,{score},,", [f"f:2: s1: {score} is not a score from 1 to 5"])
            for score in ("0", "0.99", "5.01", "6", "-1", "x", "nan", "1e0", "3.", ".5", "1_0", "٣")
        ),
        (
            ",mini,x,y,,,,9,8,7",
            [
                "f:2: organisation: is empty",
                "f:2: version: x is not a version such as 1.0.0",
                "f:2: completed_on: y is not a date such as 2026-11-21",
                "f:2: s1: 9 is not a score from 1 to 5",
                "f:2: s2: 8 is not a score from 1 to 5",
                "f:2: s3: 7 is not a score from 1 to 5",
            ],
        ),
    ],
)
def test_everything_wrong_with_a_line_is_named(said, line, problems):
    assert said(line) == problems


@pytest.mark.parametrize("score", ["1", "5", "5.0", "1.000000000001", "4.999"])
def test_scores_from_one_to_five_are_read_exactly(read, score):
    assert read(f"{HEADER}\nAcme,mini,1.0.0,2026-01-31,,,,{score},,\n")[0].scores["s1"] == Fraction(score)


def test_problems_of_all_lines_are_named_with_the_line_in_the_file(said):
    assert said(LINE, "", LINE.replace("3", "7"), LINE, LINE.replace("2.5", "x")) == [
        "f:4: completed_on: 2026-01-71 is not a date such as 2026-11-21",
        "f:4: s1: 7 is not a score from 1 to 5",
        "f:6: s2: x is not a score from 1 to 5",
    ]


def test_after_a_hundred_problems_the_rest_is_counted(said):
    found = said(*[LINE.replace("2.5", "x")] * 130)
    assert len(found) == 101
    assert found[-1] == "f: and 30 more problems"


def test_exactly_a_hundred_problems_are_all_named(said):
    assert len(said(*[LINE.replace("2.5", "x")] * 100)) == 100


def test_what_was_given_is_shown_without_control_characters_and_not_at_length(said):
    (found,) = said(LINE.replace("2.5", "\x1b[2J" + "x" * 100))
    assert found == r"f:2: s2: \x1b[2J" + "x" * 56 + " is not a score from 1 to 5"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "organisation,s1\nAcme,3\n",
            [f"f:1: the column {name} is missing" for name in ("questionnaire", "version", "completed_on")],
        ),
        (
            "organisation,questionnaire,version,completed_on\n",
            ["f:1: there is no column with scores (s1, s2, s3)"],
        ),
        (f"{HEADER},s1\n", ["f:1: the column s1 is there twice"]),
        (f'{HEADER}\n"Acme,mini\n', ["f:2: is not a readable CSV file: unexpected end of data"]),
        (f'{HEADER}\n{LINE}\n"Acme"x,mini\n', ["f:3: is not a readable CSV file: ',' expected after '\"'"]),
        (f"{HEADER}\n{'x' * 200_000},mini\n", ["f:2: is not a readable CSV file: field larger than field limit (131072)"]),
    ],
)
def test_a_file_that_is_no_benchmark_file_is_refused(mini, text, problems):
    assert problems_of(parse_peers, text, "f", mini) == problems


@pytest.mark.parametrize("text", ["", "\n", "\ufeff"])
def test_an_empty_file_misses_every_column(mini, text):
    assert problems_of(parse_peers, text, "f", mini)[0] == "f:1: the column organisation is missing"


class TestFiles:
    def test_a_file_with_a_byte_order_mark_is_read(self, tmp_path, mini):
        path = tmp_path / "peers.csv"
        path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\n{LINE}\n".encode())
        assert len(read_peers(path, mini)) == 1

    @pytest.mark.parametrize(
        ("encoding", "said"), [("utf-16", "is UTF-16; save it as UTF-8"), ("latin-1", "is not UTF-8 text")]
    )
    def test_other_encodings_are_refused(self, tmp_path, mini, encoding, said):
        path = tmp_path / "peers.csv"
        path.write_bytes(f"{HEADER}\n{LINE.replace('Acme', 'Müller')}\n".encode(encoding))
        with pytest.raises(Invalid, match=said):
            read_peers(path, mini)

    def test_a_missing_file_is_not_found(self, tmp_path, mini):
        with pytest.raises(NotFound):
            read_peers(tmp_path / "none.csv", mini)
