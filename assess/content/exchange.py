"""Benchmark exchange files: released figures as signed JSON, and how releases are kept in the database."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeGuard

from assess.content.document import read_bytes
from assess.content.parsing import is_day
from assess.core.benchmark import MIN_PEERS, SEGMENTS, key_of
from assess.core.errors import Invalid, Problem
from assess.core.release import FAMILIES, OVERALL, Block, Cell, Figures, Release, ReleasedCell, cell_of, family_of, percents

SCHEMA = "kam-benchmark-exchange/1"
MAX_BYTES = 64 * 1024 * 1024
MAX_CELLS = 20_000
ALGORITHM = "Ed25519"
_MAX_PROBLEMS = 50
_NO_SCORE = b"\xff\xff"
_SLUG = re.compile(r"[a-z0-9]([a-z0-9._-]{0,78}[a-z0-9])?\Z")
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,80}\Z")
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,2}\Z")

Json = dict[str, Any]


@dataclass(frozen=True)
class Signed:
    """A release together with the public key (32 bytes) its file was signed with, and the file itself."""

    release: Release
    public_key: bytes
    text: str


def fingerprint(public_key: bytes) -> str:
    """How people compare keys: 40 hexadecimal digits of the key's sha256."""
    return sha256(public_key).hexdigest()[:40]


def grouped(print_: str) -> str:
    """A fingerprint as it is read aloud, in groups of four."""
    return " ".join(print_[start : start + 4] for start in range(0, len(print_), 4))


def is_exchange(text: str) -> bool:
    """Whether a file of peers is an exchange file; a CSV file begins with a name of a column."""
    return text.lstrip("\ufeff \t\r\n").startswith("{")


# --- Writing ---


def write_exchange(release: Release, private_key: bytes) -> str:
    """The signed file. The same release and key give the same bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PrivateKey.from_private_bytes(private_key)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    content = release_json(release)
    content["issuer"] = {"name": release.name, "key": b64encode(public).decode(), "fingerprint": fingerprint(public)}
    signature = b64encode(key.sign(canonical(content))).decode()
    content["signature"] = {"algorithm": ALGORITHM, "value": signature}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def canonical(content: Mapping[str, Any]) -> bytes:
    """What is signed: the content without its signature, keys in order, no space, UTF-8 (as RFC 8785 for these files)."""
    unsigned = {key: value for key, value in content.items() if key != "signature"}
    return json.dumps(unsigned, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def release_json(release: Release) -> Json:
    return {
        "schema": SCHEMA,
        "questionnaire": {"id": release.questionnaire, "major": release.major, "versions": list(release.versions)},
        "release": {"number": release.number, "released_on": release.released_on.isoformat()},
        "rules": {
            "least": MIN_PEERS,
            "counts_in": MIN_PEERS,
            "groups": [list(family) for family in FAMILIES],
        },
        "steps": list(release.dimensions),
        "cells": [cell_json(cell) for cell in release.cells.values()],
    }


def cell_json(cell: ReleasedCell) -> Json:
    return {
        "segments": {segment: value for segment, value in zip(SEGMENTS, cell.cell, strict=True) if value is not None},
        "n": cell.n,
        "first": cell.first.isoformat(),
        "last": cell.last.isoformat(),
        "release": cell.release,
        "released_on": cell.released_on.isoformat(),
        "figures": {
            step: {"n": each.n, "quantiles": {str(percent): _plain(value) for percent, value in each.quantiles.items()}}
            for step, each in cell.figures.items()
        },
    }


def _plain(hundredths: int) -> int | float:
    """A score as people write it."""
    return hundredths / 100 if hundredths % 100 else hundredths // 100


# --- Reading ---


def read_exchange(path: Path) -> Signed:
    """A signed file, its signature checked. Raises Invalid with every reason, NotFound."""
    return parse_exchange(_decoded(read_bytes(path, MAX_BYTES), str(path)), str(path))


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid([Problem("is not UTF-8 text", {}, file)]) from None


def parse_exchange(text: str, file: str) -> Signed:
    """A file's release once its signature and every value were checked. Whether the key is trusted is not asked here."""
    content = _json(text, file)
    reader = _Reader(content, file)
    signed = reader.signed(text)
    if reader.problems:
        shown = reader.problems[:_MAX_PROBLEMS]
        more = len(reader.problems) - len(shown)
        extra = [Problem("and {count} more problems", {"count": more}, file)] if more else []
        raise Invalid([*shown, *extra])
    return signed


def _json(text: str, file: str) -> Json:
    def once(pairs: list[tuple[str, Any]]) -> Json:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Invalid([Problem("holds the same key twice", {}, file)])
        return found

    def refuse(_number: str) -> Any:
        raise Invalid([Problem("holds a number that JSON does not know", {}, file)])

    try:
        content = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
        json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise Invalid([Problem("is not readable JSON: {reason}", {"reason": error.msg}, file, error.lineno)]) from None
    except (RecursionError, ValueError):
        raise Invalid([Problem("is nested too deeply or holds a value that cannot be read", {}, file)]) from None
    if not isinstance(content, dict):
        raise Invalid([Problem("is not a benchmark exchange file", {}, file)])
    if content.get("schema") != SCHEMA:
        raise Invalid([Problem("is not a benchmark exchange file ({schema})", {"schema": SCHEMA}, file)])
    return content


class _Reader:
    """Reads a file's parts and collects what is wrong with them; a wrong part is read as something harmless."""

    def __init__(self, content: Json, file: str) -> None:
        self.content, self.file, self.problems = content, file, list[Problem]()

    def wrong(self, message: str, path: str, **params: object) -> None:
        self.problems.append(Problem(message, params, self.file, None, path))

    def signed(self, text: str) -> Signed:
        public = self._bytes("issuer.key", 32)
        signature = self._bytes("signature.value", 64)
        if self._at("signature.algorithm") != ALGORITHM:
            self.wrong("must be {name}", "signature.algorithm", name=ALGORITHM)
        if self.problems:
            raise Invalid(self.problems)
        if not _verified(public, signature, canonical(self.content)):
            raise Invalid([Problem("was changed after it was signed, or was signed with another key", {}, self.file)])
        if self._at("issuer.fingerprint") != fingerprint(public):
            self.wrong("is not that of the key", "issuer.fingerprint")
        return Signed(self._release(public), public, text)

    def _release(self, public: bytes) -> Release:
        steps = self._texts("steps")
        if OVERALL in steps:
            self.wrong("must not name {name}", "steps", name=OVERALL)
        cells = [self._cell(value, f"cells[{place}]", set(steps)) for place, value in enumerate(self._list("cells", MAX_CELLS))]
        number = self._number("release.number")
        found = {cell.cell: cell for cell in cells if cell is not None}
        if len(found) < sum(cell is not None for cell in cells):
            self.wrong("hold the same group twice", "cells")
        if any(cell.release > number for cell in found.values()):
            self.wrong("hold figures of a later release than the file's", "cells")
        return Release(
            name=self._text("issuer.name"),
            key=fingerprint(public),
            questionnaire=self._slug("questionnaire.id"),
            major=self._number("questionnaire.major"),
            versions=self._versions(),
            number=number,
            released_on=self._day(self._at("release.released_on"), "release.released_on"),
            dimensions=steps,
            cells=found,
        )

    def _cell(self, value: Any, path: str, steps: set[str]) -> ReleasedCell | None:
        if not isinstance(value, dict):
            self.wrong("must be a group", path)
            return None
        before = len(self.problems)
        segments = value.get("segments")
        if not _are_segments(segments):
            self.wrong("must name industry, region or size with a text each", f"{path}.segments")
        cell = cell_of(segments if _are_segments(segments) else {})
        if family_of(cell) not in FAMILIES:
            self.wrong("is not one of the groups that are exchanged", f"{path}.segments")
        figures = {
            step: self._figures(each, f"{path}.figures.{step}")
            for step, each in _items(value.get("figures"))
            if step in {*steps, OVERALL}
        }
        n = self._fives(value.get("n"), f"{path}.n")
        if OVERALL not in figures:
            self.wrong("must hold {name}", f"{path}.figures", name=OVERALL)
        if len(figures) != len(_items(value.get("figures"))):
            self.wrong("names a step that is not in the list of steps", f"{path}.figures")
        found = ReleasedCell(
            cell=cell,
            n=n,
            first=self._day(value.get("first"), f"{path}.first"),
            last=self._day(value.get("last"), f"{path}.last"),
            release=self._whole(value.get("release"), f"{path}.release"),
            released_on=self._day(value.get("released_on"), f"{path}.released_on"),
            figures=figures,
        )
        return found if len(self.problems) == before else None

    def _figures(self, value: Any, path: str) -> Figures:
        given = value if isinstance(value, dict) else {}
        n = self._fives(given.get("n"), f"{path}.n")
        quantiles = dict(_items(given.get("quantiles")))
        if set(quantiles) != {str(percent) for percent in percents(n)}:
            self.wrong("must hold the quantiles that {n} organisations allow", f"{path}.quantiles", n=n)
            return Figures(n, {})
        values = [quantiles[str(percent)] for percent in percents(n)]
        if not all(isinstance(v, int | float) and not isinstance(v, bool) and 1 <= v <= 5 for v in values):
            self.wrong("must be scores from 1 to 5", f"{path}.quantiles")
            return Figures(n, {})
        exact = [round(100 * v) for v in values]
        if exact != sorted(exact) or [_plain(each) for each in exact] != values:
            self.wrong("must ascend and have at most two decimals", f"{path}.quantiles")
        return Figures(n, dict(zip(percents(n), exact, strict=True)))

    def _at(self, path: str) -> Any:
        value: Any = self.content
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def _bytes(self, path: str, length: int) -> bytes:
        value = self._at(path)
        try:
            found = b64decode(value, validate=True) if isinstance(value, str) and value.isascii() else b""
        except NotBase64:
            found = b""
        if len(found) != length:
            self.wrong("must be {length} bytes in Base64", path, length=length)
        return found

    def _list(self, path: str, longest: int) -> list[Any]:
        value = self._at(path)
        if not isinstance(value, list) or len(value) > longest:
            self.wrong("must be a list of at most {count}", path, count=longest)
            return []
        return value

    def _texts(self, path: str) -> tuple[str, ...]:
        values = self._list(path, 100)
        if not all(isinstance(value, str) and _SLUG.match(value) for value in values) or len(set(values)) < len(values):
            self.wrong("must be a list of different ids", path)
            return ()
        return tuple(values)

    def _versions(self) -> tuple[str, ...]:
        values = self._list("questionnaire.versions", 100)
        if not all(isinstance(value, str) and _VERSION.match(value) for value in values):
            self.wrong("must be a list of versions such as 1.0.0", "questionnaire.versions")
            return ()
        return tuple(values)

    def _text(self, path: str) -> str:
        value = self._at(path)
        if isinstance(value, str) and _TEXT.match(value):
            return value
        self.wrong("must be a text of one line", path)
        return ""

    def _slug(self, path: str) -> str:
        value = self._at(path)
        if isinstance(value, str) and _SLUG.match(value):
            return value
        self.wrong("must be an id", path)
        return ""

    def _number(self, path: str) -> int:
        return self._whole(self._at(path), path)

    def _whole(self, value: Any, path: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000:
            return value
        self.wrong("must be a whole number from 1", path)
        return 1

    def _fives(self, value: Any, path: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 5 <= value <= 1_000_000_000 and value % MIN_PEERS == 0:
            return value
        self.wrong("must be a multiple of 5, at least 5", path)
        return MIN_PEERS

    def _day(self, value: Any, path: str) -> date:
        if isinstance(value, str) and is_day(value):
            return date.fromisoformat(value)
        self.wrong("must be a date such as 2026-11-21", path)
        return date.min


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _are_segments(value: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and all(
        segment in SEGMENTS and isinstance(text, str) and _TEXT.match(text) and key_of(text) for segment, text in value.items()
    )


def _verified(public: bytes, signature: bytes, content: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- In the database ---


def cell_key(cell: Cell) -> str:
    """The text a group is found by."""
    return json.dumps(list(cell), ensure_ascii=False, separators=(",", ":"))


def cell_from_key(key: str) -> Cell:
    industry, region, size = json.loads(key)
    return industry, region, size


def dump_cell(cell: ReleasedCell) -> str:
    return json.dumps(cell_json(cell), ensure_ascii=False, separators=(",", ":"))


def load_cell(text: str) -> ReleasedCell:
    """A group from what dump_cell wrote; unlike a file from elsewhere it is believed."""
    value = json.loads(text)
    return ReleasedCell(
        cell=cell_of(value["segments"]),
        n=value["n"],
        first=date.fromisoformat(value["first"]),
        last=date.fromisoformat(value["last"]),
        release=value["release"],
        released_on=date.fromisoformat(value["released_on"]),
        figures={
            step: Figures(each["n"], {int(percent): round(100 * value) for percent, value in each["quantiles"].items()})
            for step, each in value["figures"].items()
        },
    )


def pack_histograms(histograms: Mapping[str, Mapping[int, int]]) -> bytes:
    return zlib.compress(json.dumps({step: list(each.items()) for step, each in histograms.items()}).encode())


def unpack_histograms(content: bytes) -> dict[str, dict[int, int]]:
    return {step: dict(pairs) for step, pairs in json.loads(zlib.decompress(content)).items()}


def pack_block(block: Block) -> bytes:
    value = {
        "cell": block.cell,
        "n": block.n,
        "first": block.first.isoformat(),
        "last": block.last.isoformat(),
        "histograms": {step: list(each.items()) for step, each in block.histograms.items()},
    }
    return zlib.compress(json.dumps(value, ensure_ascii=False).encode())


def unpack_block(number: int, content: bytes) -> Block:
    value = json.loads(zlib.decompress(content))
    industry, region, size = value["cell"]
    return Block(
        id=number,
        cell=(industry, region, size),
        n=value["n"],
        histograms={step: dict(pairs) for step, pairs in value["histograms"].items()},
        first=date.fromisoformat(value["first"]),
        last=date.fromisoformat(value["last"]),
    )


def pack_bins(bins: Iterable[int | None]) -> bytes:
    """The bins of a row, in the order of the steps; None where there is no score."""
    return b"".join(_NO_SCORE if place is None else place.to_bytes(2, "little") for place in bins)


def bins_of(packed: bytes, steps: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Step and bin of each score in a row's packed bins."""
    for place, step in enumerate(steps):
        pair = packed[2 * place : 2 * place + 2]
        if len(pair) == 2 and pair != _NO_SCORE:
            yield step, int.from_bytes(pair, "little")
