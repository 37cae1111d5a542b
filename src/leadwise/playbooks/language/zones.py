"""Time zones by their IANA names."""

from __future__ import annotations

from zoneinfo import available_timezones

from leadwise.card.nearest import suggestion
from leadwise.card.source import Path
from leadwise.errors import Problem
from leadwise.playbooks.language.reading import Reading


def read_zone(found: Reading, path: Path) -> str | None:
    """The name of a zone that there is."""
    name = found.value("text", path)
    if name is None or name == "UTC":
        return name if name is None else str(name)
    known = available_timezones()
    if name in known:
        return str(name)
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(known)}
    near = cities.get(name.strip().replace(" ", "_").title())
    hint = f"did you mean '{near}'?" if near else ""
    hint = hint or suggestion(name, sorted(known), "write it as Europe/Madrid")
    message = f"'{name}' is not a time zone"
    found.add(Problem("unknown-timezone", message, hint, found.place(path)))
    return None
