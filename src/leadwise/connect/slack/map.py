"""Slack's messages as ours: an event `message_received` of whoever wrote it.

Somebody in a workspace is known here as `slack:TEAM:USER`, an anonymous identity: colleagues who
write in a channel do not become leads with a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from leadwise.connect.slack.client import KEY_EVENT, unescaped
from leadwise.ingest.messages import Message
from leadwise.store.documents import canonical

EVENT = "message_received"
COMMAND = "command_received"
SPOKEN = (None, "", "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages that somebody wrote; others tell of joins, renamings, pins."""
_LINK = re.compile(r"<((?:https?|mailto):[^|>]+)(?:\|([^>]*))?>")


def is_spoken(message: Mapping[str, Any]) -> bool:
    """Whether a person wrote it: no program's, not our own, no note of Slack's."""
    ours = (message.get("metadata") or {}).get("event_type") == KEY_EVENT
    return (
        message.get("subtype") in SPOKEN
        and not message.get("bot_id") and not ours and bool(message.get("user"))
    )  # fmt: skip


def instant_of(ts: str) -> int:
    """Microseconds of a time stamp such as `1763802000.000100`; 0 for what is none."""
    try:
        return int(Decimal(ts) * 1_000_000)
    except (InvalidOperation, ValueError):
        return 0


def spoken(
    message: Mapping[str, Any], channel: str, team: str, source: str, now_us: int
) -> Message:
    """A message of a channel as an event."""
    ts = str(message["ts"])
    thread = str(message.get("thread_ts") or ts)
    values = {
        "channel": channel, "text": plain(str(message.get("text") or "")), "ts": ts,
        "thread": thread, "reply_to": f"{channel}/{thread}", "user": str(message["user"]),
        "files": ", ".join(str(one.get("name")) for one in message.get("files") or ()) or None,
    }  # fmt: skip
    return Message(
        "track", source, f"{channel}:{ts}", EVENT, min(instant_of(ts) or now_us, now_us), now_us,
        anonymous_id=f"slack:{team}:{message['user']}", document=canonical(values),
    )  # fmt: skip


def commanded(form: Mapping[str, str], source: str, now_us: int) -> Message:
    """A slash command as an event."""
    channel = form.get("channel_id", "")
    values = {
        "command": form.get("command", ""), "text": form.get("text", ""), "channel": channel,
        "reply_to": channel, "user": form.get("user_id", ""),
    }  # fmt: skip
    return Message(
        "track", source, f"command:{form.get('trigger_id', '')}", COMMAND, now_us, now_us,
        anonymous_id=f"slack:{form.get('team_id', '')}:{form.get('user_id', '')}",
        document=canonical(values),
    )  # fmt: skip


def plain(text: str) -> str:
    """What was written: links as `text (address)`, signs as people type them."""

    def shown(match: re.Match[str]) -> str:
        address = match[1].removeprefix("mailto:")
        return address if match[2] in (None, "", address) else f"{match[2]} ({address})"

    return unescaped(_LINK.sub(shown, text))
