"""Slack as a connection: told, followed, listened to, looked through."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from leadwise.connect.http import Http
from leadwise.connect.model import Connection, Page, Paper, Request
from leadwise.connect.slack.client import API, SlackClient, escaped
from leadwise.connect.slack.map import commanded, instant_of, is_spoken, plain, spoken
from leadwise.connect.slack.signing import verify
from leadwise.errors import RemoteError, UserError

MOST = 5_000
"""Messages of one channel that are read at a time, the latest: what is older was not followed."""
EVENTS = ("message", "app_mention")


@dataclass(frozen=True, slots=True)
class Slack:
    """A workspace, or one channel of it by an incoming webhook."""

    connection: Connection
    client: SlackClient | None
    hook: Http | None

    @classmethod
    def of(cls, connection: Connection, http: Http) -> Slack:
        """UserError `connection-secret` where there is neither a token nor a webhook."""
        token = connection.secrets.get("token", "")
        hook = connection.secrets.get("webhook_url", "")
        if not token and not hook:
            raise UserError(
                "connection-secret", f"The connection {connection.name} has no token.",
                hint="Give the bot's token (xoxb-...), or the address of an incoming webhook.",
            )  # fmt: skip
        api = connection.options.get("api") or API
        return cls(
            connection,
            SlackClient.of(http, token, api) if token else None,
            replace(http, base_url="", secrets=(*http.secrets, hook)) if hook else None,
        )

    def test(self) -> str:
        """In words, as whom we are known there."""
        if self.client is None:
            return "An incoming webhook: it cannot be asked without posting a message."
        who = self.client.who()
        return f"@{who.get('user')} in {who.get('team')} ({who.get('url')})"

    def send(self, to: str, text: str, key: str) -> str:
        """Post to a channel (`#sales`, its id; `C1/1763.1` answers in a thread) or to a person
        (an e-mail address). With the same key again nothing is posted twice."""
        to = to or self.connection.options.get("channel", "")
        if self.client is None:
            return self._by_hook(text)
        if not to:
            raise UserError(
                "no-channel", f"Nothing says where in {self.connection.name} to post.",
                hint="Give the step a channel, or the connection one of its own.",
            )  # fmt: skip
        channel, _, thread = to.partition("/")
        channel = self._channel(channel)
        before = self._posted(channel, key, thread)
        return before or self.client.post(channel, text, thread=thread or None, key=key)

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """What was written in the channels that are followed."""
        client = self._needed()
        after: dict[str, str] = json.loads(cursor) if cursor else {}
        team = str(client.who().get("team_id", ""))
        names = self._followed()
        done = 0
        for channel in names:
            messages = client.history(channel, after.get(channel, "0"), MOST)
            if messages:
                after[channel] = str(messages[-1]["ts"])
            found = tuple(
                spoken(one, channel, team, self.connection.name, now_us)
                for one in messages if is_spoken(one)
            )  # fmt: skip
            done += len(messages)
            yield Page(json.dumps(after, sort_keys=True), found, done=done)

    def receive(self, request: Request) -> Page | str:
        """An event, a slash command, or the handshake."""
        secret = self.connection.secrets.get("signing_secret", "")
        if not secret:
            raise UserError(
                "webhook-signature", f"{self.connection.name} has no signing secret",
                hint="Copy it from the app's Basic Information into the connection.",
            )  # fmt: skip
        verify(secret, request.headers, request.body, request.received_us)
        if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
            form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
            if "command" not in form:
                return Page("")
            return Page("", (commanded(form, self.connection.name, request.received_us),), done=1)
        try:
            said = json.loads(request.body)
        except ValueError:
            raise UserError("not-json", "the body is not JSON") from None
        if not isinstance(said, dict):
            raise UserError("event-not-object", "an event is a JSON object", hint="Send {...}.")
        if said.get("type") == "url_verification":
            return str(said.get("challenge", ""))
        return self._event(said, request.received_us)

    def papers(self, about: str, most: int) -> Iterator[Paper]:  # noqa: ARG002 - it cannot look
        """The latest messages of the channels that are followed. Bots may not search in Slack."""
        client = self._needed()
        for channel in self._followed():
            for one in reversed(client.history(channel, "0", most)):
                if not is_spoken(one) or not one.get("text"):
                    continue
                ts, text = str(one["ts"]), plain(str(one["text"]))
                link = f"slack://channel?id={channel}&message={ts}"
                yield Paper(f"{channel}:{ts}", text[:80], text, link, instant_of(ts))
                most -= 1
                if most <= 0:
                    return

    def link(self, paper: Paper) -> str:
        """The web address of a message that was found."""
        channel, _, ts = paper.id.partition(":")
        return self._needed().link(channel, ts)

    def _event(self, said: Mapping[str, Any], now_us: int) -> Page:
        event = said.get("event")
        if said.get("type") != "event_callback" or not isinstance(event, dict):
            return Page("")
        if event.get("type") not in EVENTS or not is_spoken(event) or "ts" not in event:
            return Page("")
        channel, team = str(event.get("channel", "")), str(said.get("team_id", ""))
        return Page("", (spoken(event, channel, team, self.connection.name, now_us),), done=1)

    def _by_hook(self, text: str) -> str:
        if self.hook is not None:
            try:
                self.hook.send("POST", self.connection.secrets["webhook_url"],
                               json={"text": escaped(text)})  # fmt: skip
            except RemoteError as error:
                raise RemoteError(
                    f"Slack's incoming webhook answered {error.status}."
                    if error.status else "Slack's incoming webhook could not be reached.",
                    permanent=error.permanent, status=error.status, after_s=error.after_s,
                ) from None  # fmt: skip
        return ""

    def _posted(self, channel: str, key: str, thread: str) -> str | None:
        """What an earlier attempt has posted; None also where the app may not read the channel."""
        try:
            return self._needed().posted(channel, key, thread=thread or None)
        except RemoteError as error:
            if error.permanent:
                return None
            raise

    def _channel(self, to: str) -> str:
        client = self._needed()
        if "@" in to.lstrip("@"):
            return client.talk_to(client.user_by_email(to.lstrip("@")))
        return self._id_of(to) if to.startswith("#") else to

    def _followed(self) -> list[str]:
        given = self.connection.options.get("channels", "")
        return [self._id_of(one) for one in (part.strip() for part in given.split(",")) if one]

    def _id_of(self, name: str) -> str:
        if not name.startswith("#"):
            return name
        for one in self._needed().channels():
            if one.get("name") == name[1:]:
                return str(one["id"])
        return name  # chat.postMessage takes names too, and says what is wrong with one

    def _needed(self) -> SlackClient:
        if self.client is None:
            raise UserError(
                "connection-secret", f"The connection {self.connection.name} has no token.",
                hint="An incoming webhook only takes messages: for more give the bot's token.",
            )  # fmt: skip
        return self.client
