"""What became of leads: accepted, won with a value, lost with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from sqlalchemy import Connection, delete, insert, select

from leadwise.errors import UserError
from leadwise.store.schema import outcome

OutcomeKind: TypeAlias = Literal[
    "mql", "called", "no_answer", "sales_accepted", "sales_rejected", "sales_qualified",
    "opportunity", "won", "lost",
]  # fmt: skip
KINDS: tuple[OutcomeKind, ...] = get_args(OutcomeKind)
ANSWERS: tuple[OutcomeKind, ...] = tuple(kind for kind in KINDS if kind != "mql")
"""With each of these somebody has answered the lead; the hand-over by marketing is no answer."""
CLOSING: tuple[OutcomeKind, ...] = ("sales_rejected", "won", "lost")
"""After these there is nobody to call, until the lead comes into another band."""
UNDO_US = 60_000_000
"""For so long whoever recorded an outcome may take it back."""


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


def outcomes_of_leads(connection: Connection, lead_ids: Iterable[int]) -> dict[int, list[Outcome]]:
    """The outcomes of each of these leads that has any, the latest first."""
    rows = select(*_COLUMNS).where(outcome.c.lead_id.in_(list(lead_ids)))
    found: dict[int, list[Outcome]] = {}
    for row in connection.execute(rows.order_by(outcome.c.at_us.desc(), outcome.c.id.desc())):
        found.setdefault(row.lead_id, []).append(Outcome(*row))
    return found


def take_back(connection: Connection, outcome_id: int, actor: str, now_us: int) -> Outcome:
    """Delete an outcome that `actor` recorded by mistake just now.

    UserError (`outcome-unknown`; `stale-outcome` where it is somebody else's or UNDO_US old).
    """
    own = outcome.c.id == outcome_id
    row = connection.execute(select(*_COLUMNS).where(own)).one_or_none()
    if row is None:
        raise UserError("outcome-unknown", f"There is no outcome {outcome_id}.")
    found = Outcome(*row)
    if found.actor != actor or now_us - found.received_us > UNDO_US:
        raise UserError(
            "stale-outcome",
            "An outcome can be taken back by whoever recorded it, and for a minute only.",
            hint="Record what is true now: the latest outcome counts.",
        )
    connection.execute(delete(outcome).where(own))
    return found


def last_currency(connection: Connection) -> str | None:
    """The currency of the value that was recorded last."""
    rows = select(outcome.c.currency).where(outcome.c.currency.is_not(None))
    found: str | None = connection.execute(rows.order_by(outcome.c.id.desc()).limit(1)).scalar()
    return found


_COLUMNS = (
    outcome.c.id, outcome.c.lead_id, outcome.c.kind, outcome.c.at_us, outcome.c.received_us,
    outcome.c.value, outcome.c.currency, outcome.c.reason, outcome.c.source, outcome.c.message_id,
    outcome.c.actor,
)  # fmt: skip
