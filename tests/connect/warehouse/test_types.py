"""What columns hold that no program expects, and queries that would write."""

from __future__ import annotations

import math
from typing import Any

import pytest

from leadwise.connect.model import Page
from leadwise.errors import LeadwiseError, RemoteError, UserError
from tests.connect.warehouse.test_warehouse import NOW_US, add, opened, url

__all__ = ["url"]


def pulled(url: str, query: str, **more: Any) -> list[Page]:
    return list(opened(url, query=query, mapping={"mail": "lead_id"}, **more).pull(None, NOW_US))


@pytest.mark.parametrize(
    "value",
    ["'NaN'::numeric", "'Infinity'::numeric", "'-Infinity'::float8", "'NaN'::float8",
     "'infinity'::timestamptz", "'infinity'::date", "'0044-03-15 BC'::date", "'P1Y2M'::interval",
     "'{1,2}'::int[]", "'{\"a\": [1, null]}'::jsonb", "'\\xdeadbeef'::bytea", "'10.0.0.1'::inet",
     "int4range(1, 5)", "gen_random_uuid()", "'12:30'::time", "'12:30+02'::timetz", "B'101'",
     "repeat('x', 200000)", "10::numeric ^ 400", "row(1, 2)", "NULL", "true", "'a'::char",
     "(1, 'a')::text", "point(1, 2)", "'<a/>'::xml", "'9999-12-31 23:59:59.999999+00'::timestamptz",
     "chr(8238) || chr(1)"],
)  # fmt: skip
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_whatever_a_column_holds_the_other_columns_are_pulled(url: str, value: str) -> None:
    query = f"SELECT 'ann@acme.example' AS mail, 'pro' AS plan, {value} AS odd"
    if "infinity" in value or "BC" in value:  # of which Python has no days
        with pytest.raises(RemoteError) as caught:
            pulled(url, query)
        assert caught.value.permanent
        return
    pages = pulled(url, query)
    (one,) = [message for page in pages for message in page.messages]
    assert one.document["plan"] == "pro"
    for said in one.document.values():
        assert not isinstance(said, float) or math.isfinite(said)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "value", ["9e999", "-9e999", "x'ff00'", "9223372036854775807", "''", "1.5"]
)
def test_sqlite_holds_anything_anywhere(url: str, value: str) -> None:
    pages = pulled(url, f"SELECT 'ann@acme.example' AS mail, 'pro' AS plan, {value} AS odd")
    (one,) = [message for page in pages for message in page.messages]
    assert one.document["plan"] == "pro"


@pytest.mark.parametrize(
    "query",
    ["DELETE FROM users", "SELECT 1; DELETE FROM users", "INSERT INTO users DEFAULT VALUES",
     "EXPLAIN ANALYZE DELETE FROM users", "VACUUM", "/* x */ DELETE FROM users", "SELECT 1 INTO x",
     "WITH gone AS (DELETE FROM users RETURNING mail) SELECT mail FROM gone",
     "SELECT mail FROM users FOR UPDATE", "SELECT * FROM users INTO OUTFILE '/tmp/x'",
     "SELECT nextval('s')", "CALL x()", "COPY users TO PROGRAM 'id'", "PRAGMA query_only = OFF"],
)  # fmt: skip
def test_no_query_changes_anything(url: str, query: str) -> None:
    add(url, "ann@acme.example", "pro", "2026-01-01T10:00:00+00:00")
    with pytest.raises(LeadwiseError):
        pulled(url, query)
    (one,) = [m for page in opened(url).pull(None, NOW_US) for m in page.messages]
    assert one.email == "ann@acme.example"


def test_a_day_in_a_thousand_years_hides_nothing_that_comes(url: str) -> None:
    add(url, "far@acme.example", "pro", "2999-12-31T00:00:00+00:00")
    add(url, "ann@acme.example", "pro", "2026-01-01T10:00:00+00:00")
    house = opened(url)
    cursor = list(house.pull(None, NOW_US))[-1].cursor
    add(url, "new@acme.example", "pro", "2026-01-02T10:00:00+00:00")
    found = [m.email for page in house.pull(cursor, NOW_US) for m in page.messages]
    assert "new@acme.example" in found


def test_rows_without_a_time_of_change_are_pulled(url: str) -> None:
    add(url, "ann@acme.example", "pro", "2026-01-01T10:00:00+00:00")
    query = "SELECT mail, plan, NULL AS updated_at FROM users"
    pages = pulled(url, query)
    assert [m.email for page in pages for m in page.messages] == ["ann@acme.example"]
    with pytest.raises(UserError):
        opened(url, query="SELECTED")
