"""What became of leads: accepted, won with a value, lost with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from sqlalchemy import Connection, insert, select

from leadwise.errors import UserError
from leadwise.store.schema import outcome

OutcomeKind: TypeAlias = Literal[
    "mql", "sales_accepted", "sales_qualified", "opportunity", "won", "lost"
]
KINDS: tuple[OutcomeKind, ...] = get_args(OutcomeKind)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row of `outcome`. `value` is in hundredths of the currency."""

    id: int
    lead_id: int
    kind: OutcomeKind
    at_us: int
    received_us: int
    value: int | None
    currency: str | None
    reason: str | None
    source: str
    message_id: str
    actor: str | None


def add_outcome(
    connection: Connection,
    lead_id: int,
    kind: OutcomeKind,
    *,
    at_us: int,
    now_us: int,
    source: str,
    message_id: str,
    actor: str | None = None,
    identity_id: int | None = None,
    value: int | None = None,
    currency: str | None = None,
    reason: str | None = None,
) -> tuple[Outcome, bool]:
    """Record an outcome; the first of one (source, message_id) is kept. Second: whether it is new.

    UserError (`outcome-without-currency`, `outcome-later`) where it makes no sense.
    """
    if (value is None) != (currency is None):
        raise UserError(
            "outcome-without-currency",
            "A value needs a currency, and a currency a value.",
            hint="Send value: 1200.50 together with currency: EUR.",
        )
    if at_us > now_us:
        raise UserError(
            "outcome-later",
            "An outcome cannot lie ahead.",
            hint="Leave `at` out for one of just now.",
        )
    same = (outcome.c.source == source) & (outcome.c.message_id == message_id)
    found = connection.execute(select(*_COLUMNS).where(same)).one_or_none()
    if found is not None:
        had = Outcome(*found)
        if had.lead_id != lead_id or had.kind != kind:
            raise UserError(
                "already-an-outcome",
                f"There is an outcome {message_id!r} already: {had.kind} of lead {had.lead_id}.",
                hint="Give each outcome an id of its own.",
            )
        return had, False
    values = {
        "lead_id": lead_id, "identity_id": identity_id, "kind": kind, "at_us": at_us,
        "received_us": now_us, "value": value, "currency": currency, "reason": reason,
        "source": source, "message_id": message_id, "actor": actor,
    }  # fmt: skip
    row = connection.execute(insert(outcome).values(values).returning(*_COLUMNS)).one()
    return Outcome(*row), True


def list_outcomes(
    connection: Connection,
    *,
    lead_id: int | None = None,
    kind: OutcomeKind | None = None,
    after_id: int = 0,
    limit: int = 50,
) -> list[Outcome]:
    """Outcomes in the order in which they were recorded, from after the id `after_id` on."""
    rows = select(*_COLUMNS).where(outcome.c.id > after_id).order_by(outcome.c.id).limit(limit)
    if lead_id is not None:
        rows = rows.where(outcome.c.lead_id == lead_id)
    if kind is not None:
        rows = rows.where(outcome.c.kind == kind)
    return [Outcome(*row) for row in connection.execute(rows)]


_COLUMNS = (
    outcome.c.id, outcome.c.lead_id, outcome.c.kind, outcome.c.at_us, outcome.c.received_us,
    outcome.c.value, outcome.c.currency, outcome.c.reason, outcome.c.source, outcome.c.message_id,
    outcome.c.actor,
)  # fmt: skip
