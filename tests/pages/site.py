"""The pages over a record of the test's own: in this process, or on a real server for a browser."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from leadwise.settings import Settings
from leadwise.settings.model import LogSettings
from leadwise.store.members import ROLES, Member, add_member
from leadwise.store.sessions import Session, begin_session
from leadwise.web.app import create_app
from leadwise.web.pages.forged import HEADER, proof
from leadwise.web.pages.routes import mounted, site_of
from leadwise.web.pages.routing import COOKIE
from leadwise.web.pages.site import Health
from leadwise.web.service import Service
from tests.web.api_service import NOW_US, Running, running
from tests.web.shell import free_port

SECRET = b"0" * 32


@dataclass
class PagesSite:
    """A running site. `leads` is the service of tests/web/api_service.py: `say`, `score`, `now`."""

    leads: Running
    app: ASGIApp
    members: dict[str, Member]
    sessions: dict[str, tuple[Session, str]] = field(default_factory=dict)

    def client(self, role: str | None = None) -> TestClient:
        """Who is signed in as the member of a role, as a browser would be; None: nobody.

        Its posts carry the proof and come from our own pages. Redirects are not followed.
        """
        client = TestClient(self.app, follow_redirects=False)
        client.headers["accept"] = "text/html"
        client.headers["sec-fetch-site"] = "same-origin"
        if role is not None:
            session, secret = self.signed_in(role)
            client.cookies.set(COOKIE, secret)
            client.headers[HEADER] = proof(session.token)
        return client

    def signed_in(self, role: str) -> tuple[Session, str]:
        """The session of a role's member and the secret of its cookie."""
        if role not in self.sessions:
            who, now_us = self.members[role], self.leads.now[0]
            self.sessions[role] = self.leads.write(
                lambda c: begin_session(c, who.id, "a test", now_us)
            )
        return self.sessions[role]


@contextmanager
def pages_site(
    folder: Path, url: str | None = None, *, healthy: bool = False, **settings: Any
) -> Iterator[PagesSite]:
    """A site over a new record, with a member of each role. The clock stands still at NOW_US.

    `healthy`: a service around it says that all is well; else there is none to ask.
    """
    with running(folder, url) as service:
        own = Settings(data=folder, log=LogSettings(access="none"), **settings)
        object.__setattr__(service.api, "settings", own)
        health = Health(troubles=list, lag_seconds=float) if healthy else None
        site = site_of(service.api, SECRET, health)
        app = create_app(Service(own, service.store), pages=[mounted(lambda: site)])
        members = {
            role: service.write(
                lambda c, role=role: add_member(
                    c, f"{role.replace('_', ' ').title()} One", f"{role}@team.example", role,
                    by="test", now_us=NOW_US,
                )
            )
            for role in ROLES
        }  # fmt: skip
        yield PagesSite(service, app, members)


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The address of a real server of the application."""
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off",
                            timeout_graceful_shutdown=1)  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            thread.join(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        with contextlib.suppress(RuntimeError):
            thread.join(10)
