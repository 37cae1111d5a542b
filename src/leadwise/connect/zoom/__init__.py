"""Zoom: cloud recordings with who took part, and their transcripts."""

from __future__ import annotations

from leadwise.connect.calls import ASKS
from leadwise.connect.model import Ask, Kind
from leadwise.connect.zoom.client import API, TOKEN_URL
from leadwise.connect.zoom.sync import Zoom

KIND = Kind(
    "zoom", "Zoom", "connectors/zoom.md",
    (
        Ask("account_id", "Account id", "Of a server-to-server OAuth app."),
        Ask("client_id", "Client id", "Of the same app."),
        Ask("client_secret", "Client secret", "Of the same app.", secret=True),
        Ask("webhook_secret", "Secret token", "Of the app's page Feature: what Zoom signs its "
            "events with. Without it nothing is taken from Zoom.", required=False, secret=True),
        Ask("by_host", "By host", "Zoom often hides guests' addresses. yes: what the owner of a "
            "lead recorded at the time of their meeting counts as the call with that lead.",
            default="no", required=False),
        *ASKS,
        Ask("api", "Address", "Of the interface.", default=API, required=False),
        Ask("token_url", "Address of tokens", "Of the interface.", default=TOKEN_URL,
            required=False),
    ),
    Zoom.of,
)  # fmt: skip
