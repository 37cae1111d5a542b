"""A band as an audience and as a dialler's list."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update
from typer.testing import CliRunner

from leadwise.cli.app import build
from leadwise.connect.audience.export import export, export_to
from leadwise.connect.audience.formats import changed, next_hours, safe
from leadwise.connect.audience.hashing import email_google, email_plain, name_meta, zip_meta
from leadwise.connect.audience.people import phone_of
from leadwise.connect.files.client import DiskFolder
from leadwise.errors import UserError
from leadwise.store.cards import live_version
from leadwise.store.opening import Store
from leadwise.store.schema import audit, lead
from leadwise.store.schema import score as score_table
from leadwise.store.suppression import suppress
from tests.databases import make_tables
from tests.records import NOW_US, add_lead, make_live, score_all

MADRID = ZoneInfo("Europe/Madrid")
ASKED = [("demo_requested", NOW_US - 1_000_000, {})]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def person(store: Store, email: str, **facts: Any) -> int:
    return store.write(lambda c: add_lead(c, email, {"employees": 200, **facts}, ASKED))


def scored(store: Store) -> None:
    def score(database: Any) -> None:
        version = live_version(database) or make_live(database)
        database.execute(delete(score_table))
        score_all(database, version)

    store.write(score)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "leadwise.db")) as opened:
        make_tables(opened)
        person(opened, "ann.berg+x@gmail.com", first_name="Ann-Marie", last_name="Berg",
               phone="600 123 456", country="ES")  # fmt: skip
        person(opened, "ben@acme.example", first_name="=HYPERLINK(1)", phone="+34 600 123 456")
        person(opened, "cy@acme.example", name="Cy Young", mobile="+1 202 555 0143")
        person(opened, "none@acme.example")
        scored(opened)
        yield opened


def out(store: Store, what: Any = "audience", form: str = "google", **more: Any) -> Any:
    return export(store, what, ["hot"], form, lambda _: MADRID, now_us=NOW_US, actor="test", **more)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_google_gets_hashes_of_its_own_form(store: Store) -> None:
    made = rows(out(store).content)
    ann = next(r for r in made if r["Email"] == sha("annberg@gmail.com"))
    assert ann == {
        "Email": sha("annberg@gmail.com"), "Phone": sha("+34600123456"),
        "First Name": sha("ann-marie"), "Last Name": sha("berg"), "Country": "ES", "Zip": "",
    }  # fmt: skip
    assert len(made) == 4
    assert b"@" not in out(store).content
    assert [r["Email"] for r in made] == sorted(r["Email"] for r in made)


def test_meta_and_linkedin(store: Store) -> None:
    made = rows(out(store, form="meta").content)
    ann = next(r for r in made if r["email"] == sha("ann.berg+x@gmail.com"))
    assert (ann["phone"], ann["fn"], ann["country"]) == (
        sha("34600123456"), sha("annmarie"), sha("es"),
    )  # fmt: skip
    assert {r["email"] for r in rows(out(store, form="linkedin").content)} >= {
        sha("ben@acme.example"), sha("ann.berg+x@gmail.com"),
    }  # fmt: skip


def test_plain_lists_hold_no_formulas(store: Store) -> None:
    made = rows(out(store, form="plain").content)
    ben = next(r for r in made if r["email"] == "ben@acme.example")
    assert ben["first_name"] == "'=HYPERLINK(1)"
    assert ben["score"] == "50"


def test_a_dialler_gets_numbers_once_with_hours(store: Store) -> None:
    made = rows(out(store, "dialler").content)
    assert sorted(r["phone"] for r in made) == ["+12025550143", "+34600123456"]
    one = made[0]
    assert one["reasons"].startswith("'+") or one["reasons"]
    assert one["zone"] == "Europe/Madrid"
    assert one["call_from"].endswith(("+01:00", "+02:00"))


def test_who_wants_nothing_is_left_out(store: Store) -> None:
    with store.transaction() as database:
        suppress(database, "ben@acme.example", "unsubscribed", by="lead", now_us=NOW_US)
        database.execute(update(lead).where(lead.c.id == 3).values(objected_us=NOW_US))
    made = rows(out(store, form="plain").content)
    assert {r["email"] for r in made} == {"ann.berg+x@gmail.com", "none@acme.example"}
    with store.transaction() as database:
        suppress(database, "ann.berg+x@gmail.com", "bounced", by="dsn", now_us=NOW_US)
    assert rows(out(store, "dialler").content) == []


def test_who_wants_no_calls_is_not_called_by_anybodys_number(store: Store) -> None:
    person(store, "dee@acme.example", phone="+34 600 123 456", do_not_call="Yes")
    person(store, "eve@acme.example", phone="+34 600 123 499", do_not_call=False)
    scored(store)
    made = rows(out(store, "dialler").content)
    assert sorted(r["phone"] for r in made) == ["+12025550143", "+34600123499"]


@pytest.mark.parametrize("what", ["=cmd|' /C calc'!A0", "＝1+1", "@SUM(1)", "-1", "\t=1", "\n+1"])
def test_no_cell_of_any_list_is_a_formula(store: Store, what: str) -> None:
    person(store, "=cmd@evil.example", first_name=what, last_name=what, company=what, zip=what,
           country="ES", phone="+34 600 123 499")  # fmt: skip
    scored(store)
    lists = [out(store, form=form).content for form in ("google", "meta", "linkedin", "plain")]
    for content in (*lists, out(store, "dialler").content):
        for row in rows(content):
            for name, cell in row.items():
                if name not in ("phone", "Phone"):
                    assert not cell.startswith(("=", "+", "-", "@", "＝", "\t", "\n")), (name, cell)


def test_what_came_and_went(store: Store, tmp_path: Path) -> None:
    folder = DiskFolder(tmp_path / "lists")

    def go() -> Any:
        return export_to(
            store, folder, "hot.csv", "audience", ["hot"], "plain", lambda _: MADRID,
            now_us=NOW_US, actor="test",
        )  # fmt: skip

    assert go().added is None
    again = go()
    assert (again.came, again.went, again.rows) == (0, 0, 4)
    with store.transaction() as database:
        suppress(database, "ben@acme.example", "complained", by="fbl", now_us=NOW_US)
    person(store, "new@acme.example")
    scored(store)
    third = go()
    assert (third.came, third.went) == (1, 1)
    assert rows(folder.read("hot.added.csv"))[0]["email"] == "new@acme.example"
    assert rows(folder.read("hot.removed.csv"))[0]["email"] == "ben@acme.example"
    with store.read() as database:
        assert len(database.execute(audit.select().where(audit.c.action == "export")).all()) == 3


def test_a_new_score_is_nobody_new() -> None:
    before, now = [("a", "10"), ("b", "1")], [("a", "20"), ("c", "1")]
    assert changed(before, now, 0) == ([("c", "1")], [("b", "1")])
    assert changed(before, now) == ([("a", "20"), ("c", "1")], [("a", "10"), ("b", "1")])


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-11-20T10:30:00Z", ("2026-11-20T11:30+01:00", "2026-11-20T18:00+01:00")),
        ("2026-11-20T05:00:00Z", ("2026-11-20T09:00+01:00", "2026-11-20T18:00+01:00")),
        ("2026-11-20T17:30:00Z", ("2026-11-23T09:00+01:00", "2026-11-23T18:00+01:00")),
        ("2026-10-24T12:00:00Z", ("2026-10-26T09:00+01:00", "2026-10-26T18:00+01:00")),
    ],
)
def test_hours_are_those_of_the_wall_there(now: str, hours: tuple[str, str]) -> None:
    from leadwise.card.values import parse_time

    assert next_hours(MADRID, parse_time(now)) == hours


def test_forms_of_values() -> None:
    assert zip_meta("94035-1234", "US") == "94035"
    assert zip_meta("SW1A 1AA", "GB") == "sw1a1aa"
    assert email_google(" An.N+a@GoogleMail.com ") == "ann@googlemail.com"
    assert email_google("An.N+a@acme.example") == "an.n+a@acme.example"
    assert email_plain(" A@B.example ") == "a@b.example"
    assert name_meta("Ann-Marie O'Neil Üç") == "annmarieoneilüç"
    assert phone_of("600123456", "ES") == "+34600123456"
    assert phone_of("600123456", "") is None
    assert phone_of("call me", "ES") is None
    assert safe("@SUM(1)\n+2") == "'@SUM(1) +2"


def test_what_there_is_not(store: Store) -> None:
    for bands, form, code in (
        (["warmer"], "google", "unknown-band"),
        (["hot"], "x", "export-format"),
    ):
        with pytest.raises(UserError) as raised:
            export(store, "audience", bands, form, lambda _: MADRID, now_us=NOW_US, actor="t")
        assert raised.value.code == code


def test_on_the_command_line(store: Store, tmp_path: Path) -> None:
    store.close()
    run = CliRunner()
    given = ["export", "audience", "--band", "hot", "--format", "plain", "--data", str(tmp_path)]
    said = run.invoke(build("export"), given + ["--out", str(tmp_path / "hot.csv")])
    assert said.exit_code == 0, said.output
    assert "4 rows in" in said.output
    assert len(rows((tmp_path / "hot.csv").read_bytes())) == 4
    again = run.invoke(build("export"), given + ["--out", str(tmp_path / "hot.csv"), "--json"])
    assert '"added": 0' in again.output
