"""The API's own description, held against what it does: whatever is asked, it answers so, and never breaks."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from litestar.testing import TestClient
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gehoor.core.clock import StillClock
from gehoor.web.app import app_of
from gehoor.web.doors import DOORS
from tests.cast import NOON
from tests.component.awaiting import DESK, waiting

pytestmark = pytest.mark.filterwarnings("ignore")

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:  # type: ignore[type-arg]  # any app
    with (
        waiting(tmp_path_factory.mktemp("described"), DESK) as (hearing, owner),
        TestClient(app_of(hearing.site(owner, StillClock(NOON))), base_url="http://localhost") as client,
    ):
        yield client


@pytest.mark.parametrize("n", [12, pytest.param(300, marks=pytest.mark.proof)])
def test_every_address_answers_as_documented_and_none_breaks(program: TestClient, n: int) -> None:  # type: ignore[type-arg]
    schema = schemathesis.openapi.from_dict(program.get("/api/v1/openapi.json").json())
    asked = set()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # what is wrong with the description is an error here
        asked.add(f"{operation.method.upper()} {operation.path}")

        @settings(
            max_examples=n,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def answers(case: Any) -> None:
            keyed = case.as_transport_kwargs(base_url="http://localhost")
            keyed.pop("cookies", None)
            response = program.request(**keyed)
            case.validate_response(response, checks=CHECKS)

        given(case=operation.as_strategy())(answers)()
    described = {door for door in DOORS if "/api/v1/" in door} - {"GET /api/v1/openapi.json"}
    assert asked == described
