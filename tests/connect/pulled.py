"""Pulls of a connection into a real store, and scores to push, for the tests of CRMs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from leadwise.connect.model import Page, Update
from leadwise.connect.taking import Taken, take_page
from leadwise.ingest.gate.rules import GateRules
from leadwise.store.connections import ConnectionRow, add_connection
from leadwise.store.identities import Name, find, names_of, owners
from leadwise.store.lead_pages import facts_of_leads
from leadwise.store.opening import Store
from leadwise.store.outcomes import Outcome, list_outcomes
from tests.databases import make_tables
from tests.records import make_live


@dataclass
class Pulled:
    """A store that pages are recorded in, and the cursor after the last one."""

    store: Store
    row: ConnectionRow
    cursor: str | None = None

    def pull(self, source: Any, now_us: int, *, pages: int | None = None) -> Taken:
        """Record what is new; with `pages` the process is killed after so many of them."""
        done = Taken()
        for number, page in enumerate(source.pull(self.cursor, now_us)):
            done += self.take(page, now_us)
            self.cursor = page.cursor
            if number + 1 == pages:
                break
        return done

    def take(self, page: Page, now_us: int) -> Taken:
        """Record a page."""
        return self.store.write(lambda c: take_page(c, self.row, page, GateRules(), now_us))

    def lead(self, kind: str, value: str) -> int | None:
        """The lead that goes by this identity."""
        with self.store.read() as database:
            ids = find(database, [(kind, value)])
            found = owners(database, ids.values())
        return next(iter(found.values())).lead_id if found else None

    def names(self, lead_id: int) -> tuple[Name, ...]:
        """All identities of a lead."""
        with self.store.read() as database:
            return tuple((k, v) for _, k, v in names_of(database, lead_id))

    def facts(self, lead_id: int) -> dict[str, Any]:
        """What is known of a lead."""
        with self.store.read() as database:
            return dict(facts_of_leads(database, [lead_id]).get(lead_id, {}))

    def outcomes(self) -> list[Outcome]:
        """All outcomes."""
        with self.store.read() as database:
            return list_outcomes(database, limit=500)


@contextmanager
def recorded(folder: Path, name: str, kind: str) -> Iterator[Pulled]:
    """An empty store with a connection."""
    with Store(str(folder / "leadwise.db")) as store:
        make_tables(store)
        store.write(make_live)
        add = partial(
            add_connection, name=name, kind=kind, options={}, secrets={}, by="me", now_us=0
        )
        yield Pulled(store, store.write(add))


def scored(*names: Name, as_of_us: int, score: int = 4750, **more: Any) -> Update:
    """A lead's score as it is to stand in a system."""
    values: dict[str, Any] = {
        "lead_id": 1, "names": names, "remote_id": None, "score": score, "band": "hot",
        "grade": None, "reasons": ("Asked for a demo +30", "Large company +20"),
        "question": "What is the budget?", "card": "bank 3", "as_of_us": as_of_us,
    }  # fmt: skip
    return Update(**{**values, **more})
