#!/usr/bin/env python3
"""Follow docs/operations.md word for word on this machine, as somebody would who has nothing but the page and the source.

    python3 scripts/follow_operations.py --with install,root,exposed,postgresql     # an empty machine, thrown away afterwards
    make drill                                                                        # beside your own installation

Followed are the blocks whose fence says so, which no reader sees: ```sh follow [marks]. Each chapter is read from its top in a
fresh copy of the source; all chapters are one installation with data of its own. `#> text` lines under the commands are the
outcome: each has to come, in order, somewhere in the output; `...` stands for anything.

    background    goes on until the end of the chapter; the next block waits for its outcome
    wait          said again until the outcome comes, for two minutes at most
    install root exposed postgresql    only where --with allows: installs packages, needs root, listens on every
                  address, needs a PostgreSQL server

Needs nothing but Python: it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path("docs/operations.md")
CONDITIONS = frozenset({"install", "root", "exposed", "postgresql"})
MANNERS = frozenset({"background", "wait"})
BLOCK_SECONDS, READY_SECONDS, AGAIN_SECONDS, STOP_SECONDS = 900.0, 900.0, 120.0, 60.0
_FENCE = re.compile(r"(?P<indent> *)```(?P<info>.*)")


class Departed(Exception):  # noqa: N818 - read as a claim
    """What happened is not what the page says."""


@dataclass(frozen=True)
class Block:
    """Commands of one fence; line is where it begins on the page, outcomes what its output must have, in order."""

    chapter: str
    line: int
    marks: frozenset[str]
    commands: str
    outcomes: tuple[str, ...]

    @property
    def needs(self) -> frozenset[str]:
        return self.marks & CONDITIONS


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Way:
    """How the page is followed.

    allowed: conditions; environment: used instead of installing one; instead: words put in place of others; path: before all;
    variables: set at the start of every chapter.
    """

    allowed: frozenset[str] = frozenset()
    environment: Path | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    path: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], object] = _say


def read_blocks(text: str) -> list[Block]:
    """Every block that is to be followed, in the order of the page. Raises Departed for a mark that does not exist."""
    blocks: list[Block] = []
    chapter, fence, begun, inside = "", "", 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        found = _FENCE.fullmatch(line)
        if fence and found and not found["info"]:
            blocks += _followed(chapter, begun, fence, inside)
            fence = ""
        elif fence:
            inside.append(line)
        elif found:
            fence, begun, inside = found["info"] or "text", number, []
        elif line.startswith("## "):
            chapter = line[3:]
    return blocks


def _followed(chapter: str, line: int, info: str, inside: Sequence[str]) -> list[Block]:
    language, *marks = info.split()
    if language != "sh" or "follow" not in marks:
        return []
    unknown = set(marks) - {"follow"} - CONDITIONS - MANNERS
    if unknown:
        raise Departed(f"line {line}: no such mark: {', '.join(sorted(unknown))}")
    lines = [text.strip() for text in inside]
    outcomes = tuple(text[2:].strip() for text in lines if text.startswith("#>"))
    return [Block(chapter, line, frozenset(marks), "\n".join(t for t in lines if not t.startswith("#>")), outcomes)]


def follow(source: Path, way: Way, chapters: Sequence[str] = ()) -> int:
    """Follow the page of a source folder; returns how many blocks. Raises Departed at the first that goes another way."""
    blocks = read_blocks((source / PAGE).read_text(encoding="utf-8"))
    wanted = list(dict.fromkeys(block.chapter for block in blocks if not chapters or block.chapter in chapters))
    followed = 0
    with tempfile.TemporaryDirectory(prefix="kam-drill-") as folder:
        place = _prepare(source, Path(folder), way)
        for chapter in wanted:
            way.say(f"== {chapter}")
            followed += _follow_chapter([block for block in blocks if block.chapter == chapter], place, way)
    return followed


def _prepare(source: Path, folder: Path, way: Way) -> Path:
    """A fresh copy of what version control has or would take (without it: of everything), with an empty home beside it."""
    place = folder / "kam-assess"
    (folder / "home").mkdir()
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=source, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if listed.returncode != 0:
        shutil.copytree(source, place, ignore=shutil.ignore_patterns(".venv", "var", "__pycache__"))
    for name in filter(None, listed.stdout.split("\0")):
        if (source / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, place / name)
    if way.environment is not None:
        (place / ".venv").mkdir()
        (place / ".venv" / "bin").symlink_to(way.environment / "bin")
        (place / ".venv" / ".run-installed").touch()
    return place


def _follow_chapter(blocks: Sequence[Block], place: Path, way: Way) -> int:
    """The blocks of one chapter share their variables and folder, as a terminal does."""
    followed = 0
    with ExitStack() as running:
        state = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="kam-drill-state-")))
        (state / "variables").write_text("")
        (state / "folder").write_text(str(place))
        for block in blocks:
            missing = block.needs - way.allowed
            if missing:
                way.say(f"   line {block.line}: left out, needs --with {','.join(sorted(missing))}")
                continue
            way.say(f"   line {block.line}: {block.commands.splitlines()[0]}")
            if "background" in block.marks:
                running.enter_context(_in_background(block, state, place, way))
            else:
                _run(block, state, place, way)
            followed += 1
    return followed


def _run(block: Block, state: Path, place: Path, way: Way) -> None:
    end = time.monotonic() + (AGAIN_SECONDS if "wait" in block.marks else 0)
    while True:
        text = _script(block, state, way) + f"\nexport -p > {state}/variables\npwd > {state}/folder\n"
        done = subprocess.run(  # noqa: S603 - the commands of our own page
            ["/bin/sh", "-c", text],
            cwd=(state / "folder").read_text().strip(),
            env=_variables(place, way),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=BLOCK_SECONDS,
            check=False,
        )
        missing = _first_missing(block, done.stdout, way)
        if done.returncode == 0 and missing is None:
            return
        if time.monotonic() >= end:
            what = f"it ended with {done.returncode}" if done.returncode else f"this did not come: {missing}"
            raise Departed(_told(block, what, done.stdout))
        time.sleep(0.5)


@contextmanager
def _in_background(block: Block, state: Path, place: Path, way: Way) -> Iterator[None]:
    """A server of the page, until the chapter ends; whatever was started here is ended, by its own group of processes."""
    path = state / f"output-{block.line}"
    with path.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the commands of our own page
            ["/bin/sh", "-c", _script(block, state, way)],
            cwd=(state / "folder").read_text().strip(),
            env=_variables(place, way),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await_outcome(block, process, path, way)
        yield
    finally:
        _end(process)


def _await_outcome(block: Block, process: subprocess.Popen[bytes], path: Path, way: Way) -> None:
    end = time.monotonic() + READY_SECONDS
    while (missing := _first_missing(block, text := path.read_text(errors="replace"), way)) is not None:
        if process.poll() is not None:
            raise Departed(_told(block, f"it ended with {process.returncode} before this came: {missing}", text))
        if time.monotonic() > end:
            raise Departed(_told(block, f"this did not come: {missing}", text))
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the group to stop as Ctrl-C would not: the way a service manager does; make it after a minute."""
    for name, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        try:
            os.killpg(process.pid, name)
            process.wait(seconds)
            _await_group(process.pid, seconds)
            return
        except ProcessLookupError:
            process.wait(seconds)
            return
        except (subprocess.TimeoutExpired, TimeoutError):
            continue
    raise Departed(f"process group {process.pid} did not stop")


def _await_group(group: int, seconds: float) -> None:
    """Children may outlive their shell for a moment. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise TimeoutError


def _script(block: Block, state: Path, way: Way) -> str:
    return f"set -eu\n. {state}/variables\n{_put(block.commands, way)}"


def _variables(place: Path, way: Way) -> dict[str, str]:
    """Nothing of whoever follows but how packages are found: a reader has an environment without our settings."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name.endswith("_proxy")}
    path = os.pathsep.join([*map(str, way.path), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
    port = {"KAM_PORT": way.instead["8017"]} if "8017" in way.instead else {}
    ours = {"HOME": str(place.parent / "home"), "LANG": "C.UTF-8", "PATH": path, "PYTHONUNBUFFERED": "1"}
    return kept | ours | port | dict(way.variables)


def _put(text: str, way: Way) -> str:
    for word, other in way.instead.items():
        text = re.sub(rf"\b{re.escape(word)}\b", lambda _found, other=other: other, text)
    return text


def _first_missing(block: Block, output: str, way: Way) -> str | None:
    """The first outcome that did not come after the one before it; None when all came."""
    lines = iter(output.splitlines())
    for outcome in block.outcomes:
        pattern = re.compile(".*".join(re.escape(part) for part in _put(outcome, way).split("...")))
        if not any(pattern.search(line) for line in lines):
            return outcome
    return None


def _told(block: Block, what: str, output: str) -> str:
    return f"{PAGE}:{block.line} ({block.chapter}): {what}\n{block.commands}\n--- its output:\n{output[-4000:]}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help="only these, by their headings")
    parser.add_argument("--source", type=Path, default=ROOT, help="the folder of the program")
    parser.add_argument("--with", dest="allowed", default="", help="what may be done here: " + ",".join(sorted(CONDITIONS)))
    parser.add_argument("--environment", type=Path, help="use this Python environment instead of installing one")
    parser.add_argument("--own-port", action="store_true", help="a free port in place of 8017, beside a server that runs")
    given = parser.parse_args()
    allowed = frozenset(filter(None, given.allowed.split(",")))
    if allowed - CONDITIONS:
        parser.error(f"--with knows {', '.join(sorted(CONDITIONS))}")
    instead = {"8017": str(_free_port())} if given.own_port else {}
    environment = given.environment.absolute() if given.environment else None
    try:
        count = follow(given.source.resolve(), Way(allowed, environment, instead), given.chapters)
    except Departed as departed:
        sys.stdout.write(f"{departed}\n")
        return 1
    sys.stdout.write(f"{count} blocks of {PAGE} were followed; all went as the page says.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
