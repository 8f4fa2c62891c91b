"""The report as data: the same content and ids as on paper."""

from __future__ import annotations

import json
from dataclasses import asdict

from assess.core.report.values import ReportContent


def render_json(content: ReportContent) -> bytes:
    """`kam-report/1`, UTF-8 with a final line break."""
    return (json.dumps(asdict(content), ensure_ascii=False, indent=2) + "\n").encode()
