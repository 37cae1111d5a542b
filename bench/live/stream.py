"""What is sent: a stream of tracking calls as a site and its mail service make them, encoded once.

The kinds and their shares are those of the file benchmark (`bench.data.EVENTS`): 45 percent page
views (with the context of a browser), 28 percent opens and clicks of mails (which the bot gate
judges beside the lead's other mail events), the rest product and sales events. Bodies hold what
real clients send: message ids that are UUIDs, timestamps, `sentAt`, a library.
"""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.data import ASSETS, CAMPAIGNS, EVENTS, FORMS, OUTCOMES, PATHS, TOPICS

SENT_AT = "2026-06-30T12:00:10.000Z"
"""What bodies say as the time of sending: times are corrected by it, so they may be made ahead."""
MAIL_KINDS = ("email_opened", "email_clicked")
BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36"
)
KINDS, SHARES = zip(*EVENTS, strict=True)


@dataclass(frozen=True)
class Shape:
    """`events` in one request, over `leads` different leads; one event is a request of its own.

    `in_turn`: a lead comes again only after all others.
    """

    events: int
    leads: int
    in_turn: bool = False

    @property
    def path(self) -> str:
        return "/v1/batch" if self.events > 1 else "/v1/track"

    @property
    def name(self) -> str:
        if self.events == 1:
            return "one by one"
        if self.events == self.leads:
            return f"batches of {self.events}, all of different leads"
        return f"batches of {self.events} over {self.leads} leads"


def user_id(lead: int) -> str:
    """How senders name the lead of that number, from 0."""
    return f"user-{lead:08d}"


def properties(kind: str, source: random.Random) -> dict[str, Any]:
    """The properties of an event of a kind, one in a hundred without any."""
    if source.random() < 0.01:
        return {}
    match kind:
        case "page_viewed":
            path = source.choice(PATHS)
            seconds = round(source.expovariate(1 / 90))
            return {"path": path, "url": f"https://www.example.com{path}", "seconds": seconds}
        case "email_opened" | "email_clicked":
            return {"campaign": source.choice(CAMPAIGNS), "link": f"/offer/{source.randrange(9)}"}
        case "content_downloaded":
            return {"asset": source.choice(ASSETS)}
        case "webinar_attended" | "meeting_held":
            minutes = round(source.expovariate(1 / 35))
            topic = {"topic": source.choice(TOPICS)} if kind == "webinar_attended" else {}
            return {"minutes": minutes, **topic}
        case "form_submitted":
            return {"form": source.choice(FORMS)}
        case "call_logged":
            return {"outcome": source.choice(OUTCOMES)}
        case "trial_login":
            return {"seconds": round(source.expovariate(1 / 90))}
    return {}


def call(lead: int, source: random.Random) -> dict[str, Any]:
    """One call of the Segment protocol, of a kind drawn by its share."""
    (kind,) = source.choices(KINDS, SHARES)
    said: dict[str, Any] = {
        "type": "track", "event": kind, "userId": user_id(lead),
        "messageId": str(uuid.UUID(int=source.getrandbits(128), version=4)),
        "timestamp": f"2026-06-30T12:00:{source.randrange(10):02d}.{source.randrange(1000):03d}Z",
        "properties": properties(kind, source), "integrations": {},
        "context": {"library": {"name": "analytics-python", "version": "2.3.5"}},
    }  # fmt: skip
    if kind == "page_viewed":
        del said["event"]
        page = {"url": said["properties"].get("url", ""), "referrer": "https://search.example/"}
        said |= {"type": "page", "name": "Page"}
        said["context"] |= {"page": page, "userAgent": BROWSER, "ip": "198.51.100.7"}
    return said


def requests(
    shape: Shape, count: int, leads: Sequence[int] | range, key: str, *, seed: int
) -> Iterator[tuple[bytes, list[int]]]:
    """`count` whole HTTP requests, each with the leads it is about.

    Shapes that go `in_turn` go through `leads` in a shuffled order; others draw theirs anew for
    each request.
    """
    source = random.Random(f"{seed} {count} {shape}")
    order = list(leads) if shape.in_turn else []
    source.shuffle(order)
    for number in range(count):
        if shape.in_turn:
            about = [order[(number * shape.leads + n) % len(order)] for n in range(shape.leads)]
        else:
            about = source.sample(leads, shape.leads)
        if shape.events == 1:
            said = call(about[0], source)
            body = said | {"sentAt": SENT_AT}
            path = f"/v1/{said['type']}"
        else:
            calls = [call(about[n % shape.leads], source) for n in range(shape.events)]
            source.shuffle(calls)
            body, path = {"batch": calls, "sentAt": SENT_AT}, shape.path
        yield encoded(path, body, key), about


def encoded(path: str, body: dict[str, Any], key: str) -> bytes:
    """The request as it goes over the wire."""
    content = json.dumps(body, separators=(",", ":")).encode()
    signed = base64.b64encode(f"{key}:".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: analytics-python/2.3.5\r\n"
        f"Authorization: Basic {signed}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
