"""All pages, and the navigation that leads to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from leadwise.web.api.parts import Api
from leadwise.web.pages.admin.routes import ROUTES as ADMIN
from leadwise.web.pages.assets import ASSETS
from leadwise.web.pages.lead.routes import ROUTES as LEAD
from leadwise.web.pages.learning.routes import ROUTES as LEARNING
from leadwise.web.pages.playbooks.routes import ROUTES as PLAYBOOKS
from leadwise.web.pages.qualify.routes import ROUTES as QUALIFY
from leadwise.web.pages.queue.routes import ROUTES as QUEUE
from leadwise.web.pages.rendering import environment
from leadwise.web.pages.reports.routes import ROUTES as REPORTS
from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, route_of
from leadwise.web.pages.signin.routes import ROUTES as SIGN_IN
from leadwise.web.pages.site import Health, Site
from leadwise.web.pages.studio.routes import ROUTES as STUDIO
from leadwise.web.pages.tasks.routes import ROUTES as TASKS
from leadwise.web.pages.troubles import Troubles
from leadwise.web.pages.visit import Visit

LEAST_BYTES = 800
"""Answers below this are not worth compressing."""
COMPRESSION = 6
"""The highest, 9, takes twice the time for a hundredth of the bytes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the navigation; `label` is a text of the catalogue.

    `also` are addresses that belong to it, too.
    """

    label: str
    address: str
    right: Right
    also: tuple[str, ...] = ()


def N_(text: str) -> str:  # noqa: N802 - as gettext's tools know it
    """Marks a text that is translated where it is shown."""
    return text


ENTRIES = (
    Entry(N_("Queue"), "/queue", Right.READ),
    Entry(N_("Leads"), "/leads", Right.READ),
    Entry(N_("Companies"), "/companies", Right.READ),
    Entry(N_("Qualification"), "/qualification", Right.READ, ("/review", "/frames")),
    Entry(N_("Studio"), "/studio", Right.READ),
    Entry(N_("Playbooks"), "/playbooks", Right.READ, ("/tasks",)),
    Entry(N_("Learning"), "/learning", Right.READ),
    Entry(N_("Reports"), "/reports", Right.READ),
    Entry(N_("Administration"), "/admin", Right.ADMIN),
)


def _start(_: Visit) -> Response:
    return RedirectResponse("/queue", 303)


PAGES: tuple[Page, ...] = (
    get("/", _start), *SIGN_IN, *QUEUE, *LEAD, *QUALIFY, *STUDIO, *PLAYBOOKS, *TASKS,
    *LEARNING, *REPORTS, *ADMIN,
)  # fmt: skip
THERE = frozenset(page.path for page in PAGES)
NAVIGATION = tuple(entry for entry in ENTRIES if entry.address in THERE)
"""Only what is there is promised."""


def navigation(visit: Visit) -> list[tuple[str, str, bool]]:
    """The links that a member has: label, address, whether it is where we are."""
    path = visit.request.url.path
    return [
        (
            visit.texts.say(entry.label),
            entry.address,
            any(_is_in(path, address) for address in (entry.address, *entry.also)),
        )
        for entry in NAVIGATION
        if visit.may(entry.right)
    ]


def _is_in(path: str, address: str) -> bool:
    return path == address or path.startswith(f"{address}/")


def site_of(api: Api, secret: bytes, health: Health | None = None) -> Site:
    """What pages work with, over the parts of a service."""
    templates = environment()
    templates.globals["navigation"] = navigation
    return Site(api, templates, secret, health)


def mounted(site: Callable[[], Site]) -> Mount:
    """Everything that people see, below the root; goes after all other routes."""
    router = Router([ASSETS, *(route_of(page, site) for page in PAGES)], redirect_slashes=False)
    told: ASGIApp = Troubles(router, site)
    return Mount("/", GZipMiddleware(told, LEAST_BYTES, COMPRESSION))
