"""gunicorn for an installation of several web processes, behind a proxy with TLS (deploy/proxy).

    gunicorn -c gunicorn.conf.py

gunicorn keeps the processes; in each, requests are read whole before one of the threads takes them, so that phones which stall
in the middle of one keep nobody waiting.
WEB_CONCURRENCY is the number of processes, KAM_HOST and KAM_PORT where they listen.
"""

import os
import shutil
import sys
import tempfile

from assess.config import read_settings
from assess.core.errors import Invalid

try:
    _settings = read_settings()
except Invalid as error:
    sys.exit(f"kam-assess cannot start: {error}")

wsgi_app = "assess.application:wsgi()"
bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
proc_name = "kam-assess"

worker_class = "assess.serving.gunicorn_worker.BufferingWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
backlog = 2048
# The heartbeat of a process, not the length of a request; who stops has 20 seconds to end what is under way.
timeout = 30
graceful_timeout = 20
max_requests = 10_000
max_requests_jitter = 1_000
# The heartbeat is a file; on a disk that is busy it would come late.
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn makes its file there with a name of its own
control_socket_disable = True

# No access log: addresses carry people's private links. The proxy's example logs without them.
accesslog = None
errorlog = "-"
loglevel = "info"

# Each process counts for itself; in a folder that they share, whichever is asked for /metrics knows the sum.
if _settings.metrics_token and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _counts = tempfile.mkdtemp(prefix="kam-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts

    def on_exit(_server: object) -> None:
        """Leave nothing behind."""
        shutil.rmtree(_counts, ignore_errors=True)
