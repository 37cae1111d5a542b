"""Lists of leads and companies: everybody in order, filters, searches, a company's page."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from leadwise.live.accounts import AccountRules, score_accounts
from leadwise.store.lead_pages import list_everybody
from leadwise.store.leads import LeadFilter
from tests.pages.lead_page import text_of
from tests.pages.site import PagesSite, pages_site
from tests.web.api_service import NOW_US, message, publish, with_leads

LINK = re.compile(r'<th scope="row" class="who"><a href="/(?:leads|companies)/(\d+)"')
NEXT = re.compile(r'class="button" href="([^"]+)"')
COMPANIES = """
card: companies
version: 1
fields:
  employees: {type: number}
dimensions:
  - id: fit
    criteria:
      - {id: large, label: Large, when: employees > 100, points: 30}
      - {id: huge, label: Huge, when: employees > 1000, points: 5}
bands: [{id: small}, {id: key, label: Key account, from: 20}]
"""


def ids(page: str) -> list[int]:
    return [int(found) for found in LINK.findall(page)]


@pytest.fixture
def crowd(site: PagesSite) -> PagesSite:
    """A hundred and twenty more, sixty of whom have no score yet."""
    site.leads.say(
        *(message("identify", f"u{n}", 1, values={"title": "clerk", "name": f"Person {n:03}"})
          for n in range(60))
    )  # fmt: skip
    said = [message("page", f"v{n}", 1, event="page_viewed") for n in range(60)]
    site.leads.say(*said)
    site.leads.write(lambda c: c.exec_driver_sql("DELETE FROM score WHERE lead_id > 63"))
    return site


def test_everybody_is_listed_once_those_without_a_score_last(crowd: PagesSite) -> None:
    client = crowd.client("read_only")
    address, seen, pages = "/leads", [], []
    while address:
        page = client.get(address).text
        pages.append(len(ids(page)))
        seen += ids(page)
        following = NEXT.search(page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == list(range(1, 124))
    assert pages == [50, 50, 23]
    assert seen[:2] == [1, 2]
    assert set(seen[63:]) == set(range(64, 124))


def test_filters_stand_in_the_address_and_on_the_next_page(crowd: PagesSite) -> None:
    client = crowd.client("read_only")
    page = client.get("/leads?band=cold&known=yes").text
    assert 1 not in ids(page)
    assert 'value="cold" checked' in page
    following = NEXT.search(page)[1].replace("&amp;", "&")
    assert "band=cold" in following
    assert "known=yes" in following
    assert not set(ids(client.get(following).text)) & set(ids(page))
    assert ids(client.get("/leads?band=hot").text) == [1]
    assert ids(client.get("/leads?band=nonsense&known=maybe&company=x").text)[:1] == [1]
    nobody = client.get("/leads?known=no").text
    assert ids(nobody) == []
    assert "No lead is like that" in nobody


def test_a_band_that_a_person_has_set_is_found_where_the_score_is_not(site: PagesSite) -> None:
    client = site.client("representative")
    given = {"what": "band", "band": "hot", "reason": "The boss's brother"}
    assert client.post("/leads/2/overrides", data=given).status_code == 303
    site.leads.score()
    assert ids(client.get("/leads?band=hot").text) == [1, 2]
    assert ids(client.get("/leads?band=cold").text) == [3]
    assert ids(client.get("/leads?band=cold&band=hot").text) == [1, 2, 3]
    assert ids(client.get("/leads?band=warm").text) == []


def test_a_search_finds_names_addresses_ids_and_companies(crowd: PagesSite) -> None:
    client = crowd.client("read_only")
    for words, found in (
        ("ANN@acme", [1]), ("ben", [2]), ("acme.ex", [1]), ("person 007", [11]),
        ("nobody-at-all", []), ('"%_', []), ("'; DROP TABLE lead; --", []),
    ):  # fmt: skip
        page = client.get("/leads", params={"q": words})
        assert page.status_code == 200
        assert ids(page.text) == found, words
    assert 3 in ids(client.get("/leads?q=3").text)


def test_a_search_goes_over_pages_too(crowd: PagesSite) -> None:
    client = crowd.client("read_only")
    first = client.get("/leads?q=person").text
    following = NEXT.search(first)[1].replace("&amp;", "&")
    second = client.get(following).text
    assert len({*ids(first), *ids(second)}) == 60


def test_an_empty_record_says_what_to_do(tmp_path: Path) -> None:
    with pages_site(tmp_path) as empty:
        client = empty.client("read_only")
        assert "There are no leads yet" in client.get("/leads").text
        assert "No company is known yet" in client.get("/companies").text


def with_companies(site: PagesSite) -> None:
    """Acme, which is large, of Ann and Dan; Tiny of Tim."""
    site.leads.write(lambda c: publish(c, COMPANIES, "account"))
    site.leads.say(
        message("identify", "dan", 1, email="dan@acme.example", values={"name": "Dan Smith"}),
        message("identify", "tim", 1, email="tim@tiny.example"),
    )

    doc = """UPDATE account SET doc = '{"employees": 500}' WHERE name = 'acme.example'"""
    site.leads.write(lambda c: c.exec_driver_sql(doc))
    site.leads.write(lambda c: score_accounts(c, NOW_US, AccountRules()))


def test_a_company_has_its_ledger_and_its_people(site: PagesSite) -> None:
    with_companies(site)
    client = site.client("read_only")
    page = client.get("/companies").text
    acme = ids(page)[0]
    assert len(ids(page)) == 2
    assert "Key account" in page
    assert ids(client.get("/companies?q=TINY").text) == [i for i in ids(page) if i != acme]
    one = client.get(f"/companies/{acme}").text
    table = one.split('<table class="ledger">')[1]
    assert "Large" in table
    assert text_of(table.split("<tfoot>")[1]).startswith("Score +30 30")
    assert "Dan Smith" in one
    assert "ann@acme.example" in one
    assert "tim@tiny" not in one
    assert ids(client.get(f"/leads?company={acme}").text) == [1, 4]
    file = client.get(f"/companies/{acme}/ledger.csv")
    assert f'"company-{acme}-ledger.csv"' in file.headers["content-disposition"]
    header, *lines = csv.reader(file.text.splitlines())
    assert header == ["kind", "part", "line", "points", "sum"]
    assert [line[2:] for line in lines if line[3] != "0"] == [["Large", "30", "30"]]
    lead = text_of(client.get("/leads/1").text)
    assert "30 points Key account" in lead
    assert "Dan Smith" in lead


def test_a_company_without_a_card_says_so(site: PagesSite) -> None:
    client = site.client("read_only")
    assert "No card for companies is published" in client.get("/companies").text
    assert "No card for companies is published" in client.get("/companies/1").text


def test_everybody_goes_on_exactly_where_a_page_ended(tmp_path: Path) -> None:
    with pages_site(tmp_path) as site:
        with_leads(site.leads)
        site.leads.write(lambda c: c.exec_driver_sql("DELETE FROM score WHERE lead_id = 2"))
        with site.leads.store.read() as connection:
            seen, after = [], None
            while rows := list_everybody(connection, 1, LeadFilter(), after=after, limit=1):
                seen.append(rows[0].id)
                after = rows[-1].cursor
        assert seen == [1, 3, 2]
