"""Throw-away databases for tests: a SQLite file, and a PostgreSQL server of our own on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text

from assess.storage import schema
from assess.storage.engine import Storage


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgresql_programs() -> Path:
    """The folder with initdb and pg_ctl; the tests need PostgreSQL, so a machine without it is an error."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    assert on_path is not None, "PostgreSQL's server programs are missing: run `make test`, which installs them"
    return Path(on_path).resolve().parent


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A fresh cluster on a free loopback port; yields the URL of its `postgres` database. Ends the server it started."""
    programs, port = postgresql_programs(), free_port()
    with tempfile.TemporaryDirectory(prefix="kam-pg-") as folder:
        as_user = as_unprivileged(Path(folder))
        data = f"{folder}/data"
        settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
        initdb = [str(programs / "initdb"), "-D", data, "-U", "kam", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*as_user, *initdb], check=True, capture_output=True, timeout=120)
        control = [*as_user, str(programs / "pg_ctl"), "-D", data, "-w"]
        log = f"{folder}/log"
        subprocess.run([*control, "-l", log, "-o", settings, "start"], check=True, stdout=subprocess.DEVNULL, timeout=120)
        try:
            yield f"postgresql://kam@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, timeout=120)


@contextmanager
def temporary_database(url: str) -> Iterator[str]:
    """A new, empty database on the server of this URL, gone afterwards: hundreds of them would fill a disk. Yields its URL."""
    name = f"test_{uuid4().hex}"
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield f"{url.rsplit('/', 1)[0]}/{name}"
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def empty_database(storage: Storage) -> None:
    """Leave nothing in a PostgreSQL database but its schema: 5 ms, where making another one takes a second.

    As a replica, the database asks neither its triggers nor its foreign keys.
    """
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    with storage.writing() as connection:
        names = connection.scalars(text(tables)).all()
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in names))
        connection.execute(text("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"))
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{schema.newest()}'"))


def as_unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root; then run it as the user `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return []
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in known else "nobody"
    shutil.chown(folder, user)
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
