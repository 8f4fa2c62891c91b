"""The way of an accounts file in a browser: with and without JavaScript, in light and dark, on a phone."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from assess.jobs import run_worker
from tests.web.accounts import YEARLY, accounts_file, choose, send, work
from tests.web.conftest import Person
from tests.web.test_browser import address, assert_fits, browser, serious_in_both_themes, visit

__all__ = ["address", "browser"]
SIZES: dict[str, Any] = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 900}}


def transactions(lines: int) -> bytes:
    """Sales as a shop exports them: semicolons, decimal commas, days first, refunds, lines without a customer."""
    rows = [
        f"{'' if n % 50 == 0 else f'K{n % 300:03}'};{n % 28 + 1:02}.{n % 12 + 1:02}.{2024 + n % 2};"
        f"{-1 if n % 40 == 7 else n % 9 + 1};{n % 700 + 1},{n % 90 + 10}"
        for n in range(lines)
    ]
    return ("Kunde;Datum;Menge;Preis\n" + "\n".join(rows) + "\n").encode("cp1252")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_twenty_thousand_lines_become_figures(
    browser: Browser, address: str, rosa: Person, script: bool, tmp_path: Path
) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(transactions(20_000))
    rosa.start()
    rosa.answer_all("4")
    stop = Event()
    worker = Thread(target=run_worker, args=(rosa.installation, stop))
    worker.start()
    try:
        with visit(browser, address, java_script_enabled=script, viewport=SIZES["desktop"]) as page:
            page.goto(f"{address}{rosa.link}accounts/")
            page.set_input_files("#file", path)
            page.get_by_role("button", name="Upload and look at the columns").click()
            page.get_by_role("heading", name="Which column is what?").wait_for(timeout=240_000)
            expect(page.locator("#c0")).to_have_value("account")
            expect(page.locator("#c1")).to_have_value("date")
            expect(page.locator("#c2")).to_have_value("quantity")
            expect(page.locator("#c3")).to_have_value("price")
            assert page.get_by_text("Preis: decimal comma").count() == 1
            page.get_by_role("button", name="Read the whole file").click()
            page.get_by_role("heading", name="of the revenue").first.wait_for(timeout=240_000)
            assert page.get_by_text("20,000 read; 400 without an account").count() == 1
            assert page.locator("figure svg").count() >= 2
            assert_fits(page)
    finally:
        stop.set()
        worker.join()


@pytest.mark.parametrize("size", list(SIZES))
def test_everybody_can_use_the_pages_of_accounts(browser: Browser, address: str, rosa: Person, size: str) -> None:
    rosa.start()
    rosa.answer_all("4")
    found = {}
    with visit(browser, address, viewport=SIZES[size]) as page:

        def look(name: str) -> None:
            page.goto(f"{address}{rosa.link}accounts/")
            assert_fits(page)
            found[name] = serious_in_both_themes(page)

        look("start")
        send(rosa, accounts_file())
        look("waiting")
        page.goto("about:blank")  # the page that waits loads itself anew, even while another is asked for
        work(rosa)
        look("columns")
        choose(rosa, YEARLY, retention="90", discount="8", lifetime="5")
        work(rosa)
        look("result")
        send(rosa, b"account,revenue\nAcme Ltd,10\nACME Limited,5\nb,x\n", "alike.csv")
        work(rosa)
        choose(rosa, {0: "account", 1: "revenue"})
        work(rosa)
        look("alike")
        send(rosa, b"PK\x03\x04rubbish", "b.xlsx")
        work(rosa)
        look("failed")
    assert {name: problems for name, problems in found.items() if problems} == {}
