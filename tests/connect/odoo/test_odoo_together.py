"""Scores of many leads go to Odoo in few calls, and one that is refused holds up no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from leadwise.errors import RemoteError
from leadwise.testing.odoo import FakeOdoo
from leadwise.testing.serving import served
from tests.connect.odoo.database import NOW_US, START, opened
from tests.connect.pulled import scored


@pytest.fixture
def database() -> Iterator[tuple[FakeOdoo, str]]:
    fake = FakeOdoo(now=START)
    with served(fake) as url:
        yield fake, url


def updates(fake: FakeOdoo, count: int) -> list[Any]:
    """So many leads there, each with another score."""
    made = []
    for n in range(count):
        fake.add("crm.lead", name=f"L{n}", email_from=f"p{n}@x.example")
        grade = "A" if n % 2 else None
        made.append(scored(("email", f"p{n}@x.example"), as_of_us=NOW_US + n * 1_000_000,
                           score=100 * n, lead_id=n, grade=grade))  # fmt: skip
    return made


def calls(fake: FakeOdoo, method: str) -> int:
    named = (f'"{method}"'.encode(), f">{method}<".encode())
    return sum(
        call.path.endswith(f"/{method}") or any(name in call.body for name in named)
        for call in fake.calls
    )


@pytest.mark.parametrize("protocol", ["json2", "jsonrpc", "xmlrpc"])
def test_two_hundred_leads_are_one_call(database: tuple[FakeOdoo, str], protocol: str) -> None:
    fake, url = database
    several = updates(fake, 203)
    odoo = opened(url, protocol=protocol)
    odoo.prepare()
    fake.calls.clear()
    fake.put("crm.lead", 7, active=False)
    several[6] = scored(("crm", "odoo:lead:7"), as_of_us=NOW_US, score=600, lead_id=6)
    assert {one.state for one in odoo.push(several)} == {"sent"}
    assert (calls(fake, "load"), calls(fake, "write")) == (2, 0)
    for n in (0, 6, 202):
        row = fake.rows["crm.lead"][n + 1]
        assert row["x_leadwise_score"] == float(n)
        assert row["x_leadwise_grade"] == ("A" if n % 2 else False)
        assert row["x_leadwise_reasons"] == "Asked for a demo +30\nLarge company +20"
    assert fake.rows["crm.lead"][203]["x_leadwise_at"] == datetime(
        2026, 3, 1, 10, 3, 22, tzinfo=UTC
    )
    assert len(fake.rows["crm.lead"]) == 203
    assert {one.state for one in odoo.push(several)} == {"same"}


def test_those_that_are_refused_are_refused_alone(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    several = updates(fake, 20)
    odoo = opened(url)
    odoo.prepare()
    fake.refused = {3: "A closed quarter is not changed.", 9: "Nor is this."}
    fake.calls.clear()
    pushed = odoo.push(several)
    assert {one.lead_id: one.why.rpartition(": ")[2] for one in pushed if one.state == "refused"} \
        == {2: "A closed quarter is not changed.", 8: "Nor is this."}  # fmt: skip
    assert sum(one.state == "sent" for one in pushed) == 18
    assert (calls(fake, "load"), calls(fake, "write")) == (2, 2)
    assert fake.rows["crm.lead"][20]["x_leadwise_score"] == 19.0


def test_where_nothing_may_be_imported_they_go_one_by_one(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    several = updates(fake, 5)
    odoo = opened(url)
    odoo.prepare()
    fake.no_load = True
    fake.calls.clear()
    assert {one.state for one in odoo.push(several)} == {"sent"}
    assert (calls(fake, "load"), calls(fake, "write")) == (1, 5)
    later = [scored(*one.names, as_of_us=NOW_US + 10**9, lead_id=one.lead_id) for one in several]
    assert {one.state for one in odoo.push(later)} == {"sent"}
    assert (calls(fake, "load"), calls(fake, "write")) == (1, 10)


def test_a_call_whose_answer_is_lost_is_made_again_without_harm(
    database: tuple[FakeOdoo, str],
) -> None:
    fake, url = database
    several = updates(fake, 5)
    odoo = opened(url)
    odoo.prepare()
    fake.fail(0, path="/load", taken=True)
    with pytest.raises(RemoteError) as lost:
        odoo.push(several)
    assert not lost.value.permanent
    assert {one.state for one in odoo.push(several)} == {"same"}


def test_stars_of_bands_that_have_some_and_tags_stay_right(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    several = updates(fake, 4)
    fake.put("crm.lead", 1, priority="2")
    several[0] = scored(("email", "p0@x.example"), as_of_us=NOW_US, lead_id=0, band="cold")
    odoo = opened(url, stars="hot=3")
    odoo.prepare()
    assert {one.state for one in odoo.push(several)} == {"sent"}
    assert [fake.rows["crm.lead"][n]["priority"] for n in (1, 2, 3)] == ["2", "3", "3"]
    tagging = opened(url, tags="yes", stars="hot=3")
    later = [scored(*one.names, as_of_us=NOW_US + 10**9, lead_id=one.lead_id) for one in several]
    assert {one.state for one in tagging.push(later)} == {"sent"}
    assert [fake.rows["crm.lead"][n]["tag_ids"] for n in (1, 4)] == [[1], [1]]
