"""What a system is told of leads: the score as it is shown, and why, in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection as Database
from sqlalchemy import text

from leadwise.asking.estimates import estimates
from leadwise.card.model import Card
from leadwise.connect.model import Update
from leadwise.plan.lines import Line, lines
from leadwise.qualify.asking import asks_of_frames
from leadwise.qualify.library import all_frames
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.cards import CardVersion
from leadwise.store.documents import Document
from leadwise.store.lead_pages import facts_of_leads
from leadwise.store.leads import names_of_leads

MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Telling:
    """An update, and the digest of what it says: the same digest need not be told again."""

    update: Update
    digest: str


def tellings(
    database: Database, version: CardVersion, lead_ids: Sequence[int],
    remote_ids: Mapping[int, str | None],
) -> list[Telling]:  # fmt: skip
    """What is to be told of these leads; those without a score are left out."""
    card = version.card
    told = lines(card)
    asks = asks_of_frames(all_frames(database), None)
    sql = (
        "SELECT lead_id, as_of_us, shown_score, shown_band, grade, unknown, ledger, totals "  # noqa: S608 - our own SQL
        f"FROM score WHERE card_version_id = :version AND lead_id IN {listed_whole(database)}"
    )
    rows = database.execute(text(sql), {"version": version.id, "list": as_list(lead_ids)}).all()
    names = names_of_leads(database, [row.lead_id for row in rows])
    facts = facts_of_leads(database, [row.lead_id for row in rows if row.unknown])
    found = []
    for row in sorted(rows):
        amounts = json.loads(row.ledger)
        question = None
        if row.unknown:
            own = facts.get(row.lead_id, {})
            question = _question(
                card, told, amounts, json.loads(row.totals), row.unknown.split(), own, asks
            )
        labels = _heaviest(told, amounts)
        update = Update(
            row.lead_id, tuple(names.get(row.lead_id, ())), remote_ids.get(row.lead_id),
            row.shown_score, row.shown_band, row.grade,
            tuple(f"{label} {signed(points)}" for label, points in labels), question,
            f"{version.name} {version.number}", row.as_of_us,
        )  # fmt: skip
        said = [
            whole_points(row.shown_score), row.shown_band, row.grade, question, update.card,
            *(label for label, _ in labels),
        ]  # fmt: skip
        found.append(Telling(update, hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]))
    return found


def whole_points(hundredths: int) -> int:
    """Hundredths as whole points, half up: points that fade tell something new only so often."""
    return (hundredths + 50) // 100


def signed(hundredths: int) -> str:
    """Whole points with their sign: `+30`."""
    return f"{whole_points(hundredths):+d}"


def _heaviest(told: Sequence[Line], amounts: Sequence[int]) -> list[tuple[str, int]]:
    """The criteria and adjustments that weigh most, each together with its limit."""
    sums: dict[str, int] = {}
    labels: dict[str, str] = {}
    for line, amount in zip(told, amounts, strict=True):
        if line.kind in ("criterion", "limit", "adjustment"):
            sums[line.id] = sums.get(line.id, 0) + amount
        if line.kind in ("criterion", "adjustment"):
            labels[line.id] = _words(line.id) if line.label == line.id else line.label
    heaviest = sorted((id_ for id_ in sums if sums[id_]), key=lambda id_: -abs(sums[id_]))
    return [(labels[id_], sums[id_]) for id_ in heaviest[:MOST_REASONS]]


def _question(
    card: Card, told: Sequence[Line], amounts: Sequence[int], totals: Sequence[int],
    unknown: Sequence[str], facts: Document, asks: Mapping[str, tuple[str, str]],
) -> str | None:  # fmt: skip
    """What is worth asking first: the open question of a frame, else the field's name."""
    by_line = dict(zip((line.name for line in told), amounts, strict=True))
    known = {one.name for one in card.fields if facts.get(one.source) is not None}
    found = estimates(card, by_line, totals, unknown, known)
    if not found:
        return None
    fields = {field.name: field for field in card.fields}
    best = [fields[name] for name in found[0].fields]
    asked = next((asks[field.source][1] for field in best if field.source in asks), None)
    return asked or ", ".join(field.label or _words(field.name) for field in best) + "?"


def _words(id_: str) -> str:
    said = id_.replace("_", " ").replace("-", " ").strip()
    return said[:1].upper() + said[1:]
