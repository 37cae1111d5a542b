"""Routes of administration."""

from __future__ import annotations

from leadwise.web.pages.admin import connections, jobs, keys, members, refused
from leadwise.web.pages.admin.overview import overview
from leadwise.web.pages.admin.sources import sources_page
from leadwise.web.pages.admin.trail import trail_page
from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post

ADMIN = Right.ADMIN
_MEMBER = "/admin/members/{member_id:int}"
_CONNECTION = f"{connections.PLACE}/{{name}}"
_REFUSED = "/admin/refused/{refused_id:int}"

ROUTES: tuple[Page, ...] = (
    get("/admin", overview, ADMIN),
    get("/admin/members", members.members_page, ADMIN),
    post("/admin/members", members.add, ADMIN),
    get(_MEMBER, members.member_page, ADMIN),
    post(f"{_MEMBER}/name", members.correct, ADMIN),
    post(f"{_MEMBER}/role", members.change_role, ADMIN),
    post(f"{_MEMBER}/disable", members.disable, ADMIN),
    post(f"{_MEMBER}/enable", members.enable, ADMIN),
    post(f"{_MEMBER}/sign-out", members.end_all, ADMIN),
    post(f"{_MEMBER}/link", members.new_link, ADMIN),
    get("/admin/keys", keys.keys_page, ADMIN),
    post("/admin/keys", keys.make, ADMIN),
    post("/admin/keys/{key_id:int}/revoke", keys.revoke, ADMIN),
    get("/admin/trail", trail_page, ADMIN),
    get("/admin/jobs", jobs.jobs_page, ADMIN),
    post("/admin/jobs/cancel", jobs.cancel, ADMIN),
    post("/admin/jobs/retry", jobs.retry, ADMIN),
    get("/admin/refused", refused.refused_page, ADMIN),
    get(_REFUSED, refused.refused_event_page, ADMIN),
    post(f"{_REFUSED}/again", refused.again, ADMIN),
    get("/admin/sources", sources_page, ADMIN),
    get(connections.PLACE, connections.connections_page, ADMIN),
    get(f"{connections.PLACE}/new/{{kind}}", connections.new_page, ADMIN),
    post(f"{connections.PLACE}/new/{{kind}}", connections.make, ADMIN),
    get(_CONNECTION, connections.connection_page, ADMIN),
    post(f"{_CONNECTION}/test", connections.test, ADMIN),
    post(f"{_CONNECTION}/save", connections.save, ADMIN),
    post(f"{_CONNECTION}/map", connections.map_fields, ADMIN),
    post(f"{_CONNECTION}/pause", connections.pause, ADMIN),
    post(f"{_CONNECTION}/resume", connections.resume, ADMIN),
    post(f"{_CONNECTION}/start", connections.start, ADMIN),
    post(f"{_CONNECTION}/remove", connections.delete, ADMIN),
)
