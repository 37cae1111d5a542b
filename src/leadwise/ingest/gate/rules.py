"""What the bot gate looks for, and the small records that it works on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any, Literal, TypeAlias

from leadwise.errors import UserError
from leadwise.ingest.gate.agents import GATEWAY_AGENTS, GATEWAY_NETWORKS, IMAGE_PROXIES
from leadwise.settings import GateSettings, Settings

Reason: TypeAlias = Literal["delivery", "burst", "crawler", "gateway", "honeypot"]
"""Too near to the mail's delivery; many of its links at once; a known crawler; a mail gateway; a
link that no person sees, or a click near one on such a link."""

SECOND_US = 1_000_000
MailKey: TypeAlias = tuple[str | None, ...]
"""The values of `GateRules.mail_keys` in an event, in their order."""


@dataclass(frozen=True, slots=True)
class ClearRule:
    """Which marks are no reason for suspicion. What is given must all be so; at least one is.

    `identity` is an e-mail address (as `normalised_email` writes it), user, anonymous or CRM id,
    and means whoever has it; `mail` is the value of any of the mail's keys; `user_agent` is a part
    of one, whatever the case. Raises UserError `gate-rule` for a rule that says nothing.
    """

    reason: Reason | None = None
    identity: str | None = None
    mail: str | None = None
    user_agent: str | None = None

    def __post_init__(self) -> None:
        if not (self.reason or self.identity or self.mail or self.user_agent):
            raise UserError(
                "gate-rule", "A rule that clears marks says nothing of which.",
                hint="Give at least one of reason, identity, mail and user_agent.",
            )  # fmt: skip

    def covers(
        self, reason: str, names: frozenset[str], mail: MailKey, user_agent: str | None
    ) -> bool:
        """Whether a mark for `reason` on an event of this mail and user agent is cleared by it.

        `names` are the identities of the lead.
        """
        return (
            (self.reason is None or self.reason == reason)
            and (self.identity is None or self.identity in names)
            and (self.mail is None or self.mail in mail)
            and (
                self.user_agent is None
                or (user_agent is not None and self.user_agent.lower() in user_agent.lower())
            )
        )


@dataclass(frozen=True, slots=True)
class GateRules:
    """All thresholds and names. Events are plain names, spans microseconds.

    The default names are those of the Segment specification for e-mail events and of the usual
    mail services' webhooks. Raises UserError `gate-pattern` for a pattern or
    network that is none.
    """

    sent: tuple[str, ...] = ("email_sent",)
    delivered: tuple[str, ...] = ("email_delivered",)
    opened: tuple[str, ...] = ("email_opened",)
    clicked: tuple[str, ...] = ("email_clicked", "email_link_clicked")

    mail_keys: tuple[str, ...] = (
        "mail_id", "message_id", "email_id", "campaign_id", "campaign",
    )  # fmt: skip
    """Properties that say which mail: two events are of one mail if the first of these that both
    have is equal, or if neither has any."""
    link_keys: tuple[str, ...] = ("link", "link_url", "url", "href", "link_id")
    """Properties that say which link was clicked: the first that is there."""
    agent_keys: tuple[str, ...] = ("user_agent", "userAgent")
    """Properties of a mail event with the user agent that did it; else that of the context."""
    ip_keys: tuple[str, ...] = ("ip", "ip_address")
    """The same for the address of the network."""

    after_delivery_us: int = 5 * SECOND_US
    """An open or click no later than this after the mail was sent or delivered."""
    before_delivery_us: int = 60 * SECOND_US
    """Nor can anybody click what is delivered only later. Bounded, because the next mail of a
    campaign may come under the same key."""
    burst_links: int = 3
    """So many different links of one mail ..."""
    burst_us: int = 10 * SECOND_US
    """... within this."""
    honeypot_us: int = 60 * SECOND_US
    """Clicks on the same mail this near to one on a honeypot, before and after."""
    honeypot_link: str = r"[?&]lw_honeypot=1(?![^&#])"
    """A regular expression, searched in links and addresses of pages. Empty: none."""
    honeypot_key: str = "honeypot"
    """A property that is true on an event of a honeypot. Empty: none."""

    crawlers: bool = True
    """Whether to ask the list of known crawlers."""
    gateway_agents: tuple[tuple[str, str], ...] = GATEWAY_AGENTS
    """Pairs of a pattern (case does not matter) and the name of whose user agents match it."""
    gateway_networks: tuple[tuple[str, str], ...] = GATEWAY_NETWORKS
    """Pairs of a network (`192.0.2.0/24`) and the name of whose it is."""
    image_proxies: str = IMAGE_PROXIES
    """User agents that fetch a mail's images when a person opens it: no suspicion in opens."""

    allow: tuple[ClearRule, ...] = ()
    """What is not marked in the first place."""

    late_us: int = 24 * 3600 * SECOND_US
    """What is told later than this after it happened is of the past: the change of score that it
    brings has the cause `import`."""

    mail_events: frozenset[str] = field(init=False, repr=False, compare=False)
    reach_us: int = field(init=False, repr=False, compare=False)
    """How far from an event, before and after, another one matters."""

    def __post_init__(self) -> None:
        for pattern in (self.honeypot_link, self.image_proxies):
            _check(re.compile, pattern, "regular expression")
        for pattern, _ in self.gateway_agents:
            _check(re.compile, pattern, "regular expression")
        for network, _ in self.gateway_networks:
            _check(ip_network, network, "network")
        names = frozenset(self.sent + self.delivered + self.opened + self.clicked)
        reach = max(
            self.after_delivery_us, self.before_delivery_us, self.burst_us, self.honeypot_us
        )
        object.__setattr__(self, "mail_events", names)
        object.__setattr__(self, "reach_us", reach)


@dataclass(frozen=True, slots=True)
class Seen:
    """A mail event that is recorded already: what the rules need of it."""

    event_id: int
    event: str
    at_us: int
    mail: MailKey
    link: str | None = None
    honeypot: bool = False
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Why an event is suspected: the message itself (`event_id` None) or one seen before."""

    event_id: int | None
    reason: Reason
    detail: str


def gate_rules(settings: GateSettings, **others: Any) -> GateRules:
    """The rules with the thresholds of the settings; `others` are further fields of theirs."""
    return GateRules(
        after_delivery_us=settings.delivery_seconds * SECOND_US,
        burst_us=settings.burst_seconds * SECOND_US,
        burst_links=settings.burst_links,
        **others,
    )


def recording_rules(settings: Settings) -> GateRules:
    """The rules by which what comes in is recorded, as the settings state them."""
    return gate_rules(settings.gate, late_us=settings.playbooks.late_hours * 3600 * SECOND_US)


def _check(read: Callable[[str], object], text: str, kind: str) -> None:
    try:
        read(text)
    except (ValueError, re.error) as error:
        raise UserError(
            "gate-pattern", f"{text!r} is no {kind}: {error}",
            hint="See the settings of the bot gate.",
        ) from error  # fmt: skip
