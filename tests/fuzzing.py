"""How much is made up: little in the suite, the whole of it under `make fuzz`; which, a seed says."""

from __future__ import annotations

import os

SEED = int(os.environ.get("KAM_FUZZ_SEED") or 20261122)
EXAMPLES = int(os.environ.get("KAM_FUZZ_EXAMPLES") or 0)
"""Requests for each operation of the API in a long run; 0 in the suite."""


def amount(suite: int, whole: int) -> int:
    """How many cases: `whole` under `make fuzz`."""
    return whole if EXAMPLES else suite
