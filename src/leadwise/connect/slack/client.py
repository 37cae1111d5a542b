"""Slack's Web API as far as it is needed (docs.slack.dev/apis/web-api).

Slack answers 200 to what it refuses, with `ok: false` and a code: that becomes a RemoteError with
the code and what to do about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from leadwise.connect.http import Http, Would
from leadwise.errors import RemoteError

API = "https://slack.com/api/"
PASSING = frozenset(
    "internal_error fatal_error service_unavailable request_timeout ratelimited rate_limited "
    "message_limit_exceeded team_added_to_org".split()
)
"""Codes after which the same may be taken later."""
REMEDIES: Mapping[str, str] = {
    "invalid_auth": "the token is not valid: copy it again from OAuth & Permissions",
    "not_authed": "there is no token",
    "token_revoked": "the token was revoked: install the app again",
    "account_inactive": "the app was removed from the workspace: install it again",
    "missing_scope": "the app lacks a scope: add it under OAuth & Permissions, install it again",
    "not_in_channel": "invite the app into the channel: /invite @its-name",
    "channel_not_found": "there is no such channel, or it is private and the app is not in it",
    "is_archived": "the channel is archived",
    "users_not_found": "nobody in the workspace has this address",
}
KEY_EVENT = "leadwise_step"
"""The type of the metadata that our messages bear, so that a message is not posted twice."""
PAGE = 200
LONGEST = 40_000
"""Characters of a message; Slack cuts longer ones itself."""


@dataclass(frozen=True, slots=True)
class SlackClient:
    """Calls methods of the Web API with a bot's token."""

    http: Http

    @classmethod
    def of(cls, http: Http, token: str, api: str = API) -> SlackClient:
        """A client for a token."""
        return cls(
            replace(
                http, base_url=api.rstrip("/") + "/",
                headers={**http.headers, "Authorization": f"Bearer {token}"},
                secrets=(*http.secrets, token), said=_said,
            )
        )  # fmt: skip

    def who(self) -> Mapping[str, Any]:
        """`team`, `team_id`, `user`, `user_id`, `url`."""
        return self._read("auth.test")

    def post(self, channel: str, text: str, *, thread: str | None = None, key: str = "") -> str:
        """Post a message; its time stamp, which is its id in the channel. `text` is plain: what
        Slack would take for a mention is shown as it stands."""
        body: dict[str, Any] = {
            "channel": channel, "text": escaped(text)[:LONGEST],
            # What a stranger's words lead to is neither fetched nor shown.
            "unfurl_links": False, "unfurl_media": False,
        }  # fmt: skip
        if thread:
            body["thread_ts"] = thread
        if key:
            body["metadata"] = {"event_type": KEY_EVENT, "event_payload": {"key": key}}
        return str(self._write("chat.postMessage", body).get("ts", ""))

    def posted(self, channel: str, key: str, *, thread: str | None = None) -> str | None:
        """The time stamp of our message with this key among the channel's (or thread's) latest."""
        params = {"channel": channel, "limit": str(PAGE), "include_all_metadata": "true"}
        method = "conversations.history"
        if thread:
            method, params["ts"] = "conversations.replies", thread
        for message in self._read(method, **params).get("messages", ()):
            metadata = message.get("metadata") or {}
            if (metadata.get("event_payload") or {}).get("key") == key:
                return str(message["ts"])
        return None

    def user_by_email(self, address: str) -> str:
        """The id of the person with this address."""
        found = self._read("users.lookupByEmail", email=address)
        return str(found["user"]["id"])

    def talk_to(self, user: str) -> str:
        """The id of the conversation with one person."""
        return str(
            (self._write("conversations.open", {"users": user}).get("channel") or {}).get(
                "id", user
            )
        )

    def channels(self) -> Iterator[Mapping[str, Any]]:
        """The channels that the app can see."""
        kinds = "public_channel,private_channel"
        yield from self._pages(
            "conversations.list", "channels", types=kinds, exclude_archived="true"
        )

    def history(self, channel: str, oldest: str, most: int) -> list[Mapping[str, Any]]:
        """At most so many of the latest messages after a time stamp, the oldest first."""
        found: list[Mapping[str, Any]] = []
        for message in self._pages(
            "conversations.history", "messages", channel=channel, oldest=oldest
        ):
            found.append(message)
            if len(found) >= most:
                break
        return found[::-1]

    def link(self, channel: str, ts: str) -> str:
        """The address that opens a message."""
        found = self._read("chat.getPermalink", channel=channel, message_ts=ts)
        return str(found.get("permalink", ""))

    def _pages(self, method: str, name: str, **params: str) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self._read(method, **params, **more, limit=str(PAGE))
            yield from page.get(name) or ()
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def _read(self, method: str, **params: str) -> Mapping[str, Any]:
        return _checked(method, self.http.get(method, params=params))

    def _write(self, method: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.http.dry:
            self.http.would.append(Would("POST", method, body))
            return {}
        return _checked(method, self.http.call("POST", method, content=content, headers=headers))


def escaped(text: str) -> str:
    """A text whose `<!channel>` alerts nobody: `&`, `<` and `>` as Slack has them written."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """What somebody wrote, of a text as Slack sends it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _said(document: Any) -> str:
    return str(document.get("error", "")) if isinstance(document, dict) else ""


def _checked(method: str, answer: Any) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise RemoteError(f"Slack answered {method} with no object.", permanent=False)
    if answer.get("ok"):
        return answer
    code = str(answer.get("error") or "no code")
    remedy = REMEDIES.get(code, "")
    needed = answer.get("needed")
    if code == "missing_scope" and needed:
        remedy = f"add the scope {needed} under OAuth & Permissions, then install the app again"
    told = f"Slack refused {method}: {code}"
    raise RemoteError(
        f"{told} ({remedy})." if remedy else f"{told}.", permanent=code not in PASSING
    )
