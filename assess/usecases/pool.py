"""Staff look after the pool of peers: files in, keys trusted, releases asked for, the signed file out. All of it audited."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from assess.content import exchange
from assess.content.document import decode
from assess.content.exchange import fingerprint, grouped, is_exchange
from assess.core.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from assess.core.questionnaire import Questionnaire
from assess.core.release import Release
from assess.core.staff import ADMINISTER, WORK, Actor
from assess.storage import peers as rows
from assess.storage import release_orders
from assess.usecases import benchmark_keys as keys
from assess.usecases import benchmarks, peer_rows
from assess.usecases.audit import record
from assess.usecases.benchmark_keys import TrustedKey
from assess.usecases.benchmarks import MAX_NAME, Overview, ReleaseReport, is_one_line
from assess.usecases.installation import Installation
from assess.usecases.peer_rows import Imported


@dataclass(frozen=True)
class Stranger:
    """A good file whose key is not trusted yet: the name it claims, the key in Base64, the fingerprint in groups of four."""

    name: str
    public_key: str
    fingerprint: str


@dataclass(frozen=True)
class Order:
    """A release that was asked for: state queued, running, done or failed; made is what it shows once it is done."""

    questionnaire: str
    major: int
    state: str
    requested_at: datetime
    made: ReleaseReport | None


@dataclass(frozen=True)
class PoolView:
    """Everything at hand; own is the fingerprint of this installation's key in groups of four, empty before its first use."""

    overview: Overview
    orders: tuple[Order, ...]
    trusted: tuple[TrustedKey, ...]
    own: str


def view_pool(installation: Installation, actor: Actor) -> PoolView:
    if not actor.may(WORK):
        raise NotAllowed("a client lead sees the figures, not where they come from")
    data_dir = installation.settings.data_dir
    with installation.storage.reading() as connection:
        orders = release_orders.list_orders(connection)
    return PoolView(
        overview=benchmarks.overview(installation),
        orders=tuple(Order(one.questionnaire, one.major, one.state, one.requested_at, _report(one.report)) for one in orders),
        trusted=keys.trusted_keys(data_dir),
        own=grouped(fingerprint(keys.own_public_key(data_dir))) if keys.has_own_key(data_dir) else "",
    )


def take_file(
    installation: Installation, actor: Actor, content: bytes, name: str, questionnaire: Questionnaire
) -> Imported | Release | Stranger:
    """Take in rows (CSV) or another installation's signed file, which is refused, nothing kept, until its key is trusted.

    Raises Invalid with every problem, Conflict when the same or a newer one is here, NotAllowed.
    """
    _require(actor)
    text = decode(content, name)
    if not is_exchange(text):
        return peer_rows.import_rows_of(installation, content, name, name, questionnaire, actor)
    signed = exchange.parse_exchange(text, name)
    if not keys.is_trusted(installation.settings.data_dir, signed.public_key):
        key = b64encode(signed.public_key).decode()
        return Stranger(signed.release.name, key, grouped(fingerprint(signed.public_key)))
    return benchmarks.import_exchange(installation, text, name, actor)


def stranger_of(public_key: str, name: str) -> Stranger | None:
    """The same from what a form carried along; None when it is no key."""
    key = keys.decoded(public_key)
    return None if key is None else Stranger(name, b64encode(key).decode(), grouped(fingerprint(key)))


def trust_key(installation: Installation, actor: Actor, public_key: str, name: str) -> TrustedKey:
    """Accept the files of a key, given as Base64, under the name of whom it belongs to. Raises Invalid, NotAllowed."""
    _require(actor)
    if not name.strip() or len(name) > MAX_NAME or not is_one_line(name):
        raise Invalid(
            [Problem("must say whose key it is, in at most {longest} characters", {"longest": MAX_NAME}, path="name")]
        )
    with installation.storage.writing() as connection:
        found = keys.trust(installation.settings.data_dir, public_key, name)
        record(connection, actor, "benchmark.key_trusted", f"key {found.fingerprint}", installation.clock(), name=name)
    return found


def distrust_key(installation: Installation, actor: Actor, print_: str) -> int:
    """Stop accepting a key's files and erase its releases; how many there were. Raises NotFound, NotAllowed."""
    _require(actor)
    return benchmarks.forget(installation, print_, actor)


def remove_file(installation: Installation, actor: Actor, source: int) -> None:
    _require(actor)
    peer_rows.remove_file(installation, source, actor)


def order_release(installation: Installation, actor: Actor, questionnaire: str, major: int) -> None:
    """Have the worker make the next release. Raises NotFound without rows, Conflict while one is being made, NotAllowed."""
    _require(actor)
    now = installation.clock()
    with installation.storage.writing() as connection:
        if rows.find_release(connection, "", questionnaire, major) is None:
            raise NotFound(f"there are no peer rows of {questionnaire} {major}")
        id_ = release_orders.add_order(connection, questionnaire, major, now)
        if id_ is None:
            raise Conflict(f"a release of {questionnaire} {major} is being made already")
        record(connection, actor, "benchmark.release_ordered", f"questionnaire {questionnaire} {major}", now)
    installation.enqueue(id_)


def export_file(installation: Installation, actor: Actor, questionnaire: str, major: int, name: str) -> bytes:
    """The signed exchange file of the newest release. Raises NotFound before the first, Invalid without a name, NotAllowed."""
    _require(actor)
    return benchmarks.export_release(installation, questionnaire, major, name, actor).encode()


def _report(text: str | None) -> ReleaseReport | None:
    return None if text is None else ReleaseReport(**json.loads(text))


def _require(actor: Actor) -> None:
    if not actor.may(ADMINISTER):
        raise NotAllowed("only admins may change the pool of peers")
