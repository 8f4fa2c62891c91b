"""kam-assess serve, worker."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import click

from assess.config import read_settings
from assess.core.errors import Invalid, Problem
from assess.logs import set_up_logs
from assess.usecases.presence import in_use

if TYPE_CHECKING:
    from assess.usecases.installation import Installation

RESTART_SECONDS = 1.0
STOP_SECONDS = 20.0
LEISURE = 10
THREADS = 16


@click.command()
@click.option("--host", help="Address to listen on.  [default: KAM_HOST or 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.  [default: KAM_PORT or 8017]"
)
def serve(host: str | None, port: int | None) -> None:
    """Run the web app and one document worker beside it."""
    from assess.application import create_application, warn_if_exposed
    from assess.serving.listening import listen
    from assess.serving.stopping import serve_until_told, told_by_signals
    from assess.usecases.installation import open_installation

    given = read_settings()
    set_up_logs(given.log_format)
    settings = replace(given, host=host or given.host, port=given.port if port is None else port)
    click.get_current_context().with_resource(in_use(settings.data_dir))
    installation = open_installation(settings)
    app = create_application(settings, installation)
    try:
        server: Any = listen(app, settings, threads=THREADS, host=settings.host, port=settings.port)
    except (OSError, socket.gaierror) as error:
        place = f"{settings.host}:{settings.port}"
        message = "cannot be listened on: {reason}; another one can be chosen with --port"
        raise Invalid([Problem(message, {"reason": error.strerror or error}, place)]) from None
    stop = Event()
    keeper = Thread(target=_keep_worker, args=(stop,), name="worker-keeper")
    told = told_by_signals(server)
    try:
        keeper.start()
        address = f"http://{settings.host}:{server.effective_port}"
        warn_if_exposed(settings)
        click.echo(f"kam-assess is ready: {address}/  (Ctrl-C stops it)")
        _tell_first_start(installation, address)
        serve_until_told(server, told)
    finally:
        stop.set()
        server.close()
        if keeper.is_alive():
            keeper.join()
    click.echo("kam-assess has stopped.", err=True)


def _tell_first_start(installation: Installation, address: str) -> None:
    """As long as nobody can sign in, a one-time link to become the first admin; a self-assessment needs no account."""
    from assess.cli.people import setup_link
    from assess.usecases.people import first_start

    token = first_start(installation)
    if token is not None:
        click.echo(f"To work with clients, become the first admin with this one-time link: {setup_link(address, token)}")


@click.command()
@click.option("--until-stdin-closes", is_flag=True, hidden=True, help="Stop too when whoever started it is gone.")
def worker(until_stdin_closes: bool) -> None:
    """Run a document worker alone, until it is told to stop."""
    settings = read_settings()
    set_up_logs(settings.log_format)
    _load_at_leisure("assess.jobs")
    from assess.jobs import run_worker
    from assess.usecases.installation import open_installation
    from assess.usecases.monitoring import keep_beating

    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _number, _frame: stop.set())
    if until_stdin_closes:
        Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    click.get_current_context().with_resource(in_use(settings.data_dir))
    installation = open_installation(settings)
    Thread(target=keep_beating, args=(installation, stop), name="beats").start()
    try:
        if installation.storage.is_sqlite:
            run_worker(installation, stop)
        else:
            from assess.scaled import run_scaled_worker

            run_scaled_worker(installation, stop)
    finally:
        stop.set()


def _keep_worker(stop: Event) -> None:
    """Run a worker process and start it again when it ends by itself; end it when told to stop."""
    while not stop.is_set():
        command = [sys.executable, "-m", "assess.cli.main", "worker", "--until-stdin-closes"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own words only
        while process.poll() is None and not stop.wait(0.2):
            pass
        if process.poll() is None:
            _end(process)
        elif not stop.is_set():
            logging.getLogger("assess.serve").warning("the worker ended (%s); starting another", process.returncode)
            stop.wait(RESTART_SECONDS)


def _load_at_leisure(module: str) -> None:
    """Import it without taking processor time from the web process, which answers its first requests at that moment.

    Niceness is a thread's on Linux: the one that works afterwards has its own, so that it never holds the write lock for long.
    """

    def load() -> None:
        os.nice(LEISURE)
        importlib.import_module(module)

    loader = Thread(target=load, name="loader")
    loader.start()
    loader.join()


def _stop_at_end_of_input(stop: Event) -> None:
    """The pipe to the server closes however the server ends, so that no worker outlives it.

    Read without a buffer: its lock, held by this thread, would abort the interpreter when it ends.
    """
    while os.read(0, 4096):
        pass
    stop.set()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end, and make it."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
