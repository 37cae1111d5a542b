"""What is read from files and frames, and what is said of it."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leadwise.card.model import Card, Event, Variable
from leadwise.card.values import parse_time
from leadwise.engines import open_engine
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.engines.entry import Dataset, MissingColumn, Source, UnlistedChoice, read
from leadwise.errors import UserError
from leadwise.plan.relations import ALWAYS, FOREVER
from tests.entry_card import CARD, COUNTRY, CREATED, NOTE, OPTED, ROLE, SIZE

LEADS = pa.table({"lead_id": ["a"]})


def rows(dataset: Dataset, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """All rows of a table, in its order."""
    shown = ", ".join(f'"{column}"' for column in columns) or "*"
    return dataset.engine.connection.sql(f"SELECT {shown} FROM {table}").fetchall()


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def one(tmp_path: Path, variable: Variable, *cells: str) -> list[Any]:
    """What a field becomes, written in a CSV file with each cell between quotes."""
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    lines = [f"l{i},{cell}\n" for i, cell in enumerate(quoted)]
    path = file(tmp_path, "one.csv", f"lead_id,{variable.source}\n" + "".join(lines))
    with read(Card("c", 1, (), fields=(variable,)), path) as dataset:
        return [value for (value,) in rows(dataset, "facts", variable.name)]


def test_numbers(tmp_path: Path) -> None:
    cells = ["12", "-0.5", "1e3", " 7\t", "", "  ", "unknown", " 999 ", "-0", "999.0", "5e-324"]
    found = one(tmp_path, SIZE, *cells)
    assert found == [12, -0.5, 1000, 7, None, None, None, None, 0, 999, 5e-324]
    assert str(found[8]) == "0.0"  # a negative zero is zero


def test_booleans(tmp_path: Path) -> None:
    cells = ["true", "No", " YES", "0", "1", "FALSE", ""]
    assert one(tmp_path, OPTED, *cells) == [1, 0, 1, 0, 1, 0, None]


def test_times(tmp_path: Path) -> None:
    cells = ["2026-06-30", "2026-06-30T12:00:00.5+02:00", "1960-01-01T00:00:00.1234569Z", ""]
    assert one(tmp_path, CREATED, *cells) == [
        1782777600000000, 1782813600500000, -315619199876544, None,
    ]  # fmt: skip


def test_texts_are_normal_and_folded(tmp_path: Path) -> None:
    decomposed = "Espan\u0303a"
    assert one(tmp_path, NOTE, decomposed, "a\0b\0", "\0", "  ", "ÜBER") == [
        "España", "ab", None, "  ", "ÜBER",
    ]  # fmt: skip
    assert one(tmp_path, COUNTRY, "STRASSE", "Straße", "İ", "n/a", " N/A ", "ΣΑΣ") == [
        "strasse", "strasse", "i̇", None, None, "σασ",
    ]  # fmt: skip


def test_choices_and_notes(tmp_path: Path) -> None:
    path = file(tmp_path, "l.csv", "lead_id,role\na,vp\nb,boss\nc,Boss\nd,boss\ne,\n")
    with read(CARD, path) as dataset:
        assert rows(dataset, "facts", "role") == [("vp",), (None,), (None,), (None,), (None,)]
        notes = dataset.notes
    assert notes.unlisted == (UnlistedChoice("role", 3, ("boss", "Boss")),)
    assert notes.missing_columns[0] == MissingColumn("company_size", "company_size", str(path))
    assert "3 values of 'role' not in its choices, taken for unknown: 'boss', 'Boss'." in (
        notes.lines()
    )


def test_nul_characters_are_counted(tmp_path: Path) -> None:
    path = file(tmp_path, "l.csv", "lead_id,note,company_size\na\0,x\0y\0,1\0\n")
    with read(CARD, path) as dataset:
        assert rows(dataset, "facts", "lead_id", "note", "company_size") == [("a", "xy", 1.0)]
        assert dataset.notes.nul_characters == 4


def test_did_you_mean(tmp_path: Path) -> None:
    path = file(tmp_path, "l.csv", "lead_id,Company Size,created at\na,1,2026-01-01\n")
    with read(CARD, path) as dataset:
        close = {m.name: m.suggestion for m in dataset.notes.missing_columns}
    assert close["company_size"] == "Company Size"
    assert close["created_at"] == "created at"
    assert close["role"] is None


def test_facts_over_time(tmp_path: Path) -> None:
    text = (
        "lead_id,known_at,company_size\n"
        "a,2026-02-01,2\nb,,9\na,,1\na,2026-01-01,\nb,2026-03-01T00:00:00+01:00,8\n"
    )
    with read(CARD, file(tmp_path, "l.csv", text)) as dataset:
        found = rows(dataset, "facts", "lead_id", "from_us", "until_us", "company_size")
        assert dataset.notes.leads == 2
        assert dataset.notes.lead_rows == 5
        assert sorted(rows(dataset, "leads")) == [("a",), ("b",)]
    january, february = parse_time("2026-01-01"), parse_time("2026-02-01")
    march = parse_time("2026-02-28T23:00:00")
    assert sorted(found) == [
        ("a", ALWAYS, january, 1.0),
        ("a", january, february, None),
        ("a", february, FOREVER, 2.0),
        ("b", ALWAYS, march, 9.0),
        ("b", march, FOREVER, 8.0),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_delimiters_line_ends_and_bom(tmp_path: Path, delimiter: str, end: str) -> None:
    lines = ['"lead_id",note', "a,'x'", "", 'b,"1,5;x|y\t""q"""', '"c\nd",'.replace("\n", end)]
    lines = [lines[0].replace(",", delimiter), lines[1].replace(",", delimiter), lines[2]]
    lines += [f'b{delimiter}"1,5;x|y\t""q"""', f'"c{end}d"{delimiter}']
    path = file(tmp_path, "l.csv", "\ufeff" + end.join(lines))
    with read(CARD, path) as dataset:
        assert rows(dataset, "facts", "lead_id", "note") == [
            ("a", "'x'"), ("b", '1,5;x|y\t"q"'), (f"c{end}d", None),
        ]  # fmt: skip


def test_header_only_and_unneeded_columns(tmp_path: Path) -> None:
    with read(CARD, file(tmp_path, "l.csv", "lead_id,company_size\n")) as dataset:
        assert dataset.notes.leads == 0
    both = file(tmp_path, "m.csv", "x,lead_id,x,\n1,a,2,\n")
    with read(CARD, both) as dataset:
        assert rows(dataset, "leads") == [("a",)]


def test_gzip_unknown_ending_and_pattern_names(tmp_path: Path) -> None:
    text = "lead_id,note\na,1\n"
    packed = tmp_path / "leads.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    file(tmp_path, "ab.csv", "lead_id,note\nother,9\n")
    file(tmp_path, "b.parquet", "never read")
    table = pa.table({"lead_id": ["a"], "note": ["1"]})
    for name in ("a*.parquet", "?.parquet", "[ab].parquet", "it's.parquet", "plain", "x.data"):
        pq.write_table(table, tmp_path / name)
    paths = [packed, file(tmp_path, "a*.csv", text), file(tmp_path, "leads", text)]
    paths += [file(tmp_path, "lines", '\n {"lead_id": "a", "note": 1}\n')]
    paths += [tmp_path / n for n in ("a*.parquet", "?.parquet", "[ab].parquet", "it's.parquet")]
    paths += [tmp_path / "plain", tmp_path / "x.data"]
    for path in paths:
        with read(CARD, path) as dataset:
            assert rows(dataset, "facts", "lead_id", "note") == [("a", "1")], path


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b'{"lead_id": "a"}\n{"lead_id": "b", "company_size": "12"}\n')

    monkeypatch.setattr("sys.stdin", Stdin())
    with read(CARD, "-") as dataset:
        assert rows(dataset, "facts", "lead_id", "company_size") == [("a", None), ("b", 12.0)]
    with pytest.raises(UserError, match="cannot both come from standard input"):
        read(CARD, "-", "-")


def test_nothing_is_left_of_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b"")

    monkeypatch.setattr("sys.stdin", Stdin())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(UserError, match="The file is empty"):
        read(CARD, "-")
    assert list(tmp_path.iterdir()) == []


def test_memory_that_runs_out(tmp_path: Path) -> None:
    """A clear word, where neither memory nor disk suffices."""
    n = 300_000
    table = pa.table({"lead_id": [f"a rather long name of a lead {i}" for i in range(n)]})
    with DuckDBEngine(memory_limit="20MB", threads=1) as engine:
        engine.connection.execute("SET max_temp_directory_size = '1MB'")
        with pytest.raises(UserError, match="Memory ran out") as caught:
            read(CARD, table, engine=engine)
    assert caught.value.code == "engine-memory"


def test_json_lines(tmp_path: Path) -> None:
    text = (
        '{"lead_id": 1, "event": "Page Viewed", "timestamp": "2026-01-01", '
        '"properties": {"path": "/a\\u0000b", "seconds": 2.5}}\n'
        "\n"
        '{"lead_id": "x", "event": "page_viewed", "timestamp": "2026-01-01", "seconds": "3", '
        '"path": null}\n'
        '{"lead_id": "x", "event": "signed_up", "timestamp": "2026-01-01", "plan": "Paid", '
        '"path": {"not": "its property"}}\n'
    )
    with read(CARD, LEADS, file(tmp_path, "e.jsonl", text)) as dataset:
        assert rows(dataset, "events", "lead_id", "event", "path", "seconds", "plan") == [
            ("1", "page_viewed", "/ab", 2.5, None),
            ("x", "page_viewed", None, 3.0, None),
            ("x", "signed_up", None, None, "paid"),
        ]
        assert dataset.notes.nul_characters == 1
        assert dataset.notes.orphans == 3


def test_a_late_name_of_json_is_seen(tmp_path: Path) -> None:
    lines = [f'{{"lead_id": "{i}"}}' for i in range(1100)] + ['{"lead_id": "z", "note": "here"}']
    with read(CARD, file(tmp_path, "l.jsonl", "\n".join(lines))) as dataset:
        assert [n for (n,) in rows(dataset, "facts", "note") if n] == ["here"]
        missing = {m.name for m in dataset.notes.missing_columns}
    assert missing == {"company_size", "country", "role", "opted_in", "created_at"}


EVENTS = (
    "lead_id,event,timestamp,message_id,source,received_at,path,seconds\n"
    "a,Page Viewed,2026-01-01,m1,,,/x,1\n"
    "a,page_viewed,2026-01-02,m1,,2026-01-03,/again,2\n"
    "a,page_viewed,2026-01-02,m1,web,2026-01-03,/web,3\n"
    "b,page_viewed,2026-01-02,,,,/none,4\n"
    "b,page_viewed,2026-01-02,,,,/none,4\n"
    "a,Deal (closed),whenever,m1,,,/x,what\n"
    "a,Deal (closed),2026-01-02,m9,,,/x,what\n"
)


def test_events(tmp_path: Path) -> None:
    with read(CARD, LEADS, file(tmp_path, "e.csv", EVENTS)) as dataset:
        first, second = parse_time("2026-01-01"), parse_time("2026-01-02")
        assert rows(dataset, "events") == [
            ("a", "page_viewed", first, first, "/x", 1.0, None),
            ("a", "page_viewed", second, parse_time("2026-01-03"), "/web", 3.0, None),
            ("b", "page_viewed", second, second, "/none", 4.0, None),
            ("b", "page_viewed", second, second, "/none", 4.0, None),
        ]
        notes = dataset.notes
    assert (notes.events, notes.duplicates, notes.orphans) == (4, 2, 2)
    assert notes.undeclared == (("Deal (closed)", 1),)
    assert [m.name for m in notes.missing_columns if m.file.endswith("e.csv")] == ["plan"]
    assert "2 duplicate events dropped." in notes.lines()


def test_names_of_events(tmp_path: Path) -> None:
    events = tuple(Event(n) for n in ("o_sent_online_only", "o_create_offer", "product_viewed"))
    names = [
        "O_Sent (online only)",
        "O_Create Offer",
        " Product Viewed ",
        "product-viewed",
        "other",
    ]
    text = "lead_id,event,timestamp\n" + "".join(f"a,{name},2026-01-01\n" for name in names)
    with read(Card("c", 1, (), events=events), LEADS, file(tmp_path, "e.csv", text)) as dataset:
        assert [event for (event,) in rows(dataset, "events", "event")] == [
            "o_sent_online_only", "o_create_offer", "product_viewed", "product_viewed",
        ]  # fmt: skip


def test_mapped_columns_and_row_numbers(tmp_path: Path) -> None:
    leads = file(tmp_path, "l.csv", "n,staff\nx,5\ny,6\n")
    events = file(tmp_path, "e.csv", "lead_id,what,timestamp\n2,signed_up,2026-01-01\n")
    mapping = {"lead_id": "#row", "company_size": "staff", "event": "what"}
    with read(CARD, leads, events, columns=mapping) as dataset:
        assert rows(dataset, "facts", "lead_id", "company_size") == [("1", 5.0), ("2", 6.0)]
        assert rows(dataset, "events", "lead_id", "event") == [("2", "signed_up")]
        assert dataset.notes.orphans == 0


def typed_table() -> pa.Table:
    """A frame of typed columns, one unusual type each."""
    return pa.table(
        {
            "lead_id": pa.array([1, 2, 3], pa.int32()),
            "company_size": pa.array([1.5, float("nan"), 999.0], pa.float64()),
            "country": pa.array(["ES", None, "n/a"]).dictionary_encode(),
            "role": pa.array(["vp", "boss", None], pa.large_string()),
            "opted_in": pa.array([True, False, None]),
            "Created At": pa.array([-1, 0, None], pa.timestamp("ns", "Europe/Madrid")),
            "note": pa.array([7, None, 2**60], pa.int64()),
        }
    )


EXPECTED = [
    ("1", 1.5, "es", "vp", 1, -1, "7"),
    ("2", None, None, None, 0, 0, None),
    ("3", None, None, None, None, None, str(2**60)),
]


@pytest.mark.parametrize("kind", ["arrow", "reader", "polars", "pandas", "parquet"])
def test_typed_columns(kind: str, tmp_path: Path) -> None:
    table = typed_table()
    path = tmp_path / "l.parquet"
    pq.write_table(table, path)
    frames: dict[str, Source] = {
        "arrow": table,
        "reader": table.to_reader(),
        "polars": pl.from_arrow(table),
        "pandas": table.to_pandas(),
        "parquet": path,
    }
    with read(CARD, frames[kind]) as dataset:
        found = rows(dataset, "facts")
    values = [(row[0], *row[3:]) for row in found]
    if kind == "pandas":  # a column with a missing whole number is one of floats there
        assert values[0] == EXPECTED[0]
        assert values[1][:6] == EXPECTED[1][:6]
    else:
        assert values == EXPECTED


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "America/Mexico_City"])
@pytest.mark.parametrize("parquet", [False, True], ids=["frame", "parquet"])
def test_units_and_zones(unit: str, zone: str | None, parquet: bool, tmp_path: Path) -> None:
    scale = {"s": 1, "ms": 1000, "us": 10**6, "ns": 10**9}[unit]
    times = pa.array([-5 * scale - 1, 86400 * scale], pa.timestamp(unit, zone))
    table = pa.table({"lead_id": ["a", "b"], "Created At": times})
    path = tmp_path / "l.parquet"
    pq.write_table(table, path)
    with read(CARD, path if parquet else table) as dataset:
        found = [us for (us,) in rows(dataset, "facts", "created_at")]
    assert found == [(-5 * scale - 1) * 10**6 // scale, 86400 * 10**6]


def test_dates_decimals_and_pandas_floats() -> None:
    table = pa.table(
        {
            "lead_id": pa.array([1.0, 2.0]),
            "company_size": pa.array(["0.10", None], pa.string()).cast(pa.decimal128(38, 2)),
            "Created At": pa.array([1, None], pa.date32()),
            "note": pa.array([12.0, 0.1]),
            "opted_in": pa.array([1.0, float("nan")]),
        }
    )
    with read(CARD, table) as dataset:
        assert rows(
            dataset, "facts", "lead_id", "company_size", "created_at", "note", "opted_in"
        ) == [("1", 0.1, 86400 * 10**6, "12", 1), ("2", None, None, "0.1", None)]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("company_size", [float("inf")], "Row 1: column 'company_size': 'inf' is not a number."),
        ("company_size", [True], "has the type bool, which cannot be a number"),
        ("Created At", [1], "has the type int64, which cannot be a time"),
        ("note", [["a"]], "has the type list<item: string>, which cannot be a text"),
        ("opted_in", [2], "Row 1: column 'opted_in': '2' is not true or false."),
        ("note", [b"a"], "has the type binary, which cannot be a text"),
    ],
)
def test_typed_columns_of_another_type(column: str, values: list[Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        read(CARD, pa.table({"lead_id": ["a"], column: values}))
    assert message in caught.value.message
    assert "the leads frame" in str(caught.value.where)


def test_neither_path_nor_frame() -> None:
    with pytest.raises(UserError, match="leads are a list, which is neither a path nor a frame"):
        read(CARD, [1])


def test_copy_to_and_from_arrow() -> None:
    facts = pa.table({"lead_id": ["a"], "from_us": [ALWAYS], "until_us": [FOREVER], "role": ["vp"]})
    with Dataset.from_arrow(CARD, LEADS, facts) as dataset, open_engine("sqlite") as other:
        dataset.copy_to(other)
        for table in ("leads", "facts", "events"):
            assert (
                other.query(_all(table)).to_pylist()
                == dataset.engine.query(_all(table)).to_pylist()
            )
        assert dataset.engine.schema("facts").names[3:] == [f.name for f in CARD.fields]
        assert rows(dataset, "facts", ROLE.name) == [("vp",)]


def _all(table: str) -> Any:
    from sqlglot import exp

    return exp.select("*").from_(exp.to_table(table, quoted=True))


def test_order_of_a_large_file_is_kept(tmp_path: Path) -> None:
    """Of duplicates far apart the first in the file counts, whatever thread read it."""
    n = 400_000
    ids = [f"m{i % (n // 2)}" for i in range(n)]
    table = pa.table(
        {
            "lead_id": pa.repeat("a", n).cast(pa.string()),
            "event": pa.repeat("page_viewed", n),
            "timestamp": pa.repeat(0, n).cast(pa.timestamp("us")),
            "message_id": ids,
            "seconds": pa.array(range(n), pa.int64()),
        }
    )
    path = tmp_path / "e.parquet"
    pq.write_table(table, path, row_group_size=50_000)
    for events in (path, table):
        with read(CARD, LEADS, events) as dataset:
            assert dataset.notes.duplicates == n // 2
            assert rows_of(dataset) == (n // 2, n // 2 - 1)


def rows_of(dataset: Dataset) -> tuple[int, float]:
    found = dataset.engine.connection.sql("SELECT count(*), max(seconds) FROM events").fetchall()
    return found[0]


def test_pandas_text_with_missing_values() -> None:
    frame = pd.DataFrame({"lead_id": ["a", "b"], "note": ["x", None], "role": ["vp", None]})
    with read(CARD, frame) as dataset:
        assert rows(dataset, "facts", "note", "role") == [("x", "vp"), (None, None)]
