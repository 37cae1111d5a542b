"""Whatever apprise reaches: Teams, WhatsApp, Telegram, Discord, SMS gateways and a hundred more."""

from __future__ import annotations

from leadwise.connect.apprise.sync import open_apprise
from leadwise.connect.model import Ask, Kind

KIND = Kind(
    "apprise", "Other chat and SMS services (apprise)", "connectors/apprise.md",
    (
        Ask("url", "Address", "Apprise's address of the service, such as "
            "msteams://... or twilio://SID:TOKEN@FROM/{to}. It holds keys: it is kept secret.",
            secret=True),
        Ask("title", "Title", "Above each message, where the service shows one.", required=False),
    ),
    open_apprise,
)  # fmt: skip
