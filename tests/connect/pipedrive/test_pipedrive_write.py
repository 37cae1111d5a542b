"""Writing to Pipedrive: scores, fields, records, dry runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leadwise.connect.model import (
    Record,
)
from leadwise.errors import RemoteError
from leadwise.testing.pipedrive import FakePipedrive
from leadwise.testing.serving import served
from tests.connect.pipedrive.company import DAY_US, HOSTILE, NOW_US, START, mail, opened
from tests.connect.pulled import scored


@pytest.fixture
def company() -> Iterator[tuple[FakePipedrive, str]]:
    fake = FakePipedrive(now=START)
    with served(fake) as url:
        yield fake, url


def test_scores(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    pipedrive = opened(url)
    with pytest.raises(RemoteError, match="no field 'Leadwise score'"):
        pipedrive.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])
    made = pipedrive.prepare()
    assert len(made) == 10
    assert "person: Leadwise score" in made
    assert pipedrive.prepare() == ()
    for letter in "abc":
        fake.add("person", name=letter, emails=mail(f"{letter}@x.example"))
    fake.add("person", name="a again", emails=mail("other@x.example", "a@x.example"))
    updates = [
        scored(("crm", "pipe:person:2"), as_of_us=NOW_US, lead_id=1, reasons=(HOSTILE,)),
        scored(("email", "a@x.example"), as_of_us=NOW_US, lead_id=2),
        scored(("crm", "pipe:person:99"), as_of_us=NOW_US, lead_id=3),
        scored(("email", "nobody@x.example"), as_of_us=NOW_US, lead_id=4),
    ]
    pushed = pipedrive.push(updates)
    assert [(one.state, one.remote_id) for one in pushed] == [
        ("sent", "person:2"), ("sent", "person:1"), ("unknown", None), ("unknown", None),
    ]  # fmt: skip
    codes = {one["field_name"]: code for code, one in fake.fields["person"].items()}
    stands = fake.rows["person"][2]["custom_fields"]
    assert stands[codes["Leadwise score"]] == 47.5
    assert stands[codes["Leadwise reasons"]] == HOSTILE
    assert [one.state for one in pipedrive.push(updates[:2])] == ["same", "same"]
    older = scored(("crm", "pipe:person:2"), as_of_us=NOW_US - 1, score=0)
    assert pipedrive.push([older])[0].state == "newer"
    assert stands[codes["Leadwise score"]] == 47.5
    newer = scored(("crm", "pipe:person:2"), as_of_us=NOW_US + 1, score=0, band=None)
    assert pipedrive.push([newer])[0].state == "sent"
    assert fake.rows["person"][2]["custom_fields"][codes["Leadwise band"]] is None
    # Our own fields are no facts.
    pages = list(opened(url, wanted=("Leadwise score",)).pull(None, NOW_US + DAY_US))
    assert not any("Leadwise" in name for p in pages for m in p.messages for name in m.document)


def test_one_refused_record_holds_up_no_other(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    pipedrive = opened(url)
    pipedrive.prepare()
    for letter in "abc":
        fake.add("person", name=letter)
    fake.fail(400, method="PATCH", path="/persons/2", body={"success": False, "error": "Too long"})
    fake.fail(500, method="PATCH", path="/persons/3")
    pushed = pipedrive.push([
        scored(("crm", f"pipe:person:{n}"), as_of_us=NOW_US, lead_id=n) for n in (1, 2, 3)
    ])  # fmt: skip
    assert [one.state for one in pushed] == ["sent", "refused", "later"]
    assert "Too long" in pushed[1].why


def test_fields_without_the_right_to_make_them(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    fake.admin = False
    with pytest.raises(RemoteError, match="Company settings, Data fields") as error:
        opened(url).prepare()
    assert error.value.permanent


def test_records_are_made_once(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    pipedrive = opened(url)
    fake.admin = False
    with pytest.raises(RemoteError, match="make the field 'Leadwise key'"):
        pipedrive.create(Record("contact", {"name": "A"}), "run-1-0")
    fake.admin = True
    fake.add_field("deal", "Source", "enum", ["Web", "Fair"])
    acme = pipedrive.create(Record("company", {"name": "Acme"}), "run-1-1")
    person = Record("contact", {"name": HOSTILE, "email": "ana@x.example"}, {"company": acme})
    fake.fail(0, method="POST", path="/persons", taken=True)
    with pytest.raises(RemoteError) as lost:
        pipedrive.create(person, "run-1-2")
    assert not lost.value.permanent
    fake.blind = {1}  # the search does not find it yet
    ana = pipedrive.create(person, "run-1-2")
    assert list(fake.rows["person"]) == [int(ana)]
    fake.blind = set()
    row = fake.rows["person"][1]
    assert (row["name"], row["org_id"], row["emails"][0]["value"]) == (HOSTILE, 1, "ana@x.example")
    deal = pipedrive.create(
        Record("deal", {"title": "Demo", "value": "1200.50", "stage_id": "offer", "Source": "fair"},
               {"contact": ana}), "run-1-3",
    )  # fmt: skip
    made = fake.rows["deal"][int(deal)]
    assert (made["value"], made["stage_id"], made["person_id"]) == (1200.5, 2, 1)
    assert 2 in made["custom_fields"].values()
    task = Record(
        "task", {"subject": "Call", "note": "Soon", "done": "no"}, {"contact": ana, "deal": deal}
    )
    first, again = pipedrive.create(task, "run-1-4"), pipedrive.create(task, "run-1-4")
    other = pipedrive.create(task, "run-1-40")
    assert first == again != other
    activity = fake.rows["activity"][int(first)]
    assert (activity["type"], activity["person_id"], activity["deal_id"]) == ("task", 1, 1)
    names = [("email", "ana@x.example")]
    assert pipedrive.find("contact", names) == ana
    assert pipedrive.find("company", names) == acme
    assert pipedrive.find("deal", names) == deal
    pipedrive.change("deal", deal, {"status": "lost", "lost_reason": "Price"}, "run-1-5")
    assert fake.rows["deal"][1]["lost_reason"] == "Price"
    for values, why in (
        ({"stage_id": "Nowhere"}, "no stages 'Nowhere'"),
        ({"value": "much"}, "'much' is none"),
        ({"Source": "Sea"}, "no choice 'Sea'"),
        ({"Nonsense": "1"}, "no field 'Nonsense'"),
    ):
        with pytest.raises(RemoteError, match=why):
            pipedrive.change("deal", deal, values, "run-1-6")


def test_a_dry_run_changes_nothing(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    opened(url).prepare()
    fake.add("person", name="A", emails=mail("a@x.example"))
    before = {noun: {k: dict(v) for k, v in rows.items()} for noun, rows in fake.rows.items()}
    dry = opened(url, dry=True)
    assert dry.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])[0].state == "sent"
    assert dry.create(Record("contact", {"name": "B"}), "run-1-1") == ""
    dry.change("contact", "1", {"name": "C"}, "run-1-2")
    assert fake.rows == before
    assert [one.method for one in dry.client.http.would] == ["PATCH", "POST", "PATCH"]


def test_a_dry_run_before_anything_was_made(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    fake.add("person", name="A", emails=mail("a@x.example"))
    dry = opened(url, dry=True)
    assert len(dry.prepare()) == 10
    assert dry.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])[0].state == "sent"
    assert dry.create(Record("deal", {"title": "A"}), "run-1-1") == ""
    assert [one.method for one in dry.client.http.would[10:13]] == ["PATCH", "POST", "POST"]
    assert not any(one["is_custom_field"] for one in fake.fields["person"].values())


def test_who_was_found_before_is_not_searched_for_again(
    company: tuple[FakePipedrive, str],
) -> None:
    fake, url = company
    one = fake.add("person", name="Ana", emails=mail("ana@x.example"))
    pipedrive = opened(url)
    pipedrive.prepare()
    names = ("email", "ana@x.example")
    (first,) = pipedrive.push([scored(names, as_of_us=NOW_US)])
    assert len(fake.made("GET", "/search")) == 1
    told: dict[str, Any] = {"remote_id": first.remote_id, "as_of_us": NOW_US + DAY_US}
    assert pipedrive.push([scored(names, **told, score=100)])[0].state == "sent"
    assert len(fake.made("GET", "/search")) == 1
    fake.put("person", one, emails=mail("bob@x.example"))  # it is somebody else's now
    two = fake.add("person", name="Ana", emails=mail("ana@x.example"))
    told["as_of_us"] += DAY_US
    (third,) = pipedrive.push([scored(names, **told, score=200)])
    assert (third.state, third.remote_id) == ("sent", f"person:{two}")
    fake.put("person", two, is_deleted=True)
    assert pipedrive.push([scored(names, **told, score=300)])[0].state == "unknown"


def test_two_persons_of_one_lead_both_bear_its_score(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    ids = [fake.add("person", name="Ana", emails=mail(f"{n}@x.example")) for n in "ab"]
    pipedrive = opened(url)
    pipedrive.prepare()
    names = tuple(("crm", f"pipe:person:{id_}") for id_ in ids)
    assert pipedrive.push([scored(*names, as_of_us=NOW_US)])[0].remote_id == "person:1 person:2"
    assert [len(fake.rows["person"][id_]["custom_fields"]) > 3 for id_ in ids] == [True, True]
    fake.put("person", ids[0], is_deleted=True)
    later = scored(*names, as_of_us=NOW_US + DAY_US, score=100)
    (one,) = pipedrive.push([later])
    assert (one.state, one.remote_id) == ("sent", "person:2")
