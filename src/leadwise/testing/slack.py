"""A Slack workspace in memory: the methods of the Web API that Leadwise uses, and its signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from leadwise.testing.serving import Answer, Fake, Query

TEAM = "T0LEADWISE"
START_S = 1_763_800_000


@dataclass
class FakeSlack(Fake):
    """`messages` by channel, the oldest first; `users` by address; `hooked` what incoming webhooks
    (any path below /services/) were given."""

    token: str = "xoxb-made-up"  # noqa: S105 - of the fake
    channels: dict[str, str] = field(
        default_factory=lambda: {"C0000SALES": "sales", "C00000HELP": "help"}
    )
    users: dict[str, str] = field(default_factory=lambda: {"anna@acme.example": "U00000ANNA"})
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    hooked: list[str] = field(default_factory=list)
    scopes: set[str] = field(default_factory=lambda: {"history", "post", "users"})
    page: int = 100

    def say(self, channel: str, user: str, text: str, **more: Any) -> str:
        """Somebody writes in a channel; the time stamp."""
        return str(
            self._put(channel, {"type": "message", "user": user, "text": text, **more})["ts"]
        )

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        """A method of the Web API, or an incoming webhook."""
        if method == "POST" and path.startswith("/services/"):
            self.hooked.append(json.loads(body)["text"])
            return 200, {}, "ok"
        given: dict[str, Any] = dict(query)
        if "json" in headers.get("content-type", ""):
            given |= json.loads(body or b"{}")
        else:
            given |= dict(parse_qsl(body.decode()))
        name = path.removeprefix("/api/").lstrip("/")
        said = headers.get("authorization", "").removeprefix("Bearer ") or given.get("token", "")
        if said != self.token:
            return 200, {}, {"ok": False, "error": "invalid_auth" if said else "not_authed"}
        known = {
            "auth.test": self._who, "chat.postMessage": self._post, "users.info": self._user,
            "users.lookupByEmail": self._find, "conversations.open": self._open,
            "conversations.list": self._list, "conversations.history": self._history,
            "conversations.replies": self._replies, "chat.getPermalink": self._link,
        }  # fmt: skip
        if name not in known:
            return 200, {}, {"ok": False, "error": "unknown_method"}
        answer = known[name](given)
        return 200, {}, answer if "ok" in answer else {"ok": True, **answer}

    def _who(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"url": "https://acme.slack.com/", "team": "Acme", "user": "leadwise",
                "team_id": TEAM, "user_id": "U0LEADWISE", "bot_id": "B0LEADWISE"}  # fmt: skip

    def _post(self, given: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._id(str(given.get("channel", "")))
        if channel is None:
            return _refused("channel_not_found")
        if not given.get("text"):
            return _refused("no_text")
        metadata = given.get("metadata")
        put = {
            "type": "message", "subtype": "bot_message", "bot_id": "B0LEADWISE",
            "text": given["text"], "username": "leadwise",
            **({"thread_ts": given["thread_ts"]} if given.get("thread_ts") else {}),
            **({"metadata": json.loads(metadata) if isinstance(metadata, str) else metadata}
               if metadata else {}),
        }  # fmt: skip
        message = self._put(channel, put)
        shown = {name: value for name, value in message.items() if name != "metadata"}
        return {"channel": channel, "ts": message["ts"], "message": shown}

    def _find(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if "users" not in self.scopes:
            return {
                **_refused("missing_scope"),
                "needed": "users:read.email",
                "provided": "chat:write",
            }
        user = self.users.get(str(given.get("email", "")))
        return self._user({"user": user}) if user else _refused("users_not_found")

    def _user(self, given: Mapping[str, Any]) -> dict[str, Any]:
        for address, user in self.users.items():
            if user == given.get("user"):
                name = address.split("@")[0]
                profile = {"email": address, "real_name": name.title()}
                known = {"id": user, "team_id": TEAM, "name": name, "deleted": False}
                return {"user": {**known, "profile": profile}}
        return _refused("user_not_found")

    def _open(self, given: Mapping[str, Any]) -> dict[str, Any]:
        user = str(given.get("users", ""))
        if user not in self.users.values():
            return _refused("user_not_found")
        channel = "D" + user[1:]
        self.channels.setdefault(channel, "")
        return {"channel": {"id": channel}}

    def _list(self, given: Mapping[str, Any]) -> dict[str, Any]:
        everything = [{"id": one, "name": name} for one, name in self.channels.items() if name]
        start = int(given.get("cursor") or 0)
        page = everything[start : start + self.page]
        more = str(start + self.page) if start + self.page < len(everything) else ""
        return {"channels": page, "response_metadata": {"next_cursor": more}}

    def _history(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if "history" not in self.scopes:
            return {
                **_refused("missing_scope"),
                "needed": "channels:history",
                "provided": "chat:write",
            }
        channel = self._id(str(given.get("channel", "")))
        if channel is None:
            return _refused("channel_not_found")
        found = [one for one in self.messages.get(channel, ())
                 if float(one["ts"]) > float(given.get("oldest") or 0)
                 and one.get("thread_ts", one["ts"]) == one["ts"]]  # fmt: skip
        return self._paged(found[::-1], given)

    def _replies(self, given: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._id(str(given.get("channel", ""))) or ""
        found = [one for one in self.messages.get(channel, ())
                 if given.get("ts") in (one["ts"], one.get("thread_ts"))]  # fmt: skip
        return self._paged(found, given) if found else _refused("thread_not_found")

    def _paged(self, found: list[dict[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
        start = int(given.get("cursor") or 0)
        size = min(int(given.get("limit") or 100), self.page)
        more = start + size < len(found)
        shown = found[start : start + size]
        if given.get("include_all_metadata") not in ("true", True, "1", 1):
            shown = [{n: v for n, v in one.items() if n != "metadata"} for one in shown]
        answer: dict[str, Any] = {
            "messages": shown, "has_more": more, "pin_count": 0,
            "channel_actions_ts": None, "channel_actions_count": 0,
        }  # fmt: skip
        if more:
            answer["response_metadata"] = {"next_cursor": str(start + size)}
        return answer

    def _link(self, given: Mapping[str, Any]) -> dict[str, Any]:
        channel, ts = str(given.get("channel")), str(given.get("message_ts"))
        link = f"https://acme.slack.com/archives/{channel}/p{ts.replace('.', '')}"
        return {"channel": channel, "permalink": link}

    def _put(self, channel: str, message: dict[str, Any]) -> dict[str, Any]:
        kept = self.messages.setdefault(channel, [])
        number = sum(map(len, self.messages.values())) + 1
        kept.append({**message, "ts": f"{START_S + number}.000{number % 1000:03}"})
        return kept[-1]

    def _id(self, channel: str) -> str | None:
        if channel in self.channels:
            return channel
        return next(
            (i for i, name in self.channels.items() if name and name == channel.lstrip("#")), None
        )


def signed(body: bytes, secret: str, at_s: int) -> dict[str, str]:
    """The headers that Slack sends with a body."""
    mac = hmac.new(secret.encode(), b"v0:%d:" % at_s + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": str(at_s), "x-slack-signature": f"v0={mac}"}


def _refused(code: str) -> dict[str, Any]:
    return {"ok": False, "error": code}
