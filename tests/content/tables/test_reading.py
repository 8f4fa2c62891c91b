"""Every way in which tables are written: encodings, separators, numbers, dates, workbooks."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from assess.content.tables.days import Calendar, DaySurvey, NotADay
from assess.content.tables.encodings import encoding_of
from assess.content.tables.numbers import COMMA, POINT, NotANumber, Survey, currencies_of, read_number
from assess.content.tables.sources import no_progress, open_table
from assess.core.errors import Invalid, NotFound

HANT = "客戶名稱,營收\n台灣積體電路,100\n鴻海精密工業,50\n"
HANS = "客户名称,收入\n华为技术有限公司,100\n中国石油化工集团,50\n"
WESTERN = "Kunde;Umsatz\nMüller & Söhne;1,5\nSociété Générale;2\nJosé;3\n"


def a_file(folder: Path, content: bytes | str, name: str = "accounts.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows_of(path: Path, **choices: Any) -> list[tuple[int, list[Any]]]:
    return [(line, list(cells)) for line, cells in open_table(path, **choices).rows(no_progress)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((HANT, name) for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp950", "gb18030")),
        *((HANS, name) for name in ("utf-8", "utf-16", "gb18030")),
        *((WESTERN, name) for name in ("utf-8", "cp1252", "utf-16")),
    ],
)
def test_whatever_excel_writes_is_read(tmp_path: Path, text: str, encoding: str) -> None:
    path = a_file(tmp_path, text.encode(encoding))
    table = open_table(path)
    separator = ";" if text == WESTERN else ","
    assert list(table.header) == text.splitlines()[0].split(separator)
    assert [cells for _, cells in rows_of(path)] == [line.split(separator) for line in text.splitlines()[1:]]


def test_an_encoding_that_is_named_is_used(tmp_path: Path) -> None:
    path = a_file(tmp_path, "a,b\né,1\n".encode("cp1252"))
    assert encoding_of(path) == "cp1252"
    assert rows_of(path, encoding="cp437") == [(2, ["Θ", "1"])]
    with pytest.raises(Invalid, match="there is no encoding nonsense"):
        open_table(path, encoding="nonsense")
    with pytest.raises(Invalid, match="is not utf-8 text"):
        open_table(path, encoding="utf-8")


def test_a_byte_that_fits_nothing_does_not_fail_the_file(tmp_path: Path) -> None:
    path = a_file(tmp_path, "account,revenue\nMüller,1\nSociété,2\n".encode("cp1252") + b"X\x81,3\n")
    assert [cells for _, cells in rows_of(path)] == [["Müller", "1"], ["Société", "2"], ["X\ufffd", "3"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_cuts_regularly(tmp_path: Path, separator: str) -> None:
    path = a_file(tmp_path, f"account{separator}revenue\nA{separator}1\nB{separator}2\n")
    assert open_table(path).header == ("account", "revenue")


def test_decimal_commas_do_not_pass_for_separators(tmp_path: Path) -> None:
    path = a_file(tmp_path, "account;year;revenue\nA;2024;1,5\nB;2024;2,5\n")
    assert open_table(path).header == ("account", "year", "revenue")


def test_a_first_line_that_names_the_separator_is_obeyed(tmp_path: Path) -> None:
    table = open_table(a_file(tmp_path, "sep=|\naccount|a,b\nA|1,2\n"))
    assert (table.header, table.header_line) == (("account", "a,b"), 2)


def test_quoted_cells_hold_separators_and_lines_and_count_as_one_record(tmp_path: Path) -> None:
    path = a_file(tmp_path, 'account,note,revenue\n"A, Ltd","two\nlines",1\nB,"say ""x""",2\n')
    assert rows_of(path) == [(2, ["A, Ltd", "two\nlines", "1"]), (4, ["B", 'say "x"', "2"])]


def test_titles_above_the_header_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    path = a_file(tmp_path, "Sales report\n\n,,\naccount,revenue,\nA,1,\n\nB,2,\n")
    assert open_table(path).header[:2] == ("account", "revenue")
    assert [line for line, _ in rows_of(path)] == [5, 7]


def test_a_quotation_mark_that_is_never_closed_is_named_with_its_line(tmp_path: Path) -> None:
    path = a_file(tmp_path, "account,revenue\nA,1\n" + '"B,2\n' + "C,3\n" * 50_000)
    with pytest.raises(Invalid, match=r"accounts.csv:3: holds a cell of more than \d+ characters"):
        rows_of(path)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_it_is_named_in_a_short_file_too(tmp_path: Path, end: str) -> None:
    path = a_file(tmp_path, 'account,revenue\nA,100\n"B,200\nC,300\nD,400' + end)
    with pytest.raises(Invalid, match=r"accounts.csv:3: a quotation mark is opened and not closed"):
        rows_of(path)
    path = a_file(tmp_path, 'account,revenue\nA,100\n"B",200\nC,"300"' + end)
    assert [line for line, _ in rows_of(path)] == [2, 3, 4]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_lines_may_end_as_on_old_macs(tmp_path: Path, separator: str) -> None:
    text = "\r".join(
        separator.join(cells) for cells in (("account", "year", "revenue"), ("A", "2011", "5"), ("B", "2011", "6"))
    )
    assert [cells for _, cells in rows_of(a_file(tmp_path, text + "\r"))] == [["A", "2011", "5"], ["B", "2011", "6"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"<html><table></table></html>", "is a web page or XML"),
        (b"PK\x03\x04 broken", "cannot be read as a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "cannot be read as a workbook"),
    ],
)
def test_what_is_no_table_is_said_plainly(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        open_table(a_file(tmp_path, content))


def test_a_missing_file_and_a_folder_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no such file"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(Invalid, match="cannot be read: Is a directory"):
        open_table(tmp_path)


def a_workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = xlsxwriter.Workbook(path)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for line, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(line, column, cell, day)
                elif isinstance(cell, tuple):
                    sheet.write_formula(line, column, cell[0], None, cell[1])
                elif cell is not None:
                    sheet.write(line, column, cell)
    book.close()
    return path


def test_a_workbook_gives_values_never_formulas_with_the_lines_of_excel(tmp_path: Path) -> None:
    day = datetime(2011, 3, 5)  # noqa: DTZ001 - cells have no zone
    rows = [[], ["account", "date", "revenue"], [17850, day, ("=1+1", 2)], [], ["A", 40607, ("=NA()", "#N/A")]]
    path = a_workbook(tmp_path / "a.xlsx", {"empty": [], "data": rows})
    table = open_table(path)
    assert (table.header, table.header_line, table.about) == (("account", "date", "revenue"), 2, {"sheet": "data"})
    assert rows_of(path) == [(3, [17850.0, date(2011, 3, 5), 2.0]), (5, ["A", 40607.0, ""])]


def test_a_sheet_is_chosen_by_name_or_number(tmp_path: Path) -> None:
    path = a_workbook(tmp_path / "a.xlsx", {"one": [["a"], [1]], "two": [["b"], [2]]})
    assert open_table(path).header == ("a",)
    assert open_table(path, sheet="two").header == ("b",)
    assert open_table(path, sheet="2").header == ("b",)
    with pytest.raises(Invalid, match="there is no sheet three; there are: one, two"):
        open_table(path, sheet="three")
    with pytest.raises(Invalid, match="no sheet to choose"):
        open_table(a_file(tmp_path, "a,b\n1,2\n"), sheet="one")


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("1,234.56", POINT, "1234.56"),
        ("1.234,56", COMMA, "1234.56"),
        ("1 234,56", COMMA, "1234.56"),
        ("1\u00a0234\u202f567,8", COMMA, "1234567.8"),
        ("1'234.56", POINT, "1234.56"),
        ("1’234’567.5", POINT, "1234567.5"),
        ("12,34,567.8", POINT, "1234567.8"),
        ("(123)", POINT, "-123"),
        ("-123", POINT, "-123"),
        ("123-", POINT, "-123"),
        ("−5", POINT, "-5"),
        ("$1,234", POINT, "1234"),
        ("($5.10)", POINT, "-5.10"),
        ("-€ 5,10", COMMA, "-5.10"),
        ("5,10 EUR", COMMA, "5.10"),
        ("NT$1,000", POINT, "1000"),
        ("7 %", POINT, "0.07"),
        ("(5%)", POINT, "-0.05"),
        ("１２３", POINT, "123"),
        ("1.2E+03", POINT, "1200"),
        (".5", POINT, "0.5"),
        ("0", COMMA, "0"),
        (2.5, POINT, "2.5"),
        (3, COMMA, "3"),
        (0.1, POINT, "0.1"),
    ],
)
def test_numbers_as_people_write_them(cell: Any, mark: str, value: str) -> None:
    assert read_number(cell, mark) == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "mark", "said"),
    [
        ("1,5", POINT, "1,5 is not a number with a decimal point"),
        ("1.5.2", COMMA, "1.5.2 is not a number with a decimal comma"),
        ("abc", POINT, "abc is not a number"),
        ("", POINT, "is empty"),
        ("  ", POINT, "is empty"),
        ("1e999", POINT, "1e999 is not a number"),
        ("9" * 40, POINT, "has more than 30 digits"),
        ("5 apples", POINT, "5 apples is not a number"),
        (True, POINT, "True is not a number"),
        (float("nan"), POINT, "nan is not a number"),
        (date(2024, 1, 1), POINT, "2024-01-01 is not a number"),
    ],
)
def test_what_is_no_number_is_said_plainly(cell: Any, mark: str, said: str) -> None:
    with pytest.raises(NotANumber) as caught:
        read_number(cell, mark)
    assert said in caught.value.message.format(**caught.value.params)


def survey_of(*cells: Any) -> Survey:
    survey = Survey()
    for line, cell in enumerate(cells, start=2):
        survey.see(cell, line)
    return survey


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1.234", "5", "1,5"], COMMA),
        (["1,234", "12.50"], POINT),
        (["1.234.567"], COMMA),
        (["1,234,567"], POINT),
        (["0,125"], COMMA),
        (["1234,567"], COMMA),
        (["1.5", "2.5", "3,5"], POINT),
        (["1.234", "99.999"], None),
        (["1", "2"], None),
    ],
)
def test_the_decimal_mark_of_a_column_is_decided_from_all_its_cells(cells: list[str], mark: str | None) -> None:
    survey = survey_of(*cells)
    assert survey.decided == mark
    assert survey.is_undecided == (cells == ["1.234", "99.999"])


def test_currencies_are_told_apart_and_a_dollar_sign_goes_with_its_code() -> None:
    assert currencies_of([survey_of("€ 5", "5", "$ 6")]) == {"EUR": 2, "$": 4}
    assert currencies_of([survey_of("$ 5", "USD 6")]) == {"USD": 3}
    assert currencies_of([survey_of("5", "6")]) == {}


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        *((text, "dmy", date(2011, 3, 5)) for text in ("2011-03-05", "05/03/2011 12:30", "5.3.11", "5-3-2011", "2011/3/5")),
        *((text, "mdy", date(2011, 3, 5)) for text in ("2011年3月5日", "20110305", "3/5/2011", "Mar 5, 2011", "5 March 2011")),
        *((text, "ymd", date(2011, 3, 5)) for text in ("11/03/05", "05-Mar-11", "2011-03-05T10:00:00Z", "100/03/05")),
        ("民國100年3月5日", "dmy", date(2011, 3, 5)),
        ("31 juillet 2011", "dmy", date(2011, 7, 31)),
        ("3 juin 2011", "dmy", date(2011, 6, 3)),
        ("12/1/2010 8:26", "mdy", date(2010, 12, 1)),
        ("40607.35", "dmy", date(2011, 3, 5)),
        (40607.35, "dmy", date(2011, 3, 5)),
        (datetime(2011, 3, 5, 8, 30), "dmy", date(2011, 3, 5)),  # noqa: DTZ001 - cells have no zone
        ("2011", "dmy", 2011),
        ("2011.0", "dmy", 2011),
        ("FY2011", "dmy", 2011),
        ("2011年度", "dmy", 2011),
        (2011.0, "dmy", 2011),
        ("1/2/68", "dmy", date(2068, 2, 1)),
        ("1/2/69", "dmy", date(1969, 2, 1)),
    ],
)
def test_dates_in_all_common_orders(cell: Any, order: str, day: date | int) -> None:
    assert Calendar(order).read(cell) == day


@pytest.mark.parametrize("cell", ["2011-02-30", "31/02/2024", "13/13/2011", "soon", "", None, "1", 3, True, 1e9])
def test_what_is_no_day_is_refused(cell: Any) -> None:
    with pytest.raises(NotADay):
        Calendar("dmy").read(cell)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["01/02/2011", "25/02/2011"], "dmy"),
        (["01/02/2011", "02/25/2011"], "mdy"),
        (["11/02/01", "45/02/13"], "ymd"),
        (["01/02/2011"], None),
        (["2011-01-02"], None),
    ],
)
def test_the_order_of_dates_is_decided_from_all_cells(cells: list[str], order: str | None) -> None:
    survey = DaySurvey()
    for cell in cells:
        survey.see(cell)
    assert survey.decided == order
    assert survey.is_undecided == (cells == ["01/02/2011"])
