"""Accounts files as people have them, and the worker that reads them."""

from __future__ import annotations

import io
from threading import Event
from typing import Any

from werkzeug.test import TestResponse

from assess.jobs import Limits, work_once
from tests.web.conftest import Person

HEADER = "Customer,Year,Revenue,Contribution,Cost to serve,Key account,Stage,Wallet,Market growth\n"


def accounts_file(accounts: int = 40) -> bytes:
    """Three years of accounts, the largest far ahead; one key account loses money."""
    lines = [
        f"A{n:02},{year},{1000 * (accounts - n) ** 2 + 10 * (year - 2023)},{900 - 50 * n},{20 * n},"
        f"{'yes' if n < 5 or n == 30 else 'no'},{n % 4 + 1},{4_000_000 - n},0.02\n"
        for n in range(accounts)
        for year in (2023, 2024, 2025)
    ]
    return (HEADER + "".join(lines)).encode()


def send(person: Person, content: bytes, name: str = "accounts.csv", **fields: Any) -> TestResponse:
    answer = person.post(f"{person.link}accounts/upload", {"file": (io.BytesIO(content), name), **fields})
    if answer.request is not None:
        answer.request.environ["wsgi.input"].close()  # the client puts large bodies into a file and leaves it open
    return answer


def work(person: Person, limits: Limits | None = None) -> None:
    """What the worker does until there is nothing left."""
    while work_once(person.installation, Event(), limits):
        pass


def choose(person: Person, columns: dict[int, str], **fields: Any) -> TestResponse:
    data = {f"c{place}": part for place, part in columns.items()}
    return person.post(f"{person.link}accounts/columns", {**data, "then": "read", **fields})


YEARLY = dict(
    enumerate(
        ("account", "year", "revenue", "contribution", "cost_to_serve", "key_account", "stage", "wallet", "market_growth")
    )
)


def measure(person: Person, content: bytes | None = None, columns: dict[int, str] = YEARLY, **fields: Any) -> str:
    """Upload, choose, read; the page with the result."""
    assert send(person, content or accounts_file()).status_code == 303
    work(person)
    answer = choose(person, columns, **fields)
    assert answer.status_code == 303, answer.text
    work(person)
    return person.get(f"{person.link}accounts/").text
