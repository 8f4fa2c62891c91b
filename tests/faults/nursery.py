"""A process that has the product loaded and forks servers and workers from itself: a kill costs no second start of Python.

    python -m tests.faults.nursery

Reads one JSON line for each child and answers with its process id. Children end with it.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any

_DIE_WITH_PARENT = 1


@dataclass
class Nursery:
    """The other end: starts children and kills them, and only them."""

    process: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Nursery:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.process.kill()
        self.process.communicate()

    def start(self, role: str, environment: Mapping[str, str], **how: float) -> int:
        """The process id of a new web process (port) or worker (lease, in seconds)."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"role": role, "environment": dict(environment), "how": how}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def kill(pid: int) -> None:
    """SIGKILL, also to what it forked, and wait until it is gone: its connections and locks with it."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    for _ in range(3000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} does not end")


def _be_web(port: int, busy_seconds: float = 0) -> None:
    from waitress.server import create_server

    from assess.application import create_application
    from assess.config import read_settings
    from assess.storage import engine
    from assess.usecases.installation import open_installation

    if busy_seconds:
        engine.TURN_SECONDS = busy_seconds
        engine._PRAGMAS = (f"busy_timeout={int(1000 * busy_seconds)}", *engine._PRAGMAS[1:])
    settings = read_settings()
    app = create_application(settings, open_installation(settings))
    create_server(app, host="127.0.0.1", port=port, threads=8, connection_limit=2000, asyncore_use_poll=True).run()


def _be_worker(lease: float) -> None:
    """As `kam-assess worker`, with leases that end sooner, and children forked from here."""
    from assess import jobs
    from assess.config import read_settings
    from assess.storage import queue
    from assess.usecases.installation import open_installation

    queue.LEASE, queue.LONGEST_LEASE = timedelta(seconds=lease), timedelta(seconds=2 * lease)
    jobs.HEARTBEAT_SECONDS, jobs.IDLE_SECONDS, jobs.NICENESS = lease / 4, 0.05, 0
    jobs._children = lambda: multiprocessing.get_context("fork")  # type: ignore[assignment,return-value]
    installation = open_installation(read_settings())
    if installation.storage.is_sqlite:
        jobs.run_worker(installation, Event())
        return
    from assess import scaled

    scaled.SWEEP_SECONDS, scaled.LOOK_SECONDS, scaled.STALLED_SECONDS = 1.0, 0.5, 2 * lease
    scaled.run_scaled_worker(installation, Event())


def _fork(order: Mapping[str, Any]) -> int:
    nursery, pid = os.getpid(), os.fork()
    if pid:
        with suppress(PermissionError, ProcessLookupError):
            os.setpgid(pid, pid)
        return pid
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != nursery:
        os._exit(1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    if not os.environ.get("KAM_FAULTS_SHOW"):
        os.dup2(null, 2)
    os.environ.update(order["environment"])
    be = _be_web if order["role"] == "web" else _be_worker
    be(**order["how"])
    os._exit(0)


def main() -> None:
    import assess.application
    import assess.jobs
    import assess.usecases.reports  # noqa: F401 - loaded here, so that no child has to

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        sys.stdout.write(f"{_fork(json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
