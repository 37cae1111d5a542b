"""docs/http-api.md names every route and scope there is, and none besides."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.testclient import TestClient

from leadwise.live.webhooks import WAITS
from leadwise.store.keys import SCOPES
from leadwise.web.api.imports import MEDIA_TYPES
from leadwise.web.api.shapes import MOST_IN_PAGE
from leadwise.web.stream import BEAT_SECONDS, QUEUE
from tests.web.api_service import application

PAGE = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text(encoding="utf-8")


def test_every_route_is_in_the_page_with_its_scope_and_what_it_does() -> None:
    document = TestClient(application()[0]).get("/api/openapi.json").json()
    described = {
        (f"{method.upper()} {path}", operation["security"][0]["key"][0], operation["summary"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    written = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \| `([a-z:]+)` \| (.+) \|$", PAGE, re.M))
    assert written == described


def test_the_description_is_below_api_and_names_its_errors() -> None:
    document = TestClient(application()[0]).get("/api/openapi.json").json()
    assert document["servers"] == [{"url": "/api"}]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert {"4XX", "5XX"} <= set(operation["responses"]), path
            assert "422" not in operation["responses"], path
            assert operation["description"].endswith("."), path
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_the_scopes_are_those_that_there_are() -> None:
    assert dict(re.findall(r"^\| `([a-z:]+)` \| ([A-Z].+) \|$", PAGE, re.M)) == SCOPES


def test_the_figures_are_those_of_the_code() -> None:
    assert f"`limit` is 1 to {MOST_IN_PAGE}" in PAGE
    assert f"falls {QUEUE:,} messages behind" in PAGE
    assert f"every {BEAT_SECONDS:.0f}\nseconds" in PAGE
    assert WAITS == (1, 5, 15, 60, 300, 15 * 60, 30 * 60, 60 * 60)
    assert all(f"`{media}`" in PAGE for media in MEDIA_TYPES)
