"""Odoo: contacts, leads, meetings; scores into fields of our own (docs/connectors/odoo.md)."""

from __future__ import annotations

from leadwise.connect.model import Ask, Kind
from leadwise.connect.odoo.sync import open_odoo

KIND = Kind(
    name="odoo",
    label="Odoo",
    docs="connectors/odoo.md",
    asks=(
        Ask("url", "Address", "As in the browser: https://acme.odoo.com"),
        Ask("database", "Database", "Its name; may stay empty where the address has one only.",
            required=False),
        Ask("login", "Login", "Of the user whose key it is; for jsonrpc and xmlrpc.",
            required=False),
        Ask("key", "API key", "Preferences, Account security, New API key.", secret=True),
        Ask("protocol", "Protocol", "json2 (Odoo 19 and later), jsonrpc or xmlrpc.",
            default="json2", required=False),
        Ask("write_to", "Scores are written to", "lead, partner or both.",
            default="lead, partner", required=False),
        Ask("tags", "Tag leads with their band", "yes, or empty.", required=False),
        Ask("stars", "Stars by band", "For example hot=3, warm=2, cold=0; empty: left alone.",
            required=False),
        Ask("webhook_secret", "Secret of webhooks", "For an automation rule that tells of changes.",
            required=False, secret=True),
    ),
    open=open_odoo,
)  # fmt: skip

__all__ = ["KIND"]
