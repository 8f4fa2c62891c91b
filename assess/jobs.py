"""The worker: takes waiting documents, accounts files and releases one by one; works on each in a child with limits."""

from __future__ import annotations

import gc
import json
import logging
import math
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from threading import Event
from typing import Any

from sqlalchemy import Connection as Database

from assess.config import Settings
from assess.core.errors import AssessError, Failed, Full, Invalid
from assess.logs import set_up_logs
from assess.storage import documents, release_orders
from assess.storage import readings as reading_rows
from assess.storage.documents import Claim
from assess.storage.queue import LEASE
from assess.storage.readings import ReadingClaim
from assess.storage.release_orders import OrderClaim
from assess.usecases import reading_work, readings
from assess.usecases.installation import Installation
from assess.usecases.sweeping import sweep

log = logging.getLogger("assess.worker")

IDLE_SECONDS = 0.5
HEARTBEAT_SECONDS = 10.0
PROGRESS_SECONDS = 1.0
SWEEP_SECONDS = 60.0
PATIENCE_SECONDS = LEASE.total_seconds()
"""How long a worker tries to write down what it made: afterwards another one has the row."""
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


Say = Callable[[float], None]
"""Told the share 0..1 that is done."""


@dataclass(frozen=True)
class Kind:
    """One kind of work: how its rows are taken and given back, and what a child makes of one.

    beat says that the worker is alive and how much is done, in thousandths (None: not known); False ends the work.
    """

    name: str
    limits: Limits
    claim: Callable[[Database, datetime], Any]
    make: Callable[[Settings, Any, Say], bytes]
    beat: Callable[[Database, Any, int | None, datetime], bool]
    finish: Callable[[Database, Any, bytes, datetime], bool]
    fail: Callable[[Database, Any, str, datetime], bool]
    release: Callable[[Database, Any], bool]
    after: Callable[[Installation], None]


def run_worker(installation: Installation, stop: Event, limits: Limits | None = None) -> None:
    """Work until told to stop; a database that is away for a while is waited for."""
    swept = -math.inf
    while not stop.is_set():
        try:
            worked = work_once(installation, stop, limits)
            if time.monotonic() - swept > SWEEP_SECONDS:
                sweep(installation)
                swept = time.monotonic()
        except Failed as error:
            log.warning("waiting for the database: %s", error)
            worked = False
        if not worked:
            stop.wait(IDLE_SECONDS)


def work_once(installation: Installation, stop: Event, limits: Limits | None = None) -> bool:
    """Work on the next waiting row, documents first; False when there was none. limits None: those of its kind."""
    return any(_work_on_next(kind, installation, stop, limits or kind.limits) for kind in KINDS.values())


def _work_on_next(kind: Kind, installation: Installation, stop: Event, limits: Limits) -> bool:
    with installation.storage.writing() as connection:
        claim = kind.claim(connection, installation.clock())
    if claim is None:
        return False
    log.info("%s %s: attempt %s", kind.name, claim.id, claim.attempt)
    outcome = _make_in_child(kind, installation, claim, stop, limits)
    kept = _settle(kind, installation, claim, stop, outcome)
    if outcome is None and kept:
        installation.enqueue(claim.id)
    kind.after(installation)
    taken = "" if kept else " (taken from this worker meanwhile)"
    log.info("%s %s: %s%s", kind.name, claim.id, _describe(outcome), taken)
    return True


def _settle(kind: Kind, installation: Installation, claim: Any, stop: Event, outcome: bytes | str | None) -> bool:
    """Write down what came of it; False when the row was taken from this worker meanwhile.

    What was made is not thrown away because the database starts anew at that moment. Raises Failed when it stays away.
    """
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with installation.storage.writing() as connection:
                now = installation.clock()
                if isinstance(outcome, bytes):
                    return kind.finish(connection, claim, outcome, now)
                if outcome is None:
                    return kind.release(connection, claim)
                return kind.fail(connection, claim, outcome, now)
        except Failed as error:
            if isinstance(error, Full) or time.monotonic() > ends or stop.wait(IDLE_SECONDS):
                raise
            log.warning("waiting for the database with %s %s: %s", kind.name, claim.id, error)


def _beat(kind: Kind, installation: Installation, claim: Any, done: int | None) -> bool:
    """Say that the worker is alive; False when the work is not wanted any more. A database that is away ends no work."""
    try:
        with installation.storage.writing() as connection:
            return kind.beat(connection, claim, done, installation.clock())
    except Failed as error:
        log.warning("waiting for the database with %s %s: %s", kind.name, claim.id, error)
        return True


def _describe(outcome: bytes | str | None) -> str:
    if outcome is None:
        return "put back"
    return f"done, {len(outcome)} bytes" if isinstance(outcome, bytes) else f"failed: {outcome}"


def _make_in_child(kind: Kind, installation: Installation, claim: Any, stop: Event, limits: Limits) -> bytes | str | None:
    """What the child made, or why it can't be made, or None when the worker is stopping or nobody wants it any more."""
    context = _children()
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(there, installation.settings, kind.name, claim, limits), daemon=True)
    child.start()
    there.close()
    ends, beats = time.monotonic() + limits.wall_seconds, time.monotonic() + HEARTBEAT_SECONDS
    done: int | None = None
    try:
        while not stop.is_set() and (left := ends - time.monotonic()) > 0:
            if here.poll(min(0.1, left)):
                outcome = _receive(here, child)
                if not isinstance(outcome, float):
                    return outcome
                done, beats = int(outcome * 1000), 0
            if time.monotonic() > beats:
                beats = time.monotonic() + HEARTBEAT_SECONDS
                if not _beat(kind, installation, claim, done):
                    return None
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


def _receive(here: Connection, child: BaseProcess) -> bytes | str | float:
    """What the child sent: its work, a reason, or how far it is.

    It ended without a word when the limit on processor time or a crash took it; libraries not in Python give up that way
    when there is no memory left.
    """
    try:
        outcome = here.recv()
    except EOFError:
        child.join(5)
        return {-signal.SIGXCPU: TOO_LONG, -signal.SIGABRT: TOO_LARGE}.get(child.exitcode or 0, CRASHED)
    return outcome if isinstance(outcome, (bytes, float)) else str(outcome)


def _child(there: Connection, settings: Settings, kind: str, claim: Any, limits: Limits) -> None:
    """In the child: do the work and send its bytes, or a reason as text. It ends then, so no garbage is collected."""
    gc.disable()
    set_up_logs(settings.log_format)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    try:
        there.send(KINDS[kind].make(settings, claim, _teller(there)))
    except MemoryError:
        there.send(TOO_LARGE)
    except AssessError as error:
        log.exception("%s %s", kind, claim.id)
        there.send(reading_work.reason_of(error) if kind == READING and isinstance(error, Invalid) else str(error))
    except Exception:
        log.exception("%s %s", kind, claim.id)
        there.send(CRASHED)
        raise


def _teller(there: Connection) -> Say:
    """Sends how far the work is, once a second at most."""
    last = time.monotonic()

    def say(share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_SECONDS:
            last = time.monotonic()
            there.send(float(share))

    return say


# Documents


def _make_document(settings: Settings, claim: Claim, _say: Say) -> bytes:
    from assess.storage.engine import Storage
    from assess.usecases.packs import is_pack, make_pack
    from assess.usecases.reports import make_report
    from assess.usecases.requests import brand_of_request, evaluate_request

    storage = Storage(settings.database_url)
    if is_pack(claim.request):
        made = make_pack(storage, claim.request)
        storage.close()
        return made
    evaluation, brand = evaluate_request(storage, claim.request), brand_of_request(storage, claim.request)
    storage.close()
    return make_report(
        evaluation, fmt=claim.fmt, style=claim.style, language=claim.language, brand=brand, folders=settings.reports
    )


# Accounts files


def _make_figures(settings: Settings, claim: ReadingClaim, say: Say) -> bytes:
    from assess.storage.engine import Storage

    storage = Storage(settings.database_url)
    tiers = reading_work.tiers_for(storage, claim)
    storage.close()
    gc.enable()
    return reading_work.work_on(settings, claim, tiers, say)


def _beat_reading(connection: Database, claim: ReadingClaim, done: int | None, now: datetime) -> bool:
    return reading_rows.note_progress(connection, claim, done or 0, now)


# Releases of benchmark figures


def _make_release(settings: Settings, claim: OrderClaim, _say: Say) -> bytes:
    """Made and committed here; made again after a crash, it changes nothing."""
    from assess.usecases import benchmarks
    from assess.usecases.installation import open_installation

    gc.enable()
    installation = open_installation(settings)
    made = benchmarks.make_release(installation, claim.questionnaire, claim.major)
    installation.storage.close()
    return json.dumps(asdict(made)).encode()


DOCUMENT, READING, RELEASE = "document", "accounts file", "release"
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name=DOCUMENT,
            limits=Limits(),
            claim=documents.claim_next,
            make=_make_document,
            beat=lambda connection, claim, _done, now: documents.extend_lease(connection, claim, now),
            finish=documents.finish,
            fail=documents.fail,
            release=documents.release,
            after=lambda _installation: None,
        ),
        Kind(
            name=READING,
            limits=Limits(cpu_seconds=600, wall_seconds=900),
            claim=reading_rows.claim_next,
            make=_make_figures,
            beat=_beat_reading,
            finish=reading_work.finish_reading,
            fail=reading_rows.fail,
            release=reading_rows.release,
            after=readings.sweep,
        ),
        Kind(
            name=RELEASE,
            limits=Limits(cpu_seconds=600, wall_seconds=900),
            claim=release_orders.claim_next,
            make=_make_release,
            beat=lambda connection, claim, _done, now: release_orders.extend_lease(connection, claim, now),
            finish=release_orders.finish,
            fail=release_orders.fail,
            release=release_orders.release,
            after=lambda _installation: None,
        ),
    )
}
"""The kinds of work, in the order in which they are looked for."""
