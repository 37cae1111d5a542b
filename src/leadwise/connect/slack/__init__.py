"""Slack: messages to channels and people, messages from channels, texts to look through."""

from __future__ import annotations

from leadwise.connect.http import Http
from leadwise.connect.model import Ask, Connection, Kind
from leadwise.connect.slack.client import API
from leadwise.connect.slack.sync import Slack


def _open(connection: Connection, http: Http) -> Slack:
    return Slack.of(connection, http)


KIND = Kind(
    "slack", "Slack", "connectors/slack.md",
    (
        Ask("token", "Bot token", "xoxb-..., of the app's page OAuth & Permissions.",
            required=False, secret=True),
        Ask("signing_secret", "Signing secret", "Of the app's Basic Information: what Slack signs "
            "its events with. Without it nothing is taken from Slack.",
            required=False, secret=True),
        Ask("webhook_url", "Incoming webhook", "https://hooks.slack.com/services/...: in place of "
            "a token where nothing but one channel is to be told.", required=False, secret=True),
        Ask("channel", "Channel", "Where messages go that name none: #sales or its id.",
            required=False),
        Ask("channels", "Channels to follow", "Whose messages are read, with commas between them.",
            required=False),
        Ask("api", "Address", "Another only for GovSlack.", default=API, required=False),
    ),
    _open,
)  # fmt: skip
