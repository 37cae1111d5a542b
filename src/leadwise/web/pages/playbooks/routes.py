"""Routes of the pages of playbooks."""

from __future__ import annotations

from leadwise.web.pages.playbooks import drawn, mails, runs, writing
from leadwise.web.pages.playbooks.overview import playbooks_page
from leadwise.web.pages.playbooks.trying import dry_run_page
from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post

CARDS = Right.CARDS
_MAIL = f"{mails.PLACE}/{{name}}"
_VERSION = "/playbooks/{version_id:int}"

ROUTES: tuple[Page, ...] = (
    get("/playbooks", playbooks_page),
    get("/playbooks/write", writing.write_page, CARDS),
    post("/playbooks/write", writing.save, CARDS),
    get("/playbooks/guided", writing.guided_page, CARDS),
    post("/playbooks/guided", writing.guided, CARDS),
    get("/playbooks/wish", writing.wish_page, CARDS),
    post("/playbooks/wish", writing.wish, CARDS),
    get(mails.PLACE, mails.mails_page),
    get("/playbooks/new-mail", mails.new_page, CARDS),
    post("/playbooks/new-mail", mails.save, CARDS),
    get(_MAIL, mails.mail_page),
    post(_MAIL, mails.save, CARDS),
    get(f"{_MAIL}/html", mails.html_page),
    get("/playbooks/runs", runs.runs_page),
    get("/playbooks/runs/{run_id:int}", runs.run_page),
    post("/playbooks/runs/{run_id:int}/stop", runs.stop, Right.WORK),
    get(_VERSION, drawn.playbook_page),
    get(f"{_VERSION}/dry-run", dry_run_page),
    post(f"{_VERSION}/publish", drawn.publish, CARDS),
    post(f"{_VERSION}/pause", drawn.pause, CARDS),
    post(f"{_VERSION}/resume", drawn.resume, CARDS),
    post(f"{_VERSION}/retire", drawn.retire, CARDS),
    post(f"{_VERSION}/move", drawn.move, CARDS),
)
