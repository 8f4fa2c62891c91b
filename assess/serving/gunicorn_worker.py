"""A process of gunicorn that reads requests as `kam-assess serve` does.

gunicorn starts, watches, renews and stops the processes; in each, waitress takes connections from the socket they share.
gunicorn's own threads wait for the rest of every request that has begun: forty stalled phones take all of them.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterable
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any

from gunicorn.workers.base import Worker

from assess.config import read_settings
from assess.serving.listening import listen
from assess.serving.stopping import serve_until_told, wake

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LINGER_SECONDS = 2.0
"""How long a process that ends still answers on connections that are there: others go on, and a request may be on its way."""


class BufferingWorker(Worker):  # type: ignore[misc] # gunicorn has no types
    """One process; gunicorn's settings bind, workers, threads, timeout, graceful_timeout and max_requests hold."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = Event()
        self.server: Any = None
        self.count = itertools.count(1)

    @classmethod
    def check_config(cls, cfg: Any, _log: Any) -> None:
        """Refuse what would be ignored in silence."""
        if cfg.is_ssl:
            sys.exit("kam-assess cannot start: TLS belongs into the proxy; certfile and keyfile have no effect here")

    def run(self) -> None:
        """Answer until told to end or until gunicorn itself is gone."""
        sockets = [each.sock for each in self.sockets]
        self.server = listen(self._answer, read_settings(), threads=self.cfg.threads, sockets=sockets)
        serve_until_told(self.server, self.told, self.cfg.graceful_timeout, linger=LINGER_SECONDS, beat=self._beat)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End what is under way, and then the process."""
        super().handle_exit(sig, frame)
        self.told.set()
        if self.server is not None:
            wake(self.server)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.nr = next(self.count)
        found: Iterable[bytes] = self.wsgi(environ, start_response)
        return found

    def _beat(self) -> None:
        """Tell gunicorn that this process lives; notice that it has answered enough, or that gunicorn is gone."""
        self.notify()
        if not self.alive or self.nr >= self.max_requests or self.ppid != os.getppid():
            self.told.set()
