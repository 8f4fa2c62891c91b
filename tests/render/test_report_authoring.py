"""The page for authors of styles says what is true, and its examples work."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import yaml

from assess.content.brand import BrandSpec
from assess.content.styles import load_style
from assess.core.report.compose import SECTIONS
from assess.resources import REPORTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "report-authoring.md"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_report_authoring", ROOT / "scripts" / "write_report_authoring.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(language: str) -> list[str]:
    found = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [re.sub("^   ", "", block, flags=re.MULTILINE) for block in found]


def test_the_list_of_variables_is_that_of_the_code() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert script().page(written) == written, "run `make report-authoring`"


def test_every_section_is_named() -> None:
    by_hand = PAGE.read_text(encoding="utf-8").partition(script().MARK)[0]
    assert {section for section in SECTIONS if f"`{section}`" not in by_hand} == set()


def test_the_example_of_a_style_is_one(tmp_path: Path) -> None:
    style, _ = blocks("yaml")
    (tmp_path / "letter").mkdir()
    (tmp_path / "letter" / "report.yaml").write_text(style, encoding="utf-8")
    assert load_style("letter", (tmp_path, REPORTS)).sections == ("summary", "plan")


def test_the_example_of_a_brand_is_one() -> None:
    _, brand = blocks("yaml")
    BrandSpec.model_validate(yaml.safe_load(brand))
