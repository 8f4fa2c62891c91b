"""kam-assess accounts, and report --accounts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.cli.conftest import VECTORS, Command

YEARS = (
    "account,year,revenue,contribution,cost_to_serve,key_account\n"
    + "".join(
        f"Account {n},{year},{100 * n},{20 * n},{5 * n},{'yes' if n > 9 else 'no'}\n"
        for n in range(1, 13)
        for year in (2023, 2024)
    )
    + "=cmd|' /C calc'!A0,2024,5,1,1,no\n"
)
TRANSACTIONS = (
    "CustomerID;InvoiceDate;Quantity;UnitPrice\n"
    "17850;05.03.2011;2;1,50\n17850;25.03.2011;-1;1,50\n;25.03.2011;9;9,00\n12583;01.01.2010;x;1,00\n"
)


def test_json_is_on_stdout_and_remarks_on_stderr(command: Command, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TRANSACTIONS)
    mapping = "account=CustomerID,date=InvoiceDate,quantity=Quantity,price=UnitPrice"
    result = command("accounts", "t.csv", "--map", mapping, "--format", "json")
    assert result.code == 0
    content = json.loads(result.out)
    agreed = ("schema", "lines_read", "lines_without_account", "lines_unreadable", "accounts", "accounts_not_positive")
    assert [content[key] for key in agreed] == ["kam-accounts/1", 4, 1, 1, 1, 0]
    assert content["total"]["revenue"] == 1.5
    assert list(content["years"]) == ["2011"]
    assert content["unreadable"] == [{"line": 5, "reason": "quantity: x is not a number"}]
    assert "t.csv:5: quantity: x is not a number" in result.err


def test_without_a_map_the_columns_are_guessed_and_shown(command: Command, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TRANSACTIONS)
    result = command("accounts", "t.csv", "--format", "json")
    assert result.code == 0
    assert "--map account=CustomerID,date=InvoiceDate,quantity=Quantity,price=UnitPrice" in result.err
    assert "05.03.2011" in result.err
    assert json.loads(result.out)["accounts"] == 1


def test_figures_for_people(command: Command, tmp_path: Path) -> None:
    (tmp_path / "y.csv").write_text(YEARS)
    result = command("accounts", "y.csv")
    assert result.code == 0
    assert "25 lines: 0 without an account, 0 unreadable; 13 accounts, 0 at or below zero" in result.out
    total = next(line for line in result.out.splitlines() if line.startswith("Total"))
    assert total.split() == ["Total", "15,605.00", "13", "15.4%", "96.1%", "0.1068", "9.4", "3", "42.3%"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--map", "account=Nobody"), "y.csv:1: there is no column Nobody"),
        (("--sheet", "1"), "y.csv: is not a workbook"),
        (("--retention", "0.9"), "lifetime values need all of --retention, --discount and --lifetime"),
        (("--retention", "2", "--discount", "0.1", "--lifetime", "5"), "are shares from 0 to 1"),
        (("-o", "figures.pdf"), "the ending of the file must be one of: .xlsx .json"),
        (("--group", "none.csv"), "none.csv: there is no such file"),
    ],
)
def test_wrong_input_is_said_and_ends_with_2(command: Command, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "y.csv").write_text(YEARS)
    result = command("accounts", "y.csv", *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_the_workbook_holds_numbers_and_never_a_formula(command: Command, tmp_path: Path, language: str) -> None:
    (tmp_path / "y.csv").write_text(YEARS)
    options = ("--retention", "0.9", "--discount", "0.1", "--lifetime", "3", "--lang", language)
    assert command("accounts", "y.csv", "-o", "figures.xlsx", *options).code == 0
    book = CalamineWorkbook.from_path(tmp_path / "figures.xlsx")
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert len(sheets) == 4
    assert sheets[0][3][1] == 15605
    assert "=cmd|' /C calc'!A0" in [row[0] for row in sheets[1]]
    first = (tmp_path / "figures.xlsx").read_bytes()
    command("accounts", "y.csv", "-o", "figures.xlsx", *options)
    assert (tmp_path / "figures.xlsx").read_bytes() == first


def test_names_can_be_hidden(command: Command, tmp_path: Path) -> None:
    (tmp_path / "y.csv").write_text(YEARS)
    for mapping in ([], ["--map", "account=account,revenue=revenue"]):
        result = command("accounts", "y.csv", "--anonymous-accounts", "--format", "json", *mapping)
        assert "Account 1" not in result.out + result.err
        assert json.loads(result.out)["largest"][0]["account"] == "#1"


def test_the_report_carries_the_figures(command: Command, tmp_path: Path) -> None:
    (tmp_path / "y.csv").write_text(YEARS)
    result = command(
        "report", VECTORS / "self.answers.yaml", "-o", "r.json", "--accounts", "y.csv", "--questionnaires", VECTORS
    )
    assert result.code == 0
    part = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["accounts"]
    assert [row["id"] for row in part["concentration"]["rows"]] == ["2023", "2024", "total"]
    assert part["concentration"]["rows"][-1]["ten"]["text"] == "96.1%"
    assert part["tiers"]["reason"]
