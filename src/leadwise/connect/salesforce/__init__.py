"""Salesforce: leads, contacts, accounts, opportunities, tasks (docs/connectors/salesforce.md)."""

from __future__ import annotations

from leadwise.connect.model import Ask, Kind
from leadwise.connect.salesforce.sync import open_salesforce

KIND = Kind(
    name="salesforce",
    label="Salesforce",
    docs="connectors/salesforce.md",
    asks=(
        Ask("url", "Address", "That of My Domain: https://acme.my.salesforce.com"),
        Ask("client_id", "Consumer key", "Of the external client app or connected app."),
        Ask("client_secret", "Consumer secret", "Of the same app.", secret=True),
        Ask("refresh_token", "Refresh token", "Only where a person has signed in instead of the "
            "app's own user.", required=False, secret=True),
        Ask("person", "A new person is made as", "Lead or Contact.", default="Lead",
            required=False),
        Ask("currency", "Currency of amounts", "For example EUR; where the organisation has "
            "several, each opportunity says its own.", required=False),
        Ask("rejected", "Statuses of refused leads", "Separated by commas.",
            default="Closed - Not Converted", required=False),
        Ask("lost_reason", "Field of the reason lost", "For example Loss_Reason__c.",
            required=False),
        Ask("share", "Share of the day's calls", "In parts of a hundred, by all together; above it "
            "Leadwise waits.", default="90", required=False),
        Ask("organization", "Organization ID", "Setup, Company Information: outbound messages "
            "of no other are taken.", required=False),
        Ask("webhook_secret", "Secret of outbound messages", "Stands in the address that they are "
            "sent to. Without it none is taken.", required=False, secret=True),
        Ask("version", "Version of the interface", "", default="62.0", required=False),
    ),
    open=open_salesforce,
)  # fmt: skip

__all__ = ["KIND"]
