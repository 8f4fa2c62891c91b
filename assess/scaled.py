"""The worker on PostgreSQL: Procrastinate tells it when a row waits, on any number of machines; `jobs` does the work.

Our rows stay the truth. Every worker looks now and then, by a clock that never jumps, for rows whose wake-up got lost with a
worker or a connection, and tells everybody of them anew.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from threading import Event
from time import monotonic

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from assess.core.errors import Failed
from assess.jobs import Limits, work_once
from assess.storage.engine import Storage
from assess.storage.wakeups import QUEUE, TASK, unannounced
from assess.usecases import sweeping
from assess.usecases.installation import Installation

log = logging.getLogger("assess.worker")

SWEEP_SECONDS = 30.0
LOOK_SECONDS = 5.0
"""How often a worker looks for wake-ups that it was not notified of, as behind a pooler that does not pass notifications on."""
STALLED_SECONDS = 120.0
RETRY_SECONDS = 1.0
_STOP_LOOK_SECONDS = 0.2


def run_scaled_worker(installation: Installation, stop: Event, limits: Limits | None = None) -> None:
    """Work until told to stop; a database that is away for a while is waited for."""
    while not stop.is_set():
        try:
            asyncio.run(_work_until(installation, stop, limits))
        except (psycopg.Error, ConnectorException, Failed) as error:
            log.warning("waiting for the database: %s", error.__cause__ or error)
        stop.wait(RETRY_SECONDS)


async def _work_until(installation: Installation, stop: Event, limits: Limits | None) -> None:
    """Ends when told to stop, with nothing left half-done, or when the library's worker ends by itself."""
    working = asyncio.create_task(_work(installation, stop, limits))
    while not stop.is_set() and not working.done():
        await asyncio.wait((working,), timeout=_STOP_LOOK_SECONDS)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def _work(installation: Installation, stop: Event, limits: Limits | None) -> None:
    app = make_app(installation.storage)

    @app.task(name=TASK, queue=QUEUE)
    def work(row: str) -> None:  # noqa: ARG001 - which one is only who asked: the one that waits longest comes first
        work_once(installation, stop, limits)

    async with app.open_async():
        sweeper = asyncio.create_task(_sweep_now_and_then(app, installation))
        try:
            await app.run_worker_async(
                queues=[QUEUE],
                install_signal_handlers=False,
                fetch_job_polling_interval=LOOK_SECONDS,
                delete_jobs="always",
            )
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper


def make_app(storage: Storage) -> App:
    address = storage.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return App(connector=PsycopgConnector(conninfo=address, min_size=1, max_size=4, kwargs={"connect_timeout": 5}))


async def _sweep_now_and_then(app: App, installation: Installation) -> None:
    while True:
        begun = monotonic()
        try:
            await sweep(app, installation)
        except (psycopg.Error, ConnectorException, Failed) as error:
            log.warning("the sweep is put off: %s", error.__cause__ or error)
        except Exception:
            log.exception("the sweep failed and is tried again")
        await asyncio.sleep(max(1.0, SWEEP_SECONDS - (monotonic() - begun)))


async def sweep(app: App, installation: Installation) -> None:
    """Forget what dead workers held, tell of rows that nobody is told of, and delete what nobody came back to."""
    for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_SECONDS):
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    await asyncio.to_thread(_tell, installation)
    await asyncio.to_thread(sweeping.sweep, installation)


def _tell(installation: Installation) -> None:
    with installation.storage.reading() as connection:
        lost = unannounced(connection, installation.clock())
    for id_ in lost:
        installation.enqueue(id_)
