"""Which rows of the record are about one person: found by a lead's id or by a name it goes by.

Identities belong to leads for spans of time (a shared browser has had several owners), so what
somebody did is the events of an identity within its span.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from leadwise.errors import UserError
from leadwise.plan.relations import FOREVER
from leadwise.store.bulk import listed_whole
from leadwise.store.schema import identity, identity_lead, lead

KINDS = ("email", "user", "crm", "anonymous")
LEAST_LENGTH = 6
"""Signs of a name that is looked for inside of texts: a shorter one would be found everywhere."""


@dataclass(frozen=True, slots=True)
class Span:
    """An identity that is or was the person's, and from when until when."""

    identity_id: int
    kind: str
    value: str
    from_us: int
    until_us: int
    lead_id: int


@dataclass(frozen=True, slots=True)
class Person:
    """The lead that stands for a person, the leads that were merged into it, their identities."""

    lead_id: int
    lead_ids: tuple[int, ...]
    spans: tuple[Span, ...]

    @property
    def identity_ids(self) -> tuple[int, ...]:
        """The identities, each once."""
        return tuple(dict.fromkeys(span.identity_id for span in self.spans))

    @property
    def names(self) -> tuple[str, ...]:
        """What tells the person in a JSON text: addresses, and ids between quotes."""
        found = dict.fromkeys(
            s.value if s.kind == "email" else json.dumps(s.value, ensure_ascii=False)
            for s in self.spans
            if s.until_us == FOREVER and len(s.value) >= LEAST_LENGTH
        )
        return tuple(found)


def find_person(connection: Connection, lead_id: int) -> Person:
    """The person of a lead; of one that was merged, the lead it is part of.

    UserError (`lead-unknown`; `gone` for one that was erased) where there is none.
    """
    while True:
        row = connection.execute(select(lead).where(lead.c.id == lead_id)).one_or_none()
        if row is None:
            raise UserError("lead-unknown", f"There is no lead {lead_id}.")
        if row.erased_us is not None:
            raise UserError("gone", f"Lead {lead_id} was erased.", hint="Nothing is kept of it.")
        if row.merged_into is None:
            break
        lead_id = row.merged_into
    leads = [lead_id]
    for known in leads:  # grows as it is walked: a merged lead may have had leads merged into it
        leads += connection.scalars(select(lead.c.id).where(lead.c.merged_into == known)).all()
    rows = connection.execute(
        select(
            identity.c.id, identity.c.kind, identity.c.value, identity_lead.c.from_us,
            identity_lead.c.until_us, identity_lead.c.lead_id,
        )
        .join(identity_lead, identity_lead.c.identity_id == identity.c.id)
        .where(identity_lead.c.lead_id.in_(leads))
        .order_by(identity.c.id, identity_lead.c.from_us)
    )  # fmt: skip
    return Person(lead_id, tuple(leads), tuple(Span(*row) for row in rows))


def lead_called(connection: Connection, kind: str, value: str) -> int:
    """The lead that an identity belongs to now. UserError (`identity-unknown`) where there is none.

    An e-mail address is given in its normal form.
    """
    found: int | None = connection.execute(
        select(identity_lead.c.lead_id)
        .join(identity, identity.c.id == identity_lead.c.identity_id)
        .where(identity.c.kind == kind, identity.c.value == value)
        .where(identity_lead.c.until_us == FOREVER)
    ).scalar_one_or_none()
    if found is None:
        names = {"email": "e-mail address", "user": "user id", "crm": "CRM id"}
        raise UserError(
            "identity-unknown", f"No lead has the {names.get(kind, 'anonymous id')} '{value}'.",
            hint="Is it written as it was recorded? A number alone is taken for a lead's id.",
        )  # fmt: skip
    return found


def events_of(connection: Connection, spans: Sequence[Span]) -> list[Any]:
    """The events of these identities within their spans, by time."""
    rows = connection.execute(
        text(
            "SELECT e.id, e.identity_id, e.source, e.message_id, e.type, e.event, e.name, e.at_us, "  # noqa: S608 - our own SQL
            "e.sent_us, e.received_us, e.account_id, e.doc, e.context FROM event AS e "
            f"WHERE e.identity_id IN {listed_whole(connection)} ORDER BY e.at_us, e.id"
        ),
        {"list": json.dumps(list(dict.fromkeys(span.identity_id for span in spans)))},
    ).all()
    by_identity: dict[int, list[Span]] = {}
    for span in spans:
        by_identity.setdefault(span.identity_id, []).append(span)
    return [
        row
        for row in rows
        if any(s.from_us <= row.at_us < s.until_us for s in by_identity[row.identity_id])
    ]


def found_in(connection: Connection, column: str) -> str:
    """SQL: whether a text column holds `:name`, in whatever case."""
    function = "instr" if connection.dialect.name == "sqlite" else "strpos"
    return f"{function}(lower({column}), lower(:name)) > 0"
