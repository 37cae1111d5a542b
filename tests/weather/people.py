"""People on a web site who are met under many names: what they send, message by message.

Some dozens are alive at a time. Each browses without a name, is then told by identify (with a user
id, with an address alone, or by alias), changes browsers, is told again, and after a while is
succeeded by somebody new. So leads are made, named, merged and described all the time, some events
are a month late, and the card's short windows move people between bands when nothing happens.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

ALIVE = 40
"""People at one time."""
BATCHES_OF_A_LIFE = 60
"""After so many batches of one sender its people are succeeded by others."""

CARD = """
card: weather
version: 1
fields:
  employees: number
  country: text
events:
  page_viewed:
  visit:
  demo_requested:
bands:
  - {id: cold}
  - {id: warm, from: 20}
  - {id: hot, from: 50}
dimensions:
  - id: fit
    criteria:
      - id: large
        when: employees >= 100
        points: 15
      - id: near
        when: country = 'AT'
        points: 5
  - id: interest
    criteria:
      - id: pages
        on: page_viewed
        points: 4
        within: 3 seconds
        limit: {points: 40}
      - id: visits
        on: visit
        points: 2
        within: 20 days
        limit: {points: 16}
      - id: asked
        on: demo_requested
        points: 25
        half_life: 10 seconds
        limit: {points: 60}
"""
"""Windows of seconds, so that most people pass through all bands, up and down, again and again."""


class People:
    """What one sender sends: batch by batch, the same for the same seed but for the times."""

    def __init__(self, sender: int, seed: int) -> None:
        self._sender = sender
        self._chance = random.Random(f"{seed} {sender}")
        self._batches = self._messages = 0

    def batch(self, size: int) -> list[Json]:
        """The next messages, each with an id of its own."""
        self._batches += 1
        return [self._message() for _ in range(size)]

    def _message(self) -> Json:
        chance = self._chance
        self._messages += 1
        # All senders know the same people, and so meet the same leads at the same time.
        person = f"{self._batches // BATCHES_OF_A_LIFE}-{chance.randrange(ALIVE)}"
        message: Json = {
            "messageId": f"{self._sender}-{self._messages}",
            "timestamp": self._when(),
            **chance.choices((self._does, self._is, self._is_also, self._works_for),
                             (80, 14, 3, 3))[0](person),
        }  # fmt: skip
        return message

    def _does(self, person: str) -> Json:
        """Whoever it is: half of it is done without a name."""
        chance = self._chance
        who = (
            {"userId": f"u{person}"}
            if chance.random() < 0.4
            else {"anonymousId": self._browser(person)}
        )
        if chance.random() < 0.5:
            return {"type": "page", "name": "Prices", "properties": {"path": "/prices"}, **who}
        event = chance.choices(("Visit", "Demo Requested"), (4, 1))[0]
        return {
            "type": "track",
            "event": event,
            "properties": {"seats": chance.randrange(9)},
            **who,
        }

    def _is(self, person: str) -> Json:
        chance = self._chance
        traits: Json = {
            "employees": chance.choice((5, 50, 100, 5_000, None)),
            "country": chance.choice(("AT", "DE", "PT")),
            "email": f"p{person}@firm{chance.randrange(3)}.example",
        }
        who: Json = {"anonymousId": self._browser(person)}
        kind = chance.random()
        if kind < 0.5:
            who["userId"] = f"u{person}"
        elif kind < 0.8:
            del traits["employees"]
        else:  # a form that asks for no name
            del traits["email"]
        return {"type": "identify", "traits": traits, **who}

    def _is_also(self, person: str) -> Json:
        return {"type": "alias", "previousId": self._browser(person), "userId": f"u{person}"}

    def _works_for(self, person: str) -> Json:
        firm = self._chance.randrange(4)
        traits = {"name": f"Firm {firm}", "industry": self._chance.choice(("bank", "farm"))}
        return {"type": "group", "groupId": f"g{firm}", "userId": f"u{person}", "traits": traits}

    def _browser(self, person: str) -> str:
        # One in twenty times it is somebody else's: the browser of a household.
        chance = self._chance
        if chance.random() < 0.05:
            person = f"{person.partition('-')[0]}-{chance.randrange(ALIVE)}"
        return f"a{person}-{chance.randrange(4)}"

    def _when(self) -> str:
        late = timedelta()
        if self._chance.random() < 0.2:
            late = timedelta(seconds=self._chance.choice((2, 60, 86_400, 30 * 86_400)))
        return (datetime.now(UTC) - late).isoformat()
