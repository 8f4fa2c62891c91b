"""The two apps that `saves` compares."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, request

from assess.config import read_settings
from assess.storage.engine import sqlite_driver
from assess.web.app import create_app


def ours() -> Flask:
    return create_app(read_settings())


def bare() -> Flask:
    """The same statements on the same tables, and nothing else."""
    app = Flask(__name__)
    path = Path(os.environ["KAM_DATA_DIR"]) / "kam-assess.sqlite3"
    local, lock = threading.local(), threading.Lock()

    @app.get("/health")
    def health() -> Any:
        return jsonify(status="ok")

    @app.post("/a/<token>/answers/<item>")
    def save(token: str, item: str) -> Any:
        sent = request.get_json()
        connection = _connection(local, path)
        with lock, path.with_name(f"{path.name}.lock").open("a") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            connection.execute("BEGIN IMMEDIATE")
            version = _save(connection, sent, item)
            connection.execute("COMMIT")
        return jsonify(version=version)

    return app


def _connection(local: threading.local, path: Path) -> Any:
    if not hasattr(local, "connection"):
        local.connection = sqlite_driver().connect(str(path), isolation_level=None, check_same_thread=False)
        for pragma in ("busy_timeout=10000", "synchronous=FULL", "foreign_keys=ON", "journal_mode=WAL"):
            local.connection.execute(f"PRAGMA {pragma}")
    return local.connection


def _save(connection: Any, sent: Any, item: str) -> int:
    """Look whose answer it is and whether the edit came before, put it, note it, touch the assessment."""
    person, now = sent["respondent"], datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    assessment, *_ = connection.execute(
        "SELECT a.id, a.digest, w.version, e.version FROM respondent r JOIN assessment a ON a.id = r.assessment_id "
        "LEFT JOIN answer w ON w.respondent_id = r.id AND w.item = ? "
        "LEFT JOIN answer_event e ON e.respondent_id = r.id AND e.key = ? WHERE r.id = ?",
        (item, sent["key"], person),
    ).fetchone()
    answer = sent["answer"]
    (version,) = connection.execute(
        "INSERT INTO answer (respondent_id, item, level, dont_know, not_applicable, evidence, comment, version, changed_at) "
        "VALUES (?, ?, ?, 0, NULL, '', ?, 1, ?) ON CONFLICT (respondent_id, item) DO UPDATE SET level = excluded.level, "
        "comment = excluded.comment, changed_at = excluded.changed_at, version = answer.version + 1 "
        "WHERE answer.version = ? RETURNING version",
        (person, item, answer["level"], answer["comment"], now, sent["base"]),
    ).fetchone()
    connection.execute(
        "INSERT INTO answer_event (respondent_id, item, content, key, version, at) VALUES (?, ?, ?, ?, ?, ?)",
        (person, item, json.dumps(answer), sent["key"], version, now),
    )
    connection.execute("UPDATE assessment SET changed_at = ? WHERE id = ?", (now, assessment))
    return int(version)
