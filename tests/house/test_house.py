"""The house itself: contracts, what is tracked, what the wheel carries."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
REGISTRY = re.compile(
    r"https?://[\w.-]*(?:py" + r"pi|pythonhos" + r"ted|npm" + r"js|registry\.|deb\.deb" + r"ian|mirror)[\w./-]*", re.IGNORECASE
)
HERE = re.compile("/(?:wo" + "rk|fa" + "rm|ro" + "ot)/[a-z.]")
TEXT = {".py", ".md", ".txt", ".toml", ".yaml", ".yml", ".html", ".css", ".js", ".json", ".po", ".pot", ".cfg", ".mako", ""}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_imports_keep_to_the_contracts() -> None:
    program = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_no_tracked_file_names_a_package_registry_or_a_path_of_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix in TEXT
        for pattern in (REGISTRY, HERE)
        for match in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_the_locks_hold_hashes_for_everything_that_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = [re.split(r"[<>=!;\[ ]", name, maxsplit=1)[0].lower() for name in project["project"]["dependencies"]]
    lock = (ROOT / "requirements" / "run.txt").read_text()
    for name in declared:
        assert re.search(rf"^{re.escape(name)}==\S+.*\\\n +--hash=sha256:", lock, re.MULTILINE), name
    assert "--index-url" not in lock


def test_every_locked_package_stands_in_the_list_of_licences() -> None:
    listed = (ROOT / "docs" / "licences.md").read_text().lower()
    locked = re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE)
    assert [name for name in sorted(set(locked)) if f"| {name} |" not in listed] == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE", "Makefile", ".ci/run", "docs/architecture.md"])
def test_what_a_stranger_looks_for_is_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 0


def test_the_readme_s_pictures_and_links_exist() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_answering_loads_neither_pandas_nor_the_renderer() -> None:
    heavy = ("pandas", "weasyprint", "numpy", "alembic", "prometheus_client")
    code = f"import sys, assess.web.app; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
