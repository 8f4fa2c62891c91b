"""People who answer over HTTP as the page's script does, remember what was acknowledged, and try again what was not."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, text

from assess.core.answers import Organisation
from assess.storage.links import link_hash
from assess.storage.tables import answer, answer_event, respondent
from assess.usecases import assessments
from assess.usecases.installation import Installation
from tests.bench.workshop import TOKEN, Phone

QUESTIONNAIRE = "kam-seven-steps-short"
AGAIN_SECONDS = 0.1


@dataclass(frozen=True)
class Edit:
    key: str
    item: str
    level: int
    base: int


@dataclass
class Writer:
    """One respondent. acknowledged: key -> edit; pending: what was sent without an answer, to be sent again under its key."""

    token: str
    items: Sequence[str]
    chance: random.Random
    phone: Phone
    versions: dict[str, int] = field(default_factory=dict)
    acknowledged: dict[str, Edit] = field(default_factory=dict)
    pending: Edit | None = None
    statuses: Counter[int] = field(default_factory=Counter)
    failed_at: list[float] = field(default_factory=list)
    slowest: float = 0.0

    async def open(self) -> None:
        _, _, page = await self.phone.ask("GET", f"/a/{self.token}/step/s1")
        found = TOKEN.search(page)
        assert found, page[:200]
        self.phone.csrf = found[1].decode()

    async def save(self) -> int:
        """The status of one save: of what is pending, else of a new edit. Raises OSError when the server is gone."""
        self.pending = self.pending or self._new()
        edit = self.pending
        body = json.dumps({"key": edit.key, "base": edit.base, "answer": {"level": edit.level}}).encode()
        headers = {"Content_Type": "application/json", "X_CSRFToken": self.phone.csrf, "Sec_Fetch_Site": "same-origin"}
        began = time.perf_counter()
        try:
            status, head, content = await self.phone.ask("POST", f"/a/{self.token}/answers/{edit.item}", body, **headers)
        except OSError:
            self.failed_at.append(time.monotonic())
            raise
        self.slowest = max(self.slowest, time.perf_counter() - began)
        self.statuses[status] += 1
        if status == 200:
            self.acknowledged[edit.key] = edit
            self.versions[edit.item] = json.loads(content)["version"]
            self.pending = None
        elif status in (503, 507):
            assert int(head["retry-after"]) > 0
            self.failed_at.append(time.monotonic())
        else:
            raise AssertionError(f"{status}: {content[:300]!r}")
        return status

    def _new(self) -> Edit:
        item = self.chance.choice(self.items)
        key = str(UUID(int=self.chance.getrandbits(128), version=4))
        return Edit(key, item, self.chance.randint(1, 5), self.versions.get(item, 0))

    async def go_on(self, ends: float) -> None:
        """Save one after the other until then, and until nothing is pending; a server that is away is asked again.

        Raises AssertionError when it stays away for 30 s more.
        """
        while self.pending is not None or time.monotonic() < ends:
            assert time.monotonic() < ends + 30, "the server stays away"
            try:
                status = await self.save()
            except OSError:
                status = 0
            if status != 200:
                await asyncio.sleep(AGAIN_SECONDS * (0.5 + self.chance.random()))

    async def settle(self) -> None:
        """Send what is pending until it is answered."""
        await self.go_on(time.monotonic())


def invite(installation: Installation, port: int, number: int, seed: int) -> list[Writer]:
    """People with an assessment each."""
    items = installation.library.questionnaire(QUESTIONNAIRE).item_ids
    writers = []
    for place in range(number):
        token = assessments.start(
            installation, questionnaire=QUESTIONNAIRE, role="kam", language="en", organisation=Organisation(f"Client {place}")
        )
        chance = random.Random(f"{seed} writer {place}")
        writers.append(Writer(token, sorted(items), chance, Phone(port, chance)))
    return writers


T = TypeVar("T")


def together(writers: Iterable[Writer], work: Callable[[Writer], Coroutine[Any, Any, T]]) -> list[T]:
    """Everybody does it at the same time; returns what came of it. Connections end with it."""

    async def begin() -> list[T]:
        try:
            return await asyncio.gather(*(work(writer) for writer in writers))
        finally:
            for writer in writers:
                writer.phone.close()

    return asyncio.run(begin())


def open_all(writers: Sequence[Writer]) -> None:
    together(writers, Writer.open)


@dataclass(frozen=True)
class Stored:
    """What the database says of some people's edits."""

    acknowledged: int
    stored: int
    lost: int
    twice: int
    unsound: int


def compare(installation: Installation, writers: Sequence[Writer]) -> Stored:
    """Every acknowledged edit is there once, as it was sent; versions count 1, 2, 3, ...; the answer is that of the last."""
    lost = twice = unsound = stored = 0
    with installation.storage.reading() as connection:
        for writer in writers:
            mine = select(respondent.c.id).where(respondent.c.link_hash == link_hash(writer.token)).scalar_subquery()
            found = connection.execute(
                select(answer_event).where(answer_event.c.respondent_id == mine).order_by(answer_event.c.version)
            ).all()
            stored += len(found)
            by_key = {row.key: row for row in found}
            twice += len(found) - len(by_key)
            for key, edit in writer.acknowledged.items():
                row = by_key.get(key)
                lost += row is None or (row.item, json.loads(row.content)["level"]) != (edit.item, edit.level)
            levels = {row.item: json.loads(row.content)["level"] for row in found}
            now = {row.item: row for row in connection.execute(select(answer).where(answer.c.respondent_id == mine))}
            for item, level in levels.items():
                versions = [row.version for row in found if row.item == item]
                # An edit that says what stands there already is noted under the version that stands.
                is_counted = sorted({*versions}) == list(range(1, versions[-1] + 1)) and versions == sorted(versions)
                unsound += not is_counted or now[item].level != level or now[item].version != versions[-1]
        if installation.storage.is_sqlite:
            unsound += connection.scalar(text("PRAGMA integrity_check")) != "ok"
            unsound += connection.execute(text("PRAGMA foreign_key_check")).first() is not None
    return Stored(sum(len(writer.acknowledged) for writer in writers), stored, lost, twice, unsound)
