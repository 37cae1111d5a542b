"""Routes of leads and companies."""

from __future__ import annotations

from leadwise.web.pages.lead.asking import add_facts, show_questions
from leadwise.web.pages.lead.changing import count_it, end, override
from leadwise.web.pages.lead.companies import show_companies, show_company
from leadwise.web.pages.lead.downloads import company_csv, ledger_csv, scores_csv
from leadwise.web.pages.lead.listing import show_leads
from leadwise.web.pages.lead.merging import merge, show_merge, undo
from leadwise.web.pages.lead.privacy import erase, export, object_, show_privacy, withdraw
from leadwise.web.pages.lead.scores import show_scores
from leadwise.web.pages.lead.show import show_event, show_lead, show_timeline
from leadwise.web.pages.lead.why import show_why
from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post

_LEAD = "/leads/{lead_id:int}"
ROUTES: tuple[Page, ...] = (
    get("/leads", show_leads),
    get(_LEAD, show_lead),
    get(f"{_LEAD}/ledger.csv", ledger_csv),
    get(f"{_LEAD}/scores", show_scores),
    get(f"{_LEAD}/scores.csv", scores_csv),
    get(f"{_LEAD}/timeline", show_timeline),
    get(f"{_LEAD}/events/{{event_id:int}}", show_event),
    post(f"{_LEAD}/events/{{event_id:int}}/clear", count_it, Right.WORK),
    get(f"{_LEAD}/questions", show_questions),
    get(f"{_LEAD}/why", show_why),
    post(f"{_LEAD}/facts", add_facts, Right.WORK),
    post(f"{_LEAD}/overrides", override, Right.WORK),
    post(f"{_LEAD}/overrides/{{override_id:int}}/end", end, Right.WORK),
    get(f"{_LEAD}/merge", show_merge, Right.WORK),
    post(f"{_LEAD}/merge", merge, Right.WORK),
    post(f"{_LEAD}/merges/{{merge_id:int}}/undo", undo, Right.WORK),
    get(f"{_LEAD}/privacy", show_privacy, Right.PRIVACY),
    post(f"{_LEAD}/export", export, Right.PRIVACY),
    post(f"{_LEAD}/object", object_, Right.PRIVACY),
    post(f"{_LEAD}/withdraw-objection", withdraw, Right.PRIVACY),
    post(f"{_LEAD}/erase", erase, Right.PRIVACY),
    get("/companies", show_companies),
    get("/companies/{account_id:int}", show_company),
    get("/companies/{account_id:int}/ledger.csv", company_csv),
)
