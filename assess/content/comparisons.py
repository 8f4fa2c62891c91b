"""A comparison with peers as plain data and back, exactly: what a request for a document carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from assess.core.benchmark import Comparison, Position, Provenance

Json = dict[str, Any]
_EXACT = ("own", "median", "q1", "q3", "p10", "p90", "rank")


def dump_comparison(comparison: Comparison) -> Json:
    """Scores as fractions in text, days in ISO 8601; the same comparison gives the same data."""
    return {
        "asked": dict(comparison.asked),
        "group": dict(comparison.group),
        "n": comparison.n,
        "n_to": comparison.n_to,
        "missing": comparison.missing,
        "questionnaire": comparison.questionnaire,
        "major": comparison.major,
        "versions": list(comparison.versions),
        "first": None if comparison.first is None else comparison.first.isoformat(),
        "last": None if comparison.last is None else comparison.last.isoformat(),
        "sources": [{**asdict(source), "released_on": source.released_on.isoformat()} for source in comparison.sources],
        "overall": _dump_position(comparison.overall),
        "dimensions": {id_: _dump_position(position) for id_, position in comparison.dimensions.items()},
    }


def load_comparison(data: Mapping[str, Any]) -> Comparison:
    """What dump_comparison wrote."""
    sources = (Provenance(**{**each, "released_on": date.fromisoformat(each["released_on"])}) for each in data["sources"])
    return Comparison(
        asked=data["asked"],
        group=data["group"],
        n=data["n"],
        overall=_load_position(data["overall"]),
        dimensions={id_: _load_position(position) for id_, position in data["dimensions"].items()},
        questionnaire=data["questionnaire"],
        major=data["major"],
        first=None if data["first"] is None else date.fromisoformat(data["first"]),
        last=None if data["last"] is None else date.fromisoformat(data["last"]),
        versions=tuple(data["versions"]),
        missing=data["missing"],
        n_to=data["n_to"],
        sources=tuple(sources),
    )


def _dump_position(position: Position) -> Json:
    """What the number of organisations does not allow is left out."""
    known = {name: value for name, value in asdict(position).items() if value is not None}
    return known | {name: str(known[name]) for name in _EXACT if name in known}


def _load_position(data: Mapping[str, Any]) -> Position:
    return Position(**{"own": None, **data, **{name: Fraction(data[name]) for name in _EXACT if name in data}})
