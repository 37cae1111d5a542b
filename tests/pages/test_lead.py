"""The lead's page: the ledger that adds up, its evidence, the past, the timeline."""

from __future__ import annotations

from tests.pages.site import PagesSite

ANN, BEN, CY = 1, 2, 3


def test_page(site: PagesSite) -> None:
    client = site.client("representative")
    for path in ("/leads", "/leads/1", "/leads/2", "/leads/3", "/leads/1/scores", "/leads/1/timeline",
                 "/leads/1/questions", "/leads/2/questions", "/leads/1/merge", "/leads/1/merge?q=b", "/leads/1/merge?with=2", "/leads/1/events/2", "/companies", "/companies/1"):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text[:3000])
