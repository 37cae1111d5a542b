"""How mail is sent, how fast, and where answers to it come in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr

from leadwise.settings.frozen import Frozen as _Frozen
from leadwise.settings.texts import paired

MIB = 1024 * 1024
PerMinute = Annotated[int, Field(ge=1)]
# Pairs, not a mapping: settings can be neither changed nor hashed otherwise.
RateByDomain = Annotated[tuple[tuple[str, PerMinute], ...], BeforeValidator(paired)]
Inbox = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
InboxByAddress = Annotated[tuple[tuple[str, Inbox], ...], BeforeValidator(paired)]


class MailSettings(_Frozen):
    """How mail is sent, how fast, and where answers to it come in."""

    host: str = Field(
        default="",
        description="The SMTP server that takes mail, which also signs it (DKIM); empty: none is "
        "sent.",
    )
    port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="`starttls`: encrypted after a greeting; `tls`: from the first byte (port "
        "465); `none`: not at all, for a server on this machine.",
    )
    ca_file: Path | None = Field(
        default=None,
        description="Certificates that the server's own is checked by, in PEM; without it the "
        "system's.",
    )
    username: str = Field(default="", description="The name to sign in with; empty: none.")
    password: SecretStr = Field(default=SecretStr(""), description="The password to it.")
    hello: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9.\-]{0,253}$",
        description="The name by which the server is greeted; empty: the machine's.",
    )
    timeout_seconds: int = Field(
        default=30, ge=1, le=600, description="How long the server is waited for, at each command."
    )
    connections: int = Field(
        default=2, ge=1, le=50, description="Connections to the server at one time."
    )
    sender: str = Field(
        default="",
        description="From whom mail is: `Ann at Acme <ann@acme.example>`. A template or step may "
        "name another.",
    )
    reply_to: str = Field(default="", description="Where replies go; empty: to the sender.")
    bounces_to: str = Field(
        default="",
        description="Where reports of mail that could not be delivered go. A `*` in it becomes "
        "the mail's own sign (`bounces+*@acme.example`). Empty: to the sender.",
    )
    postal_address: str = Field(
        default="",
        description="Stands at the foot of marketing mail; the law of many countries wants it.",
    )
    tracking: Literal["opens and clicks", "clicks", "none"] = Field(
        default="opens and clicks",
        description="What is noticed of mails that were sent; needs `public_url`. A template may "
        "say less.",
    )
    per_minute: int = Field(
        default=600, ge=1, description="Mails a minute, of each process that sends."
    )
    domain_per_minute: int = Field(
        default=60, ge=0, description="Mails a minute to one domain; 0: no bound."
    )
    domain_rates: RateByDomain = Field(
        default=(),
        description="The same for certain domains: `gmail.com = 20`. In the environment: "
        "`gmail.com=20,acme.example=5`.",
    )
    retry_hours: int = Field(
        default=48,
        ge=1,
        description="For how long a mail is tried again that the server does not take for now.",
    )
    attachment_bytes: int = Field(
        default=7 * MIB, ge=0, description="The most that a mail's attachments may be together."
    )
    keep_attachment_bytes: int = Field(
        default=10 * MIB,
        ge=0,
        description="The most that is kept of what comes along with one incoming message: PDFs, "
        "pictures and texts; 0: none.",
    )
    templates: Path | None = Field(
        default=None,
        description="A folder of templates (`NAME.md`, `NAME.es.md`), beside those in the store.",
    )
    keep_days: int = Field(
        default=90,
        ge=1,
        description="Days for what was in mails; that they were sent is kept with the lead.",
    )
    intake_key: SecretStr = Field(
        default=SecretStr(""),
        description="What `POST /m/in` wants as `Authorization: Bearer` from the program that "
        "hands on incoming mail; empty: there is no such route.",
    )
    imap_host: str = Field(
        default="",
        description="The IMAP server of the mailbox that bounces and replies come into; empty: "
        "none is read.",
    )
    imap_port: int = Field(default=993, ge=1, le=65535, description="Its port, with TLS.")
    imap_security: Literal["tls", "none"] = Field(
        default="tls", description="`none`: without encryption, for a server on this machine."
    )
    imap_username: str = Field(default="", description="The mailbox's name.")
    imap_password: SecretStr = Field(default=SecretStr(""), description="The password to it.")
    imap_folder: str = Field(default="INBOX", description="The folder that is read.")
    inboxes: InboxByAddress = Field(
        default=(),
        description="Addresses at which people write to us: `support@acme.example = support`. "
        "Incoming mail to one that answers no mail of ours starts the playbooks with `message: "
        "support`. In the environment: `support@acme.example=support`.",
    )

    def rate_of(self, domain: str) -> int:
        """Mails a minute to a domain; 0 is no bound."""
        return dict(self.domain_rates).get(domain, self.domain_per_minute)
