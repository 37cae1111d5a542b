"""What members say over a score, and what they say of suspected events."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.ingest.gate.clearing import clear
from leadwise.live.overrides import add_override, end_override
from leadwise.store.audit import audit
from leadwise.store.cards import live_version
from leadwise.store.leads import get_head
from leadwise.store.said import overrides_of_lead, require_event
from leadwise.web.pages.lead.asked import (
    Faults,
    hundredths_of,
    lead_id_of,
    local_us,
    part_id_of,
    typed,
)
from leadwise.web.pages.lead.show import lead_page
from leadwise.web.pages.lower import in_words
from leadwise.web.pages.visit import Visit

LONGEST_WHY = 2_000
_FIELDS = {
    "override-what": "points", "override-points": "points", "override-band": "band",
    "override-reason": "reason", "override-end": "until",
}  # fmt: skip
"""Which field of the form an error is about."""


def override(visit: Visit) -> Response:
    """Set the band or add points, with a reason and maybe an end."""
    lead_id = lead_id_of(visit)
    _ = visit.texts.say
    given = {name: typed(visit, name) for name in ("what", "band", "points", "reason", "until")}
    faults: Faults = {}
    by_band = given["what"] == "band"
    points = None if by_band else hundredths_of(given["points"], visit.texts)
    if not by_band and points is None:
        faults["points"] = _("Write how many points, such as 20 or −5.")
    until = local_us(given["until"], visit.zone) if given["until"] else None
    if given["until"] and until is None:
        faults["until"] = _("This is no day and time: write it as 2026-06-30T14:00.")
    if not given["reason"]:
        faults["reason"] = _("Say why: whoever looks at the lead will read it.")

    def work(connection: Connection) -> None:
        get_head(connection, lead_id)
        version = live_version(connection)
        made = add_override(
            connection, version.card if version else None, lead_id,
            band=given["band"] if by_band else None, points=points, reason=given["reason"],
            until_us=until, actor=visit.who.actor, now_us=visit.now_us,
        )  # fmt: skip
        said = f"override {made.id}"
        audit(connection, visit.who.actor, "override", "lead", lead_id, said, visit.now_us)

    if not faults:
        try:
            visit.write(work)
            return visit.go(f"/leads/{lead_id}", _("Overridden. The lists follow within moments."))
        except UserError as error:
            if error.code not in _FIELDS:
                raise
            faults[_FIELDS[error.code]] = in_words(error, visit.texts).message
    return lead_page(visit, lead_id, 422, faults=faults, typed=given)


def end(visit: Visit) -> Response:
    """End an override before its time."""
    lead_id, override_id = lead_id_of(visit), part_id_of(visit, "override_id")
    _ = visit.texts.say

    def work(connection: Connection) -> None:
        if all(one.id != override_id for one in overrides_of_lead(connection, lead_id)):
            raise UserError(
                "override-unknown", _("This lead has no such override."),
                hint=_("The lead's page lists those that are in force."),
            )  # fmt: skip
        end_override(connection, override_id, visit.who.actor, visit.now_us)
        said = f"override {override_id}"
        audit(connection, visit.who.actor, "end override", "lead", lead_id, said, visit.now_us)

    visit.write(work)
    return visit.go(f"/leads/{lead_id}", _("Ended. The computed score stands again."))


def count_it(visit: Visit) -> Response:
    """Let a suspected event weigh after all."""
    lead_id, event_id = lead_id_of(visit), part_id_of(visit, "event_id")
    _ = visit.texts.say
    why = typed(visit, "why")[:LONGEST_WHY] or "counted by a person"

    def work(connection: Connection) -> None:
        require_event(connection, lead_id, event_id)
        clear(connection, [event_id], visit.who.actor, why, visit.now_us)
        said = f"lead {lead_id}"
        audit(connection, visit.who.actor, "clear", "event", event_id, said, visit.now_us)

    visit.write(work)
    return visit.go(
        f"/leads/{lead_id}/events/{event_id}", _("The event counts now, in past scores too.")
    )
