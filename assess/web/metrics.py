"""Numbers for Prometheus: requests by endpoint, never by address; saves; what waits in the database.

Loaded only where the settings hold a token for it. Requests are counted by each process; with PROMETHEUS_MULTIPROC_DIR, an
empty folder shared by the processes of a machine, whichever of them is asked tells the sum. What the database knows is looked
up when it is asked for, so any process tells the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from assess import __version__
from assess.core.errors import Failed, Invalid, Problem
from assess.storage.queue import DONE, FAILED, QUEUED, RUNNING
from assess.usecases import monitoring
from assess.usecases.installation import Installation

if TYPE_CHECKING:
    from prometheus_client import Metric

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
SAVES = {"saving.save": "answer", "ballots.save": "vote"}
"""Endpoint -> what it saves."""
STATES = (QUEUED, RUNNING, DONE, FAILED)


def init_metrics(app: Flask, installation: Installation) -> None:
    """Raises Invalid where metrics are asked for without the library they take."""
    if not installation.settings.metrics_token:
        return
    if find_spec("prometheus_client") is None:
        raise Invalid([Problem("needs the extra metrics: pip install 'kam-assess[metrics]'", {}, path="KAM_METRICS_TOKEN")])
    app.extensions["kam_metrics"] = Metrics(installation)


class Metrics:
    """The numbers of one process, or of all of the machine's."""

    def __init__(self, installation: Installation) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics

        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library types it in part
        self._is_shared = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        self._registry = CollectorRegistry()
        options: dict[str, Any] = {"registry": self._registry}
        self._requests = Counter("kam_requests", "Requests answered, by endpoint.", ("endpoint", "method", "status"), **options)
        self._seconds = Histogram(
            "kam_request_seconds", "How long answering took, by endpoint.", ("endpoint",), buckets=BUCKETS, **options
        )
        self._saves = Histogram(
            "kam_save_seconds", "How long saving an answer or a vote took.", ("what", "outcome"), buckets=BUCKETS, **options
        )
        self._errors = Counter("kam_database_errors", "Errors the database answered with, by kind.", ("kind",), **options)
        self._work = _Work(installation)
        if not self._is_shared:
            ProcessCollector(registry=self._registry)
            self._registry.register(self._work)
        event.listen(Engine, "handle_error", self._count_error)

    def answered(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        self._requests.labels(endpoint, method if method in METHODS else "other", str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)
        if endpoint in SAVES:
            self._saves.labels(SAVES[endpoint], outcome_of(status)).observe(seconds)

    def shown(self) -> tuple[bytes, str]:
        """What Prometheus reads, and its media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self._registry
        if self._is_shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library types it in part
            registry.register(self._work)
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def _count_error(self, context: Any) -> None:
        self._errors.labels(type(context.original_exception).__name__).inc()


def outcome_of(status: int) -> str:
    if status < 400:
        return "saved"
    if status == 409:
        return "conflict"
    return "refused" if status < 500 else "failed"


class _Work:
    """Looks into the database whenever the numbers are asked for."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def describe(self) -> Iterable[Metric]:
        """Nothing, or registering would look into the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        yield InfoMetricFamily("kam_build", "The program.", value={"version": __version__})
        reachable = GaugeMetricFamily("kam_database_up", "1 while the database can be read.")
        try:
            work = monitoring.look_at_work(self._installation)
        except (Failed, SQLAlchemyError):
            reachable.add_metric((), 0)
            yield reachable
            return
        reachable.add_metric((), 1)
        yield reachable
        yield from _families(self._installation, work)


def _families(installation: Installation, work: monitoring.Work) -> Iterable[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    jobs = GaugeMetricFamily("kam_jobs", "Documents and other work by state.", labels=("kind", "state"))
    oldest = GaugeMetricFamily("kam_queue_oldest_seconds", "How long the oldest has waited; 0: none waits.", labels=("kind",))
    now = installation.clock()
    for kind, queue in work.queues.items():
        for state in STATES:
            jobs.add_metric((kind, state), queue.by_state.get(state, 0))
        oldest.add_metric((kind,), 0 if queue.oldest is None else max(0.0, (now - queue.oldest).total_seconds()))
    yield from (jobs, oldest)
    lately = [age for age in work.beats if abs(age) <= monitoring.SEEN_LATELY.total_seconds()]
    yield GaugeMetricFamily("kam_workers", "Workers seen within the last minute.", value=len(lately))
    if work.beats:
        yield GaugeMetricFamily("kam_worker_beat_seconds", "How long ago a worker was seen last.", value=work.beats[0])
