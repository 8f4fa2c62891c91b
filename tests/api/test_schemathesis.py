"""Requests made up from the description, valid and broken: nothing fails, and every answer is one that is described.

A longer run: `make fuzz` (KAM_FUZZ_EXAMPLES says how many requests for each operation).
"""

from __future__ import annotations

import time
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from assess.api.operations import OPERATIONS
from tests import fuzzing
from tests.api.conftest import World

EXAMPLES = fuzzing.EXAMPLES or 3
LONGEST_SECONDS = 2.0
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
)
NAMES = sorted(one.name for one in OPERATIONS if one.name != "openapi")
DESTROYS = {"delete_engagement", "archive_engagement", "close_assessment"}
"""What makes further requests with the same ids say no; it gets ids of its own."""


@pytest.fixture(scope="module")
def schema(world: World) -> Any:
    """The description as the service gives it, read by schemathesis, which refuses one that is not sound.

    The library of questionnaires, which a process reads once, is read before anything is timed.
    """
    assert world.program(world.ada).get("/questionnaires").status_code == 200
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)


@pytest.fixture(scope="module")
def token(world: World) -> str:
    return world.program(world.ada).token


def test_every_operation_is_read_by_schemathesis(schema: Any) -> None:
    found = [one.ok() for one in schema.get_all_operations()]
    assert {one.definition.raw["operationId"] for one in found} == {one.name for one in OPERATIONS} - {"openapi"}


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", NAMES)
def test_made_up_requests_get_answers_that_are_described(schema: Any, world: World, token: str, name: str, mode: Any) -> None:
    operation = next(one.ok() for one in schema.get_all_operations() if one.ok().definition.raw["operationId"] == name)
    whose = (world.other if name in DESTROYS else world.own, world.foreign, None)

    @seed(fuzzing.SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), ids=st.sampled_from(whose))
    def ask(case: Any, ids: Any) -> None:
        if ids is not None:
            case.path_parameters = {place: ids.of(place) for place in case.path_parameters or {}}
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
        began = time.thread_time()
        response = case.call()
        assert time.thread_time() - began < LONGEST_SECONDS, case.as_curl_command()
        checks = [check for check in CHECKS if ids is None or check is not negative_data_rejection]
        case.validate_response(response, checks=checks)
        if ids is world.foreign and {"engagement", "assessment"} & {*(case.path_parameters or {})}:
            assert response.status_code in (400, 404, 406, 412, 413, 415, 422, 428, 429), case.as_curl_command()
            assert b"Secret Foreign" not in response.content

    try:
        ask()
    except Exception as error:
        if type(error).__name__ in ("Unsatisfiable", "SkipTest"):
            pytest.skip("nothing of it can be broken")
        raise
