"""Zoom's recordings to our calls: no network, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from leadwise.card.values import parse_time
from leadwise.connect.calls import Call, Person
from leadwise.errors import UserError
from leadwise.ingest.emails import account_domain, normalised_email
from leadwise.qualify.intake import Sent, opened

_LABEL = re.compile(r"^([^:\n]{1,100}): ", re.MULTILINE)


def call_of(meeting: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> Call | None:
    """A recorded meeting with who took part; None without an id or a beginning.

    Who has an address of the host's company, or is the host, is one of the team.
    """
    began = _time(meeting.get("start_time"))
    uuid = str(meeting.get("uuid") or "")
    if not uuid or began is None:
        return None
    host = normalised_email(meeting.get("host_email")) or ""
    domain = account_domain(host) if host else None
    found: dict[tuple[str, str], Person] = {}
    for one in people:
        name = str(one.get("name") or one.get("user_name") or "").strip()
        address = normalised_email(one.get("user_email")) or ""
        inside = bool(address) and (
            address == host or (domain is not None and address.rpartition("@")[2] == domain)
        )
        found.setdefault((address, name), Person(address, name, inside=inside))
    if host and not any(one.address == host for one in found.values()):
        found[host, ""] = Person(host, inside=True)
    minutes = meeting.get("duration")
    return Call(
        uuid, str(meeting.get("topic") or ""), began,
        minutes * 60.0 if isinstance(minutes, int | float) else None,
        tuple(found.values()), str(meeting.get("share_url") or ""), {}, meeting,
        bool(transcript_url(meeting)),
    )  # fmt: skip


def transcript_url(meeting: Mapping[str, Any]) -> str:
    """Where the transcript is; empty where it is not made (yet)."""
    for one in meeting.get("recording_files") or ():
        is_text = (
            one.get("file_type") == "TRANSCRIPT" or one.get("recording_type") == "audio_transcript"
        )
        if is_text and one.get("status", "completed") == "completed" and one.get("download_url"):
            return str(one["download_url"])
    return ""


def sent_of(call: Call, text: str) -> Sent | None:
    """The conversation: Zoom labels what is said with names, and who took part says whose side
    they are on. None where nobody said anything that can be read."""
    if "-->" not in text:
        return None
    labels = {one.strip() for one in _LABEL.findall(text)}
    ours = [one.name for one in call.people if one.inside and one.name in labels]
    theirs = [one.name for one in call.people
              if one.address and not one.inside and one.name in labels]  # fmt: skip
    if not theirs and len(labels - set(ours)) and ours:
        theirs = sorted(labels - set(ours))
    both = set(ours) & set(theirs)
    sent = Sent(
        text=text, format="vtt", name="zoom.vtt", held_us=call.began_us, channel="call",
        title=call.title or None, seller=tuple(one for one in ours if one not in both),
        buyer=tuple(one for one in dict.fromkeys(theirs) if one not in both),
    )  # fmt: skip
    try:
        opened(sent, call.began_us)
    except UserError as error:
        # Some name is none to who reads transcripts: then it tells sides by the talk itself.
        return replace(sent, seller=(), buyer=()) if error.code == "unknown-speaker" else None
    return sent


def _time(text: object) -> int | None:
    try:
        return parse_time(text) if isinstance(text, str) else None
    except ValueError:
        return None
