"""Report styles are folders; an own one is found beside those of the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from assess.content.styles import find_styles, load_style
from assess.core.errors import Invalid
from assess.core.questionnaire import LANGUAGES
from assess.resources import REPORTS

STYLE = """schema: kam-report-style/1
id: letter
name: {en: Letter, zh-Hant: 信函, zh-Hans: 信函}
summary: {en: short., zh-Hant: 簡短。, zh-Hans: 简短。}
paper: letter
sections: [plan, summary]
"""


def write_style(folder: Path, name: str = "letter", text: str = STYLE) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "report.yaml").write_text(text, encoding="utf-8")


def test_three_styles_ship_and_the_full_report_comes_first() -> None:
    styles, problems = find_styles()
    assert [style.id for style in styles] == ["full", "brief", "roadmap"]
    assert not problems
    assert len({style.label(language) for style in styles for language in LANGUAGES}) == 9


def test_an_own_style_is_found_beside_them(tmp_path: Path) -> None:
    write_style(tmp_path)
    style = load_style("letter", (tmp_path, REPORTS))
    assert style.sections == ("plan", "summary")
    assert style.label("en") == "Letter: short."
    assert style.label("zh-Hant") == "信函：簡短。"
    assert [style.id for style in find_styles((tmp_path, REPORTS))[0]] == ["full", "brief", "letter", "roadmap"]


def test_an_own_style_takes_the_place_of_a_shipped_one_of_its_name(tmp_path: Path) -> None:
    write_style(tmp_path, "brief", STYLE.replace("id: letter", "id: brief"))
    assert load_style("brief", (tmp_path, REPORTS)).sections == ("plan", "summary")


def test_an_unknown_style_names_those_there_are() -> None:
    with pytest.raises(Invalid, match=r"no report style \.\./x \(there are: full, brief, roadmap\)"):
        load_style("../x")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("id: letter", "id: other"), r"report\.yaml:2: id: must be letter, the name of its folder"),
        (("[plan, summary]", "[plan, plan]"), r"report\.yaml:6: sections: names plan twice"),
        (("[plan, summary]", "[plans]"), r"report\.yaml:6: sections\[0\]: must be one of"),
        (("paper: letter", "paper: a3"), r"report\.yaml:5: paper: must be one of"),
        (("paper: letter", "paper: letter\ncode: x.py"), r"report\.yaml:6: code: is not a known key"),
    ],
)
def test_a_broken_style_is_refused_with_its_line_and_leaves_the_others_on_offer(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    write_style(tmp_path, text=STYLE.replace(*change))
    with pytest.raises(Invalid, match=message):
        load_style("letter", (tmp_path, REPORTS))
    styles, problems = find_styles((tmp_path, REPORTS))
    assert [style.id for style in styles] == ["full", "brief", "roadmap"]
    assert len(problems) == 1
