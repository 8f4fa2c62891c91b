"""Reading transactions: time against the csv reader alone, and the memory of 200 MB."""

from __future__ import annotations

import csv
import random
import resource
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from assess.usecases.accounts import ReadingChoices, analyse_accounts
from tests.bench.measuring import Row, measure

SMALL, LARGE = 10 * 1024**2, 200 * 1024**2
RUNS = 3
MAPPING = "account=CustomerID,date=InvoiceDate,quantity=Quantity,price=UnitPrice"
START = datetime(2010, 12, 1, 8, 26)  # noqa: DTZ001 - invoices have no zone


def transactions(path: Path, size: int) -> Path:
    """A file of about `size` bytes with refunds and lines without a customer, always the same."""
    chance = random.Random(3)
    with path.open("w", encoding="cp1252") as stream:
        written = stream.write("InvoiceNo,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n")
        line = 0
        while written < size:
            day = START + timedelta(minutes=line // 5)
            customer = "" if chance.random() < 0.25 else str(12346 + int(chance.paretovariate(0.6)) % 5000)
            quantity = -chance.randint(1, 48) if chance.random() < 0.02 else chance.randint(1, 48)
            moment = f"{day.month}/{day.day}/{day.year} {day.hour}:{day.minute:02}"
            price = chance.randint(10, 3000) / 100
            written += stream.write(f'{536365 + line // 12},"HOLDER, ""WHITE"" £",{quantity},{moment},{price},{customer}\n')
            line += 1
    return path


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        small = transactions(Path(folder) / "small.csv", SMALL)

        def ours() -> object:
            return analyse_accounts(small, ReadingChoices((MAPPING,)))

        def floor() -> int:
            with small.open(encoding="cp1252", newline="") as stream:
                return sum(1 for _ in csv.reader(stream))

        row = measure("accounts of 10 MB of transactions", ours, floor, "csv.reader alone", runs=RUNS)
        _tell_memory(transactions(Path(folder) / "large.csv", LARGE))
    return [row]


def _tell_memory(path: Path) -> None:
    """Peak memory of a whole process that reads 200 MB, beside the table."""
    command = [sys.executable, "-m", "assess.cli.main", "accounts", str(path), "--map", MAPPING]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"200 MB of transactions: {used.ru_utime:.0f} s of processor time, {used.ru_maxrss / 1024:.0f} MB at most")  # noqa: T201


if __name__ == "__main__":
    from tests.bench.measuring import show

    show(rows())
