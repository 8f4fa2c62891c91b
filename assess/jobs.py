"""The worker: takes waiting documents one by one and has each made in a child process with limits."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import resource
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from threading import Event

from assess.config import Settings
from assess.core.errors import AssessError, Failed
from assess.storage import documents
from assess.storage.documents import Claim
from assess.usecases.installation import Installation

log = logging.getLogger("assess.worker")

IDLE_SECONDS = 0.5
HEARTBEAT_SECONDS = 10.0
NICENESS = 15
"""People who answer go before reports, on a machine that is busy with both."""
MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 120
WALL_SECONDS = 180
TOO_LONG, TOO_LARGE, CRASHED = "too_long", "too_large", "crashed"
_PRELOAD = ["assess.usecases.documents", "assess.render.pdf", "assess.render.html", "weasyprint"]


@dataclass(frozen=True)
class Limits:
    memory_bytes: int = MEMORY_BYTES
    cpu_seconds: int = CPU_SECONDS
    wall_seconds: float = WALL_SECONDS


def run_worker(installation: Installation, stop: Event, limits: Limits | None = None) -> None:
    """Work until told to stop; a database that is away for a while is waited for."""
    while not stop.is_set():
        try:
            worked = work_once(installation, stop, limits or Limits())
        except Failed as error:
            log.warning("waiting for the database: %s", error)
            worked = False
        if not worked:
            stop.wait(IDLE_SECONDS)


def work_once(installation: Installation, stop: Event, limits: Limits) -> bool:
    """Make the next waiting document; False when there was none."""
    with installation.storage.writing() as connection:
        claim = documents.claim_next(connection, installation.clock())
    if claim is None:
        return False
    log.info("document %s: attempt %s", claim.id, claim.attempt)
    outcome = _make_in_child(installation, claim, stop, limits)
    with installation.storage.writing() as connection:
        now = installation.clock()
        if isinstance(outcome, bytes):
            kept = documents.finish(connection, claim, outcome, now)
        elif outcome is None:
            kept = documents.release(connection, claim)
        else:
            kept = documents.fail(connection, claim, outcome, now)
    log.info("document %s: %s%s", claim.id, _describe(outcome), "" if kept else " (given to another worker meanwhile)")
    return True


def _describe(outcome: bytes | str | None) -> str:
    if outcome is None:
        return "put back"
    return f"done, {len(outcome)} bytes" if isinstance(outcome, bytes) else f"failed: {outcome}"


def _make_in_child(installation: Installation, claim: Claim, stop: Event, limits: Limits) -> bytes | str | None:
    """The document's bytes, or why it can't be made, or None when the worker is stopping."""
    context = _children()
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(there, installation.settings, claim, limits), daemon=True)
    child.start()
    there.close()
    ends, beats = time.monotonic() + limits.wall_seconds, time.monotonic() + HEARTBEAT_SECONDS
    try:
        while not stop.is_set() and (left := ends - time.monotonic()) > 0:
            if here.poll(min(0.1, left)):
                return _receive(here, child)
            if time.monotonic() > beats:
                beats = time.monotonic() + HEARTBEAT_SECONDS
                with installation.storage.writing() as connection:
                    documents.extend_lease(connection, claim, installation.clock())
        return None if stop.is_set() else TOO_LONG
    finally:
        child.kill()
        child.join()
        here.close()


def _children() -> ForkServerContext:
    """Children are forked from a server that has the renderer loaded already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    return context


def _receive(here: Connection, child: BaseProcess) -> bytes | str:
    """What the child sent; it ended without a word when the limit on processor time or a crash took it."""
    try:
        outcome = here.recv()
    except EOFError:
        child.join(5)
        return TOO_LONG if child.exitcode == -signal.SIGXCPU else CRASHED
    return outcome if isinstance(outcome, bytes) else str(outcome)


def _child(there: Connection, settings: Settings, claim: Claim, limits: Limits) -> None:
    """In the child: make the document and send its bytes, or a reason as text. It ends then, so no garbage is collected."""
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    from assess.storage.engine import Storage
    from assess.usecases.reports import make_report
    from assess.usecases.requests import brand_of_request, evaluate_request

    try:
        storage = Storage(settings.database_url)
        evaluation, brand = evaluate_request(storage, claim.request), brand_of_request(storage, claim.request)
        storage.close()
        made = make_report(
            evaluation, fmt=claim.fmt, style=claim.style, language=claim.language, brand=brand, folders=settings.reports
        )
        there.send(made)
    except MemoryError:
        there.send(TOO_LARGE)
    except AssessError as error:
        log.exception("document %s", claim.id)
        there.send(str(error))
    except Exception:
        log.exception("document %s", claim.id)
        there.send(CRASHED)
        raise
