"""What the pages say of the running service: routes, causes, marks, kinds of calls."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from leadwise.ingest.gate.rules import GateRules, Reason
from leadwise.live.accounts import COMPUTED
from leadwise.live.scoring import Pace
from leadwise.live.taking import SECOND_US
from leadwise.store.touching import CAUSES
from tests.docs.pages import ROOT, name_of, pages, section

LIVE = ROOT / "docs" / "live.md"
_ROUTE = r"\b(GET|POST|PUT|DELETE) /api(/[A-Za-z0-9_/{}.-]*)"


def _routes(text: str) -> set[str]:
    return {f"{method} {_plain(path)}" for method, path in re.findall(_ROUTE, text)}


def _plain(path: str) -> str:
    return re.sub(r"\{\w*\}", "{}", path)


def test_routes_that_are_named_exist() -> None:
    """tests/web/test_api_docs.py holds the tables of http-api.md to the service."""
    reference = (ROOT / "docs" / "http-api.md").read_text(encoding="utf-8")
    there = {_plain(x) for x in re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", reference, re.M)}
    there.add("GET /openapi.json")
    sources: list[Path] = sorted((ROOT / "src").rglob("*.py"))
    named = {page: _routes(page.read_text(encoding="utf-8")) for page in [*pages(), *sources]}
    assert named[LIVE]
    assert any(named[source] for source in sources)
    for page, routes in named.items():
        assert routes <= there, name_of(page)


def test_causes_are_told_in_their_order() -> None:
    said = section(LIVE, "Scores")
    listed = re.search(r"has a \*\*cause\*\*: (.*?)\.\s", said, re.S)
    assert listed
    assert tuple(re.findall(r"`(\w+)`", listed[1])) == CAUSES
    assert f"more than {Pace().heavy_events:,} events" in said
    assert Pace().refresh_us == 3_600 * SECOND_US
    assert "refreshed hourly" in said


def test_marks_and_their_bounds_are_told() -> None:
    told = section(LIVE, "Suspect events")
    reasons = re.findall(r"^\| `(\w+)` \|", told, re.M)
    assert tuple(reasons) == get_args(Reason)
    rules = GateRules()
    assert (rules.burst_links, rules.burst_us) == (3, 10 * SECOND_US)
    assert "three different links of one mail within ten seconds" in told
    assert re.search(rules.honeypot_link, "https://a.example/?lw_honeypot=1")


def test_the_fields_of_accounts_are_told() -> None:
    said = section(LIVE, "Scores")
    assert all(f"`{name}`" in said for name in COMPUTED)
