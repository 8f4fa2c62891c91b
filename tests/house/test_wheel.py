"""The wheel, built through the sdist, carries all it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.install
ROOT = Path(__file__).parent.parent.parent


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV_"))} | environment
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from what git would give to somebody else: sdist first, wheel from the sdist."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, source, cwd=out)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel and, beside it, nothing but the locked dependencies."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=folder)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    # A path in a .pth file is searched but its own .pth files are not read, so the checkout stays out of reach.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run(python, "-c", "import assess; print(assess.__file__)", cwd=folder).strip()
    assert where.startswith(str(folder))
    return folder


def test_the_wheel_carries_content_templates_reports_and_translations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "assess/shipped/questionnaires/kam-seven-steps/questionnaire.yaml",
        "assess/shipped/questionnaires/samples/beginner.answers.yaml",
        "assess/shipped/templates/base.html",
        "assess/shipped/reports/phrases/common.yaml",
        "assess/shipped/reports/fonts/NotoSansTC-Regular.ttf",
        "assess/translations/zh_Hant/LC_MESSAGES/messages.mo",
        "assess/web/static/site.css",
        "assess/storage/migrations/versions/0001_first_schema.py",
    ):
        assert needed in names, needed


def test_the_installed_wheel_writes_a_report(environment: Path, tmp_path: Path) -> None:
    command = environment / "bin" / "kam-assess"
    sample = ROOT / "questionnaires" / "samples" / "beginner.answers.yaml"
    run(
        command, "report", sample, "-o", tmp_path / "a.pdf", "--lang", "zh-Hant", cwd=tmp_path, KAM_DATA_DIR=str(tmp_path / "d")
    )
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")


def test_the_installed_wheel_prepares_its_database(environment: Path, tmp_path: Path) -> None:
    out = run(environment / "bin" / "kam-assess", "db", "upgrade", cwd=tmp_path, KAM_DATA_DIR=str(tmp_path / "d"))
    assert "The schema went from nothing" in out
    assert "up to date" in run(
        environment / "bin" / "kam-assess", "db", "upgrade", cwd=tmp_path, KAM_DATA_DIR=str(tmp_path / "d")
    )
