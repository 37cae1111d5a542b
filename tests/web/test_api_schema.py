"""Every operation as its description has it, asked with what fits and what does not (schemathesis).

`LEADWISE_API_EXAMPLES` says how often each operation is asked (`make test` takes few).
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.api_service import Running, message, running, with_leads

EXAMPLES = int(os.environ.get("LEADWISE_API_EXAMPLES", "3"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDLESS = "/stream"
"""Has no end, and a test of its own."""


@pytest.fixture
def service(tmp_path: Path):
    with running(tmp_path) as found:
        with_leads(found)
        yield found


def test_every_operation_keeps_to_its_description(service: Running) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", service.app)
    schema.config.generation.update(with_security_parameters=False)
    answered: dict[str, set[int]] = defaultdict(set)
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path == ENDLESS:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            ask(service, operation, mode, answered[f"{operation.method.upper()} {operation.path}"])
    assert len(answered) > 45
    done = {name for name, statuses in answered.items() if any(s < 300 for s in statuses)}
    # The rest wants an id or a card that nobody can guess; test_api_leads has these by hand.
    assert len(done) > 25, sorted(set(answered) - done)


def ask(service: Running, operation: Any, mode: GenerationMode, statuses: set[int]) -> None:
    headers = {"Authorization": f"Bearer {service.keys['admin']}"}

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        # Ids of what is there, so that more than "there is none" is answered.
        for name, value in (case.path_parameters or {}).items():
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                case.path_parameters[name] = value % 3 + 1
        response = case.call(headers=headers)
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)
        assert response.status_code != 401

    try:
        check()
    except Exception as error:
        # What cannot be made is a file of lines, or a refusal where nothing can be wrong.
        said = type(error).__name__ + str(error)
        if not any(why in said for why in ("Unsatisfiable", "not possible", "NotPossible")):
            raise


def test_the_leads_are_still_as_they_should_be(service: Running) -> None:
    """The fixture itself: without it the test above would ask an empty record."""
    service.say(message("page", "dee", 1, event="page_viewed"))
    assert len(service.client().get("/api/leads").json()["items"]) == 4
