"""Every operation that changes something leaves one entry in the audit log; one that reads or is refused leaves none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assess.api.operations import OPERATIONS
from assess.storage.audit import first_broken, load_entries
from tests.api.conftest import Ids, Program, World, build_world, furnish, open_in
from tests.api.test_api import BY_NAME, ask

ORDER = {
    "close_assessment": 1, "reopen_assessment": 2, "reassess": 3, "revoke_invitation": 4, "remove_own_initiative": 5,
    "archive_engagement": 6, "unarchive_engagement": 7, "delete_engagement": 8, "restore_engagement": 9,
}  # fmt: skip
"""What has to come after the others, because they find nothing to do afterwards."""
CHANGES = [one.name for one in OPERATIONS if one.method != "GET"]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    opened = open_in(tmp_path_factory.mktemp("entries"))
    yield build_world(opened)
    opened.storage.close()


def entries(world: World) -> int:
    with world.installation.storage.reading() as connection:
        return len(load_entries(connection, world.ada.workspace_id))


def play(world: World, program: Program, ids: Ids, names: list[str]) -> dict[str, tuple[int, int]]:
    """Name -> status, and how many entries came with it."""
    told = {}
    for name in names:
        before = entries(world)
        answer = ask(program, BY_NAME[name], ids)
        told[name] = (answer.status_code, entries(world) - before)
    return told


def test_every_change_is_one_entry_and_every_refusal_none(own: World) -> None:
    ids, program = furnish(own.installation, own.ada, "Fresh"), own.program(own.ada)
    told = play(own, program, ids, sorted(CHANGES, key=lambda name: ORDER.get(name, 0)))
    wrong = {name: found for name, found in told.items() if found[1] != (1 if found[0] < 300 else 0)}
    assert wrong == {}
    assert sum(status < 300 for status, _ in told.values()) >= len(CHANGES) - 4
    with own.installation.storage.reading() as connection:
        assert first_broken(tuple(reversed(load_entries(connection, own.ada.workspace_id)))) is None


def test_reading_leaves_no_entry(own: World) -> None:
    program = own.program(own.ada)
    told = play(own, program, own.own, [one.name for one in OPERATIONS if one.method == "GET"])
    assert {name for name, (_, more) in told.items() if more} == set()


def test_what_a_role_may_not_do_leaves_no_entry(own: World) -> None:
    told = play(own, own.program(own.lea), own.own, [one.name for one in OPERATIONS if one.scope == "write"])
    changed = {name: found for name, found in told.items() if found[1]}
    assert changed == {}
    assert {status for name, (status, _) in told.items() if BY_NAME[name].method != "GET"} == {403}
