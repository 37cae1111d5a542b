"""The frame around pages of a test's own."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Router
from starlette.testclient import TestClient

from leadwise.errors import RemoteError, UserError
from leadwise.settings import Settings
from leadwise.settings.model import LimitSettings, LogSettings
from leadwise.web.app import create_app
from leadwise.web.pages.assets import ASSETS
from leadwise.web.pages.rights import Right
from leadwise.web.pages.routes import site_of
from leadwise.web.pages.routing import get, post, route_of, stream
from leadwise.web.pages.site import Site
from leadwise.web.pages.troubles import Troubles
from leadwise.web.pages.visit import Visit
from leadwise.web.service import Service
from tests.pages.site import SECRET, PagesSite


def _fails(visit: Visit) -> Response:
    raise UserError("no-such-lead", "There is no lead <b>.", hint="Look again.")


def _breaks(visit: Visit) -> Response:
    raise ZeroDivisionError


def _remote(visit: Visit) -> Response:
    raise RemoteError("the database went away", permanent=False)


def _save(visit: Visit) -> Response:
    return visit.go(str(visit.form.get("to", "/test/shown")), "Saved “ä”.")


def _flows(visit: Visit) -> Response:
    raise AssertionError("a HEAD starts no stream")


PAGES = (
    get("/test/shown", lambda visit: visit.page("problem.html", error=UserError("x", "<i>"),
                                                problems=())),
    get("/test/number/{id:int}", lambda visit: PlainTextResponse(str(visit.number("id")))),
    get("/test/fails", _fails),
    get("/test/breaks", _breaks),
    get("/test/remote", _remote),
    post("/test/save", _save, Right.WORK),
    post("/test/anybody", _save, Right.ANYBODY),
    stream("/test/flows", _flows),
)  # fmt: skip


def framed(site: PagesSite) -> PagesSite:
    """The same site with the pages above instead of ours; a request may have 64 KiB."""
    api = site.leads.api
    settings = Settings(data=api.settings.data, limits=LimitSettings(body_bytes=65_536),
                        log=LogSettings(access="none"))  # fmt: skip
    own = site_of(api, SECRET)
    router = Router([ASSETS, *(route_of(page, lambda: own) for page in PAGES)])
    routes = [Mount("/", Troubles(router, lambda: own))]
    site.app = create_app(Service(settings, site.leads.store), pages=routes)
    return site


def visit_of(site: Site, path: str = "/", scheme: str = "http", **headers: str) -> Request:
    """A request as a server makes it."""
    named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return Request(
        {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": named,
         "scheme": scheme, "server": ("leads.example", 443)}
    )  # fmt: skip


def quiet(site: PagesSite, role: str | None = "representative") -> TestClient:
    """A client that is answered also where the application fails."""
    client = site.client(role)
    client._transport.raise_server_exceptions = False
    return client
