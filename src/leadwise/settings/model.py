"""What can be set: every setting with its type, default, bounds and what it means.

docs/settings.md is compared with these descriptions. Units are part of the names; lists and
mappings cannot be changed afterwards.
"""

from __future__ import annotations

import re
import socket
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
)

from leadwise.settings.frozen import Frozen as _Frozen
from leadwise.settings.frozen import public as _public
from leadwise.settings.mail import MailSettings
from leadwise.settings.playbooks import PlaybookSettings
from leadwise.settings.reader import ModelSettings
from leadwise.settings.schedules import ScheduleSettings
from leadwise.settings.team import SignInSettings, TeamSettings
from leadwise.settings.texts import listed, paired

KIB, MIB = 1024, 1024 * 1024
ANY_ORIGIN = "*"
SQLITE, POSTGRESQL = ("sqlite:///",), ("postgresql://", "postgres://")


def _address(given: str) -> str:
    if given and not given.startswith(SQLITE + POSTGRESQL):
        raise ValueError("expected postgresql://user@host/database or sqlite:///file")
    if given.startswith(POSTGRESQL):
        # What follows the last @, for a password may hold any sign.
        place = re.split(r"[/?]", given.rpartition("@")[2].rpartition("://")[2])[0]
        port = re.search(r":([^\]]*)$", place)
        if port and not port[1].isdigit():
            raise ValueError("expected a number as the port, after the host and a colon")
    return given


def _origin(given: str) -> str:
    parts = urlsplit(given)
    if given != ANY_ORIGIN and (
        parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query
    ):
        raise ValueError(f"expected an origin such as https://www.example.com, not '{given}'")
    return given


def _network(given: str) -> str:
    if given != ANY_ORIGIN:
        ip_network(given)
    return given


Texts = Annotated[tuple[str, ...], BeforeValidator(listed)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(listed)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(listed)]
Days = Annotated[int, Field(ge=1, le=36_500)]
# Pairs, not a mapping: settings can be neither changed nor hashed otherwise.
DaysByEvent = Annotated[tuple[tuple[str, Days], ...], BeforeValidator(paired)]


class LogSettings(_Frozen):
    """What is written to standard error, and how."""

    format: Literal["auto", "console", "json"] = Field(
        default="auto",
        description="`json`: one object a line; `console`: lines for people; `auto`: `console` "
        "where standard error is a terminal, else `json`.",
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe lines that are written."
    )
    access: Literal["all", "api", "failed", "none"] = Field(
        default="api",
        description="Which requests get a line: all; `api`: all but those that bring events and go "
        "well; those answered with 400 or more; or none.",
    )


class LimitSettings(_Frozen):
    """What one client may ask of the service."""

    body_bytes: int = Field(
        default=4 * MIB,
        ge=KIB,
        description="Largest body of a request, as sent. The tracking API has the limits of its "
        "specification besides.",
    )
    upload_bytes: int = Field(
        default=2048 * MIB, ge=KIB, description="Largest file sent to `/api/imports`."
    )
    api_per_second: int = Field(
        default=50,
        ge=1,
        description="Requests to `/api` a second, of one key and of one address.",
    )
    tracking_per_second: int = Field(
        default=1000,
        ge=1,
        description="Requests to the tracking API a second and write key, for each process.",
    )
    forms_per_minute: int = Field(
        default=10, ge=1, description="Posts of web forms a minute and address."
    )
    queue_requests: int = Field(
        default=2000,
        ge=1,
        description="Requests that may wait to be written; those beyond are answered 503 with "
        "`Retry-After`.",
    )
    connections: int = Field(
        default=2000, ge=10, description="Connections at one time; those beyond are answered 503."
    )


class ScoringSettings(_Frozen):
    """When leads are scored."""

    refresh_seconds: int = Field(
        default=3600,
        ge=60,
        description="How often leads whose score moves with time alone are scored again.",
    )
    busy_events: int = Field(
        default=5000,
        ge=100,
        description="A lead with more events than this is scored at most once a minute.",
    )
    ready_lag_seconds: int = Field(
        default=120,
        ge=1,
        description="`/readyz` answers 503 when a touched lead waits longer than this for its "
        "score.",
    )


class RetentionSettings(_Frozen):
    """How long things are kept. Scores forget an event when it goes."""

    events: DaysByEvent = Field(
        default=(),
        description="Days by kind of event, such as `page_viewed = 400`; kinds that are not named "
        "are kept for `events_days`. In the environment: `page_viewed=400,email_opened=90`.",
    )
    events_days: Days | None = Field(
        default=None, description="Days for all other events; without it they are kept."
    )
    refused_days: Days = Field(default=90, description="Days for refused events.")
    access_days: Days = Field(
        default=730, description="Days for the log of who read or exported personal data."
    )
    jobs_days: Days = Field(default=30, description="Days for finished jobs.")
    exchanges_days: Days = Field(
        default=90, description="Days for the log of what was exchanged with connected systems."
    )
    studies_days: Days = Field(
        default=730,
        description="Days for studies of the past; the latest answer to each question stays.",
    )
    attachments_days: Days = Field(
        default=90, description="Days for what came along with incoming mail."
    )
    runs_days: Days = Field(
        default=400, description="Days for runs of playbooks that are over, with their tasks."
    )
    conversations_days: Days | None = Field(
        default=None,
        description="Days for what was said in conversations; answers stay, with their quotes. "
        "Without it they are kept.",
    )

    def days_of(self, event: str) -> int | None:
        """How long events of a kind are kept; None is for ever."""
        return dict(self.events).get(event, self.events_days)


class GateSettings(_Frozen):
    """When the bot gate doubts an event."""

    delivery_seconds: int = Field(
        default=5, ge=0, description="A click so soon after delivery is a security gateway's."
    )
    burst_seconds: int = Field(
        default=10, ge=1, description="Clicks of one mail within this time are a burst."
    )
    burst_links: int = Field(
        default=3, ge=2, description="Different links of one mail that make a burst suspect."
    )


class AccountSettings(_Frozen):
    """What a card for accounts (companies) is told of their leads."""

    role_field: str = Field(
        default="role",
        pattern=r"^[a-z][a-z0-9_]*$",
        description="The field of a lead that names its buying role.",
    )
    hot_band: str = Field(
        default="",
        description="From this band of the live card on a lead is hot; empty: in the highest.",
    )


class QualifySettings(_Frozen):
    """Which answers that were read from conversations wait for a person."""

    review_below: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Answers whose confidence is below wait for somebody to look at them; so do "
        "contradicted ones.",
    )
    review_sample: float = Field(
        default=0.05, ge=0, le=1, description="The share of all others that wait too."
    )


class LearningSettings(_Frozen):
    """What is learned from outcomes by itself, and what it takes to publish."""

    goal: Literal["won", "sales_qualified"] = Field(
        default="won", description="The outcome that scores are to foretell."
    )
    horizon_days: Days = Field(
        default=90, description="How long after a moment an outcome still counts."
    )
    gate: Literal["on", "off"] = Field(
        default="off",
        description="`on`: a card replaces the live one only after a `gate` study has shown that "
        "it orders better, or with a reason that somebody gives for publishing it all the same.",
    )
    publish: Literal["never", "when better"] = Field(
        default="never",
        description="What becomes of a card learned by itself: a draft for somebody to look at, or "
        "`when better` a shadow card that is published once the gate is open.",
    )


class Settings(_Frozen):
    """All settings of a process."""

    data: Path = Field(
        default=Path("leadwise-data"),
        description="The data folder: the embedded store, jobs, the mirror, the secret key.",
    )
    database: Annotated[str, AfterValidator(_address)] = Field(
        default="",
        repr=False,
        description="The store: `postgresql://user:password@host/database`, or a file of SQLite's "
        "as `sqlite:///file`. Empty: `leadwise.db` in the data folder.",
    )
    host: str = Field(
        default="127.0.0.1", min_length=1, description="The address to listen on; `0.0.0.0`: all."
    )
    port: int = Field(default=8000, ge=0, le=65535, description="The port; 0: any that is free.")
    public_url: Annotated[str, AfterValidator(_public)] = Field(
        default="",
        description="The address by which others reach the service, for links; empty: that of the "
        "request.",
    )
    worker: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]{0,63}$",
        description="The name of this process among those on one PostgreSQL, the same after a "
        "restart. Empty: the machine's name.",
    )
    durability: Literal["process", "power"] | None = Field(
        default=None,
        description="What an acknowledged event survives: `process`: the process being killed; "
        "`power`: a power cut too, at some cost. Without it: `process` for SQLite, `power` for "
        "PostgreSQL.",
    )
    batch_memory: str = Field(
        default="",
        pattern=r"^([1-9][0-9]*(MB|GB))?$",
        description="The memory that work on the whole population may take, such as `4GB`; empty: "
        "80 percent of the machine's.",
    )
    secret_key_file: Path | None = Field(
        default=None,
        description="The key that signs what is handed out, made at first start, readable by its "
        "owner alone. Without it: `secret.key` in the data folder.",
    )
    cors_origins: Origins = Field(
        default=(),
        description="Origins whose pages may call `/api` from a browser, with a comma between "
        "them. Tracking is open to all origins, which write keys narrow.",
    )
    trusted_proxies: Networks = Field(
        default=("127.0.0.1",),
        description="Addresses or networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are "
        "believed.",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="What `/metrics` wants as `Authorization: Bearer`; empty: it answers this "
        "machine only.",
    )
    exports: Texts = Field(
        default=(),
        description="Lists that are written at `[schedules] exports`, each as what, band, form, "
        "connection and file: `audience hot google lake audiences/hot.csv` (docs/connectors/"
        "audiences.md).",
    )
    log: LogSettings = LogSettings()
    limits: LimitSettings = LimitSettings()
    scoring: ScoringSettings = ScoringSettings()
    retention: RetentionSettings = RetentionSettings()
    gate: GateSettings = GateSettings()
    accounts: AccountSettings = AccountSettings()
    schedules: ScheduleSettings = ScheduleSettings()
    sign_in: SignInSettings = SignInSettings()
    team: TeamSettings = TeamSettings()
    qualify: QualifySettings = QualifySettings()
    learning: LearningSettings = LearningSettings()
    playbooks: PlaybookSettings = PlaybookSettings()
    mail: MailSettings = MailSettings()
    model: ModelSettings = ModelSettings()

    @property
    def database_url(self) -> str:
        """The store's address, with the default filled in. May hold a password."""
        return self.database or f"sqlite:///{self.data / 'leadwise.db'}"

    @property
    def embedded(self) -> bool:
        """Whether the store is a file that one process writes."""
        return self.database_url.startswith(SQLITE)

    @property
    def store_file(self) -> Path | None:
        """The file of an embedded store."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.embedded else None

    @property
    def secret_key_path(self) -> Path:
        """Where the secret key is."""
        return self.secret_key_file or self.data / "secret.key"

    @property
    def worker_name(self) -> str:
        """The name of this process, never empty."""
        return self.worker or socket.gethostname()
