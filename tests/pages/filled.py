"""A site with something on every page of administration."""

from __future__ import annotations

from typing import Any

from leadwise.ingest.forms import Form
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.incoming import Incoming
from leadwise.ingest.record import record
from leadwise.ingest.segment import Arrival, receive_again
from leadwise.ingest.sources import save_form, save_incoming
from leadwise.store.audit import audit
from leadwise.store.keys import create_key, key_used, revoke_key
from leadwise.store.members import change_member
from leadwise.store.sessions import begin_session
from tests.pages.site import PagesSite
from tests.web.api_service import DAY_US, NOW_US

WRONG = '{"type": "track", "userId": "ann", "messageId": "m1", "properties": {"seats": 3}}'
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Safari/605"


def fill(site: PagesSite) -> None:
    """Keys, members' sessions, refused events, jobs, sources, a trail."""
    site.leads.write(lambda c: _fill(c, site))
    refused = receive_again(WRONG, Arrival("web-site", NOW_US - DAY_US))
    site.leads.write(lambda c: record(c, refused, GateRules(), NOW_US))
    jobs = site.leads.api.with_jobs()
    jobs.enqueue("mirror", {}, id="mirror@2027-01-15T08:15")
    jobs.cancel(jobs.enqueue("import", {}, id="import:leads-of-the-spring-fair.csv"))


def _fill(connection: Any, site: PagesSite) -> None:
    for role, member in site.members.items():
        if role != "read_only":
            begin_session(connection, member.id, AGENT, NOW_US - DAY_US // 4)
            change_member(connection, member.id, last_in_us=NOW_US - DAY_US // 4, password="x")
    change_member(connection, site.members["read_only"].id, disabled_us=NOW_US - DAY_US)
    by = site.members["administrator"].actor
    create_key(connection, "web site", by=by, now_us=NOW_US - 90 * DAY_US, kind="write",
               origins=("https://www.example.com",))  # fmt: skip
    crm, _ = create_key(connection, "CRM", by=by, now_us=NOW_US - 80 * DAY_US,
                        scopes=frozenset({"read:leads", "write:leads"}))  # fmt: skip
    key_used(connection, crm.id, NOW_US - DAY_US // 50)
    old, _ = create_key(connection, "last year's agency", by=by, now_us=NOW_US - 300 * DAY_US,
                        scopes=frozenset({"write:events"}))  # fmt: skip
    revoke_key(connection, old.id, NOW_US - 100 * DAY_US)
    save_form(connection, Form("contact", "form:contact", {"E-mail": "email"}), NOW_US)
    save_incoming(connection, Incoming("billing", ("whsec_c2VjcmV0",)), NOW_US)
    save_incoming(connection, Incoming("spreadsheet"), NOW_US)
    told = [
        ("key:CRM", "export", "lead", 1, "12 leads"),
        ("sign-in", "sign-in-failed", "member", 2, None),
        (by, "publish", "card", 1, "interest, version 1"),
        ("cli:leadwise", "create", "key", 9, "website"),
    ]
    for number, (actor, action, subject, id_, detail) in enumerate(told):
        audit(connection, actor, action, subject, id_, detail, NOW_US - number * DAY_US // 24)
