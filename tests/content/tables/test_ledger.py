"""From lines to accounts: mapping, refunds, gaps, groups, currencies, what is left out and why."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.content.tables import ledger as books
from assess.content.tables.duplicates import core_name, suggest_groups
from assess.content.tables.ledger import Reading, read_groups, read_ledger
from assess.content.tables.mapping import apply_map, describe, guess, preview, read_map, wanted_columns
from assess.content.tables.sources import open_table
from assess.core.accounts import Account, AccountYear, Ledger
from assess.core.errors import Invalid


def a_file(folder: Path, text: str, name: str = "accounts.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def reading(folder: Path, text: str, mapping: str | None = None, **choices: Any) -> Reading:
    asked, wrong = read_map([] if mapping is None else [mapping])
    table = open_table(a_file(folder, text), wanted=wanted_columns(asked))
    return read_ledger(table, guess(table) if mapping is None else apply_map(asked, table, wrong), **choices)


def revenues(ledger: Ledger) -> dict[str, Fraction]:
    return {account.name: account.total.revenue for account in ledger.accounts}


TRANSACTIONS = """InvoiceNo,CustomerID,InvoiceDate,Quantity,UnitPrice
1,17850,12/1/2010 8:26,6,2.55
2,17850,12/9/2011 12:50,2,3.39
C3,17850,12/9/2011 13:00,-1,2.55
4,,12/9/2011 13:00,10,100
5,n/a,12/9/2011 13:00,10,100
6,12583,1/13/2011 9:00,24,0.85
7,12583,1/13/2011 9:00,x,0.85
8,12583,2/30/2011 9:00,1,0.85
9,13000,1/13/2011 9:00,-5,1.00
"""
MAP = "account=CustomerID,date=InvoiceDate,quantity=Quantity,price=UnitPrice"


def test_transactions_worked_by_hand(tmp_path: Path) -> None:
    ledger = reading(tmp_path, TRANSACTIONS, MAP).ledger
    assert (ledger.lines_read, ledger.lines_without_account, ledger.lines_unreadable) == (9, 2, 2)
    assert revenues(ledger) == {"17850": Fraction("19.53"), "12583": Fraction("20.4"), "13000": Fraction(-5)}
    by_year = {account.name: {year: one.revenue for year, one in account.years.items()} for account in ledger.accounts}
    assert by_year["17850"] == {2010: Fraction("15.3"), 2011: Fraction("4.23")}
    assert [(one.line, one.text) for one in ledger.unreadable] == [
        (8, "quantity: x is not a number"),
        (9, "date: 2/30/2011 is not a date"),
    ]
    assert [day.isoformat() for day in ledger.days[2011]] == ["2011-01-13", "2011-12-09"]


@pytest.mark.parametrize("cell", ["", "  ", "(blank)", "(BLANK)", "n/a", "N/A", "#N/A", "null", "NULL", "-", " - "])
def test_these_cells_are_no_account(tmp_path: Path, cell: str) -> None:
    ledger = reading(tmp_path, f"account,revenue\nA,1\n{cell},2\n").ledger
    assert (ledger.lines_without_account, list(revenues(ledger))) == (1, ["A"])


@pytest.mark.parametrize("cell", ["NA", "none", "nan", "0", "--", "blank"])
def test_these_cells_are_accounts(tmp_path: Path, cell: str) -> None:
    ledger = reading(tmp_path, f"account,revenue\nA,1\n{cell},2\n").ledger
    assert (ledger.lines_without_account, sorted(revenues(ledger))) == (0, sorted(["A", cell]))


def test_each_line_may_be_an_account_and_revenue_a_sum_of_columns(tmp_path: Path) -> None:
    ledger = reading(tmp_path, "Fresh,Milk\n1,2\n3,\n,\n", "account=#,revenue=Fresh+Milk").ledger
    assert revenues(ledger) == {"2": 3, "3": 3}
    # a line of nothing but separators is blank, not an account
    assert (ledger.lines_read, ledger.lines_unreadable) == (2, 0)


def test_decimals_add_up_exactly(tmp_path: Path) -> None:
    ledger = reading(tmp_path, "account,revenue\n" + "A,0.1\n" * 10).ledger
    assert revenues(ledger) == {"A": 1}


def test_accounts_per_year_with_everything_there_can_be(tmp_path: Path) -> None:
    text = (
        "account,year,revenue,contribution,cost_to_serve,key_account,stage,proof,wallet,market_growth,manager,sponsor\n"
        "A,2023,100,30,5,yes,2,audit,400,3%,Lin,\n"
        "A,2024,120,-,,yes,3,,500,-1.5%,Chen,CEO\n"
        "B,2024,10,,,no,,,,,,\n"
    )
    ledger = reading(tmp_path, text).ledger
    a, b = ledger.accounts
    assert a.years[2023] == AccountYear(Fraction(100), Fraction(30), Fraction(5), Fraction(400), Fraction(3, 100), is_key=True)
    assert a.years[2024] == AccountYear(Fraction(120), wallet=Fraction(500), market_growth=Fraction(-15, 1000), is_key=True)
    assert (a.is_key, a.stage, a.has_proof, a.managers, a.has_sponsor) == (True, 3, False, {"Lin", "Chen"}, True)
    assert (b.is_key, b.stage, b.managers) == (False, None, frozenset())
    assert ledger.years == (2023, 2024)


def test_a_line_counts_whole_or_not_at_all(tmp_path: Path) -> None:
    ledger = reading(tmp_path, "account,revenue,stage,key_account\nA,1,9,yes\nA,2,1,perhaps\nA,4,1,yes\n").ledger
    assert revenues(ledger) == {"A": 4}
    said = [one.text for one in ledger.unreadable]
    assert said == ["stage: 9 is not a stage from 1 to 4", "key_account: perhaps is neither yes nor no"]


def test_cells_beyond_the_header_make_a_line_unreadable(tmp_path: Path) -> None:
    ledger = reading(tmp_path, "account,revenue\nA,1\nB,1,234\nC,5,\n").ledger
    assert revenues(ledger) == {"A": 1, "C": 5}
    assert ledger.unreadable[0].line == 3


def test_only_the_first_unreadable_lines_are_kept(tmp_path: Path) -> None:
    ledger = reading(tmp_path, "account,revenue\nA,1\n" + "A,x\n" * 50).ledger
    assert (ledger.lines_unreadable, len(ledger.unreadable)) == (50, 20)


def test_growth_without_percent_signs_is_percent_where_it_can_be_nothing_else(tmp_path: Path) -> None:
    head = "account,year,revenue,market_growth\n"
    percent = reading(tmp_path, head + "A,2024,1,5\nB,2024,1,0.5\n")
    assert [a.years[2024].market_growth for a in percent.ledger.accounts] == [Fraction(5, 100), Fraction(5, 1000)]
    assert "read as percent" in percent.notes[0].message
    share = reading(tmp_path, head + "A,2024,1,0.05\n")
    assert share.ledger.accounts[0].years[2024].market_growth == Fraction(5, 100)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("account;revenue\nA;1.234\n", 1234),
        ("account,revenue\nA,1.234\n", Fraction("1.234")),
        ('account,revenue\nA,"1,234"\n', 1234),
        ("account;revenue\nA;1,234\n", Fraction("1.234")),
    ],
)
def test_numbers_that_can_be_read_in_two_ways_follow_the_separator_and_are_said(
    tmp_path: Path, text: str, value: Fraction
) -> None:
    found = reading(tmp_path, text)
    assert revenues(found.ledger) == {"A": value}
    assert "may mean two things" in found.notes[0].message
    other = "," if found.formats.decimals[1] == "." else "."
    assert revenues(reading(tmp_path, text, decimal=other).ledger) != {"A": value}


def test_one_column_tells_the_decimal_mark_of_another(tmp_path: Path) -> None:
    found = reading(
        tmp_path, "account\tquantity\tprice\nA\t2\t1.234\nA\t1,5\t2.000\n", "account=account,quantity=quantity,price=price"
    )
    assert revenues(found.ledger) == {"A": 2 * 1234 + Fraction(3, 2) * 2000}


def test_dates_that_can_be_read_in_two_ways_are_said(tmp_path: Path) -> None:
    text = "account,date,revenue\nA,01/02/2011,1\n"
    found = reading(tmp_path, text)
    assert "--dates dmy|mdy|ymd" in found.notes[0].message
    assert reading(tmp_path, text, dates="mdy").notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "account,revenue,currency\nA,1,EUR\nA,1,EUR\nB,2,USD\n",
        "account,revenue\nA,€ 1\nA,€ 1\nB,$ 2\n",
        "account,quantity,price\nA,1,5 EUR\nA,1,5 EUR\nB,1,5 CHF\n",
    ],
)
def test_several_currencies_are_refused_with_the_line_of_the_second(tmp_path: Path, text: str) -> None:
    with pytest.raises(Invalid, match=r"accounts.csv:4: holds several currencies \("):
        reading(tmp_path, text)


def test_one_currency_is_fine(tmp_path: Path) -> None:
    assert revenues(reading(tmp_path, "account,revenue,currency\nA,$1,usd\nB,2,USD\nC,3,\n").ledger) == {"A": 1, "B": 2, "C": 3}


def test_a_group_column_and_a_group_file_put_accounts_together(tmp_path: Path) -> None:
    text = "account,revenue,group\nA,1,G\nB,2,G\nC,4,-\n"
    assert revenues(reading(tmp_path, text).ledger) == {"G": 3, "C": 4}
    groups = read_groups(open_table(a_file(tmp_path, "account,group\nA,Group\nC,Group\nZ,Other\n", "groups.csv")))
    found = reading(tmp_path, "account,revenue\nA,1\nB,2\nC,4\n", groups=groups)
    assert revenues(found.ledger) == {"Group": 5, "B": 2}
    assert [str(note) for note in found.notes] == ["no line is of the account Z"]


def test_an_account_in_two_groups_is_refused(tmp_path: Path) -> None:
    table = open_table(a_file(tmp_path, "account,group\nA,G\nA,H\n"))
    with pytest.raises(Invalid, match=r"accounts\.csv:3: the account A is given the groups G and H"):
        read_groups(table)


def test_columns_are_guessed_from_names_in_three_languages(tmp_path: Path) -> None:
    for header, mapping in {
        "CustomerID,InvoiceDate,Quantity,UnitPrice": MAP,
        "客戶名稱,年度,營業額": "account=客戶名稱,year=年度,revenue=營業額",
        "客户名称,开票日期,销售额,毛利": "account=客户名称,date=开票日期,revenue=销售额,contribution=毛利",
        "Customer ID,Invoice Date,Quantity,Price": "account=Customer ID,date=Invoice Date,quantity=Quantity,price=Price",
        "Kunde;Jahr;Umsatz": "account=Kunde,year=Jahr,revenue=Umsatz",
    }.items():
        table = open_table(a_file(tmp_path, f"{header}\n1{';' if ';' in header else ','}1\n"))
        assert describe(guess(table), table) == mapping


def test_what_cannot_be_guessed_is_asked_for_with_the_columns_there_are(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        reading(tmp_path, "Channel,Fresh\nRetail,1\n")
    said = [problem.text for problem in caught.value.problems]
    assert "there are: Channel, Fresh" in said[0]
    assert [text[:40] for text in said[1:]] == [
        "no column is mapped to account; use --ma",
        "no column is mapped to revenue, nor to q",
    ]


def test_an_unknown_column_is_named_with_what_it_may_have_been_meant_to_be(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        reading(tmp_path, TRANSACTIONS, "account=CustomrID,revenue=Nothing")
    said = [problem.text for problem in caught.value.problems]
    assert "there is no column CustomrID; did you mean CustomerID?" in said[0]
    assert "there is no column Nothing; there are: InvoiceNo" in said[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account", "account is not of the form part=column"),
        ("acount=A", "there is no part acount"),
        ("account=A,account=B", "the part account is given twice"),
        ("account=", "is not of the form part=column"),
    ],
)
def test_a_map_that_is_none_is_said(text: str, said: str) -> None:
    _, problems = read_map([text])
    assert [said in str(problem) for problem in problems] == [True]


def test_all_that_is_wrong_with_a_map_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        reading(tmp_path, "account,revenue\nA,1\n", "account=acount,revenue=revenu,foo=1")
    assert [str(one).split(";")[0] for one in caught.value.problems] == [
        "--map: there is no part foo",
        f"{tmp_path / 'accounts.csv'}:1: there is no column acount",
        f"{tmp_path / 'accounts.csv'}:1: there is no column revenu",
    ]


def test_a_header_below_titles_is_found_by_names_in_another_case(tmp_path: Path) -> None:
    text = "Report 2011;;\nPrinted;2012-01-01;\n\naccount;year;revenue\nA;2011;5\n"
    assert revenues(reading(tmp_path, text, "account=Account,year=Year,revenue=Revenue").ledger) == {"A": 5}


@pytest.mark.parametrize("growth", ["5.5", "5,5", "+5.0", "12.25"])
def test_growth_with_decimals_is_percent_too(tmp_path: Path, growth: str) -> None:
    text = f"account;year;revenue;wallet;market_growth\nA;2010;100;200;{growth}\nA;2011;120;200;{growth}\n"
    found = reading(tmp_path, text)
    (account,) = found.ledger.accounts
    assert account.years[2011].market_growth == Fraction(growth.replace(",", ".")) / 100
    assert "read as percent" in str(found.notes[0])


def test_growth_below_two_is_a_share(tmp_path: Path) -> None:
    found = reading(tmp_path, "account,year,revenue,market_growth\nA,2010,100,0.055\nB,2010,100,1.5\n")
    assert [account.years[2010].market_growth for account in found.ledger.accounts] == [Fraction("0.055"), Fraction("1.5")]


@pytest.mark.parametrize(
    "text",
    [
        "account,revenue,cost_to_serve\nA,$100,€5\n",
        "account,revenue,wallet\nA,$100,£500\n",
        "account,revenue,currency\nA,100,EUR\nB,5,$\n",
    ],
)
def test_two_currencies_are_two_wherever_they_stand(tmp_path: Path, text: str) -> None:
    with pytest.raises(Invalid, match="several currencies"):
        reading(tmp_path, text)


def test_signs_and_codes_of_one_currency_are_one(tmp_path: Path) -> None:
    text = "account,revenue,currency\nA,100,EUR\nB,5,€\nC,5,eur\nD,1,n/a\n"
    assert sum(revenues(reading(tmp_path, text).ledger).values()) == 111
    text = 'account,revenue\nA,"KRW 1,000"\nB,"2,000 KRW"\nC,₩5\n'
    assert sum(revenues(reading(tmp_path, text).ledger).values()) == 3005


@pytest.mark.parametrize("cell", ["NZ$ 1,000", "CA$1,000", "AU$1,000", "NT$1,000"])
def test_dollars_of_all_sorts_are_numbers(tmp_path: Path, cell: str) -> None:
    assert revenues(reading(tmp_path, f'account,revenue\nA,"{cell}"\n').ledger) == {"A": 1000}


def test_marks_as_other_programs_write_them(tmp_path: Path) -> None:
    found = reading(tmp_path, "account,revenue,stage,key_account\nA,100,2.0,J\nB,200,,N\nC,50,3,T\n")
    assert revenues(found.ledger) == {"A": 100, "B": 200, "C": 50}
    assert [(one.stage, one.is_key) for one in found.ledger.accounts] == [(2, True), (None, False), (3, True)]


def test_the_stage_is_that_of_the_newest_day(tmp_path: Path) -> None:
    found = reading(tmp_path, "account,date,revenue,stage\nA,2011-01-10,1,3\nA,2011-12-10,1,2\nA,2011-06-10,1,4\n")
    assert found.ledger.accounts[0].stage == 2


def test_an_addend_that_says_there_is_none_is_nothing(tmp_path: Path) -> None:
    found = reading(tmp_path, "account,q1,q2\nA,5,-\nB,n/a,7\nC,,\n", "account=account,revenue=q1+q2")
    assert revenues(found.ledger) == {"A": 5, "B": 7}


def test_column_names_may_hold_commas_and_plus_signs_and_differ_in_case(tmp_path: Path) -> None:
    text = '"Name, full","A+B",Year\nX,5,2024\n'
    assert revenues(reading(tmp_path, text, "account=Name, full,revenue=A+B,year=YEAR").ledger) == {"X": 5}


def test_a_map_that_fits_twice_or_contradicts_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="the column A is there 2 times"):
        reading(tmp_path, "A,A,R\n1,2,3\n", "account=A,revenue=R")
    with pytest.raises(Invalid, match="either revenue is mapped, or quantity and price"):
        reading(tmp_path, "A,Q,R\n1,2,3\n", "account=A,revenue=R,quantity=Q")


def test_the_preview_shows_the_parts_above_their_first_cells(tmp_path: Path) -> None:
    table = open_table(a_file(tmp_path, TRANSACTIONS))
    found = read_ledger(table, guess(table))
    shown = preview(guess(table), [cells for _, cells in found.preview])
    assert shown[:2] == [["account", "date", "quantity", "price"], ["17850", "12/1/2010 8:26", "6", "2.55"]]
    assert len(shown) == 6


def test_a_header_alone_is_no_file_of_accounts(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="has a header and no lines below it"):
        reading(tmp_path, "account,revenue\n")


def test_more_accounts_than_can_be_meant_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MAX_ACCOUNTS", 3)
    with pytest.raises(Invalid, match=r"accounts\.csv:5: has more than 3 accounts: is account the right column\?"):
        reading(tmp_path, "account,revenue\nA,1\nB,1\nC,1\nD,1\n")


def test_names_that_may_be_one_customer_are_suggested_and_not_put_together(tmp_path: Path) -> None:
    names = [
        "Acme Corp.",
        "ACME Corporation",
        "acme",
        "Müller GmbH",
        "Mueller AG",
        "ＡＣＭＥ",
        "Globex",
        "Contoso Foods",
        "Contoso Food",
    ]
    text = "account,revenue\n" + "".join(f'"{name}",{place + 1}\n' for place, name in enumerate(names))
    ledger = reading(tmp_path, text).ledger
    assert len(ledger.accounts) == len(names)
    assert suggest_groups(ledger.accounts) == (
        ("Contoso Food", "Contoso Foods"),
        ("ＡＣＭＥ", "acme", "ACME Corporation", "Acme Corp."),
    )


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("台灣積體電路製造股份有限公司", "台灣積體電路製造"),
        ("华为技术有限公司", "华为技术"),
        ("O'Neill & Sons Ltd.", "oneillsons"),
        ("17850", ""),
        ("C-4711", ""),
        ("Plant 7", "plant7"),
    ],
)
def test_what_is_compared_of_a_name(name: str, core: str) -> None:
    assert core_name(name) == core


def test_numbers_in_names_tell_customers_apart() -> None:
    accounts = [Account(f"Distribution Centre {n}", {None: AccountYear(Fraction(1))}) for n in (1, 2, 3)]
    assert suggest_groups(accounts) == ()


cells = st.tuples(
    st.sampled_from(["A", "B", "C", "", "n/a", "D"]),
    st.sampled_from(["2010-12-31", "2011-01-01", "2011-06-30"]),
    st.integers(-50, 50),
    st.integers(0, 10**6).map(lambda mills: Decimal(mills).scaleb(-3)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(cells, min_size=1, max_size=40), st.booleans())
def test_sums_equal_an_independent_calculation(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, str, int, Decimal]], comma: bool
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    with (folder / "t.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=";" if comma else ",")
        writer.writerow(["account", "date", "quantity", "price"])
        for name, day, quantity, price in drawn:
            text = f"{price:.4f}"
            writer.writerow([name, day, quantity, text.replace(".", ",") if comma else text])
    table = open_table(folder / "t.csv")
    ledger = read_ledger(table, guess(table)).ledger
    plain: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for name, day, quantity, price in drawn:
        if name not in ("", "n/a"):
            plain[name, int(day[:4])] += quantity * price
    found = {(account.name, year): one.revenue for account in ledger.accounts for year, one in account.years.items()}
    assert found == {key: Fraction(value) for key, value in plain.items()}
    assert ledger.lines_without_account == sum(name in ("", "n/a") for name, *_ in drawn)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_bring_the_reader_down(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "t.csv"
    path.write_bytes(random.Random(1).choice([b"account,revenue\n", b""]) + content)
    try:
        table = open_table(path)
        read_ledger(table, apply_map({"account": "#", "revenue": table.header[0]}, table))
    except Invalid as error:
        said = str(error)
        problems = len(error.problems)
    else:
        said, problems = "read", 1
    assert said
    assert problems
