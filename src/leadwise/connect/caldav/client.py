"""A CalDAV server (RFC 4791): which calendars there are, when they are taken, events in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlsplit, urlunsplit

import httpx2

from leadwise.asking.instants import moment_of
from leadwise.connect.caldav.webdav import (
    Found,
    cal,
    changes_since,
    dav,
    events_between,
    free_busy,
    multistatus,
    path_of,
    propfind,
    these,
)
from leadwise.connect.http import Http, Method
from leadwise.errors import RemoteError

XML = {"Content-Type": "application/xml; charset=utf-8"}
ICS = {"Content-Type": "text/calendar; charset=utf-8"}
HOPS = 5
WELL_KNOWN = "/.well-known/caldav"
UNSUPPORTED = (400, 403, 404, 405, 415, 422, 501)
"""What servers answer that know no free-busy-query."""
_PROPS = (
    dav("resourcetype"), dav("displayname"), cal("supported-calendar-component-set"),
    cal("calendar-timezone"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A calendar on a server: its path, its name, and the name of its time zone if it says one."""

    path: str
    name: str
    zone: str = ""


@dataclass(slots=True)
class CalDavClient:
    """A server, by the address that people are given for it."""

    http: Http
    start: str
    """The path to begin looking at."""
    wanted: str = ""
    """The calendar's name or path; empty: the first."""
    _place: Place | None = field(default=None, repr=False)

    @classmethod
    def of(cls, http: Http, url: str, user: str, password: str, wanted: str) -> CalDavClient:
        """A client for an address, a user's name and password."""
        parts = urlsplit(url if "://" in url else f"https://{url}")
        base = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        own = replace(http, base_url=base, auth=(user, password), secrets=(*http.secrets, password))
        return cls(own, parts.path or "/", wanted)

    def place(self) -> Place:
        """The calendar, found from the address on. RemoteError where there is none."""
        if self._place is None:
            self._place = self._found()
        return self._place

    def busy(self, from_us: int, until_us: int) -> str | None:
        """The server's VFREEBUSY of a time; None where it knows no such question."""
        answer = self._send(
            "REPORT", self.place().path, free_busy(_utc(from_us), _utc(until_us)), "1",
            allow=UNSUPPORTED,
        )  # fmt: skip
        return answer.text if answer.is_success else None

    def between(self, from_us: int, until_us: int, *, expand: bool) -> list[str]:
        """The events of a time; with `expand` recurring ones as the server works them out."""
        body = events_between(_utc(from_us), _utc(until_us), expand=expand)
        answer = self._send("REPORT", self.place().path, body, "1")
        found, _ = multistatus(answer.content, self.http.system)
        return [one.text(cal("calendar-data")) for one in found if not one.gone]

    def get(self, name: str) -> tuple[str, str] | None:
        """An event's text and ETag, None where there is none."""
        answer = self.http.send("GET", self._event(name), allow=(404, 410))
        if answer is None or not answer.is_success:
            return None
        return answer.text, answer.headers.get("etag", "")

    def put(self, name: str, text: str, etag: str | None) -> bool:
        """Write an event: a new one (`etag` None), or in place of the one with this ETag. False
        where there is one already, or it was changed meanwhile."""
        if etag is None:
            condition = {"If-None-Match": "*"}
        else:
            condition = {"If-Match": etag} if etag else {}
        answer = self.http.send(
            "PUT", self._event(name), content=text.encode(), headers={**ICS, **condition},
            allow=(412,),
        )  # fmt: skip
        return answer is None or answer.is_success

    def delete(self, name: str) -> None:
        """Take an event out; none there is as well."""
        self.http.send("DELETE", self._event(name), allow=(404, 410))

    def changes(self, token: str) -> tuple[list[Found], str] | None:
        """What changed since a token, and the next one; None where the server has forgotten it."""
        answer = self._send(
            "REPORT", self.place().path, changes_since(token), "1",
            allow=(403, 409, 412) if token else (),
        )  # fmt: skip
        return multistatus(answer.content, self.http.system) if answer.is_success else None

    def events(self, paths: Sequence[str]) -> list[tuple[str, str]]:
        """The events at these paths with their texts; those that are gone are left out."""
        body = these([quote(path) for path in paths])
        answer = self._send("REPORT", self.place().path, body, "1")
        found, _ = multistatus(answer.content, self.http.system)
        return [(one.path, text) for one in found if (text := one.text(cal("calendar-data")))]

    def _found(self) -> Place:
        for start in dict.fromkeys((self.start, WELL_KNOWN, "/")):
            asked = self._props(start, ("resourcetype", "current-user-principal"))
            if asked is None:
                continue
            if asked.has(dav("resourcetype"), cal("calendar")):
                return self._chosen([asked.path])
            principal = path_of(asked.text(dav("current-user-principal")))
            home = self._home(principal or asked.path)
            if home:
                return self._chosen(self._calendars(home), home)
        raise RemoteError(
            f"{self.http.system} shows no calendars at {self.start}: give the address of a "
            "calendar, or of the server's CalDAV.", permanent=True,
        )  # fmt: skip

    def _home(self, principal: str) -> str:
        answer = self._send(
            "PROPFIND", principal, propfind((cal("calendar-home-set"),)), "0", allow=(404, 405)
        )
        if not answer.is_success:
            return ""
        found, _ = multistatus(answer.content, self.http.system)
        return path_of(found[0].text(cal("calendar-home-set"))) if found else ""

    def _calendars(self, home: str) -> list[str]:
        answer = self._send("PROPFIND", home, propfind(_PROPS), "1")
        found, _ = multistatus(answer.content, self.http.system)
        return [
            one.path for one in found
            if one.has(dav("resourcetype"), cal("calendar"))
            and (
                cal("supported-calendar-component-set") not in one.props
                or any(comp.get("name") == "VEVENT"
                       for comp in one.props[cal("supported-calendar-component-set")])
            )
        ]  # fmt: skip

    def _chosen(self, paths: Sequence[str], home: str = "") -> Place:
        places: list[Place] = []
        for path in paths:
            answer = self._send("PROPFIND", path, propfind(_PROPS), "0")
            found, _ = multistatus(answer.content, self.http.system)
            if not found:
                continue
            one = found[0]
            own = path if path.endswith("/") else path + "/"
            name = one.text(dav("displayname")) or own.rstrip("/").rpartition("/")[2]
            places.append(Place(own, name, _zone(one)))
        wanted = self.wanted.strip()
        for place in places:
            if not wanted or wanted in (place.name, place.path, place.path.rstrip("/")):
                return place
            if place.path.rstrip("/").rpartition("/")[2] == wanted:
                return place
        named = ", ".join(one.name for one in places) or "none"
        raise RemoteError(
            f"{self.http.system} has no calendar {wanted!r} at {home or self.start}; it has "
            f"{named}.", permanent=True,
        )  # fmt: skip

    def _props(self, path: str, names: Sequence[str]) -> Found | None:
        """What a path says of itself, after being sent on within the same host."""
        body = propfind([dav(one) for one in names])
        for _ in range(HOPS):
            answer = self._send(
                "PROPFIND", path, body, "0", allow=(301, 302, 303, 307, 308, 404, 405)
            )
            if answer.is_success:
                found, _ = multistatus(answer.content, self.http.system)
                return found[0] if found else None
            if answer.status_code in (404, 405):
                return None
            there = urlsplit(answer.headers.get("location", ""))
            own = urlsplit(self.http.base_url)
            if there.netloc and there.netloc != own.netloc:
                # A password goes only where somebody said that it shall.
                raise RemoteError(
                    f"{self.http.system} sends on to {there.netloc}: give that address instead.",
                    permanent=True,
                )
            path = path_of(there.path) or "/"
        return None

    def _send(
        self, method: Method, path: str, body: bytes, depth: str, *, allow: Sequence[int] = ()
    ) -> httpx2.Response:
        answer = self.http.send(
            method, quote(path), content=body, headers={**XML, "Depth": depth}, allow=allow
        )
        assert answer is not None  # reading is never left out
        return answer

    def _event(self, name: str) -> str:
        return f"{quote(self.place().path)}{quote(name, safe='')}.ics"


def _utc(us: int) -> str:
    return moment_of(us).strftime("%Y%m%dT%H%M%SZ")


def _zone(found: Found) -> str:
    for line in found.text(cal("calendar-timezone")).splitlines():
        if line.startswith("TZID"):
            return line.partition(":")[2].strip()
    return ""
