"""Gong: calls with who took part, and their transcripts."""

from __future__ import annotations

from leadwise.connect.calls import ASKS
from leadwise.connect.gong.client import API
from leadwise.connect.gong.sync import Gong
from leadwise.connect.model import Ask, Kind

KIND = Kind(
    "gong", "Gong", "connectors/gong.md",
    (
        Ask("access_key", "Access key", "Of Gong's page Admin center, Settings, API.",
            secret=True),
        Ask("access_key_secret", "Access key secret", "As it was shown once, with the key.",
            secret=True),
        Ask("api", "Address", "As the same page shows it: https://us-12345.api.gong.io.",
            default=API, required=False),
        Ask("workspace", "Workspace", "The id of the only one whose calls are pulled.",
            required=False),
        *ASKS,
        Ask("webhook_key", "Public key", "Of an automation rule that tells of calls at once.",
            required=False, secret=True),
    ),
    Gong.of,
)  # fmt: skip
