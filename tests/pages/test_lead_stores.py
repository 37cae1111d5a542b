"""On PostgreSQL the lead's pages read and write the same as on SQLite."""

from __future__ import annotations

import re
from pathlib import Path

from tests.databases import postgres_database
from tests.pages.lead_page import ledger_of, text_of
from tests.pages.site import PagesSite, pages_site
from tests.web.api_service import message, with_leads

UNSAID = re.compile(r'value="[0-9a-f.]{32,}"|X-Proof|"x-proof": "[^"]*"')
PATHS = (
    "/leads", "/leads?q=acme", "/leads?q=ANN@", "/leads?q=smith", "/leads?q=2", "/leads?known=yes",
    "/leads?band=cold", "/leads/1", "/leads/1/timeline?kind=events", "/leads/1/scores",
    "/leads/2/questions", "/leads/1/events/2", "/leads/1/merge?q=b", "/companies",
    "/companies?q=ACME", "/companies/1", "/leads/1/ledger.csv",
)  # fmt: skip


def said(site: PagesSite) -> list[str]:
    """What a member reads on every page, before and after some work."""
    with_leads(site.leads)
    site.leads.say(message("identify", "dan", 1, email="dan@acme.example",
                           values={"name": "Dan Smith"}))  # fmt: skip
    client = site.client("representative")
    found = [text_of(UNSAID.sub("", client.get(path).text)) for path in PATHS]
    given = {"what": "points", "points": "5", "reason": "Because"}
    assert client.post("/leads/2/overrides", data=given).status_code == 303
    assert client.post("/leads/1/facts", data={"fact:employees": "250"}).status_code == 303
    assert client.post("/leads/1/merge", data={"other": "3"}).status_code == 303
    found += [str(ledger_of(client.get(path).text)) for path in ("/leads/1", "/leads/2")]
    page = client.get("/leads/3").text
    undo = re.search(r'action="(/leads/1/merges/\d+/undo)"', page)
    assert undo is not None
    assert client.post(undo[1]).status_code == 303
    return [*found, *(text_of(UNSAID.sub("", client.get(path).text)) for path in PATHS)]


def test_both_stores_say_the_same(tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / "lite").mkdir()
    (tmp_path / "pg").mkdir()
    with pages_site(tmp_path / "lite") as lite:
        expected = said(lite)
    with postgres_database(postgres_url) as url, pages_site(tmp_path / "pg", url) as site:
        found = said(site)
    for path, one, other in zip((*PATHS, "1", "2", *PATHS), expected, found, strict=True):
        assert one == other, path
