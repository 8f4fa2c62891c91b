"""Ask a database of advisories about everything that is locked; silence is never taken for safety.

    python scripts/audit.py [LOCK ...]        (default: requirements/server.txt requirements/dev.txt)

Exit codes: 0 every package was checked and none has a known advisory; 1 some have; 2 NOT CHECKED: the database could not be
reached, or a package was left out. KAM_OSV_URL names another database that answers as OSV does.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
LOCKS = (ROOT / "requirements" / "server.txt", ROOT / "requirements" / "dev.txt")
CLEAN, FOUND, NOT_CHECKED = 0, 1, 2
TIME_LIMIT = 600
_PINNED = re.compile(r"^([a-z0-9._-]+)==\S+(?: ; ([^\\\n]+))?", re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    locks = [Path(name) for name in arguments] or list(LOCKS)
    return max(_audit(lock) for lock in locks)


def _audit(lock: Path) -> int:
    report, trouble = _ask(lock)
    wanted = locked_here(lock.read_text(encoding="utf-8"))
    checked = {one["name"].lower() for one in report if "skip_reason" not in one}
    missing = sorted(wanted - checked)
    found = [(one, advisory) for one in report for advisory in one.get("vulns", ())]
    for one, advisory in found:
        better = ", ".join(advisory.get("fix_versions") or ["none yet"])
        _say(f"{lock.name}: {one['name']} {one['version']}: {advisory['id']} (fixed in: {better})")
    if missing:
        reason = f": {trouble}" if trouble else ""
        _say(f"{lock.name}: NOT CHECKED{reason} ({len(missing)} of {len(wanted)}: {', '.join(missing[:5])} ...)")
        return NOT_CHECKED
    if not found:
        _say(f"{lock.name}: {len(wanted)} packages checked on {datetime.now(UTC):%Y-%m-%d}, no known advisory")
    return FOUND if found else CLEAN


def locked_here(lock: str) -> set[str]:
    """The packages of a lock that this machine would install."""
    return {name for name, marker in _PINNED.findall(lock) if not marker or Marker(marker.strip()).evaluate()}


def _ask(lock: Path) -> tuple[list[dict[str, Any]], str]:
    """What pip-audit reports of each package, and why it could not; nothing of what it prints is believed."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip", "--strict"]
        command += ["-s", "osv", "--progress-spinner", "off", "--format", "json", "--output", str(target)]
        if "KAM_OSV_URL" in os.environ:
            command += ["--osv-url", os.environ["KAM_OSV_URL"]]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIME_LIMIT)  # noqa: S603 - ours
        except subprocess.TimeoutExpired:
            return [], f"no end after {TIME_LIMIT} s"
        lines = done.stderr.strip().splitlines()
        if not target.is_file() or not target.stat().st_size:
            return [], lines[-1][:200] if lines else f"pip-audit ended with {done.returncode}"
        return json.loads(target.read_text(encoding="utf-8"))["dependencies"], ""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
