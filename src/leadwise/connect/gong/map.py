"""Gong's calls to ours: no network, no clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from leadwise.card.values import parse_time
from leadwise.connect.calls import Call, Person
from leadwise.qualify.intake import Sent


def call_of(raw: Mapping[str, Any]) -> Call | None:
    """A call of /v2/calls/extensive or of a webhook; None without an id or a beginning.

    What is said of it stands under `metaData`, or in the call itself.
    """
    about = raw.get("metaData")
    if not isinstance(about, Mapping):
        about = raw
    began = _time(about.get("started")) or _time(about.get("scheduled"))
    if not about.get("id") or began is None:
        return None
    seconds = about.get("duration")
    more = {
        name: str(about[key]).lower()
        for name, key in (("direction", "direction"), ("media", "media"), ("system", "system"))
        if about.get(key)
    }
    return Call(
        str(about["id"]), str(about.get("title") or ""), began,
        float(seconds) if isinstance(seconds, int | float) else None,
        tuple(_person(one) for one in raw.get("parties") or () if isinstance(one, Mapping)),
        str(about.get("url") or ""), more, raw,
    )  # fmt: skip


def sent_of(call: Call, transcript: Mapping[str, Any]) -> Sent | None:
    """The conversation as `qualify` reads Gong's JSON; None where nobody said anything as yet."""
    pieces = transcript.get("transcript") or ()
    if not any(one.get("sentences") for one in pieces if isinstance(one, Mapping)):
        return None
    whole = {"metaData": call.raw.get("metaData") or {"started": call.raw.get("started")},
             "parties": call.raw.get("parties") or [], "transcript": pieces}  # fmt: skip
    return Sent(
        text=json.dumps(whole, ensure_ascii=False), format="json", name=f"gong-{call.id}.json",
        held_us=call.began_us, channel="call", title=call.title or None,
    )  # fmt: skip


def _person(party: Mapping[str, Any]) -> Person:
    return Person(
        str(party.get("emailAddress") or ""), str(party.get("name") or ""),
        str(party.get("title") or ""), str(party.get("phoneNumber") or ""),
        str(party.get("affiliation")).lower() == "internal" or bool(party.get("userId")),
    )  # fmt: skip


def _time(text: object) -> int | None:
    try:
        return parse_time(text) if isinstance(text, str) else None
    except ValueError:
        return None
