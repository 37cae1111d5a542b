"""What calendars have in common: how instants are written, who is a guest, whose hours count."""

from __future__ import annotations

import hashlib
from base64 import b32hexencode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leadwise.asking.instants import written
from leadwise.connect.model import Ask, Connection
from leadwise.connect.slots import MINUTE_US, Hours, hours_of
from leadwise.errors import UserError
from leadwise.ingest.emails import account_domain, normalised_email
from leadwise.ingest.messages import Message
from leadwise.store.documents import canonical

ASKS = (
    Ask("hours", "Working hours", "Between which meetings are booked.", default="09:00-17:00",
        required=False),
    Ask("days", "Working days", "mon-fri, or mon,wed-thu.", default="mon-fri", required=False),
    Ask("zone", "Time zone", "Of these hours; empty: that of the calendar, else UTC.",
        required=False),
    Ask("own", "Own domains", "Addresses that are colleagues, not leads: acme.com, acme.es. Empty: "
        "the domain of the calendar's own address.", required=False),
    Ask("remind", "Reminders", "Minutes before a meeting, with commas between them; empty: as the "
        "calendar does it.", required=False),
)  # fmt: skip
"""What each connection to a calendar asks for."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who is asked to a meeting. `answer` is `accepted`, `declined` or empty."""

    address: str
    name: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting as a calendar has it. Instants are None where it has none (whole days)."""

    id: str
    title: str
    from_us: int | None
    until_us: int | None
    guests: tuple[Guest, ...]
    made_us: int | None
    changed_us: int | None
    cancelled: bool = False
    link: str = ""


def key_id(key: str) -> str:
    """32 signs (0-9, a-v) made of a key: an event's own id, the same for the same key."""
    return b32hexencode(hashlib.sha256(key.encode()).digest()[:20]).decode().lower()


def working_hours(connection: Connection, zone: str) -> Hours:
    """The hours of a connection; `zone` is the calendar's own. UserError (`bad-working-hours`)."""
    options = connection.options
    return hours_of(
        options.get("zone") or zone or "UTC", options.get("hours") or "09:00-17:00",
        options.get("days") or "mon-fri",
    )  # fmt: skip


def reminders(connection: Connection) -> tuple[int, ...] | None:
    """Minutes before a meeting; None: as the calendar does it. UserError (`bad-reminders`)."""
    given = connection.options.get("remind", "").strip()
    if not given:
        return None
    parts = [one.strip() for one in given.split(",")]
    if not all(one.isdecimal() and int(one) <= 40_320 for one in parts):
        raise UserError(
            "bad-reminders", f"'{given}' are no minutes before a meeting.",
            hint="Write 10, or 1440, 10; at most 40320 (four weeks).",
        )  # fmt: skip
    return tuple(int(one) for one in parts)


def meeting_messages(
    held: Held, connection: Connection, mine: str, now_us: int
) -> tuple[Message, ...]:
    """What a meeting says of the leads that are asked to it: `meeting_booked`, and where it is so
    `meeting_cancelled`, `meeting_accepted`, `meeting_declined`. `mine` is the address of the
    calendar."""
    if held.from_us is None or held.until_us is None:
        return ()
    own = own_domains(connection, mine)
    found: list[Message] = []
    for guest in held.guests:
        email = normalised_email(guest.address)
        if email is None or email.rpartition("@")[2] in own or email == normalised_email(mine):
            continue
        named = {"name": guest.name} if guest.name and "@" not in guest.name else {}
        about = {
            "meeting": held.id, "title": held.title, "starts": written(held.from_us),
            "ends": written(held.until_us), "link": held.link,
            "minutes": (held.until_us - held.from_us) // MINUTE_US,
        }  # fmt: skip
        made = held.made_us or held.changed_us or now_us
        changed = max(held.changed_us or made, made)
        said = [("booked", made, "")]
        if held.cancelled:
            said.append(("cancelled", changed, ""))
        elif guest.answer:
            said.append((guest.answer, changed, f":{written(held.from_us)}"))
        for what, at_us, more in said:
            found.append(
                Message(
                    "track", connection.name, f"{held.id}:{what}{more}:{email}",
                    f"meeting_{what}", min(at_us, now_us), now_us, email=email,
                    document=canonical({name: one for name, one in about.items() if one}),
                )
            )  # fmt: skip
        if named:
            found.append(
                Message(
                    "identify", connection.name, f"{held.id}:guest:{email}", "identify",
                    min(made, now_us), now_us, email=email, document=canonical(named),
                )
            )  # fmt: skip
    return tuple(found)


def own_domains(connection: Connection, mine: str) -> frozenset[str]:
    """Domains whose addresses are colleagues."""
    given = connection.options.get("own", "").replace(",", " ").lower().split()
    if given:
        return frozenset(one.lstrip("@") for one in given)
    address = normalised_email(mine)
    domain = account_domain(address) if address else None
    return frozenset((domain,) if domain else ())


def guests_of(meeting: Iterable[str]) -> list[str]:
    """Addresses in their one form, each once, in order. UserError (`bad-address`)."""
    found: list[str] = []
    for one in meeting:
        address = normalised_email(one)
        if address is None:
            raise UserError(
                "bad-address", f"'{one[:80]}' is no e-mail address, and cannot be asked.",
                hint="Write it as name@company.com.",
            )  # fmt: skip
        if address not in found:
            found.append(address)
    return found


def is_link(text: str) -> bool:
    """Whether a place is an address of the web."""
    return text.strip().lower().startswith(("https://", "http://"))


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """Without what is empty."""
    return {name: one for name, one in values.items() if one not in (None, "", [], {})}
