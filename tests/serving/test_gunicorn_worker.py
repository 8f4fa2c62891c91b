"""Processes of gunicorn with our worker: who stalls keeps nobody waiting, who is renewed or stopped loses nothing."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
import requests

from assess.serving.gunicorn_worker import BufferingWorker
from tests.databases import free_port

WORKER = f"{BufferingWorker.__module__}.{BufferingWorker.__name__}"
Start = Callable[..., "Site"]


class Site:
    """gunicorn with a small app on a free port, in a process group of its own."""

    def __init__(self, *options: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        listen = ["-b", f"127.0.0.1:{self.port}", "--no-control-socket", "--log-level", "error"]
        command = [sys.executable, "-m", "gunicorn", "-k", WORKER, *listen, *options, "tests.serving.waiting:app"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)

    def wait(self) -> None:
        for _ in range(300):
            with contextlib.suppress(requests.ConnectionError):
                requests.get(self.url, timeout=30)
                return
            time.sleep(0.1)
        raise AssertionError("gunicorn does not answer")

    def stall(self, request: str) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(request.encode())
        return connection


@pytest.fixture
def start() -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def begin(*options: str) -> Site:
            site = Site(*options)
            stack.callback(site.process.communicate, timeout=30)
            stack.callback(_kill, site.process.pid)
            return site

        yield begin


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def test_connections_that_stall_in_a_request_keep_nobody_waiting(start: Start) -> None:
    site = start("-w", "1", "--threads", "2")
    site.wait()
    head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Le"
    stalled = [site.stall(half) for half in [head, f"{head}ngth: 100\r\n\r\ncode="] * 10]
    began = time.monotonic()
    assert {requests.get(site.url, timeout=20).status_code for _ in range(20)} == {200}
    assert time.monotonic() - began < 20
    for connection in stalled:
        connection.close()


def test_a_process_that_is_renewed_answers_what_is_on_its_way(start: Start) -> None:
    """Each of 200 requests on connections that stay is answered at the first try, although processes end after ten."""
    site = start("-w", "2", "--threads", "2", "--max-requests", "10")
    site.wait()
    seen: list[str] = []

    def ask() -> None:
        with requests.Session() as session:
            for _ in range(50):
                seen.append(session.get(site.url, timeout=30).text)
                time.sleep(0.02)

    asking = [Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(120)
    assert len(seen) == 200
    assert len(set(seen)) > 4, "no process was renewed"


def test_who_is_being_answered_gets_the_answer_when_gunicorn_is_stopped(start: Start, tmp_path: Path) -> None:
    site = start("-w", "1", "--threads", "2")
    site.wait()
    held = tmp_path / "held"
    held.touch()
    with site.stall(f"GET /wait?{held} HTTP/1.1\r\nHost: localhost\r\n\r\n") as waiting:
        assert requests.get(site.url, timeout=30).ok
        site.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert site.process.poll() is None
        held.unlink()
        answer = b""
        while part := waiting.recv(65536):
            answer += part
    assert re.match(rb"HTTP/1\.1 200 .*\r\n\r\n\d+\Z", answer, re.DOTALL)
    assert site.process.wait(30) == 0


def test_a_process_ends_when_gunicorn_is_gone(start: Start) -> None:
    site = start("-w", "1", "--threads", "2")
    site.wait()
    pid = int(requests.get(site.url, timeout=30).text)
    site.process.kill()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return
        time.sleep(0.1)
    raise AssertionError("the process goes on without gunicorn")


def test_tls_is_refused_instead_of_ignored(start: Start, tmp_path: Path) -> None:
    for name in ("key.pem", "certificate.pem"):
        (tmp_path / name).touch()
    site = start("--certfile", str(tmp_path / "certificate.pem"), "--keyfile", str(tmp_path / "key.pem"))
    _, said = site.process.communicate(timeout=60)
    assert site.process.returncode != 0
    assert "kam-assess cannot start: TLS belongs into the proxy" in said
