"""HubSpot: people, companies, deals and engagements pulled; scores pushed; webhooks; records."""

from __future__ import annotations

from leadwise.connect.http import Http
from leadwise.connect.hubspot.client import API
from leadwise.connect.hubspot.sync import HubSpot
from leadwise.connect.model import Ask, Connection, Kind


def _open(connection: Connection, http: Http) -> HubSpot:
    return HubSpot.of(connection, http)


KIND = Kind(
    "hubspot", "HubSpot", "connectors/hubspot.md",
    (
        Ask("token", "Access token", "pat-..., of a private app: Settings, Integrations, Private "
            "Apps.", secret=True),
        Ask("client_secret", "Client secret", "Of the same app's page Auth: what HubSpot signs its "
            "webhooks with. Without it no webhook is taken.", required=False, secret=True),
        Ask("create", "Make contacts", "`yes`: a lead with an e-mail address that HubSpot has no "
            "contact of gets one when its score is pushed.", default="no", required=False),
        Ask("events", "Engagements", "Which of calls, meetings, notes, tasks and emails are "
            "pulled, with commas between them.", default="calls,meetings,notes,tasks,emails",
            required=False),
        Ask("currency", "Currency", "Of deals that do not say theirs: EUR. Without it their value "
            "is not known.", required=False),
        Ask("account", "Account number", "The number in the addresses of your pages there: with it "
            "records that were made are told with a link.", required=False),
        Ask("address", "Address", "Another only for tests.", default=API, required=False),
    ),
    _open,
)  # fmt: skip
