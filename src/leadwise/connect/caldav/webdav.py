"""WebDAV's bodies: what is asked in XML, and what a multistatus says (RFC 4918, 4791, 6578)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import (
    Element,
    ParseError,
    SubElement,
    fromstring,
    register_namespace,
    tostring,
)

from leadwise.errors import RemoteError

DAV, CAL = "DAV:", "urn:ietf:params:xml:ns:caldav"
LARGEST = 50_000_000
"""Bytes of an answer that is read."""
register_namespace("D", DAV)
register_namespace("C", CAL)


@dataclass(frozen=True, slots=True)
class Found:
    """One resource of a multistatus: its path, and what was said of it. `gone`: it is no more."""

    path: str
    props: Mapping[str, Element] = field(default_factory=dict)
    gone: bool = False

    def text(self, name: str) -> str:
        """The text of a property, or of the address in it."""
        found = self.props.get(name)
        if found is None:
            return ""
        inner = found.find(f"{{{DAV}}}href")
        return ((inner if inner is not None else found).text or "").strip()

    def has(self, name: str, inner: str) -> bool:
        """Whether a property holds an element of this name."""
        found = self.props.get(name)
        return found is not None and found.find(f".//{inner}") is not None


def dav(name: str) -> str:
    """A name of WebDAV's own."""
    return f"{{{DAV}}}{name}"


def cal(name: str) -> str:
    """A name of CalDAV's."""
    return f"{{{CAL}}}{name}"


def propfind(names: Sequence[str]) -> bytes:
    """Ask for these properties."""
    root = Element(dav("propfind"))
    _named(root, names)
    return _written(root)


def free_busy(start: str, end: str) -> bytes:
    """Ask when a calendar is taken."""
    root = Element(cal("free-busy-query"))
    SubElement(root, cal("time-range"), {"start": start, "end": end})
    return _written(root)


def events_between(start: str, end: str, *, expand: bool) -> bytes:
    """Ask for the events of a time; with `expand` those that recur as the single ones that they
    are."""
    root = Element(cal("calendar-query"))
    data = SubElement(SubElement(root, dav("prop")), cal("calendar-data"))
    if expand:
        SubElement(data, cal("expand"), {"start": start, "end": end})
    whole = SubElement(SubElement(root, cal("filter")), cal("comp-filter"), name="VCALENDAR")
    event = SubElement(whole, cal("comp-filter"), name="VEVENT")
    SubElement(event, cal("time-range"), {"start": start, "end": end})
    return _written(root)


def changes_since(token: str) -> bytes:
    """Ask what changed since a token; empty: everything."""
    root = Element(dav("sync-collection"))
    SubElement(root, dav("sync-token")).text = token
    SubElement(root, dav("sync-level")).text = "1"
    _named(root, (dav("getetag"),))
    return _written(root)


def these(paths: Sequence[str]) -> bytes:
    """Ask for the events at these paths."""
    root = Element(cal("calendar-multiget"))
    _named(root, (dav("getetag"), cal("calendar-data")))
    for path in paths:
        SubElement(root, dav("href")).text = path
    return _written(root)


def multistatus(content: bytes, system: str) -> tuple[list[Found], str]:
    """The resources in an answer, and its sync token. RemoteError for what is no such answer."""
    if len(content) > LARGEST or b"<!DOCTYPE" in content[:2000]:
        raise _unreadable(system)
    try:
        root = fromstring(content)  # noqa: S314 - no document type, so nothing to expand
    except ParseError:
        raise _unreadable(system) from None
    if root.tag != dav("multistatus"):
        raise _unreadable(system)
    token = root.find(dav("sync-token"))
    return list(_resources(root)), (token.text or "").strip() if token is not None else ""


def _resources(root: Element) -> Iterator[Found]:
    for response in root.findall(dav("response")):
        href = response.find(dav("href"))
        status = response.find(dav("status"))
        props: dict[str, Element] = {}
        for part in response.findall(dav("propstat")):
            of_part = part.find(dav("status"))
            inside = part.find(dav("prop"))
            if of_part is not None and inside is not None and " 200" in (of_part.text or ""):
                props |= {one.tag: one for one in inside}
        gone = status is not None and " 404" in (status.text or "")
        yield Found(path_of((href.text or "") if href is not None else ""), props, gone)


def path_of(href: str) -> str:
    """The path in an address, without percent signs."""
    return unquote(urlsplit(href.strip()).path)


def _named(root: Element, names: Sequence[str]) -> None:
    prop = SubElement(root, dav("prop"))
    for name in names:
        SubElement(prop, name)


def _written(root: Element) -> bytes:
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _unreadable(system: str) -> RemoteError:
    return RemoteError(
        f"{system} answered with something that is no WebDAV: is this its CalDAV address?",
        permanent=True,
    )
