"""Read YAML or JSON strictly and remember the line of everything.

No aliases, anchors, tags, duplicate keys or second documents; only true, false, integers, floats and null are
anything but text; at most 2 MiB, 200,000 nodes and 32 levels deep. Keys are always text, without control characters.
JSON is held to the same limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from assess.core.errors import Invalid, NotFound, Problem

MAX_BYTES = 2 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 32
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,30}([eE][-+]?[0-9]{1,3})?\Z")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^\s\[\]{},:"]+')
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class WrittenInteger(int):
    """A number together with how it was written, for the places where it turns out to be text."""

    written: str


class WrittenFloat(float):
    written: str


@dataclass(slots=True)
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
                text += f"[{name if isinstance(name, str) and name else step}]"
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
    return _YamlReader(text, file).read()


def parse_json(content: bytes, file: str) -> Document:
    """Parse bytes that must be JSON and nothing else. Raises Invalid."""
    if len(content) > MAX_BYTES:
        raise Invalid([Problem("is larger than {limit} MiB", {"limit": MAX_BYTES // 1024**2}, file)])
    return _parse_json(decode(content, file), file)


def decode(content: bytes, file: str) -> str:
    """UTF-8 text, with or without a byte order mark."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Invalid([Problem("is UTF-16; save it as UTF-8", {}, file, 1)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Invalid([Problem("is not UTF-8 text (byte {byte})", {"byte": error.start + 1}, file, line)]) from None


class _Builder:
    """Counts and checks every value of a file before it is kept, whichever the syntax. Lines count from 1."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.nodes = 0
        self.duplicates: list[Problem] = []

    def enter(self, line: int, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.refuse("holds more than {limit} values", line, limit=MAX_NODES)
        if depth > MAX_DEPTH:
            raise self.refuse("is nested deeper than {limit} levels", line, limit=MAX_DEPTH)

    def put(self, node: Node, key: str, child: Node, line: int) -> None:
        """Add an entry to a mapping; it stands in the line of its key. A second one of the same key is remembered as wrong."""
        if CONTROL.search(key):
            raise self.refuse("a key must be plain text", line)
        child.line = line
        if key in node.children:
            message, first = "the key is given twice (first in line {first})", node.children[key].line
            self.duplicates.append(Problem(message, {"first": first}, self.file, line, key))
            return
        node.children[key] = child
        node.value[key] = child.value

    def append(self, node: Node, child: Node) -> None:
        node.children[len(node.value)] = child
        node.value.append(child.value)

    def finish(self, root: Node) -> Document:
        if self.duplicates:
            raise Invalid(self.duplicates)
        return Document(self.file, root)

    def refuse(self, message: str, line: int, **params: object) -> Invalid:
        return Invalid([*self.duplicates, Problem(message, params, self.file, line)])


class _YamlReader:
    """Builds the tree from YAML events, so that nothing is constructed that was not counted and allowed."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self.builder = _Builder(file)

    def read(self) -> Document:
        try:
            return self.builder.finish(self._document())
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = " ".join(part for part in (error.context, error.problem) if part)
            line = mark.line + 1 if mark else 1
            raise self.builder.refuse("is not valid YAML: {reason}", line, reason=what) from None
        except yaml.reader.ReaderError as error:
            line = self.text.encode()[: error.position].count(b"\n") + 1
            raise self.builder.refuse("holds a character that is not allowed: {reason}", line, reason=error.reason) from None

    def _document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise self.builder.refuse("holds more than one YAML document", _line(event))
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, 1)
        if root is None:
            raise self.builder.refuse("is empty", 1)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        line = _line(event)
        if event.anchor is not None:
            raise self.builder.refuse("anchors and aliases (& and *) are not allowed", line)
        if event.tag is not None:
            raise self.builder.refuse("tags such as {tag} are not allowed", line, tag=str(event.tag)[:60])
        self.builder.enter(line, depth)
        if isinstance(event, yaml.ScalarEvent):
            return Node(_resolve(event), line)
        return self._mapping(line, depth) if isinstance(event, yaml.MappingStartEvent) else self._sequence(line, depth)

    def _mapping(self, line: int, depth: int) -> Node:
        node = Node({}, line)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if isinstance(event, yaml.CollectionStartEvent):
                raise self.builder.refuse("a key must be plain text", _line(event))
            self._node(event, depth + 1)
            self.builder.put(node, event.value, self._node(next(self.events), depth + 1), _line(event))
        return node

    def _sequence(self, line: int, depth: int) -> Node:
        node = Node([], line)
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            self.builder.append(node, self._node(event, depth + 1))
        return node


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


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
    """JSON: the JSON reader says whether it is valid, and the tree with its lines is built from the tokens."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise Invalid([Problem("is not valid JSON: {reason}", {"reason": error.msg}, file, error.lineno)]) from None
    except RecursionError:
        pass  # far deeper than is allowed: the reader of the tokens says where
    return _JsonReader(text, file).read()


class _JsonReader:
    """Builds the tree from the tokens of a text that is known to be JSON."""

    def __init__(self, text: str, file: str) -> None:
        self.tokens = _json_tokens(text)
        self.scalars = json.JSONDecoder(parse_int=_as_number, parse_float=_json_float)
        self.builder = _Builder(file)

    def read(self) -> Document:
        return self.builder.finish(self._node(*next(self.tokens), 1))

    def _node(self, part: str, line: int, depth: int) -> Node:
        self.builder.enter(line, depth)
        if part == "{":
            return self._object(line, depth)
        if part == "[":
            return self._array(line, depth)
        if part in ("NaN", "Infinity", "-Infinity"):
            raise self.builder.refuse("{name} is not a number", line, name=part)
        return Node(self.scalars.decode(part), line)

    def _object(self, line: int, depth: int) -> Node:
        node = Node({}, line)
        for part, at in self.tokens:
            if part == "}":
                break
            self.builder.enter(at, depth + 1)
            self.builder.put(node, self.scalars.decode(part), self._node(*next(self.tokens), depth + 1), at)
        return node

    def _array(self, line: int, depth: int) -> Node:
        node = Node([], line)
        for part, at in self.tokens:
            if part == "]":
                break
            self.builder.append(node, self._node(part, at, depth + 1))
        return node


def _json_tokens(text: str) -> Iterator[tuple[str, int]]:
    """Brackets and scalars with their lines; commas and colons say nothing that valid JSON needs."""
    line, read = 1, 0
    for match in _JSON_TOKEN.finditer(text):
        line += text.count("\n", read, match.start())
        read = match.start()
        yield match.group(), line


def _json_float(text: str) -> Any:
    number = WrittenFloat(text)
    number.written = text
    return number
