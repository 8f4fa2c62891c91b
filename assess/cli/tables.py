"""Tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

import click


def table_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned columns; Chinese characters count two places."""
    table = [header, *rows]
    widths = [max(_width(row[column]) for row in table) for column in range(len(header))]
    return [
        "  ".join(cell + " " * (wide - _width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in table
    ]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
