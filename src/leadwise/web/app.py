"""The application: tracking and health as plain routes, `/api` as FastAPI, wrapped once."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from leadwise.settings import Settings
from leadwise.web import problems
from leadwise.web.bodies import BodyLimit
from leadwise.web.direct import Direct
from leadwise.web.envelope import Envelope
from leadwise.web.health import health_routes
from leadwise.web.limits import RateLimit
from leadwise.web.metrics import metrics_route
from leadwise.web.service import Service

CORS_HEADERS = ["Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Request-Id"]
SEEN_HEADERS = ["ETag", "Link", "Location", "Retry-After", "X-Request-Id"]


def create_app(
    service: Service, routes: Sequence[BaseRoute] = (), routers: Sequence[APIRouter] = (),
    pages: Sequence[BaseRoute] = (),
) -> ASGIApp:  # fmt: skip
    """The ASGI application of a service that somebody starts and stops (`Service.running`).

    `routes` are matched from the root (tracking, forms); `routers` are below `/api` and read the
    service from `request.app.state.service`; `pages` take whatever is left.
    """
    settings = service.settings
    app = Starlette(
        routes=[
            *routes,
            *health_routes(service),
            metrics_route(service.metrics, settings.metrics_token.get_secret_value()),
            Mount("/api", create_api(service, routers)),
            *pages,
        ]
    )
    app.router.redirect_slashes = False
    app.state.service = service
    problems.install(app)
    quick = Direct(app, routes)
    return Envelope(BodyLimit(quick, settings.limits), service.metrics, settings.log)


def create_api(service: Service, routers: Sequence[APIRouter]) -> FastAPI:
    """What is below `/api`, with its description at `/api/openapi.json`."""
    api = _Described(
        title="Leadwise",
        version=version("leadwise"),
        description="Leads by priority, with reasons that add up.",
        docs_url=None,  # its page would load a script from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        responses=problems.RESPONSES,
    )
    for router in routers:
        api.include_router(router)
    api.state.service = service
    problems.install(api)
    api.add_middleware(RateLimit, per_second=service.settings.limits.api_per_second)
    _allow_origins(api, service.settings)
    return api


class _Described(FastAPI):
    """Describes errors in the shape in which they are answered."""

    def openapi(self) -> dict[str, Any]:
        return problems.describe(super().openapi())


def _allow_origins(api: FastAPI, settings: Settings) -> None:
    if settings.cors_origins:
        api.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=CORS_HEADERS,
            expose_headers=SEEN_HEADERS,
            max_age=600,
        )
