"""The published OpenAPI document is the one the service gives, and the examples of docs/api.md do what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from waitress.server import create_server

from assess.api.openapi import described, written
from assess.api.operations import OPERATIONS
from assess.application import create_application
from tests.api.conftest import World, build_world, open_in, token_for

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "api.md"
_EXAMPLE = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def test_the_published_description_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "schema" / "openapi.json").read_text(encoding="utf-8") == written(), "run make schemas"


def test_every_reference_of_the_description_leads_somewhere() -> None:
    document = described()
    for name in set(re.findall(r'"#/components/(\w+/[\w.]+)"', json.dumps(document))):
        kind, _, key = name.partition("/")
        assert key in document["components"][kind], name


def test_every_operation_says_what_may_come_and_what_a_token_needs() -> None:
    operations = {
        one["operationId"]: one for methods in described()["paths"].values() for one in methods.values() if "operationId" in one
    }
    for one in OPERATIONS:
        said = operations[one.name]
        assert said["summary"]
        if one.scope is not None:
            assert {"401", "403", "422", "429", "503"} <= set(said["responses"])
            assert said["x-scope"] == one.scope
        if "<" in one.path:
            assert "404" in said["responses"]
        if one.takes:
            assert {"400", "413", "415", "422"} <= set(said["responses"])
            assert said["requestBody"]["content"]["application/json"]["example"] is not None


def test_the_page_names_every_operation() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for one in OPERATIONS:
        path = re.sub(r"<\w+:(\w+)>", r"{\1}", one.path)
        assert f"`{one.method} {path}`" in text, path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """The service on loopback, on a free port."""
    opened = open_in(tmp_path / "data")
    settings = replace(opened.settings, questionnaires=())
    world = build_world(opened)
    server: Any = create_server(create_application(settings, replace(opened, settings=settings)), host="127.0.0.1", port=0)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield world, f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(10)
    opened.storage.close()


def test_the_examples_of_the_page_do_what_they_say(served: tuple[World, str], tmp_path: Path) -> None:
    world, address = served
    assert shutil.which("curl"), "the examples need curl"
    examples = _EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    script = "set -eu\n" + "\n".join(examples)
    environment = {
        "PATH": os.environ["PATH"],
        "KAM": f"{address}/api/v1",
        "TOKEN": token_for(world.installation, world.ada),
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        ["sh", "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    for wanted in (
        '"state": "active"',
        '"kam-scorecard/1"',
        '"kam-roadmap/1"',
        '"owner": "Dana Lee"',
        '"queued"',
        '"link": "http',
    ):
        assert wanted in done.stdout, wanted
    assert (tmp_path / "answers.yaml").read_text(encoding="utf-8").startswith("schema: kam-answers/1")
