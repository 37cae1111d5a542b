"""Files become messages row by row: each row once, what is wrong kept with its line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from leadwise.engines.entry.files import input_file
from leadwise.errors import UserError
from leadwise.ingest import file_job, files
from leadwise.ingest.file_job import import_handler
from leadwise.ingest.file_rows import count_rows, file_rows
from leadwise.ingest.files import Imported, import_rows, reading_of
from leadwise.ingest.gate.rules import GateRules
from leadwise.jobs import run_here
from leadwise.store.documents import values_of
from leadwise.store.facts import facts_of
from leadwise.store.opening import Store
from leadwise.store.person import lead_called
from leadwise.store.schema import event, refused, touched
from tests.databases import make_tables

NOW = 1_800_000_000_000_000  # 2027-01-15T08:00:00Z
LEADS = """lead_id,email,employees,country
1,Ann@Acme.example,200,SE
2,bob@acme.example,,DE
"""
EVENTS = """lead_id,event,timestamp,url
1,Page Viewed,2027-01-10T10:00:00Z,/a
1,Page Viewed,2027-01-10T10:00:00Z,/a
2,demo_requested,2027-01-11,
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "leadwise.db")) as opened:
        make_tables(opened)
        yield opened


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def imported(store: Store, path: Path, of: str, *, now_us: int = NOW, **more: Any) -> Imported:
    reading = reading_of(of, now_us=now_us, import_id=f"run-{now_us}", **more)
    return import_rows(store, GateRules(), input_file(path), reading)


def rows_of(store: Store, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    with store.read() as connection:
        chosen = [table.c[name] for name in columns]
        return [tuple(row) for row in connection.execute(select(*chosen).order_by(table.c.id))]


def known(store: Store, kind: str, value: str) -> list[tuple[int, dict[str, Any]]]:
    """Since when what is known of whoever has this name."""
    with store.read() as connection:
        lead_id = lead_called(connection, kind, value)
        return [(row.from_us, values_of(row.document)) for row in facts_of(connection, lead_id)]


def test_leads(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, "leads.csv", LEADS)
    assert imported(store, path, "leads") == Imported(rows=2, recorded=2)
    ((since, ann),) = known(store, "crm", "1")
    assert since == NOW
    assert (ann["employees"], ann["country"], ann["email_domain"]) == ("200", "SE", "acme.example")
    assert known(store, "email", "ann@acme.example") == [(since, ann)]
    assert "employees" not in known(store, "crm", "2")[0][1]
    assert {cause for (cause,) in rows_of(store, touched, "cause")} == {"import"}


def test_the_same_file_twice_adds_nothing(store: Store, tmp_path: Path) -> None:
    leads = written(tmp_path, "leads.csv", LEADS)
    events = written(tmp_path, "events.csv", EVENTS)
    imported(store, leads, "leads")
    assert imported(store, events, "events") == Imported(rows=3, recorded=3)
    before = rows_of(store, event, *event.c.keys())
    assert imported(store, leads, "leads", now_us=NOW + 5) == Imported(rows=2, unchanged=2)
    assert imported(store, events, "events", now_us=NOW + 5) == Imported(rows=3, known=3)
    assert rows_of(store, event, *event.c.keys()) == before


def test_an_export_that_overlaps_adds_what_is_new(store: Store, tmp_path: Path) -> None:
    """Equal rows of one file are two events, in the next file they are those same two."""
    imported(store, written(tmp_path, "monday.csv", EVENTS), "events")
    header, *rows = EVENTS.splitlines(keepends=True)
    tuesday = [header, "1,Page Viewed,2027-01-12,/b\n", *rows, rows[0]]
    path = written(tmp_path, "tuesday.csv", "".join(tuesday))
    assert imported(store, path, "events") == Imported(rows=5, recorded=2, known=3)


def test_what_is_said_again_is_true_again(store: Store, tmp_path: Path) -> None:
    """50, then 60, then 50 once more, as a CRM exports it day by day."""
    for day, employees in enumerate((50, 60, 60, 50)):
        path = written(tmp_path, "leads.csv", f"lead_id,employees\n7,{employees}\n")
        done = imported(store, path, "leads", now_us=NOW + day)
        assert done.recorded == (0 if day == 2 else 1)
    said = [(at - NOW, facts["employees"]) for at, facts in known(store, "crm", "7")]
    assert said == [(0, "50"), (1, "60"), (3, "50")]


def test_one_lead_twice_in_a_file(store: Store, tmp_path: Path) -> None:
    """The last row holds, also where it says what is known already."""
    imported(store, written(tmp_path, "a.csv", "lead_id,n\n7,60\n"), "leads")
    path = written(tmp_path, "b.csv", "lead_id,n\n7,50\n7,60\n")
    imported(store, path, "leads", now_us=NOW + 1)
    assert known(store, "crm", "7")[-1][1]["n"] == "60"


def test_facts_with_a_time(store: Store, tmp_path: Path) -> None:
    text = "lead_id,known_at,employees\n7,2027-01-02,60\n7,2027-01-01,50\n7,2027-01-03,50\n"
    path = written(tmp_path, "leads.csv", text)
    imported(store, path, "leads")
    assert [facts["employees"] for _, facts in known(store, "crm", "7")] == ["50", "60", "50"]
    assert imported(store, path, "leads", now_us=NOW + 1) == Imported(rows=3, known=3)


def test_empty_cells_say_nothing_and_null_takes_away(store: Store, tmp_path: Path) -> None:
    imported(store, written(tmp_path, "a.csv", "lead_id,a,b\n7,1,2\n"), "leads")
    imported(store, written(tmp_path, "b.csv", "lead_id,a,b\n7,,3\n"), "leads", now_us=NOW + 1)
    assert known(store, "crm", "7")[-1][1] == {"a": "1", "b": "3"}
    path = written(tmp_path, "c.jsonl", '{"lead_id": 7, "a": null}\n')
    imported(store, path, "leads", now_us=NOW + 2)
    assert known(store, "crm", "7")[-1][1] == {"b": "3"}


def test_events(store: Store, tmp_path: Path) -> None:
    imported(store, written(tmp_path, "events.csv", EVENTS), "events", source="shop")
    rows = rows_of(store, event, "type", "event", "name", "source", "at_us", "received_us", "doc")
    assert rows[0][:4] == ("track", "page_viewed", "Page Viewed", "shop")
    assert datetime.fromtimestamp(rows[0][4] / 1e6, UTC) == datetime(2027, 1, 10, 10, tzinfo=UTC)
    assert rows[0][4] == rows[0][5]
    assert values_of(rows[0][6]) == {"url": "/a"}
    assert rows[2][1:3] == ("demo_requested", None)
    assert values_of(rows[2][6]) == {}


def test_columns_of_ours(store: Store, tmp_path: Path) -> None:
    text = (
        "Contact,Kind,When,received_at,message_id,source,Amount\n"
        "9,call,2027-01-01T10:00:00+02:00,2027-01-03,m1,crm,5\n"
        "9,call,2028-01-01,,m2,,6\n"
    )
    columns = {"lead_id": "Contact", "event": "Kind", "timestamp": "When", "value": "Amount"}
    path = written(tmp_path, "calls.csv", text)
    imported(store, path, "events", columns=columns, identity="user", source="x")
    rows = rows_of(store, event, "message_id", "source", "at_us", "received_us", "doc")
    assert rows[0][:2] == ("m1", "crm")
    assert rows[0][3] - rows[0][2] == 40 * 3600 * 1_000_000
    assert values_of(rows[0][4]) == {"value": "5"}
    assert rows[1] == ("m2", "x", NOW, NOW, rows[1][4])  # nothing happens after it is known
    assert known(store, "user", "9") == []


@pytest.mark.parametrize(
    ("name", "value"), [("email", "ann@acme.example"), ("anonymous", "b-1"), ("user", "u 1")]
)
def test_kinds_of_identity(store: Store, tmp_path: Path, name: str, value: str) -> None:
    path = written(tmp_path, "leads.csv", f"lead_id,a\n{value},1\nbad mail@,1\n")
    done = imported(store, path, "leads", identity=name)
    assert done.refused == (1 if name == "email" else 0)
    assert known(store, name, value)[0][1]["a"] == "1"


def test_what_is_wrong_is_kept_with_its_line(store: Store, tmp_path: Path) -> None:
    text = (
        "lead_id,event,timestamp,note\n"
        '1,visit,2027-01-01,"two\nlines"\n'
        "1,visit,yesterday,\n"
        ",visit,2027-01-01,\n"
        "1,,2027-01-01,\n"
        "1,visit,2027-01-01\n"
        "1,visit,,x\n"
        "1,visit,2027-01-02,\n"
    )
    done = imported(store, written(tmp_path, "events.csv", text), "events")
    assert done == Imported(rows=7, recorded=2, refused=5)
    rows = rows_of(store, refused, "place", "code", "reason", "body", "source")
    assert [(place, code) for place, code, *_ in rows] == [
        (1, "event-time"), (2, "no-identity"), (3, "event-name"), (4, "input-ragged"),
        (5, "event-time"),
    ]  # fmt: skip
    assert rows[0][2].startswith("line 4: timestamp is no time in ISO 8601: yesterday")
    assert json.loads(rows[0][3]) == {"lead_id": "1", "event": "visit", "timestamp": "yesterday"}
    assert rows[3][3] == "1,visit,2027-01-01"
    assert rows[0][4] == "import"
    again = imported(store, tmp_path / "events.csv", "events")
    assert again == Imported(rows=7, known=2, refused=5)
    assert len(rows_of(store, refused, "id")) == 5


def test_json_lines(store: Store, tmp_path: Path) -> None:
    lines = [
        {"lead_id": 5, "event": "Order Completed", "timestamp": "2027-01-01T00:00:00Z",
         "properties": {"total": 12.5, "cart": {"items": [1, 2]}, "gift": True}},
        {"lead_id": "5", "event": "visit", "timestamp": "2027-01-01", "late": "only here"},
    ]  # fmt: skip
    text = "\n".join([json.dumps(lines[0]), "", "{broken", "[1]", json.dumps(lines[1])])
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(text.encode()))
    assert imported(store, path, "events") == Imported(rows=4, recorded=2, refused=2)
    docs = [values_of(doc) for (doc,) in rows_of(store, event, "doc")]
    assert docs == [{"total": 12.5, "cart.items": "[1,2]", "gift": True}, {"late": "only here"}]
    reasons = rows_of(store, refused, "reason")
    assert reasons[0][0].startswith("line 3: this is not JSON")
    assert reasons[1][0].startswith("line 4: the line is no JSON object")


def test_parquet(store: Store, tmp_path: Path) -> None:
    at = datetime(2027, 1, 1, 12, tzinfo=UTC)
    table = pa.table({
        "lead_id": pa.array([1, 2, None], pa.int64()),
        "event": ["visit", "visit", "visit"],
        "timestamp": pa.array([at, at, at], pa.timestamp("us", "UTC")),
        "amount": pa.array([Decimal("1.50"), None, Decimal(2)], pa.decimal128(9, 2)),
        "when": pa.array([at.date(), None, None], pa.date32()),
        "where": [{"city": "Oslo"}, None, None],
        "rate": [float("nan"), 0.25, 1.0],
        "tags": [["a", "b"], None, None],
    })  # fmt: skip
    path = tmp_path / "events.parquet"
    pq.write_table(table, path)
    assert imported(store, path, "events") == Imported(rows=3, recorded=2, refused=1)
    rows = rows_of(store, event, "at_us", "doc")
    assert rows[0][0] == int(at.timestamp()) * 1_000_000
    assert values_of(rows[0][1]) == {
        "amount": "1.50", "when": "2027-01-01", "where.city": "Oslo", "tags": '["a","b"]',
    }  # fmt: skip
    assert values_of(rows[1][1]) == {"rate": 0.25}
    assert rows_of(store, refused, "reason")[0][0].startswith("row 3: nothing says who")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "input-empty"),
        ("a.csv", b"lead_id,a,a\n1,2,3\n", "input-duplicate-column"),
        ("a.csv", b"id,a\n1,2\n", "input-missing-column"),
        ("a.csv", b"lead_id,a\n1,\xff\n", "input-encoding"),
        ("a.parquet", b"PAR1 no", "input-unreadable"),
        ("a.csv.gz", gzip.compress(LEADS.encode(), mtime=0)[:-9], "input-unreadable"),
        ("a.csv", b"PK\x03\x04", "input-unreadable"),
    ],
)
def test_a_file_that_cannot_be_read(
    store: Store, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        imported(store, path, "leads")
    assert caught.value.code == code
    assert caught.value.hint
    assert rows_of(store, event, "id") == []


def test_wrong_words(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, "leads.csv", LEADS)
    for more in ({"of": "people"}, {"of": "leads", "identity": "phone"}):
        with pytest.raises(UserError):
            imported(store, path, **more)
    with pytest.raises(UserError, match="#row"):
        imported(store, path, "leads", columns={"lead_id": "#row"})


def test_rows_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "leads.csv", LEADS)
    assert count_rows(input_file(path)) == 2 == len(list(file_rows(input_file(path))))


class StoppedError(Exception):
    """The process ends here."""


class Remembering:
    """A context that keeps the results of steps, as the record of jobs does."""

    job_id = "import:1"

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.told: list[tuple[int, int | None, str]] = []
        self.stop_after = 10**9

    def now_us(self) -> int:
        return NOW

    def step(self, name: str, fn: Any) -> Any:
        if name not in self.kept:
            self.kept[name] = json.loads(json.dumps(fn()))
        return self.kept[name]

    def cancelled(self) -> bool:
        return False

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        self.told.append((done, total, message))
        if len(self.told) == self.stop_after:
            raise StoppedError


@pytest.mark.parametrize("of", ["leads", "events"])
def test_a_job_goes_on_where_it_was_stopped(
    store: Store, tmp_path: Path, of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after every batch in turn, it ends with what an undisturbed one has."""
    monkeypatch.setattr(file_job, "ROWS_OF_STEP", 20)
    monkeypatch.setattr(file_job, "BESIDE_OTHERS", 8)
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    header = "lead_id,event,timestamp,n" if of == "events" else "lead_id,a,b,n"
    rows = [f"{n % 7},visit,2027-01-01,{n % 3}" for n in range(90)] + [",,,"]
    path = written(uploads, "import-1", "\n".join([header, *rows]) + "\n")
    calls: list[int] = []
    handler = import_handler(store, GateRules(), uploads, lambda: calls.append(1))
    arguments: Any = {
        "path": str(path), "format": "csv", "of": of, "source": "s", "columns": {}, "by": "key:x",
    }  # fmt: skip
    context = Remembering()
    attempts = 0
    while True:
        attempts += 1
        context.told.clear()
        context.stop_after = attempts
        try:
            result = handler(context, arguments)
        except StoppedError:
            assert path.exists()
            continue
        break
    assert attempts > 3
    assert isinstance(result, dict)
    assert result["rows"] == 91
    assert result["refused"] == 1
    assert context.told[-1][0] == 91
    assert calls
    assert len(rows_of(store, refused, "id")) == 1
    assert not path.exists()
    with Store(str(tmp_path / "other.db")) as other:
        make_tables(other)
        written(uploads, "import-1", "\n".join([header, *rows]) + "\n")
        run_here(import_handler(other, GateRules(), uploads), arguments, job_id="import:1")
        columns = ("message_id", "event", "doc")
        if of == "events":
            assert rows_of(store, event, *columns) == rows_of(other, event, *columns)
            assert len(rows_of(store, event, "id")) == 90
        for n in range(7):
            here, there = known(store, "crm", str(n)), known(other, "crm", str(n))
            assert [facts for _, facts in here][-1:] == [facts for _, facts in there][-1:]


def test_a_job_with_a_bad_file_fails_and_removes_it(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, "import-2", "id,a\n1,2\n")
    arguments: Any = {"path": str(path), "format": "csv", "of": "leads", "name": "mine.csv"}
    elsewhere = import_handler(store, GateRules(), tmp_path / "uploads")
    with pytest.raises(UserError) as caught:
        run_here(elsewhere, arguments)
    assert str(caught.value.where) == "mine.csv:1"
    assert path.exists()
    with pytest.raises(UserError):
        run_here(import_handler(store, GateRules(), tmp_path), arguments)
    assert not path.exists()


def test_memory_of_equal_rows_is_bounded(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leadwise.ingest import file_messages

    monkeypatch.setattr(file_messages, "COUNTED_ROWS", 2)
    monkeypatch.setattr(files, "AT_ONCE", 1)
    row = "1,visit,2027-01-01\n"
    path = written(tmp_path, "events.csv", "lead_id,event,timestamp\n" + 4 * row)
    assert imported(store, path, "events") == Imported(rows=4, recorded=2, known=2)
