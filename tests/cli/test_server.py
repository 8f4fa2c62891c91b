"""kam-assess serve, worker, db: started and ended as a user would."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from assess.storage.schema import newest
from assess.web.headers import ALWAYS
from tests.cli.conftest import Command
from tests.databases import free_port


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"KAM_DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"}
    program = [sys.executable, "-m", "assess.cli.main", *arguments]
    return subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `kam-assess serve` and the address it printed."""
    process = start(tmp_path, "serve", "--port", "0")
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found is not None, line
    yield process, found.group()
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.communicate(timeout=120)


def workers_of(tmp_path: Path) -> list[int]:
    """The worker processes that use this test's data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            if b"worker" in words and str(tmp_path).encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def wait_for(tmp_path: Path, count: int) -> list[int]:
    for _ in range(300):
        if len(found := workers_of(tmp_path)) == count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(workers_of(tmp_path))} workers, not {count}")


def test_serve_answers_at_the_address_it_prints(server: tuple[subprocess.Popen[str], str]) -> None:
    with urllib.request.urlopen(server[1] + "health", timeout=30) as answer:
        assert answer.status == 200


def test_serve_ends_with_its_worker_when_asked(server: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    wait_for(tmp_path, 1)
    server[0].send_signal(signal.SIGTERM)
    assert server[0].wait(timeout=60) == 0
    assert workers_of(tmp_path) == []


def asking(address: str, head: str, body: str = "", size: int | None = None) -> socket.socket:
    """A connection on which a whole request was sent that is not answered yet; size: what it says its body has."""
    host, port = address.removeprefix("http://").strip("/").split(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    connection.sendall(
        f"{head}\r\nHost: {host}\r\nContent-Length: {len(body) if size is None else size}\r\n\r\n{body}".encode()
    )
    return connection


def answered(connection: socket.socket) -> str:
    """Everything that comes until the server closes."""
    parts = []
    with connection:
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()


def is_refused(address: str) -> bool:
    """Whether a server that was asked to stop soon takes no new connection."""
    for _ in range(300):
        try:
            asking(address, "GET /health HTTP/1.1").close()
        except ConnectionRefusedError:
            return True
        except OSError:
            pass
        time.sleep(0.02)
    return False


def test_who_is_being_answered_when_the_server_is_asked_to_stop_gets_the_answer(
    server: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, address = server
    idle = asking(address, "GET /health HTTP/1.1")
    received = b""
    while not received.endswith(b'{"status":"ok"}\n'):
        part = idle.recv(65536)
        assert part, received
        received += part
    form = answered(asking(address, "GET /start HTTP/1.1\r\nConnection: close"))
    token, cookie = re.search(r'csrf_token" value="([^"]+)"', form), re.search(r"Set-Cookie: (kam_form=[^;]+)", form)
    assert token
    assert cookie
    head = f"POST /start HTTP/1.1\r\nCookie: {cookie[1]}\r\nContent-Type: application/x-www-form-urlencoded"
    with (tmp_path / "data" / "kam-assess.sqlite3.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        saving = asking(address, head, f"csrf_token={token[1]}&role=kam")
        with urllib.request.urlopen(address + "health", timeout=30) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        with idle:
            assert idle.recv(65536) == b"", "a connection on which nothing is asked is closed"
        assert is_refused(address)
        assert process.poll() is None
    assert answered(saving).startswith("HTTP/1.1 303 ")
    assert process.wait(timeout=60) == 0
    assert workers_of(tmp_path) == []


def test_what_the_server_itself_refuses_has_the_headers_too(server: tuple[subprocess.Popen[str], str]) -> None:
    for head in ("POST / HTTP/1.1\r\nContent-Length: 9999999999", "nonsense", "GET / HTTP/1.1\r\nTransfer-Encoding: gzip"):
        answer = answered(asking(server[1], head))
        assert re.match(r"HTTP/1\.[01] (4|5)\d\d ", answer), head[:40]
        for name, value in ALWAYS.items():
            assert f"{name}: {value}".lower() in answer.lower(), (head[:40], name)
        assert "default-src 'none'" in answer


FAR_TOO_LARGE = {"en": "At most 32 MB can be sent", "zh-TW": "最多可送出 32 MB", "zh-CN": "最多可提交 32 MB"}


@pytest.mark.parametrize(("language", "words"), FAR_TOO_LARGE.items())
def test_what_is_far_too_large_is_refused_in_the_reader_s_language(
    server: tuple[subprocess.Popen[str], str], language: str, words: str
) -> None:
    answer = answered(asking(server[1], f"POST /start/file HTTP/1.1\r\nAccept-Language: {language}", size=33 * 1024**2))
    assert answer.startswith("HTTP/1.1 413 ")
    assert words in answer
    assert "text/plain; charset=utf-8" in answer


def test_a_file_too_large_for_its_page_reaches_the_page(server: tuple[subprocess.Popen[str], str]) -> None:
    """Larger than any page takes by many times, yet refused by the page, which knows what to say."""
    answer = requests.post(
        f"{server[1]}start/file",
        files={"file": ("answers.yaml", b"x" * 20_000_000)},
        headers={"Accept-Language": "zh-TW"},
        timeout=60,
    )
    assert answer.status_code == 413
    assert "一次最多可送出 1 MB" in answer.text


def test_a_server_that_anybody_may_call_by_any_name_warns(tmp_path: Path) -> None:
    process = start(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0")
    assert process.stdout is not None
    process.stdout.readline()
    process.terminate()
    _, told = process.communicate(timeout=60)
    assert "KAM_TRUSTED_HOSTS" in told
    assert process.returncode == 0


def test_no_worker_outlives_a_killed_server(server: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    wait_for(tmp_path, 1)
    server[0].kill()
    wait_for(tmp_path, 0)


def test_a_worker_that_dies_is_started_again(server: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    first = wait_for(tmp_path, 1)
    os.kill(first[0], signal.SIGKILL)
    for _ in range(300):
        now = workers_of(tmp_path)
        if now and now != first:
            break
        time.sleep(0.1)
    assert wait_for(tmp_path, 1) != first


def test_a_port_in_use_is_an_input_error_with_a_way_out(server: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    port = server[1].rsplit(":", 1)[1].strip("/")
    second = start(tmp_path, "serve", "--port", port)
    _, error = second.communicate(timeout=60)
    assert second.returncode == 2
    assert "another one can be chosen with --port" in error
    assert "Traceback" not in error


def test_wrong_settings_are_named_together(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAM_PORT", "http")
    monkeypatch.setenv("KAM_LANGUAGE", "de")
    monkeypatch.setenv("KAM_SECRET_KEY", "short")
    result = command("serve", "--port", str(free_port()))
    assert result.code == 2
    assert [line.split(":")[0] for line in result.err.splitlines()] == ["KAM_LANGUAGE", "KAM_PORT", "KAM_SECRET_KEY"]


def test_a_secret_may_stand_in_a_file(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAM_SECRET_KEY_FILE", str(tmp_path / "missing"))
    result = command("db", "upgrade")
    assert result.code == 2
    assert result.err.startswith("KAM_SECRET_KEY_FILE: ")


def test_the_database_is_made_once_and_a_wrong_one_refused(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command("db", "upgrade").out == f"The schema went from nothing to {newest()}.\n"
    assert command("db", "upgrade").out == f"The schema is up to date ({newest()}).\n"
    monkeypatch.setenv("KAM_DATABASE_URL", "not a database")
    assert command("db", "upgrade").code == 2
