"""A store with a lead, a clock that is moved by hand, and an outbox to a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from leadwise.connect.mail.addresses import mailbox
from leadwise.connect.mail.links import Links
from leadwise.connect.mail.outbox import Draft, Outbox
from leadwise.connect.mail.relay import Relay
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.settings.mail import MailSettings
from leadwise.store.opening import Store
from leadwise.store.schema import event
from tests.connect.mail.server import Post, serving
from tests.databases import make_tables, postgres_database

NOON_US = 1_772_539_200_000_000
SECRET = bytes(range(32))
SITE = "https://leads.acme.example"
SETTINGS = MailSettings(
    host="127.0.0.1", security="none", sender="Sales at Acme <sales@acme.example>",
    bounces_to="bounces+*@acme.example", postal_address="Acme, 1 High Street, Oslo",
    timeout_seconds=2, per_minute=100_000, hello="leads.acme.example",
)  # fmt: skip


on_both = pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)


@dataclass
class House:
    """What a test has at hand."""

    store: Store
    post: Post
    now_us: int = NOON_US
    settings: MailSettings = SETTINGS
    relays: list[Relay] = field(default_factory=list)

    def clock(self) -> int:
        return self.now_us

    def outbox(self, **more: object) -> Outbox:
        settings = self.settings.model_copy(update={"port": self.post.port, **more})
        relay = Relay(settings)
        self.relays.append(relay)
        return Outbox(self.store, settings, Links(SITE, SECRET), relay, GateRules(), self.clock)

    def identify(self, address: str, **traits: object) -> int:
        """A lead with that address; its id."""
        message = Message(
            "identify", "test", f"identify-{address}", "identify", self.now_us, self.now_us,
            user_id=f"user-{address}", email=address,
            document={"email": address, **traits},
        )  # fmt: skip
        self.store.write(lambda one: record(one, Received((message,)), GateRules(), self.now_us))
        with self.store.read() as connection:
            found = connection.exec_driver_sql(
                "SELECT lead_id FROM identity_lead AS o JOIN identity AS i ON i.id = o.identity_id "
                f"WHERE i.value = '{address}'"
            ).scalar_one()
        return int(found)

    def events(self, name: str = "email_%") -> list[tuple[str, dict[str, object]]]:
        with self.store.read() as connection:
            rows = connection.execute(
                event.select().where(event.c.event.like(name)).order_by(event.c.id)
            ).all()
        return [(row.event, row.doc) for row in rows]


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """SQLite; with `on_both` each of the two."""
    if getattr(request, "param", "sqlite") == "sqlite":
        with Store(f"sqlite:///{tmp_path / 'record.db'}") as opened:
            make_tables(opened)
            yield opened
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url, Store(url) as opened:
        make_tables(opened)
        yield opened


@pytest.fixture
def house(store: Store) -> Iterator[House]:
    with serving() as post:
        made = House(store, post)
        yield made
        for relay in made.relays:
            relay.close()


@pytest.fixture
def draft(house: House) -> Callable[..., Draft]:
    """A marketing mail to a lead, or what else is asked for."""
    lead_id = house.identify("ann@lead.example", first_name="Ann")
    one = Draft(
        key="run-1-1", to=mailbox("ann@lead.example", "Ann"), subject="An offer",
        text="Hello Ann,\n\nsee https://acme.example/offer?a=1&b=2.\n",
        html='<p>Hello Ann, <a href="https://acme.example/offer?a=1&amp;b=2">see</a>.</p>',
        lead_id=lead_id, who=("email", "ann@lead.example"), run_id=1, number=1,
        properties={"template": "offer", "campaign": "offers"},
    )  # fmt: skip
    return lambda **more: replace(one, **more)
