"""A card with one field of each type, for the tests of entry."""

from __future__ import annotations

from leadwise.card.model import Card, Event, Variable

SIZE = Variable("company_size", "number", "company_size", nulls=("unknown", "999"))
COUNTRY = Variable("country", "text", "country", fold=True, nulls=("N/A",))
ROLE = Variable("role", "choice", "role", choices=("vp", "manager"))
OPTED = Variable("opted_in", "boolean", "opted_in")
CREATED = Variable("created_at", "time", "Created At")
NOTE = Variable("note", "text", "note")

PATH = Variable("path", "text", "path")
SECONDS = Variable("seconds", "number", "seconds")
PLAN = Variable("plan", "choice", "plan", choices=("free", "paid"), fold=True)

CARD = Card(
    "entry",
    1,
    (),
    fields=(SIZE, COUNTRY, ROLE, OPTED, CREATED, NOTE),
    events=(Event("page_viewed", (PATH, SECONDS)), Event("signed_up", (PLAN,))),
)
