"""What the product stands on: licences that were agreed to, a bill of materials, an audit that takes no silence for safety."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
from license_expression import get_spdx_licensing

from tests.databases import free_port
from tests.house.test_house import REGISTRY, ROOT

PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT", "MIT-0", "MIT-CMU", "OFL-1.1", "PSF-2.0", "ZPL-2.1",
    "Zlib",
}  # fmt: skip
WEAK_COPYLEFT = {"LGPL-3.0-only", "MPL-1.1", "MPL-2.0"}
"""Allowed for what is used as a separate library, unchanged."""
TOLD_OTHERWISE = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Zope Public License": "ZPL-2.1",
}
"""The classifiers of packages that name no SPDX licence."""
SILENT = {"axe-playwright-python": "MIT", "pysqlite3": "MIT", "resvg-py": "MIT"}
"""Packages whose metadata names no licence; their repositories do."""


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    return script("write_sbom")


def locked(name: str) -> list[str]:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text()
    return sorted(set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE)))


def allowed(expression: str) -> bool:
    """Whether one of the alternatives is agreed to in all its parts."""
    return any(set(re.findall(r"[\w.-]+", part)) <= PERMISSIVE | WEAK_COPYLEFT | {"AND"} for part in expression.split(" OR "))


def test_every_package_of_a_server_has_a_licence_that_was_agreed_to(sbom: ModuleType) -> None:
    listed = sbom.read_licences((ROOT / "docs" / "licences.md").read_text())
    assert [name for name in locked("server") if name not in listed] == []
    assert [f"{name}: {listed[name]}" for name in listed if not allowed(listed[name])] == []
    assert not allowed("GPL-3.0-only")
    assert not allowed("MIT AND AGPL-3.0-only")


def test_what_is_listed_is_what_the_packages_say_of_themselves(sbom: ModuleType) -> None:
    """Where both name SPDX licences; an expression may say more about files that are bundled."""
    licensing = get_spdx_licensing()
    listed = sbom.read_licences((ROOT / "docs" / "licences.md").read_text())
    compared, wrong = 0, []
    for name in locked("server"):
        try:
            said = importlib.metadata.metadata(name).get("License-Expression")
        except importlib.metadata.PackageNotFoundError:
            continue
        if said:
            compared += 1
            ours, theirs = (set(licensing.license_keys(one)) for one in (listed[name], said))
            wrong += [] if ours & theirs else [f"{name}: listed {listed[name]}, says {said}"]
    assert wrong == []
    assert compared > 30


def test_what_only_tests_need_has_a_licence_that_was_agreed_to_too() -> None:
    unknown = []
    for name in locked("dev"):
        try:
            data = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        classifiers = [one for one in data.get_all("Classifier", []) if one.startswith("License")]
        named = [TOLD_OTHERWISE.get(one.split(" :: ")[-1], one) for one in classifiers]
        short = TOLD_OTHERWISE.get(str(data.get("License")), str(data.get("License")))
        found = [data.get("License-Expression") or SILENT.get(name) or short, *named]
        if not any(one and allowed(one) for one in found):
            unknown.append(f"{name}: {found}")
    assert unknown == []


def test_the_bill_of_materials_is_complete_and_the_same_every_time(sbom: ModuleType) -> None:
    text = sbom.write_bill()
    assert text == sbom.write_bill()
    content: dict[str, Any] = json.loads(text)
    assert (content["bomFormat"], content["specVersion"]) == ("CycloneDX", "1.6")
    assert "timestamp" not in content["metadata"]
    libraries = {one["name"]: one for one in content["components"] if one["type"] == "library"}
    assert sorted(libraries) == locked("server")
    for one in libraries.values():
        assert one["hashes"], one["name"]
        assert one["licenses"], one["name"]
        assert one["purl"].startswith("pkg:")
    assert libraries["flask"]["version"] in (ROOT / "requirements" / "server.txt").read_text()
    fonts = {one["name"] for one in content["components"] if one["type"] == "file"}
    assert fonts == {path.name for path in (ROOT / "reports" / "fonts").glob("*.ttf")}


def test_the_bill_of_materials_names_no_registry(sbom: ModuleType) -> None:
    assert REGISTRY.findall(sbom.write_bill()) == []


# The audit


HASH = f"--hash=sha256:{'0' * 64}"
LOCK = f"""\
flask==3.1.3 \\
    {HASH}
jinja2==3.1.6 ; python_version >= '3' \\
    {HASH}
tomli==2.0.0 ; python_version < '3' \\
    {HASH}
"""
ADVISORY = {
    "id": "GHSA-test-only", "summary": "made up", "details": "made up", "affected": [
        {"package": {"name": "flask", "ecosystem": "PyPI"}, "versions": ["3.1.3"],
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.9.9"}]}]}
    ],
}  # fmt: skip


class Advisories(BaseHTTPRequestHandler):
    """A database that knows of one advisory, of none, or is broken, by the first part of the address."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mood = self.path.strip("/").split("/")[0]
        known = mood == "found" and asked["package"]["name"] == "flask"
        content = json.dumps({"vulns": [ADVISORY]} if known else {}).encode()
        self.send_response(500 if mood == "broken" else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def advisories() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Advisories)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def audit(folder: Path, address: str) -> tuple[int, str]:
    (folder / "lock.txt").write_text(LOCK)
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment |= {"KAM_OSV_URL": address, "NO_PROXY": "127.0.0.1", "XDG_CACHE_HOME": str(folder)}
    command = [sys.executable, str(ROOT / "scripts" / "audit.py"), str(folder / "lock.txt")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_an_audit_that_checked_everything_says_how_much_and_when(advisories: str, tmp_path: Path) -> None:
    code, told = audit(tmp_path, f"{advisories}/clean/query")
    assert code == 0
    assert re.search(r"2 packages checked on 20\d\d-\d\d-\d\d, no known advisory", told)


def test_an_audit_names_what_was_found(advisories: str, tmp_path: Path) -> None:
    code, told = audit(tmp_path, f"{advisories}/found/query")
    assert code == 1
    assert "flask 3.1.3: GHSA-test-only (fixed in: 9.9.9)" in told


@pytest.mark.parametrize("place", ["broken", "nobody there"])
def test_an_audit_that_could_not_ask_fails_and_says_so(advisories: str, tmp_path: Path, place: str) -> None:
    address = f"{advisories}/broken/query" if place == "broken" else f"http://127.0.0.1:{free_port()}/query"
    code, told = audit(tmp_path, address)
    assert code == 2
    assert "NOT CHECKED" in told
    assert "no known advisory" not in told


def test_a_package_that_was_skipped_was_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """As pip-audit reports one it could not look up, with exit code 0 and `No known vulnerabilities found`."""
    module = script("audit")
    report = [{"name": "Flask", "version": "3.1.3", "vulns": []}, {"name": "jinja2", "skip_reason": "not found"}]
    monkeypatch.setattr(module, "_ask", lambda _lock: (report, ""))
    (tmp_path / "lock.txt").write_text(LOCK)
    assert module.main([str(tmp_path / "lock.txt")]) == 2
    assert "NOT CHECKED (1 of 2: jinja2 ...)" in capsys.readouterr().out
