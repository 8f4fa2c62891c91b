"""Write the bill of materials of a server (CycloneDX 1.6, JSON): everything locked, with hashes and licences, and the fonts.

    python scripts/write_sbom.py [FILE]       (default: build/sbom.cdx.json)

It is made from requirements/server.txt and docs/licences.md alone, so the same tree gives the same bytes on every machine.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "server.txt"
LICENCES = ROOT / "docs" / "licences.md"
FONTS = ROOT / "reports" / "fonts"
_PINNED = re.compile(r"^([a-z0-9._-]+)==([^\s;\\]+)[^\n]*((?:\n +--hash=sha256:[0-9a-f]{64}[^\n]*)+)", re.MULTILINE)
_HASH = re.compile(r"sha256:([0-9a-f]{64})")
_ROW = re.compile(r"^\| ([a-z0-9._-]+) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


@dataclass(frozen=True)
class Locked:
    """A package as the lock names it. hashes: of every file that may be installed, any of them is right."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read_lock(text: str) -> tuple[Locked, ...]:
    return tuple(Locked(name, version, tuple(sorted(_HASH.findall(rest)))) for name, version, rest in _PINNED.findall(text))


def read_licences(text: str) -> dict[str, str]:
    """Package -> SPDX expression, from the tables of docs/licences.md; what stands in brackets is a remark."""
    return {name: expression_of(words) for name, words in _ROW.findall(text) if name != "package"}


def expression_of(words: str) -> str:
    """`Apache-2.0 or BSD-3-Clause` as SPDX writes it."""
    return re.sub(r"\s*\(.*?\)", "", words).strip().replace(" or ", " OR ").replace(" and ", " AND ")


def bill() -> Bom:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = LOCK.read_text(encoding="utf-8")
    bom = Bom(serial_number=UUID(sha256(lock.encode()).hexdigest()[:32], version=5))
    bom.metadata.component = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        licenses=[DisjunctiveLicense(id=project["license"])],
    )
    licences = read_licences(LICENCES.read_text(encoding="utf-8"))
    for component in (*_packages(read_lock(lock), licences), *_fonts()):
        bom.components.add(component)
    bom.register_dependency(bom.metadata.component, bom.components)
    return bom


def _packages(locked: tuple[Locked, ...], licences: dict[str, str]) -> Iterator[Component]:
    for one in locked:
        address = PackageURL("pypi", name=one.name, version=one.version)
        yield Component(
            name=one.name,
            version=one.version,
            type=ComponentType.LIBRARY,
            bom_ref=str(address),
            purl=address,
            licenses=[LicenseExpression(licences[one.name])],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in one.hashes],
        )


def _fonts() -> Iterator[Component]:
    for path in sorted(FONTS.glob("*.[ot]tf")):
        content = sha256(path.read_bytes()).hexdigest()
        yield Component(
            name=path.name,
            type=ComponentType.FILE,
            bom_ref=f"font-{path.name}",
            licenses=[DisjunctiveLicense(id="OFL-1.1")],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content)],
        )


def write_bill() -> str:
    """The JSON, without the moment it was written, which is nothing of the product's."""
    text = make_outputter(bill(), OutputFormat.JSON, SchemaVersion.V1_6).output_as_string()
    content = json.loads(text)
    content["metadata"].pop("timestamp", None)
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> None:
    target = Path(arguments[0]) if arguments else ROOT / "build" / "sbom.cdx.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(write_bill(), encoding="utf-8")
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
