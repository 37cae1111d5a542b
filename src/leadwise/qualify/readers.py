"""Readers by their names, with what the model reader keeps in the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal

from leadwise.asking.instants import now_us
from leadwise.errors import UserError
from leadwise.qualify.reading import Reader
from leadwise.settings import Settings
from leadwise.store.model_replies import add_spending, keep_reply, reply_to, spent_on
from leadwise.store.opening import Store

READERS = ("embedded", "model")
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class KeptReplies:
    """What a model answered, kept in the record until it is old or somebody is erased."""

    store: Store

    def get(self, key: str) -> str | None:
        with self.store.read() as connection:
            return reply_to(connection, key)

    def put(self, key: str, text: str) -> None:
        made_us = now_us()
        self.store.write(lambda c: keep_reply(c, key, text, made_us))


@dataclass(frozen=True, slots=True)
class KeptSpending:
    """What models cost in a day, counted together for all processes of a record."""

    store: Store

    def spent(self, day: date) -> Decimal:
        with self.store.read() as connection:
            return Decimal(spent_on(connection, day.isoformat())) / _MILLION

    def add(self, day: date, cost: Decimal) -> None:
        micro = int((cost * _MILLION).to_integral_value(ROUND_UP))
        if micro > 0:
            self.store.write(lambda c: add_spending(c, day.isoformat(), micro))


def reader_named(name: str, store: Store, settings: Settings) -> Reader:
    """The reader of a name. UserError (`no-such-reader`; for `model` where none is set or its
    packages are missing: `no-model`, `no-model-extra`)."""
    # What readers need takes a while to load.
    if name == "embedded":
        from leadwise.qualify.embedded.reader import embedded_reader

        return embedded_reader()
    if name == "model":
        from leadwise.qualify.provider.connect import needed, provider_of
        from leadwise.qualify.provider.reader import ModelReader

        provider_of(settings.model)
        needed()
        return ModelReader(settings.model, cache=KeptReplies(store), spending=KeptSpending(store))
    raise UserError(
        "no-such-reader", f"There is no reader '{name}'.", hint=f"There are {', '.join(READERS)}."
    )
