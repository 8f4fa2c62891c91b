"""The dumbbells of 'since last time'."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from assess.core.report.values import ChangeRow, Figure, LevelMark
from assess.render.charts import Look, dumbbells

LOOK = Look("Noto Sans", "en")
NAMES = ("Claimed", "Evidenced", "Last time", "This time")
MARK = LevelMark(3, "Introducing", "Level 3")
SPAN, LEFT = 640 - 200 - 62, 200


def row(before: float | None, after: float | None, title: str = "Selection") -> ChangeRow:
    one, two = (Figure(value, "–" if value is None else f"{value:.1f}") for value in (before, after))
    change = Figure(None, "–") if before is None or after is None else Figure(after - before, f"{after - before:+.1f}")
    return ChangeRow("s4", "4", title, one, two, change, one, two, change, MARK, MARK, (), is_unproven=False)


def draw(*rows: ChangeRow) -> str:
    svg = dumbbells(rows, NAMES, LOOK, "Step 4 rose", "Selection: 2.0 to 4.0.")
    ET.fromstring(svg)
    return svg


def test_each_step_has_two_lines_from_then_to_now_with_the_differences_beside_them() -> None:
    svg = draw(row(2, 4))
    x = {value: f"{LEFT + (value - 1) / 4 * SPAN:.1f}" for value in (2, 4)}
    assert len(re.findall(rf'<line x1="{x[2]}" y1="[\d.]+" x2="{x[4]}"', svg)) == 2
    assert len(re.findall(rf'<circle cx="{x[2]}"', svg)) == 1
    assert svg.count("+2.0") == 2
    assert "<title>Step 4 rose</title>" in svg


def test_then_is_hollow_and_now_filled_so_that_colour_is_not_the_only_sign() -> None:
    fills = re.findall(r'<circle cx="([\d.]+)"[^>]* fill="(#\w+)"', draw(row(2, 4)).split("<g ")[0])
    (hollow, filled) = sorted(fills, key=lambda found: float(found[0]))
    assert hollow[1] == "#ffffff"
    assert filled[1] != "#ffffff"


def test_a_step_without_an_earlier_score_shows_today_alone() -> None:
    body = draw(row(None, 4)).split("<g ")[0]
    assert body.count("<circle") == 1
    assert "–" in body


def test_long_names_are_wrapped_and_escaped() -> None:
    svg = draw(row(1, 5, "Selection & <b>care</b> of the accounts that matter most to all of us"))
    assert "<b>" not in svg
    assert "&amp;" in svg


def test_the_picture_grows_with_the_rows() -> None:
    heights = [float(re.search(r'viewBox="0 0 640 ([\d.]+)"', draw(*[row(2, 3)] * n))[1]) for n in (1, 7)]  # type: ignore[index]
    assert heights[1] - heights[0] == 6 * 40
