"""Pipedrive: persons, organizations, deals, activities (docs/connectors/pipedrive.md)."""

from __future__ import annotations

from leadwise.connect.model import Ask, Kind
from leadwise.connect.pipedrive.sync import open_pipedrive

KIND = Kind(
    name="pipedrive",
    label="Pipedrive",
    docs="connectors/pipedrive.md",
    asks=(
        Ask("token", "API token", "Personal preferences, API.", secret=True),
        Ask("url", "Address", "As in the browser: https://acme.pipedrive.com",
            default="https://api.pipedrive.com", required=False),
        Ask("webhook_user", "User of webhooks", "HTTP Auth username of the webhook.",
            default="leadwise", required=False),
        Ask("webhook_password", "Password of webhooks", "HTTP Auth password of the webhook; "
            "without one none is taken.", required=False, secret=True),
    ),
    open=open_pipedrive,
)  # fmt: skip

__all__ = ["KIND"]
