"""A service that apprise reaches, as a connection."""

from __future__ import annotations

from dataclasses import dataclass

from leadwise.connect.apprise.client import TO, name_of, send, service_of
from leadwise.connect.http import Http, Would
from leadwise.connect.model import Connection
from leadwise.errors import UserError

SAMPLE = "+15550100"
"""What stands for the recipient where none is needed yet."""


@dataclass(frozen=True, slots=True)
class Service:
    """Messages go out through it; it takes no keys, so a message may come twice where the line
    broke after it was taken."""

    connection: Connection
    http: Http

    def test(self) -> str:
        """Which service the address is of; nothing is sent."""
        url = self.connection.secrets["url"]
        service = service_of(url, SAMPLE)
        more = ", to whom each message says" if TO in url else ""
        return f"{name_of(service)}{more}. Nothing was sent: send a message to be sure."

    def send(self, to: str, text: str, key: str) -> str:  # noqa: ARG002 - it takes none
        """Send it to `to` where the address has a place for it, else to where the address says."""
        url = self.connection.secrets["url"]
        if to and TO not in url:
            raise UserError(
                "no-channel", f"{self.connection.name} has one recipient, the one in its address.",
                hint="Leave the channel out, or write {to} in the address where it belongs.",
            )  # fmt: skip
        if not to and TO in url:
            raise UserError(
                "no-channel", f"Nothing says to whom {self.connection.name} is to send.",
                hint="Give the step a channel: a number such as +34600123456, a room.",
            )  # fmt: skip
        service = service_of(url, to)
        if self.http.dry:
            self.http.would.append(Would("SEND", name_of(service), text))
        else:
            send(service, text, self.connection.options.get("title", ""))
        return ""


def open_apprise(connection: Connection, http: Http) -> Service:
    """The service of a connection."""
    return Service(connection, http)
