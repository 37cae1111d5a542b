"""On PostgreSQL the pages of qualification read and write the same as on SQLite."""

from __future__ import annotations

import re
from pathlib import Path

from leadwise.settings import QualifySettings
from tests.databases import postgres_database
from tests.pages.lead_page import text_of
from tests.pages.qualified import upload
from tests.pages.site import PagesSite, pages_site
from tests.web.api_service import with_leads

EVERY = QualifySettings(review_below=1.0, review_sample=1.0)
PATHS = (
    "/leads/1/qualify", "/leads/1/qualify?frame=meddic", "/leads/1/conversations",
    "/conversations/1", "/review", "/review?frame=bant&after=2", "/leads/1/answers",
    "/leads/1/answers?frame=champ", "/qualification", "/qualification.csv", "/frames",
    "/qualification/leads?question=budget&standing=stated",
    "/qualification/leads?question=need&standing=unknown",
    "/qualification.csv?question=budget&standing=stated", "/frames/bant",
)  # fmt: skip


def said(site: PagesSite) -> list[str]:
    """What a member reads on every page, before and after some work."""
    with_leads(site.leads)
    assert upload(site, 1).status_code == 303
    client = site.client("representative")
    found = [text_of(client.get(path).text) for path in PATHS]
    data = {"frame": "bant", "need.pick": "o:full", "budget.pick": "fields",
            "budget.amount_min": "90k", "budget.currency": "USD"}  # fmt: skip
    assert client.post("/leads/1/qualify", data=data).status_code == 303
    waiting = client.get("/review").text
    for how in ("confirm", "reject"):
        answer = re.search(r'action="/review/(\d+)"', waiting)
        assert answer is not None
        assert client.post(f"/review/{answer[1]}", data={"how": how}).status_code == 303
        waiting = client.get("/review").text
    return [*found, *(text_of(client.get(path).text) for path in PATHS)]


def test_pages_say_the_same_on_postgres(tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    with pages_site(tmp_path / "one", qualify=EVERY) as site:
        here = said(site)
    with (
        postgres_database(postgres_url) as url,
        pages_site(tmp_path / "other", url, qualify=EVERY) as site,
    ):
        there = said(site)
    for path, one, other in zip((*PATHS, *PATHS), here, there, strict=True):
        assert one == other, path
