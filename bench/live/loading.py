"""Writing a new store quickly: no journal, indexes made at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Index, create_engine
from sqlalchemy.schema import CreateTable

from leadwise.store import migrations
from leadwise.store.cards import add_version, set_status
from leadwise.store.keys import create_key
from leadwise.store.opening import Store, sqlite_url
from leadwise.store.schema import metadata

CARD = Path(__file__).parent.parent / "card.yaml"
CACHE_KIB = 1024 * 1024


def set_up(url: str, now_us: int) -> tuple[int, str]:
    """Tables, the card live, a key: the card's version and the secret of a key for tracking."""

    def work(connection: Connection) -> tuple[int, str]:
        text = CARD.read_text(encoding="utf-8")
        version = add_version(connection, text, subject="lead", by="bench", now_us=now_us)
        set_status(connection, version.id, "live", published_us=now_us, published_by="bench")
        _, secret = create_key(connection, "bench", by="bench", now_us=now_us, kind="write")
        return version.id, secret

    with Store(url) as store:
        migrations.upgrade(store)
        return store.write(work)


@contextmanager
def bulk(url: str) -> Iterator[Connection]:
    """A connection for much at once; the store's indexes are there again at its end.

    Should the process be killed meanwhile, the store is of no use.
    """
    engine = create_engine(sqlite_url(url))
    try:
        with engine.connect() as connection:
            embedded = connection.dialect.name == "sqlite"
            if embedded:
                for pragma in (
                    "journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE_KIB}",
                ):  # fmt: skip
                    connection.exec_driver_sql(f"PRAGMA {pragma}")
            for index in _indexes():
                index.drop(connection, checkfirst=True)
            yield connection
            for index in _indexes():
                index.create(connection)
            if not embedded:
                connection.exec_driver_sql("ANALYZE")  # as its autovacuum would soon
            connection.commit()
    finally:
        engine.dispose()


def kind_of_store() -> str:
    """A few signs that change with the schema and with the card: a store made before is no use."""
    made = sha256(CARD.read_bytes())
    for table in metadata.sorted_tables:
        made.update(str(CreateTable(table)).encode())
        made.update(repr(sorted(str(index.name) for index in table.indexes)).encode())
    return made.hexdigest()[:8]


def _indexes() -> list[Index]:
    """All but those of constraints, which SQLite cannot do without."""
    return [index for table in metadata.sorted_tables for index in table.indexes]
