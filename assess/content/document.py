"""Read YAML or JSON strictly and remember the line of everything.

No aliases, anchors, tags, duplicate keys or second documents; only true, false, integers, floats and null are
anything but text; at most 2 MiB, 200,000 nodes and 32 levels deep. Keys are always text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from assess.core.errors import Invalid, NotFound, Problem

MAX_BYTES = 2 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 32
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}\Z")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class WrittenInteger(int):
    """A number together with how it was written, for the places where it turns out to be text."""

    written: str


class WrittenFloat(float):
    written: str


@dataclass
class Node:
    """A value with its line (1-based) and its children by key or index."""

    value: Any
    line: int
    children: dict[str | int, Node] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A parsed file: `data` is plain Python, `line_of` finds where a part of it stands."""

    file: str
    root: Node

    @property
    def data(self) -> Any:
        return self.root.value

    def line_of(self, path: Sequence[str | int]) -> int:
        """The line of the part at `path`, or of its nearest parent that exists."""
        node = self.root
        for step in path:
            if step not in node.children:
                break
            node = node.children[step]
        return node.line

    def problem(self, path: Sequence[str | int], message: str, **params: object) -> Problem:
        return Problem(message, params, self.file, self.line_of(path), self.readable(path))

    def readable(self, path: Sequence[str | int]) -> str:
        """The path for people: list entries are named by their id where they have one."""
        text, node = "", self.root
        for step in path:
            child = node.children.get(step)
            if isinstance(step, int):
                name = child.value.get("id") if child is not None and isinstance(child.value, Mapping) else None
                text += f"[{name if isinstance(name, str) else step}]"
            else:
                text += f".{step}" if text else step
            node = child if child is not None else Node(None, node.line)
        return text


def read_file(path: Path, name: str | None = None) -> Document:
    """Parse a file. Raises NotFound when there is none, Invalid with every reason otherwise."""
    return parse(read_bytes(path), name or str(path))


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file of at most `limit` bytes."""
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except FileNotFoundError:
        raise NotFound(f"{path}: there is no such file") from None
    except OSError as error:
        raise Invalid([Problem("cannot be read: {reason}", {"reason": error.strerror or error}, str(path))]) from None
    if len(content) > limit:
        raise Invalid([Problem("is larger than {limit} MiB", {"limit": limit // 1024**2}, str(path))])
    return content


def parse(content: bytes, file: str) -> Document:
    """Parse YAML or JSON bytes; a text that starts with { or [ is read as JSON. Raises Invalid."""
    if len(content) > MAX_BYTES:
        raise Invalid([Problem("is larger than {limit} MiB", {"limit": MAX_BYTES // 1024**2}, file)])
    text = decode(content, file)
    if not text.strip():
        raise Invalid([Problem("is empty", {}, file, 1)])
    if text.lstrip()[0] in "{[":
        return _parse_json(text, file)
    return Document(file, _Composer(text, file).compose())


def decode(content: bytes, file: str) -> str:
    """UTF-8 text, with or without a byte order mark."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Invalid([Problem("is UTF-16; save it as UTF-8", {}, file, 1)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Invalid([Problem("is not UTF-8 text (byte {byte})", {"byte": error.start + 1}, file, line)]) from None


class _Composer:
    """Builds the tree from YAML events, so that nothing is constructed that was not counted and allowed."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.events = yaml.parse(text, Loader=_LOADER)
        self.nodes = 0
        self.duplicates: list[Problem] = []

    def compose(self) -> Node:
        try:
            root = self._document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = " ".join(part for part in (error.context, error.problem) if part)
            raise self._refuse("is not valid YAML: {reason}", mark.line if mark else 0, reason=what) from None
        except yaml.reader.ReaderError as error:
            raise self._refuse("holds a character that is not allowed: {reason}", 0, reason=error.reason) from None
        if self.duplicates:
            raise Invalid(self.duplicates)
        return root

    def _document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise self._refuse("holds more than one YAML document", event.start_mark.line)
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, 1)
        if root is None:
            raise self._refuse("is empty", 0)
        return root

    def _node(self, event: yaml.NodeEvent, depth: int) -> Node:
        line = event.start_mark.line
        self.nodes += 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._refuse("anchors and aliases (& and *) are not allowed", line)
        if self.nodes > MAX_NODES:
            raise self._refuse("holds more than {limit} values", line, limit=MAX_NODES)
        if depth > MAX_DEPTH:
            raise self._refuse("is nested deeper than {limit} levels", line, limit=MAX_DEPTH)
        if event.tag is not None and event.tag != "!":
            raise self._refuse("tags such as {tag} are not allowed", line, tag=str(event.tag)[:60])
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(line, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(line, depth)
        return Node(_resolve(event), line + 1)

    def _mapping(self, line: int, depth: int) -> Node:
        node = Node({}, line + 1)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse("a key must be plain text", event.start_mark.line)
            self._node(event, depth + 1)
            key = event.value
            child = self._node(next(self.events), depth + 1)
            child.line = event.start_mark.line + 1
            if key in node.children:
                first = node.children[key].line
                self.duplicates.append(
                    Problem("the key is given twice (first in line {first})", {"first": first}, self.file, child.line, key)
                )
                continue
            node.children[key] = child
            node.value[key] = child.value
        return node

    def _sequence(self, line: int, depth: int) -> Node:
        node = Node([], line + 1)
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            child = self._node(event, depth + 1)
            node.children[len(node.value)] = child
            node.value.append(child.value)
        return node

    def _refuse(self, message: str, line: int, **params: object) -> Invalid:
        return Invalid([*self.duplicates, Problem(message, params, self.file, line + 1)])


def _resolve(event: yaml.ScalarEvent) -> Any:
    text: str = event.value
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return _as_number(text)


def _as_number(text: str) -> Any:
    kind = WrittenInteger if _INTEGER.match(text) else WrittenFloat if _FLOAT.match(text) else None
    if kind is None:
        return text
    value = kind(text)
    value.written = text
    return value


def _parse_json(text: str, file: str) -> Document:
    """JSON by the JSON reader; the lines come from reading the same text as YAML where that is possible."""
    duplicates: list[Problem] = []

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for (key, _), (following, _) in pairwise(sorted(pairs, key=lambda pair: pair[0])):
            if key == following:
                duplicates.append(Problem("the key is given twice", {}, file, None, key))
        return dict(pairs)

    def refuse_constant(name: str) -> Any:
        raise Invalid([Problem("{name} is not a number", {"name": name}, file)])

    try:
        data = json.loads(
            text, object_pairs_hook=object_of, parse_constant=refuse_constant, parse_int=_as_number, parse_float=_json_float
        )
    except json.JSONDecodeError as error:
        raise Invalid([Problem("is not valid JSON: {reason}", {"reason": error.msg}, file, error.lineno)]) from None
    except RecursionError:
        raise Invalid([Problem("is nested deeper than {limit} levels", {"limit": MAX_DEPTH}, file)]) from None
    if duplicates:
        raise Invalid(duplicates)
    try:
        lines: Node | None = _Composer(text, file).compose()
    except Invalid:
        lines = None
    return Document(file, _tree(data, lines, 1, file))


def _json_float(text: str) -> Any:
    value = _as_number(text)
    if not isinstance(value, str):
        return value
    number = WrittenFloat(text)
    number.written = text
    return number


def _tree(data: Any, lines: Node | None, depth: int, file: str) -> Node:
    if depth > MAX_DEPTH:
        raise Invalid([Problem("is nested deeper than {limit} levels", {"limit": MAX_DEPTH}, file)])
    node = Node(data, lines.line if lines else 1)
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        node.children[key] = _tree(value, lines.children.get(key) if lines else None, depth + 1, file)
    return node
