"""Accounts that may be one customer written in two ways: suggested to people, never put together by the program."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from assess.core.accounts import Account

MOST = 50
"""How many suggestions are made: the largest by revenue."""
_LIKENESS = 0.92
_BLOCK = 60
"""Names that begin alike and are compared one by one; blocks larger than this say little."""
_SHORTEST = 6
_LEGAL = frozenset(
    "inc incorporated corp corporation co company ltd limited llc llp plc lp gmbh ag kg kgaa ohg ug mbh se sa sas sarl "  # noqa: SIM905 - a list of words reads best so
    "bv nv ab as asa oy oyj aps spa srl sl sro zoo kk pty pte group holding holdings the and und et".split()
)
_LEGAL_HAN = re.compile("(股份有限公司|有限責任公司|有限责任公司|有限公司|株式会社|株式會社|集團|集团|公司)")
_WORD = re.compile(r"\w+")


def suggest_groups(accounts: Sequence[Account]) -> tuple[tuple[str, ...], ...]:
    """Names that differ in case, marks, width, legal form or a letter or two; each group with its largest account first."""
    order = sorted(accounts, key=lambda account: (-account.total.revenue, account.name))
    by_core: defaultdict[str, list[Account]] = defaultdict(list)
    for account in order:
        if core := core_name(account.name):
            by_core[core].append(account)
    merged = _merged(by_core)
    groups = sorted((group for group in merged if len(group) > 1), key=lambda group: -sum(a.total.revenue for a in group))
    return tuple(tuple(account.name for account in group) for group in groups[:MOST])


def core_name(name: str) -> str:
    """What is left of a name to compare: no case, accents, marks, legal forms; "" for numbers and codes."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char)).replace("'", "").replace("’", "")
    words = [word for word in _WORD.findall(_LEGAL_HAN.sub(" ", letters.replace(".", ""))) if word not in _LEGAL]
    core = "".join(words)
    return core if any(char.isalpha() for char in core) and sum(map(str.isdigit, core)) <= len(core) / 2 else ""


def _merged(by_core: dict[str, list[Account]]) -> Iterable[list[Account]]:
    """Cores that are nearly the same put together, each account once."""
    parent = {core: core for core in by_core}

    def root(core: str) -> str:
        while parent[core] != core:
            core = parent[core]
        return core

    for one, other in _alike(by_core):
        parent[root(other)] = root(one)
    found: defaultdict[str, list[Account]] = defaultdict(list)
    for core, accounts in by_core.items():
        found[root(core)].extend(accounts)
    return found.values()


def _alike(cores: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of long names that begin with the same letters and differ by very little, and not in their numbers."""
    blocks: defaultdict[str, list[str]] = defaultdict(list)
    for core in cores:
        if len(core) >= _SHORTEST:
            blocks[core[:4]].append(core)
    for block in blocks.values():
        for place, one in enumerate(block[:_BLOCK]):
            for other in block[place + 1 : _BLOCK]:
                if _digits(one) == _digits(other) and _likeness(one, other) >= _LIKENESS:
                    yield one, other


def _digits(core: str) -> str:
    return "".join(char for char in core if char.isdigit())


def _likeness(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _LIKENESS and matcher.quick_ratio() >= _LIKENESS else 0.0
