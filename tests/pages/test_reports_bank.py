"""Reports over the bank's contacts of the demo: real people's traits, and whether they said yes.

What the reports say is held against counts made straight off the bank's file.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from starlette.testclient import TestClient

from leadwise.store.outcomes import add_outcome
from tests.pages.site import pages_site
from tests.web.api_service import DAY_US, NOW_US, message, publish

EXAMPLES = Path(__file__).parents[2] / "examples"
CONTACTS = EXAMPLES / "bank-telemarketing" / "bank-additional-full.csv.gz"
TRAITS = ("age", "job", "default", "contact", "poutcome")
HOW_MANY = 300


@pytest.fixture(scope="module")
def contacts() -> list[dict[str, str]]:
    with gzip.open(CONTACTS, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))[-HOW_MANY:]


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, contacts: list[dict[str, str]]
) -> Iterator[TestClient]:
    """The contacts arrive 60 days ago; who said yes is won 20 days later."""
    card = (EXAMPLES / "bank-live" / "card.yaml").read_text(encoding="utf-8")
    with pages_site(tmp_path_factory.mktemp("bank")) as site:
        site.leads.write(lambda connection: publish(connection, card))
        site.leads.now[0] = NOW_US - 60 * DAY_US
        site.leads.say(
            *(
                message("identify", f"contact-{n}", 1, ago=60,
                        values={name: row[name] for name in TRAITS} | {"age": int(row["age"])})
                for n, row in enumerate(contacts)
            )
        )  # fmt: skip
        site.leads.now[0] = NOW_US
        site.leads.write(lambda connection: _won(connection, contacts))
        yield site.client("marketing")


def _won(connection: Connection, contacts: list[dict[str, str]]) -> None:
    rows = connection.execute(
        text(
            "SELECT i.value, o.lead_id FROM identity AS i JOIN identity_lead AS o "
            "ON o.identity_id = i.id WHERE i.kind = 'user'"
        )
    )
    leads = {str(row.value): int(row.lead_id) for row in rows}
    for n, row in enumerate(contacts):
        if row["y"] == "yes":
            add_outcome(connection, leads[f"contact-{n}"], "won", at_us=NOW_US - 40 * DAY_US,
                        now_us=NOW_US, source="bank", message_id=str(n))  # fmt: skip


def rows(client: TestClient, name: str, **more: str) -> dict[str, list[str]]:
    found = client.get(f"/reports/{name}.csv", params=more)
    assert found.status_code == 200, found.text
    _, *body = csv.reader(io.StringIO(found.content.decode("utf-8-sig")))
    return {row[0]: row[1:] for row in body}


def test_the_mobile_line_lifts_as_the_file_says(
    client: TestClient, contacts: list[dict[str, str]]
) -> None:
    mobile = [row["y"] == "yes" for row in contacts if row["contact"] == "cellular"]
    other = [row["y"] == "yes" for row in contacts if row["contact"] != "cellular"]
    line = rows(client, "lift")["Reached on a mobile"]
    assert line[:2] == [str(len(mobile)), str(sum(mobile))]
    assert line[3] == str(len(other))
    expected = (sum(mobile) / len(mobile)) / (sum(other) / len(other))
    assert float(line[5]) == pytest.approx(expected, abs=1e-6)
    assert line[8:] == ["8.0", "8.0", "8.0"]


def test_everybody_is_in_one_band_and_converts_as_in_the_file(
    client: TestClient, contacts: list[dict[str, str]]
) -> None:
    bands = rows(client, "conversion").values()
    yes = sum(row["y"] == "yes" for row in contacts)
    assert sum(int(row[1]) for row in bands) == HOW_MANY
    assert sum(int(row[0]) for row in bands) == yes


def test_groups_of_higher_scores_said_yes_more_often(client: TestClient) -> None:
    groups = list(rows(client, "calibration", horizon="30").values())
    assert sum(int(row[1]) for row in groups) == HOW_MANY
    assert float(groups[-1][2]) > float(groups[0][2])
