"""The company's own accounts on the web: who may, the whole way, what is hostile, what is kept and what is not."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from errno import EIO, ENOSPC
from io import FileIO
from os import strerror
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from assess.jobs import Limits
from assess.storage import readings as rows
from assess.usecases import assessments, readings, snapshots
from assess.usecases.installation import Installation
from tests.web.accounts import YEARLY, accounts_file, choose, measure, send, work
from tests.web.cast import Cast, assemble
from tests.web.conftest import Person
from tests.web.pages import ask_document

ADDRESSES = {"upload": 303, "columns": 303, "retry": 303, "again": 303, "stop": 303, "groups": 303, "delete": 303}


@pytest.fixture
def lea(rosa: Person) -> Person:
    """Somebody who claims level 4 in everything."""
    rosa.start(name="Acme")
    rosa.answer_all("4")
    return rosa


@pytest.fixture(scope="module")
def cast(app: Flask, installation: Installation) -> Cast:
    return assemble(app, installation)


def files_of(person: Person) -> list[Path]:
    folder = readings.uploads(person.installation.settings)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def page(person: Person) -> str:
    answer = person.get(f"{person.link}accounts/")
    assert answer.status_code == 200
    return answer.text


def table(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


# The whole way


def test_a_file_becomes_figures_and_is_deleted(lea: Person) -> None:
    before = files_of(lea)
    text = measure(lea, retention="90", discount="8", lifetime="5")
    assert "ten largest accounts" in text
    assert text.count("<svg") >= 5
    assert "<strong>contradicted</strong>" in text
    assert "90" in text
    assert files_of(lea) == before
    figures = json.loads(lea.get(f"{lea.link}accounts/figures.json").text)
    assert (figures["schema"], figures["lines_read"], figures["accounts"]) == ("kam-accounts/1", 120, 40)
    assert list(figures["years"]) == ["2023", "2024", "2025"]
    expected = sum(1000 * (40 - n) ** 2 * 3 + 30 for n in range(10)) / sum(1000 * (40 - n) ** 2 * 3 + 30 for n in range(40))
    assert figures["total"]["cr10"] == round(expected, 4)
    assert {claim["state"] for claim in figures["claims"]} >= {"contradicted"}
    workbook = lea.get(f"{lea.link}accounts/figures.xlsx")
    assert zipfile.ZipFile(io.BytesIO(workbook.data)).testzip() is None


def test_no_figure_changes_a_score(lea: Person) -> None:
    before = assessments.evaluate_open(lea.opened).scorecard
    measure(lea)
    measured = readings.measured_of(lea.installation, lea.opened)
    assert measured is not None
    assert readings.evaluate_measured(lea.opened, measured).scorecard == before


def test_the_upload_is_private_to_the_program_and_waits_for_its_columns(lea: Person) -> None:
    known = set(files_of(lea))
    send(lea, accounts_file())
    (path,) = set(files_of(lea)) - known
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "waiting for its turn" in page(lea)
    assert lea.get(f"{lea.link}accounts/state").json == {"state": "queued", "progress": 0}
    work(lea)
    text = page(lea)
    assert "This is a guess" in text
    assert text.count(" selected") >= len(YEARLY)
    assert "<noscript><meta" not in text
    lea.post(f"{lea.link}accounts/stop")
    assert set(files_of(lea)) == known
    assert "Upload and look" in page(lea)


def test_what_is_chosen_is_kept_and_shown_as_it_is_read(lea: Person) -> None:
    send(lea, table("wer;wann;was", "A;03.04.2025;1.234,50", "B;05.06.2025;2.000,25", "C;oops;7,00"), "x.csv")
    work(lea)
    answer = choose(lea, {0: "account", 1: "date", 2: "revenue"}, then="show")
    assert answer.status_code == 303
    text = page(lea)
    assert "was: decimal comma" in text
    assert "1,234.5<" in text
    assert "3 Apr 2025" in text
    assert 'class="unread"' in text
    assert "two things" in text
    choose(lea, {0: "account", 1: "date", 2: "revenue"}, then="show", dates="mdy")
    assert "4 Mar 2025" in page(lea)
    choose(lea, {0: "account", 1: "date", 2: "revenue"}, dates="mdy")
    work(lea)
    text = page(lea)
    assert "x.csv:4: date: oops is not a date" in text
    assert "month, day, year" in text
    assert "--dates" not in text


def test_what_the_columns_lack_is_said_beside_what_was_typed(lea: Person) -> None:
    send(lea, table("a,b,c", "1,2,3"), "x.csv")
    work(lea)
    answer = choose(lea, {0: "revenue", 1: "quantity"}, retention="90", lifetime="99")
    assert answer.status_code == 422
    assert "all three assumptions" in answer.text or "from 1 to 50" in answer.text
    answer = choose(lea, {0: "revenue", 1: "quantity"})
    assert answer.status_code == 422
    assert "Please say which column is the account" in answer.text
    assert "Either revenue is chosen, or quantity and price: not both" in answer.text
    assert '<option value="quantity" selected>' in answer.text


def test_duplicates_are_suggested_and_put_together_only_when_ticked(lea: Person) -> None:
    content = table("account,revenue", "Acme Ltd,10", "ACME Limited,20", "Other,5", "Globex GmbH,7", "Globex AG,8")
    text = measure(lea, content, {0: "account", 1: "revenue"})
    assert "Acme Ltd" in text
    assert readings.measured_of(lea.installation, lea.opened).figures.accounts == 5  # type: ignore[union-attr]
    place = [names[0] for names in readings.reading_of(lea.installation, lea.opened).alike].index("ACME Limited")  # type: ignore[union-attr]
    lea.post(f"{lea.link}accounts/groups", {"group": str(place), "then": "together"})
    work(lea)
    measured = readings.measured_of(lea.installation, lea.opened)
    assert measured is not None
    assert measured.figures.accounts == 4
    assert measured.figures.largest[0].name == "ACME Limited"
    assert measured.figures.largest[0].revenue == 30
    lea.post(f"{lea.link}accounts/groups", {"then": "apart"})
    assert readings.reading_of(lea.installation, lea.opened) is None
    assert readings.measured_of(lea.installation, lea.opened) == measured


def test_a_kept_upload_can_be_read_again_and_deleted(lea: Person) -> None:
    known = set(files_of(lea))
    send(lea, accounts_file(), keep="y")
    work(lea)
    choose(lea, YEARLY)
    work(lea)
    assert "The upload is kept" in page(lea)
    assert len(set(files_of(lea)) - known) == 1
    lea.post(f"{lea.link}accounts/again")
    work(lea)
    assert "Which column is what?" in page(lea)
    choose(lea, {0: "account", 2: "revenue"})
    work(lea)
    assert readings.measured_of(lea.installation, lea.opened).figures.years == {}  # type: ignore[union-attr]
    lea.post(f"{lea.link}accounts/stop")
    assert set(files_of(lea)) == known


def test_hidden_names_are_nowhere(lea: Person) -> None:
    text = measure(lea, hides_names="y")
    assert "#1" in text
    for shown in (text, lea.get(f"{lea.link}accounts/figures.json").text):
        assert "A00" not in shown
        assert "A01" not in shown


def test_figures_are_deleted_only_after_a_question(lea: Person) -> None:
    measure(lea)
    assert "Keep them" in lea.get(f"{lea.link}accounts/delete").text
    assert readings.measured_of(lea.installation, lea.opened) is not None
    assert lea.post(f"{lea.link}accounts/delete").status_code == 303
    assert readings.measured_of(lea.installation, lea.opened) is None
    assert lea.get(f"{lea.link}accounts/figures.json").status_code == 404


def test_reports_and_snapshots_carry_the_figures(lea: Person) -> None:
    without = ask_document(lea, fmt="json")
    measure(lea)
    address = ask_document(lea, fmt="json")
    assert address != without
    work(lea)
    report = lea.get(f"{address}/file").json
    assert "accounts" in report["sections"]
    assert lea.get(f"{without}/file").json["accounts"] is None
    snapshots.close(lea.installation, lea.link.split("/")[2])
    assert "Upload and look" not in page(lea)
    assert lea.post(f"{lea.link}accounts/delete").status_code == 403
    one = snapshots.history(lea.installation, lea.link.split("/")[2])[0]
    assert one.is_whole


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_every_page_is_there_in_every_language(lea: Person, language: str) -> None:
    found = [lea.get(f"{lea.link}{path}?lang={language}") for path in ("accounts/", "accounts/delete")]
    send(lea, accounts_file())
    found.append(lea.get(f"{lea.link}accounts/?lang={language}"))
    work(lea)
    found.append(lea.get(f"{lea.link}accounts/?lang={language}"))
    choose(lea, YEARLY)
    work(lea)
    found.append(lea.get(f"{lea.link}accounts/?lang={language}"))
    for answer in found:
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.text
        assert language == "en" or "Column" not in answer.text


# Who may


@pytest.mark.parametrize("actor", ["anonymous", "foreign respondent", "respondent"])
def test_respondents_and_strangers_never_see_accounts(cast: Cast, actor: str) -> None:
    person = cast.actors[actor]
    for link in {person.link, "/a/stranger/", f"/a/{cast.reply}/"} - {""}:
        for path in ("accounts/", "accounts/state", "accounts/figures.json", "accounts/delete"):
            assert person.get(f"{link}{path}").status_code == 404, path
        for path in ADDRESSES:
            assert person.post(f"{link}accounts/{path}").status_code == 404, path


def test_a_client_lead_looks_and_changes_nothing(cast: Cast) -> None:
    link = f"/a/team-{cast.run.code}/"
    for name in ("client lead", "consultant"):
        cast.actors[name].link = link
    lead, carl = cast.actors["client lead"], cast.actors["consultant"]
    text = measure(carl, accounts_file())
    assert "ten largest accounts" in text
    shown = page(lead)
    assert "ten largest accounts" in shown
    assert "<form" not in shown.partition("<main")[2].partition("</main>")[0]
    assert send(lead, accounts_file()).status_code == 403
    for path in ADDRESSES:
        assert lead.post(f"{link}accounts/{path}").status_code == 403, path
    assert lead.get(f"{link}accounts/figures.json").status_code == 200


def test_another_workspace_finds_nothing(cast: Cast) -> None:
    otto = cast.actors["foreign admin"]
    assert otto.get(f"/a/team-{cast.run.code}/accounts/").status_code == 404
    assert otto.get(f"/a/team-{cast.run.code}/accounts/figures.json").status_code == 404


def test_a_sample_can_be_looked_at_only(otto: Person) -> None:
    otto.link = "/a/sample-advanced/"
    assert "Upload and look" not in page(otto)
    assert send(otto, accounts_file()).status_code == 403


def test_a_form_without_its_token_changes_nothing(lea: Person) -> None:
    answer = lea.client.post(f"{lea.link}accounts/upload", data={"file": (io.BytesIO(b"a,b\n1,2\n"), "x.csv")})
    assert answer.status_code == 400
    assert readings.reading_of(lea.installation, lea.opened) is None
    for path in ("columns", "stop", "retry", "again", "groups", "delete"):
        answer = lea.client.post(f"{lea.link}accounts/{path}")
        assert answer.status_code in (303, 400), path


def test_addresses_of_forms_lead_back_when_they_are_fetched(lea: Person) -> None:
    for path in ("upload", "columns", "retry", "again", "stop", "groups"):
        answer = lea.get(f"{lea.link}accounts/{path}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{lea.link}accounts/")


# What is hostile


def bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to more than any real one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(64):
                sheet.write(b" " * 2**20)
    content = bytearray(stream.getvalue())
    return bytes(content)


def far_cell() -> bytes:
    """A workbook with one cell at the last place there is: as a grid it would take terabytes."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["account", "revenue"])
        sheet.write(1_048_575, 16_383, 1)
    return stream.getvalue()


HOSTILE = {
    "nothing": (b"", "x.csv", "is empty"),
    "blanks": (b" \n \n", "x.csv", "is empty"),
    "another ending": (b"a,b\n1,2\n", "x.exe", "the ending of the file must be one of"),
    "a web page": (b"<html><body>hello", "x.xls", "is a web page or XML"),
    "a broken workbook": (b"PK\x03\x04" + b"\x00" * 200, "x.xlsx", "cannot be read as a workbook"),
    "an old broken one": (b"\xd0\xcf\x11\xe0" + b"\xff" * 600, "x.xls", "cannot be read as a workbook"),
    "a bomb": (bomb(), "x.xlsx", "cannot be read as a workbook"),
    "many columns": (b"a," * 300 + b"\n1,2\n", "x.csv", "has 301 columns; at most 200 can be read"),
    "an open quotation mark": (b'a,b\n"' + b"x" * 200_000, "x.csv", "a quotation mark is opened and not closed"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_file_is_answered_in_words(lea: Person, name: str) -> None:
    content, filename, reason = HOSTILE[name]
    answer = send(lea, content, filename)
    if answer.status_code == 422:
        assert reason in answer.text
        return
    work(lea)
    text = page(lea)
    assert "The file could not be read" in text
    assert reason in text
    assert f"{filename}:" in text or f"{filename}" in text
    assert "uploads" not in text
    lea.post(f"{lea.link}accounts/stop")


def test_a_sheet_as_large_as_can_be_stays_within_its_limits(lea: Person) -> None:
    send(lea, far_cell(), "x.xlsx")
    work(lea, Limits(memory_bytes=700 * 1024**2, cpu_seconds=20, wall_seconds=30))
    assert "memory" in page(lea)


def test_ten_million_columns_stay_within_their_limits(lea: Person) -> None:
    send(lea, b"a," * 10_000_000 + b"\n", "x.csv")
    work(lea, Limits(memory_bytes=700 * 1024**2, cpu_seconds=20, wall_seconds=30))
    text = page(lea)
    assert "The file could not be read" in text
    assert "columns" in text or "memory" in text


def test_binary_rubbish_is_survived(lea: Person) -> None:
    send(lea, bytes(range(256)) * 400, "x.csv")
    work(lea)
    text = page(lea)
    assert "could not be read" in text or "Which column" in text


def test_formulas_stay_text(lea: Person) -> None:
    evil = '=HYPERLINK("http://evil";"x")'
    measure(lea, table("account,revenue", f'"{evil.replace(chr(34), chr(34) * 2)}",10', "+1,5"), {0: "account", 1: "revenue"})
    content = lea.get(f"{lea.link}accounts/figures.xlsx").data
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert sheets
    assert not any(b"<f>" in sheet for sheet in sheets)


def test_names_with_markup_are_shown_as_they_are_written(lea: Person) -> None:
    text = measure(lea, table("account,revenue", "<script>alert(1)</script>,10", "B,5"), {0: "account", 1: "revenue"})
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_a_file_that_is_too_large_is_refused_in_words(lea: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    known = files_of(lea)
    monkeypatch.setattr(readings, "MAX_UPLOAD", 1024**2)
    for size in (1024**2 + 1000, 2 * 1024**2):
        answer = send(lea, b"x" * size)
        assert answer.status_code in (413, 422)
        assert "is larger than 1 MiB" in answer.text
    assert files_of(lea) == known


def test_a_file_of_many_short_lines_and_several_megabytes_arrives_whole(lea: Person) -> None:
    known = set(files_of(lea))
    content = table("account,revenue", *(f"A{n},{n % 97}" for n in range(300_000)))
    assert send(lea, content).status_code == 303
    (path,) = set(files_of(lea)) - known
    assert path.read_bytes() == content
    lea.post(f"{lea.link}accounts/stop")


def test_only_this_address_takes_large_bodies(lea: Person) -> None:
    answer = lea.post(f"{lea.link}accounts/columns", {"c0": "x" * 3_000_000})
    assert answer.status_code == 413


def test_a_full_disk_is_said(lea: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "MAX_ALL_UPLOADS", 0)
    answer = send(lea, accounts_file())
    assert answer.status_code == 507
    assert "no room" in answer.text


@pytest.mark.parametrize(("number", "status", "words"), [(ENOSPC, 507, "no room"), (EIO, 503, "could not be taken right now")])
def test_a_disk_that_gives_up_in_the_middle_of_an_upload_is_said(
    lea: Person, monkeypatch: pytest.MonkeyPatch, number: int, status: int, words: str
) -> None:
    class Refusing(FileIO):
        def write(self, part: Any) -> int:
            if self.tell() > 100_000:
                raise OSError(number, strerror(number))
            return super().write(part)

    def refusing(path: str, mode: str, opener: Callable[[str, int], int]) -> Refusing:
        return Refusing(path, mode, opener=opener)

    known = files_of(lea)
    monkeypatch.setattr(readings, "open", refusing, raising=False)
    content = table("account,revenue", *(f"A{n},{n % 97}" for n in range(100_000)))
    for accepted in ("text/html", "application/json"):
        lea.headers = {"Accept": accepted}
        answer = send(lea, content)
        assert answer.status_code == status
        assert words in answer.text
    assert files_of(lea) == known


def test_programs_get_json(lea: Person) -> None:
    lea.headers = {"Accept": "application/json"}
    assert send(lea, b"", "x.csv").json == {"problems": ["x.csv: is empty"]}
    assert send(lea, accounts_file()).json == {"address": f"{lea.link}accounts/"}


# What goes wrong on the way


def test_a_failure_is_shown_with_its_reason_and_tried_again(lea: Person) -> None:
    send(lea, accounts_file())
    work(lea)
    choose(lea, YEARLY)
    work(lea, Limits(memory_bytes=40 * 1024**2))
    text = page(lea)
    assert "could not be read" in text
    assert "Try again" in text
    lea.post(f"{lea.link}accounts/retry")
    work(lea)
    assert "ten largest accounts" in page(lea)


def test_several_currencies_are_refused_with_the_line(lea: Person) -> None:
    text = measure(lea, table("account,revenue,currency", "A,10,EUR", "B,5,USD"), {0: "account", 1: "revenue", 2: "currency"})
    assert "x.csv" not in text
    assert "accounts.csv:3: Holds several currencies" in text or "accounts.csv:3: holds several currencies" in text
    lea.post(f"{lea.link}accounts/again")
    work(lea)
    assert "Which column is what?" in page(lea)


def test_stopping_takes_the_file_from_under_the_worker(lea: Person) -> None:
    send(lea, accounts_file())
    storage, now = lea.installation.storage, lea.installation.clock()
    with storage.writing() as connection:
        claim = rows.claim_next(connection, now)
    assert claim is not None
    lea.post(f"{lea.link}accounts/stop")
    with storage.writing() as connection:
        assert not rows.note_progress(connection, claim, 500, now)
        assert not rows.finish_look(connection, claim, "{}", "{}", now)


def test_another_upload_takes_the_place_of_the_one_before(lea: Person) -> None:
    known = set(files_of(lea))
    send(lea, accounts_file())
    send(lea, accounts_file(12), "second.csv")
    assert len(set(files_of(lea)) - known) == 1
    work(lea)
    assert "second.csv" in page(lea)
    lea.post(f"{lea.link}accounts/stop")


def test_what_nobody_comes_back_to_is_deleted_after_a_day(lea: Person) -> None:
    known = set(files_of(lea))
    send(lea, accounts_file())
    work(lea)
    mine = set(files_of(lea)) - known
    tomorrow = lea.installation.clock() + timedelta(days=1, minutes=1)
    readings.sweep(replace(lea.installation, clock=lambda: tomorrow))
    assert mine
    assert not mine & set(files_of(lea))
    assert readings.reading_of(lea.installation, lea.opened) is None


def test_erasing_the_assessment_erases_its_file(lea: Person) -> None:
    known = set(files_of(lea))
    send(lea, accounts_file())
    assessments.erase(lea.installation, lea.link.split("/")[2])
    readings.sweep(lea.installation)
    assert set(files_of(lea)) == known


def test_a_sheet_of_a_workbook_is_chosen(lea: Person) -> None:
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        for name, factor in (("Notes", 1), ("Sales", 2)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["account", "date", "revenue"])
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            for line in range(1, 15):
                sheet.write(line, 0, f"{name} {line}")
                sheet.write_datetime(line, 1, __import__("datetime").datetime(2025, 1, line), day)
                sheet.write_number(line, 2, factor * line)
    send(lea, stream.getvalue(), "x.xlsx")
    work(lea)
    text = page(lea)
    assert '<option value="Notes" selected>' in text
    assert "1 Jan 2025" in text
    choose(lea, {0: "account", 1: "date", 2: "revenue"}, sheet="Sales")
    work(lea)
    assert '<option value="Sales" selected>' in page(lea)
    choose(lea, {0: "account", 1: "date", 2: "revenue"}, sheet="Sales")
    work(lea)
    measured: Any = readings.measured_of(lea.installation, lea.opened)
    assert measured.figures.total.revenue == 2 * sum(range(1, 15))


def test_cells_of_a_workbook_are_shown_as_it_shows_them_and_decide_nothing(lea: Person) -> None:
    """Its numbers and days are values: there is no decimal mark and no order of dates to speak of."""
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet, as_day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Note", "Customer", "Date", "Revenue"])
        for row in range(1, 4):
            sheet.write_row(row, 0, ["a very long note that nobody needs to see whole here", 17850.0])
            sheet.write_datetime(row, 2, datetime(2025, 1, row), as_day)  # noqa: DTZ001 - a day as workbooks keep it
            sheet.write_number(row, 3, 12.5)
    send(lea, content.getvalue(), "book.xlsx")
    work(lea)
    text = page(lea)
    assert "17850" in text
    assert "17850.0" not in text
    assert "a very long note that nobody n…" in text
    assert "Dates are read in the order" not in text
    assert "as in 1,234.56" not in text
