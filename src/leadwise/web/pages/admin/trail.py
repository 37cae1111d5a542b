"""/admin/trail: who did what, and who read or exported what is known of a person."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from leadwise.store.audit import list_audit
from leadwise.store.members import list_members
from leadwise.web.pages.admin.tabs import PAGE_SIZE, before_of, show
from leadwise.web.pages.admin.wording import action_names, subject_names
from leadwise.web.pages.visit import Visit

LONGEST = 100


def trail_page(visit: Visit) -> Response:
    """The trail, the newest first; of one subject or one member where they are named."""
    subject = visit.query.get("subject", "").strip()[:LONGEST]
    subject_id = visit.query.get("id", "").strip()[:LONGEST]
    actor = visit.query.get("who", "").strip()[:LONGEST]
    before = before_of(visit)
    rows = visit.read(
        lambda c: list_audit(
            c, subject=subject or None, subject_id=subject_id or None, actor=actor or None,
            before_id=before, limit=PAGE_SIZE,
        )
    )  # fmt: skip
    names = {member.actor: member.name for member in visit.read(list_members)}
    more = None
    if len(rows) == PAGE_SIZE:
        asked = {"subject": subject, "id": subject_id, "who": actor, "before": rows[-1].id}
        more = urlencode({name: value for name, value in asked.items() if value})
    return show(
        visit, "trail", rows=rows, names=names, subject=subject, subject_id=subject_id,
        actor=actor, subjects=subject_names(visit.texts), actions=action_names(visit.texts),
        more=more, first=before is None,
    )  # fmt: skip
