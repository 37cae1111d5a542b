"""What a person may ask for: a copy, erasure, not to be scored."""

from __future__ import annotations

import json

from starlette.responses import Response

from leadwise.store.export import export_person
from leadwise.store.privacy import object_to_scoring, withdraw_objection
from leadwise.web.erasing import erase_everywhere
from leadwise.web.pages.lead.asked import lead_id_of, typed
from leadwise.web.pages.lead.reading import gone, note_read, read_person
from leadwise.web.pages.rendering import HEADERS
from leadwise.web.pages.visit import Visit


def show_privacy(visit: Visit) -> Response:
    """What can be done for the person, and what it does."""
    return _page(visit, lead_id_of(visit), {})


def export(visit: Visit) -> Response:
    """Everything that is kept of the person, as a file. Noted in the audit trail."""
    lead_id = lead_id_of(visit)
    found = visit.write(lambda c: export_person(c, lead_id, visit.now_us, visit.who.actor))
    content = json.dumps(found, ensure_ascii=False, indent=2)
    named = f'attachment; filename="lead-{lead_id}.json"'
    return Response(
        content, headers={**HEADERS, "Content-Disposition": named}, media_type="application/json"
    )


def object_(visit: Visit) -> Response:
    """The person is scored no more."""
    lead_id, _ = lead_id_of(visit), visit.texts.say
    visit.write(lambda c: object_to_scoring(c, lead_id, visit.now_us, visit.who.actor))
    return visit.go(f"/leads/{lead_id}/privacy", _("The person is scored no more."))


def withdraw(visit: Visit) -> Response:
    """The person may be scored again."""
    lead_id, _ = lead_id_of(visit), visit.texts.say
    visit.write(lambda c: withdraw_objection(c, lead_id, visit.now_us, visit.who.actor))
    return visit.go(f"/leads/{lead_id}/privacy", _("The person is scored again, soon."))


def erase(visit: Visit) -> Response:
    """For ever, once the lead's number was typed."""
    lead_id, _ = lead_id_of(visit), visit.texts.say
    if typed(visit, "confirmation") != str(lead_id):
        fault = _("Type %(number)s here, the number of the lead.", number=lead_id)
        return _page(visit, lead_id, {"confirmation": fault}, status=422)
    found = erase_everywhere(visit.site.api, lead_id, visit.who.actor)
    said = visit.texts.count("%(num)s event was erased with the person.",
                             "%(num)s events were erased with the person.",
                             found.events)  # fmt: skip
    return visit.go("/leads", said)


def _page(visit: Visit, lead_id: int, faults: dict[str, str], status: int = 200) -> Response:
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found
    person = visit.read(lambda c: read_person(c, visit, lead_id))
    note_read(visit, lead_id, "privacy")
    return visit.page(
        "lead/privacy.html", status=status, person=person, faults=faults,
        given=typed(visit, "confirmation"),
    )  # fmt: skip
