"""What came out: one line for each figure, with what is asked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    scenario: str
    what: str
    value: float
    limit: float | None


@dataclass
class Table:
    """Rows in their order; a limit of None means that the value is only told."""

    rows: list[Row] = field(default_factory=list)
    is_shown: bool = True

    def add(self, scenario: str, what: str, value: float, limit: float | None = None) -> None:
        self.rows.append(Row(scenario, what, value, limit))
        if self.is_shown:
            sys.stdout.write(_line(self.rows[-1]) + "\n")
            sys.stdout.flush()

    @property
    def missed(self) -> list[Row]:
        return [row for row in self.rows if row.limit is not None and row.value > row.limit]

    def value(self, what: str) -> float:
        """The first figure of that name."""
        return next(row.value for row in self.rows if row.what == what)


def _line(row: Row) -> str:
    wanted = "" if row.limit is None else f"(at most {row.limit:g}{', MISSED' if row.value > row.limit else ''})"
    return f"{row.scenario:<28}{row.what:<54}{row.value:>9g} {wanted}"
