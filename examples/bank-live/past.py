"""Twelve weeks of the demo's past, told to an empty store as if they passed now.

The contacts, and whether a call ended in a deposit, are the bank's (UCI Bank Marketing, CC BY 4.0).
When they came, what they did, who called them when, and for what amount is SIMULATED: every such
event has the property `simulated: true`, every outcome the source `simulated`.

The store's clock is moved on by a few hours at a time; each time what has happened is recorded,
scored, and called upon. So what the service would have said is kept as it was said.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.live.scoring import Pace, score_touched
from leadwise.store.cards import add_version, set_status
from leadwise.store.documents import canonical
from leadwise.store.members import add_member
from leadwise.store.opening import Store
from leadwise.store.outcomes import add_outcome
from leadwise.store.owners import give_lead, owner_of
from leadwise.store.schema import identity, identity_lead, outcome, score

MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
DAYS, STEP = 84, 6 * HOUR
SEED = 2026
FIELDS = ("age", "job", "default", "contact", "poutcome")
PATHS = ("/", "/accounts", "/term-deposits", "/term-deposits/rates", "/mortgages")
TEAM = ("Ines (simulated)", "Olli (simulated)")
CALLS = 4
"""That each of the team makes in a step of the working day."""
REASONS = ("no budget now", "has a deposit elsewhere", "wants to stay liquid")
BY = "demo"


@dataclass
class Past:
    """What is yet to happen, by time, and who calls."""

    store: Store
    now_us: int
    bought: dict[str, bool]
    chance: random.Random
    version: int = 0
    team: list[int] = field(default_factory=list)
    waiting: list[tuple[int, int, str, int, dict[str, Any]]] = field(default_factory=list)
    outcomes: int = 0


def tell(
    store: Store, rows: list[dict[str, str]], card: Path, now_us: int, days: int = DAYS
) -> int:
    """Fill an empty store; how many events were simulated. `rows`: the bank's contacts, `lead_id`
    being the name by which we know them."""
    chance = random.Random(SEED)  # the same stream every time
    start = now_us - days * DAY
    past = Past(store, start, {row["lead_id"]: row["y"] == "yes" for row in rows}, chance)
    text = card.read_text(encoding="utf-8")
    store.write(lambda connection: _begin(connection, past, text))
    messages = sorted(_messages(rows, chance, start, now_us), key=lambda each: each.at_us)
    ahead = iter(messages)
    following = next(ahead, None)
    for end in range(start + STEP, now_us + STEP, STEP):
        past.now_us = min(end, now_us)
        due = []
        while following is not None and following.at_us <= past.now_us:
            due.append(following)
            following = next(ahead, None)
        _pass(past, due)
    return sum(message.type == "track" for message in messages)


def _begin(connection: Connection, past: Past, card: str) -> None:
    now_us = past.now_us
    version = add_version(connection, card, subject="lead", by=BY, now_us=now_us)
    set_status(connection, version.id, "live", published_us=now_us, published_by=BY)
    past.version = version.id
    for name in TEAM:
        address = f"{name.split()[0].lower()}@bank.example"
        found = add_member(connection, name, address, "representative", by=BY, now_us=now_us)
        past.team.append(found.id)


def _messages(
    rows: list[dict[str, str]], chance: random.Random, start: int, now_us: int
) -> Iterator[Message]:
    """Who they are, half of them known from the start; and what a fifth of them do."""
    for row in rows:
        person = row["lead_id"]
        known = start if chance.random() < 0.5 else int(chance.uniform(start, now_us - DAY))
        facts = canonical({name: row[name] for name in FIELDS})
        yield Message("identify", "contacts", f"contact-{person}", "identify", known, known,
                      user_id=person, document=facts)  # fmt: skip
        if chance.random() > 0.2:
            continue
        # Those who will buy are a little more likely to look around: a guess, like all of this.
        interest = min(1.0, chance.random() + (0.25 if row["y"] == "yes" else 0))
        for number in range(1 + int(interest * 9)):
            at_us = int(known + (now_us - known) * chance.random())
            name, properties = one_event(chance, interest)
            document = canonical(properties | {"simulated": True})
            yield Message("track", "simulated", f"{person}-{number}", name, at_us, at_us,
                          user_id=person, document=document)  # fmt: skip


def one_event(chance: random.Random, interest: float) -> tuple[str, dict[str, Any]]:
    """Something that somebody so interested (0 to 1) does."""
    dice = chance.random()
    if dice < 0.72 - 0.2 * interest:
        return "page_viewed", {"path": chance.choice(PATHS)}
    if dice < 0.86:
        return "email_clicked", {"campaign": f"letter-{chance.randrange(1, 5)}"}
    if dice < 0.985 - 0.03 * interest:
        return "calculator_used", {"amount": chance.choice([1_000, 5_000, 10_000, 20_000, 50_000])}
    return ("callback_requested", {}) if interest > 0.5 else ("unsubscribed", {})


def _pass(past: Past, due: list[Message]) -> None:
    """Some hours: what came in is recorded and scored, then the team calls."""
    store, now_us = past.store, past.now_us
    for first in range(0, len(due), 500):
        part = Received(tuple(due[first : first + 500]))
        store.write(lambda connection, part=part: record(connection, part, GateRules(), now_us))
    pace = Pace(refresh_us=DAY)
    while store.write(lambda connection: score_touched(connection, now_us, pace)).taken:
        pass
    store.write(lambda connection: _call(connection, past))


def _call(connection: Connection, past: Past) -> None:
    while past.waiting and past.waiting[0][0] <= past.now_us:
        at_us, _, kind, lead_id, more = heapq.heappop(past.waiting)
        _outcome(connection, past, at_us, kind, lead_id, more)
    hour, weekday = past.now_us // HOUR % 24, (past.now_us // DAY + 3) % 7
    if weekday > 4 or not 8 <= hour < 20:
        return
    for number, lead_id in enumerate(_to_call(connection, past)):
        member = past.team[number % len(past.team)]
        _called(connection, past, lead_id, member)


def _to_call(connection: Connection, past: Past) -> list[int]:
    """Who is in one of the two upper bands, was not answered since, and is no customer yet."""
    since = (outcome.c.kind != "mql") & (outcome.c.at_us >= score.c.band_since_us)
    answered = select(outcome.c.lead_id).where(
        outcome.c.lead_id == score.c.lead_id, since | (outcome.c.kind == "won")
    )
    wanted = (score.c.card_version_id == past.version) & score.c.shown_band.in_(("call", "hot"))
    rows = select(score.c.lead_id).where(wanted, ~answered.exists())
    rows = rows.order_by(score.c.shown_score.desc()).limit(CALLS * len(past.team))
    return list(connection.execute(rows).scalars())


def _called(connection: Connection, past: Past, lead_id: int, member: int) -> None:
    """One call soon, and what will come of it: the bank's own answer, at invented times."""
    chance, now_us = past.chance, past.now_us
    owner = owner_of(connection, lead_id)
    if owner is None:
        give_lead(connection, lead_id, member, was=None, actor=f"member:{member}", now_us=now_us)
    at_us = now_us + int(chance.expovariate(1 / (50 * MINUTE)))
    _later(past, now_us, "mql", lead_id, {})
    if chance.random() < 0.3:
        _later(past, at_us, "no_answer", lead_id, {"member": member})
        return
    _later(past, at_us, "called", lead_id, {"member": member})
    own = select(identity.c.value).join(identity_lead, identity_lead.c.identity_id == identity.c.id)
    person = connection.execute(own.where(identity_lead.c.lead_id == lead_id)).scalars().first()
    after = at_us
    if past.bought.get(person or "", False):
        for kind, days in (("sales_accepted", 0.1), ("sales_qualified", 3), ("opportunity", 5),
                           ("won", 8)):  # fmt: skip
            after += int(days * DAY * chance.uniform(0.3, 1.7))
            more: dict[str, Any] = {"member": member}
            if kind == "won":
                more |= {"value": chance.randrange(2, 40) * 50_000, "currency": "EUR"}
            _later(past, after, kind, lead_id, more)
    elif chance.random() < 0.6:
        more = {"member": member, "reason": chance.choice(REASONS)}
        _later(past, after + MINUTE, "sales_rejected", lead_id, more)
    else:
        _later(past, after + MINUTE, "sales_accepted", lead_id, {"member": member})
        after += int(6 * DAY * chance.uniform(0.3, 2))
        more = {"member": member, "reason": chance.choice(REASONS)}
        _later(past, after, "lost", lead_id, more)


def _later(past: Past, at_us: int, kind: str, lead_id: int, more: dict[str, Any]) -> None:
    heapq.heappush(past.waiting, (at_us, len(past.waiting) + past.outcomes, kind, lead_id, more))
    past.outcomes += 1


def _outcome(
    connection: Connection, past: Past, at_us: int, kind: Any, lead_id: int, more: dict[str, Any]
) -> None:
    more = dict(more)
    member = more.pop("member", None)
    past.outcomes += 1
    add_outcome(
        connection, lead_id, kind, at_us=at_us, now_us=past.now_us, source="simulated",
        message_id=f"simulated-{past.outcomes}", actor=member and f"member:{member}", **more,
    )  # fmt: skip
