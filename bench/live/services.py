"""Services on filled stores: Leadwise's and the peer's, ready for load."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bench.live.filled import fill, fill_naive, filled
from bench.live.loader import write_requests
from bench.live.postgres import Postgres
from bench.live.process import Loaded, Server, load, serving
from bench.live.results import Rate
from bench.live.stream import Shape, requests
from leadwise.store.opening import Store

EACH = 20
"""Events that a lead has from the start."""
CONNECTIONS = {True: 8, False: 64}
"""Of the loader, with batches and without."""
UNLIMITED = {"LEADWISE_LIMITS_TRACKING_PER_SECOND": "1000000000"}


@dataclass(frozen=True)
class Service:
    """A running server on a store of `leads` leads; `url` is the store's, None the peer's."""

    side: str
    store: str
    durability: str
    server: Server
    folder: Path
    leads: int
    key: str
    url: str | None

    def rate(self, shape: Shape, count: int) -> Rate:
        """Send `count` requests as fast as they are taken, and wait for the last score."""
        self.send(shape, max(2, count // 20), seed=99)
        busy = self.server.processor()
        loaded = self.send(shape, count, seed=count, wait=False)
        begun = time.perf_counter()
        self.wait()
        return Rate(
            self.side, self.store, self.durability, shape.name, count * shape.events,
            loaded.seconds, loaded.seconds + time.perf_counter() - begun,
            self.server.processor() - busy, loaded.processor,
        )  # fmt: skip

    def send(self, shape: Shape, count: int, *options: str, seed: int, wait: bool = True) -> Loaded:
        """Send `count` requests of a shape."""
        path = self.folder / "requests.bin"
        write_requests(path, requests(shape, count, range(self.leads), self.key, seed=seed))
        if "--connections" not in options:
            options = (*options, "--connections", str(CONNECTIONS[shape.events > 1]))
        loaded = load(path, self.server.port, *options)
        if wait:
            self.wait()
        return loaded

    def wait(self) -> None:
        """Until no touched lead waits for its score."""
        if self.url is None:
            return
        with Store(self.url, readers=1) as store:
            while True:
                self.server.check()
                with store.read() as connection:
                    if not connection.execute(_ANY).scalar():
                        return
                time.sleep(0.01)


_ANY = text("SELECT EXISTS (SELECT 1 FROM touched)")


@contextmanager
def embedded(folder: Path, durability: str, leads: int, each: int = EACH) -> Iterator[Service]:
    """Leadwise on SQLite."""
    data = filled(folder, leads, each)
    key = (data / "key.txt").read_text()
    settings = UNLIMITED | {"LEADWISE_DURABILITY": durability}
    with serving(["leadwise", "serve", "--data", str(data)], folder, settings) as server:
        url = str(data / "leadwise.db")
        yield Service("Leadwise", "SQLite", durability, server, folder, leads, key, url)


@contextmanager
def on_postgres(folder: Path, postgres: Postgres, durability: str, leads: int) -> Iterator[Service]:
    """Leadwise on PostgreSQL."""
    url = postgres.database("live")
    key = fill(url, leads, EACH)
    settings = UNLIMITED | {"LEADWISE_DURABILITY": durability}
    arguments = ["leadwise", "serve", "--data", str(folder / "data"), "--database", url]
    with serving(arguments, folder, settings, others=(postgres.pid,)) as server:
        yield Service("Leadwise", "PostgreSQL", durability, server, folder, leads, key, url)


@contextmanager
def peer(folder: Path, postgres: Postgres | None, durability: str, leads: int) -> Iterator[Service]:
    """The service of a few lines, on the same store with the same leads and events."""
    if postgres is None:
        database = str(folder / "naive.db")
        for path in folder.glob("naive.db*"):
            path.unlink()
    else:
        database = postgres.database("naive")
    fill_naive(database, leads, EACH)
    others = () if postgres is None else (postgres.pid,)
    arguments = ["bench.live.naive", "--database", database, "--durability", durability]
    arguments += ["--key", "home"]
    with serving(arguments, folder, others=others, ready="/ready") as server:
        store = "SQLite" if postgres is None else "PostgreSQL"
        yield Service("points = points + n", store, durability, server, folder, leads, "home", None)
