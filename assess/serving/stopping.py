"""Serve until told to stop; then take nobody new, let what is being answered end, and only then go.

waitress's own way of stopping leaves its loop at once, and what its threads still answer is never sent.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from threading import Event
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel

GRACE_SECONDS = 20.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)


def told_by_signals(server: Any) -> Event:
    """An event that any of SIGNALS sets; a second signal ends the process without waiting."""
    told = Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        for name in SIGNALS:
            signal.signal(name, signal.SIG_DFL)
        told.set()
        wake(server)

    for name in SIGNALS:
        signal.signal(name, tell)
    return told


def wake(server: Any) -> None:
    """Let a waitress server look around now, not when the next thing happens."""
    for listener in _listeners(server):
        listener.pull_trigger()


def serve_until_told(
    server: Any, told: Event, grace: float = GRACE_SECONDS, *, linger: float = 0.0, beat: Callable[[], None] = lambda: None
) -> None:
    """Answer the requests of a waitress server until told; what is under way then has `grace` seconds.

    linger: seconds for which requests on connections that are there are still answered, as their last. beat is called at least
    once a second.
    """
    while not told.is_set():
        _turn(server, 1.0)
        beat()
    listeners = _listeners(server)
    for listener in listeners:
        wasyncore.dispatcher.close(listener)
    server.adj.is_ending = True
    told_at = time.monotonic()
    while channels := [one for listener in listeners for one in tuple(listener.active_channels.values())]:
        if time.monotonic() > told_at + linger:
            _close_idle(channels)
        if time.monotonic() > told_at + grace:
            break
        _turn(server, 0.1)
        beat()
    server.task_dispatcher.shutdown(timeout=1)


def _close_idle(channels: Sequence[HTTPChannel]) -> None:
    """Those on which no whole request has come in that is not answered to its last byte."""
    for channel in channels:
        if not channel.requests and not channel.total_outbufs_len:
            channel.handle_close()


def _turn(server: Any, seconds: float) -> None:
    wasyncore.loop(timeout=seconds, map=_sockets(server), use_poll=server.adj.asyncore_use_poll, count=1)


def _listeners(server: Any) -> list[Any]:
    """One for each address the server listens on."""
    return [one for one in tuple(_sockets(server).values()) if hasattr(one, "active_channels")]


def _sockets(server: Any) -> dict[int, Any]:
    """Under the name it has in a server with several addresses, or with one."""
    found: dict[int, Any] = server.map if hasattr(server, "map") else server._map  # noqa: SLF001 - waitress has no other
    return found
