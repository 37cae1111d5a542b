"""What is measured, at which sizes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import programme
from bench.live.postgres import Postgres
from bench.live.results import Growth, Rate, Wait
from bench.live.services import Service, embedded, on_postgres, peer
from bench.live.stream import Shape

BATCH = Shape(100, 20)
APART = Shape(100, 100)
SINGLE = Shape(1, 1, in_turn=True)
SMALL = Shape(10, 10, in_turn=True)
GROWTH_EACH = 5
"""Events that a lead has from the start where sizes are compared."""


@dataclass(frozen=True)
class Sizes:
    """`batches`, `singles`: requests of a run; `waits`: how sent, events a second and how many
    seconds; `growth`: numbers of leads; `published`: leads and events; `stores`: which, and how
    durable."""

    leads: int
    batches: int
    singles: int
    waits: tuple[tuple[Shape, float, float], ...]
    growth: tuple[int, ...]
    published: tuple[int, int]
    stores: tuple[tuple[str, str], ...] = (
        ("SQLite", "process"), ("SQLite", "power"), ("PostgreSQL", "process"),
        ("PostgreSQL", "power"),
    )  # fmt: skip


def _standard(scale: programme.Scale) -> tuple[int, int]:
    """The leads and events of the file benchmark's standard population, whose files are taken."""
    (found,) = (each for each in scale.populations if each.name == "standard")
    return found.leads, found.events


STANDARD = Sizes(
    10_000, 400, 8_000, ((SINGLE, 100, 12), (SMALL, 1_000, 15), (SINGLE, 1_000, 15)),
    (10_000, 100_000, 1_000_000),
    _standard(programme.STANDARD),
)  # fmt: skip
QUICK = Sizes(
    2_000, 30, 400, ((SINGLE, 100, 3), (SMALL, 300, 3), (SINGLE, 300, 3)), (2_000, 20_000),
    _standard(programme.QUICK),
    (("SQLite", "process"), ("PostgreSQL", "power")),
)  # fmt: skip
BIG = 10_000_000


def rates(folder: Path, postgres: Postgres | None, sizes: Sizes) -> Iterator[Rate]:
    """Durable events a second of Leadwise and the peer, on both stores, both kinds of durable."""
    for store, durability in sizes.stores:
        on = postgres if store == "PostgreSQL" else None
        if on is None and store == "PostgreSQL":
            continue
        with _leadwise(folder, on, durability, sizes.leads) as service:
            for shape in (BATCH, APART):
                yield service.rate(shape, sizes.batches)
            yield service.rate(SINGLE, sizes.singles)
        with peer(folder, on, durability, sizes.leads) as service:
            yield service.rate(BATCH, sizes.batches)
            yield service.rate(SINGLE, sizes.singles)


def waits(folder: Path, postgres: Postgres | None, sizes: Sizes) -> Iterator[Wait]:
    """From an event's 200 to its score being readable."""
    usual = [(None, "process"), *([(postgres, "power")] if postgres else [])]
    for on, durability in usual:
        with _leadwise(folder, on, durability, sizes.leads) as service:
            service.send(SINGLE, 200, seed=7)
            for shape, rate, seconds in sizes.waits:
                yield _wait(service, shape, rate, int(rate * seconds))


def _wait(service: Service, shape: Shape, rate: float, events: int) -> Wait:
    assert service.url is not None
    busy = service.server.processor()
    options = ("--rate", str(rate / shape.events), "--probe", service.url)
    count = events // shape.events
    loaded = service.send(shape, count, *options, seed=count)
    events = count * shape.events
    return Wait(
        service.store, service.durability, shape.name, events, rate, events / loaded.seconds,
        loaded.answers, loaded.readable, loaded.unread, service.server.processor() - busy,
    )  # fmt: skip


def growth(folder: Path, sizes: Sizes) -> Iterator[Growth]:
    """The same stream into embedded stores of more and more leads."""
    for leads in sizes.growth:
        with embedded(folder, "process", leads, GROWTH_EACH) as service:
            # Once before: the pages of a large store that a stream needs are read from the disk.
            service.rate(BATCH, max(2, sizes.batches // 4))
            yield Growth(leads, leads * GROWTH_EACH, service.rate(BATCH, sizes.batches))


@contextmanager
def _leadwise(folder: Path, on: Postgres | None, durability: str, leads: int) -> Iterator[Service]:
    opened = (
        embedded(folder, durability, leads) if on is None
        else on_postgres(folder, on, durability, leads)
    )  # fmt: skip
    with opened as service:
        yield service
