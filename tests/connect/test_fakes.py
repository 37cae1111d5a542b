"""The made-up vendors answer what makes no sense as they do: by a refusal."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.odoo import FakeOdoo
from leadwise.testing.pipedrive import FakePipedrive
from leadwise.testing.salesforce import FakeSalesforce
from leadwise.testing.serving import Fake, served


def _salesforce() -> FakeSalesforce:
    fake = FakeSalesforce()
    fake.tokens.add("t")
    return fake


BODIES = (b"", b"{", b"[]", b'"x"', b"{}", b'{"properties": 1}', b'{"inputs": 3}', b"\xff")


@pytest.mark.parametrize(("make", "headers", "path"), [
    (FakeHubSpot, {"Authorization": "Bearer pat-test"}, "/crm/v3/objects/contacts"),
    (FakeHubSpot, {"Authorization": "Bearer pat-test"}, "/crm/v3/objects/contacts/batch/update"),
    (_salesforce, {"Authorization": "Bearer t"}, "/services/data/v62.0/composite/sobjects"),
    (_salesforce, {"Authorization": "Bearer t"}, "/services/data/v62.0/jobs/query"),
    (FakePipedrive, {"x-api-token": "pipedrive-token"}, "/api/v2/persons"),
    (FakeOdoo, {"Authorization": "bearer odoo-key"}, "/json/2/crm.lead/write"),
    (FakeOdoo, {}, "/jsonrpc"),
    (FakeOdoo, {}, "/xmlrpc/2/object"),
])  # fmt: skip
def test_a_body_that_makes_no_sense_is_refused(
    make: Callable[[], Fake], headers: dict[str, str], path: str
) -> None:
    fake = make()
    with served(fake) as url, httpx2.Client(base_url=url, headers=headers) as client:
        statuses = {client.post(path, content=body).status_code for body in BODIES}
    assert statuses <= {400, 401, 404, 405, 422}, statuses
