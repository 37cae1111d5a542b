"""The pages over a record of the test's own: in this process, or on a real server for a browser."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import uvicorn
from starlette.routing import Mount
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
from leadwise.web.pages.site import Health, Site
from leadwise.web.service import Service
from tests.web.api_service import NOW_US, Running, running, with_leads
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


@cache
def _begun(leads: bool) -> tuple[bytes, dict[str, Member]]:
    """A file with a record that has the members, and those of `with_leads`; made once."""
    with tempfile.TemporaryDirectory() as name:
        with running(Path(name), jobs=False) as service:
            members = _add_members(service)
            if leads:
                with_leads(service)
        # The last connection has taken the log of writes with it.
        return (Path(name) / "record.db").read_bytes(), members


def _add_members(service: Running) -> dict[str, Member]:
    return {
        role: service.write(
            lambda c, role=role: add_member(
                c, f"{role.replace('_', ' ').title()} One", f"{role}@team.example", role,
                by="test", now_us=NOW_US,
            )
        )
        for role in ROLES
    }  # fmt: skip


Pages = tuple[Mount, list[Site]]
_FREE: list[Pages] = []


@contextmanager
def _pages() -> Iterator[Pages]:
    """Everything that people see, and the place of its site: used again, for making it takes as
    long as many a test."""
    pages = _FREE.pop() if _FREE else _made()
    try:
        yield pages
    finally:
        _FREE.append(pages)


def _made() -> Pages:
    place: list[Site] = []
    return mounted(lambda: place[0]), place


@contextmanager
def pages_site(
    folder: Path, url: str | None = None, *, healthy: bool = False, leads: bool = False,
    **settings: Any,
) -> Iterator[PagesSite]:  # fmt: skip
    """A site over a new record, with a member of each role. The clock stands still at NOW_US.

    `healthy`: a service around it says that all is well; else there is none to ask. `leads`: those
    of `with_leads`.
    """
    begun, members = _begun(leads) if url is None else (None, {})
    with running(folder, url, begun=begun) as service, _pages() as (mount, place):
        own = Settings(data=folder, log=LogSettings(access="none"), **settings)
        object.__setattr__(service.api, "settings", own)
        health = Health(troubles=list, lag_seconds=float) if healthy else None
        place[:] = [site_of(service.api, SECRET, health)]
        app = create_app(Service(own, service.store), pages=[mount])
        if url is not None:
            members = _add_members(service)
            if leads:
                with_leads(service)
        yield PagesSite(service, app, dict(members))


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
