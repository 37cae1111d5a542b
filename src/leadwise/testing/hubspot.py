"""A HubSpot in memory: contacts, companies, deals and engagements as its CRM's API v3 has them.

    fake = FakeHubSpot(token="pat-1", client_secret="s")
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    with served(fake) as url: ...

It refuses what HubSpot refuses as far as a connector meets it: a wrong token, a right that is
missing (`forbidden`), an address or unique value that is taken, properties that there are not, the
same id twice in a batch, results of a search beyond the first 10,000.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leadwise.testing.hubspot_rules import (
    LINKED,
    STANDARD,
    Row,
    changed,
    cut,
    definition,
    fits,
    iso,
    key_of,
    moved,
    refused_values,
)
from leadwise.testing.serving import Answer, Fake, Query

KINDS = ("contacts", "companies", "deals", "calls", "meetings", "notes", "tasks", "emails")
CEILING = 10_000


class Refusal(Exception):  # noqa: N818 - it is an answer
    """An answer that is an error."""

    def __init__(self, status: int, category: str, message: str, **more: Any) -> None:
        super().__init__(message)
        body = {"status": "error", "message": message, "category": category,
                "correlationId": str(uuid.uuid4()), **more}  # fmt: skip
        self.status, self.body = status, body


@dataclass
class FakeHubSpot(Fake):
    """`clock_ms` is its clock. `forbidden` are kinds that the token may not read."""

    token: str = "pat-test"  # noqa: S105 - of a fake
    client_secret: str = "secret"  # noqa: S105 - of a fake
    clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    forbidden: set[str] = field(default_factory=set)
    objects: dict[str, dict[str, Row]] = field(init=False, repr=False)
    definitions: dict[str, dict[str, Row]] = field(init=False, repr=False)
    groups: dict[str, dict[str, Row]] = field(init=False, repr=False)
    links: set[tuple[str, str, str, str]] = field(default_factory=set, init=False, repr=False)
    people: list[Row] = field(default_factory=list, init=False, repr=False)
    remaining: int | None = None
    """What the header of the rate limit says is left, where it is to be sent."""

    def __post_init__(self) -> None:
        self.objects = {kind: {} for kind in KINDS}
        self.groups = {kind: {} for kind in KINDS}
        self.definitions = {
            kind: {name: definition(name) for name in STANDARD[kind]} for kind in KINDS
        }
        self._ids = itertools.count(101)

    # What a test does ------------------------------------------------------------------------

    def add(self, kind: str, properties: Mapping[str, Any], at_ms: int | None = None) -> str:
        """Somebody makes a record there; its id."""
        when = self.clock_ms() if at_ms is None else at_ms
        id_ = str(next(self._ids))
        self.objects[kind][id_] = {
            "id": id_, "createdAt": iso(when), "updatedAt": iso(when), "archived": False,
            "properties": {"hs_object_id": id_, "createdate": iso(when)},
        }  # fmt: skip
        self.edit(kind, id_, properties, when)
        return id_

    def edit(
        self, kind: str, id_: str, properties: Mapping[str, Any], at_ms: int | None = None
    ) -> None:
        """Somebody changes a record there."""
        when = self.clock_ms() if at_ms is None else at_ms
        row = self.objects[kind][id_]
        row["properties"] |= {name: str(value) for name, value in properties.items()}
        row["updatedAt"] = iso(when)
        row["properties"][changed(kind)] = iso(when)

    def link(self, kind: str, id_: str, to: str, other: str) -> None:
        """Two records belong together."""
        self.links |= {(kind, id_, to, other), (to, other, kind, id_)}
        if (kind, to) == ("contacts", "companies"):
            self.edit(kind, id_, {"associatedcompanyid": other})

    def delete(self, kind: str, id_: str) -> None:
        """Somebody deletes a record there."""
        self.objects[kind].pop(id_, None)
        self.links = {link for link in self.links if (kind, id_) not in (link[:2], link[2:])}

    def merge(self, kept: str, other: str) -> None:
        """Somebody makes one contact of two: the other's number leads to what is kept."""
        gone = self.objects["contacts"].pop(other)
        had = self.objects["contacts"][kept]["properties"]
        merged = [one for one in (had.get("hs_merged_object_ids", ""), other) if one]
        values = {name: value for name, value in gone["properties"].items() if name not in had}
        self.edit("contacts", kept, {**values, "hs_merged_object_ids": ";".join(merged)})
        self.links = {moved(link, other, kept) for link in self.links}

    def owner(self, email: str, first: str = "", last: str = "", *, archived: bool = False) -> str:
        """A user whom records can belong to; its id."""
        id_ = str(next(self._ids))
        now = iso(self.clock_ms())
        self.people.append({
            "id": id_, "email": email, "firstName": first, "lastName": last, "createdAt": now,
            "updatedAt": now, "archived": archived,
        })  # fmt: skip
        return id_

    def webhook(
        self, url: str, *events: Row, at_ms: int | None = None
    ) -> tuple[dict[str, str], bytes]:
        """Headers and body of a request of HubSpot's to that address."""
        when = self.clock_ms() if at_ms is None else at_ms
        filled = [{"eventId": n, "subscriptionId": 1, "portalId": 62515, "appId": 7,
                   "attemptNumber": 0, "occurredAt": when, **event}
                  for n, event in enumerate(events, 1)]  # fmt: skip
        body = json.dumps(filled).encode()
        signed = b"POST" + url.encode() + body + str(when).encode()
        digest = hmac.new(self.client_secret.encode(), signed, hashlib.sha256).digest()
        return {
            "Content-Type": "application/json", "X-HubSpot-Request-Timestamp": str(when),
            "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        }, body  # fmt: skip

    # What it answers -------------------------------------------------------------------------

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        if headers.get("authorization") != f"Bearer {self.token}":
            error = Refusal(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
            return error.status, {}, error.body
        try:
            status, said = self._answer(method, path, query, json.loads(body) if body else {})
        except Refusal as refusal:
            status, said = refusal.status, refusal.body
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            # A body that is none, or not of the shape that this address wants.
            said = Refusal(400, "VALIDATION_ERROR", f"Invalid input JSON: {error!r}").body
            status = 400
        more = {} if self.remaining is None else {
            "X-HubSpot-RateLimit-Remaining": str(self.remaining),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        }  # fmt: skip
        return status, more, said

    def _answer(self, method: str, path: str, query: Query, body: Row) -> tuple[int, Any]:
        match [method, *path.strip("/").split("/")]:
            case ["GET", "account-info", "v3", "details"]:
                return 200, {"portalId": 62515, "uiDomain": "app.hubspot.com", "timeZone": "UTC"}
            case ["GET", "crm", "v3", "owners"]:
                return 200, self._owners(query)
            case [_, "crm", "v3", "properties", kind, *rest]:
                return self._properties(method, kind, rest, body)
            case ["POST", "crm", "v4", "associations", kind, to, "batch", "read"]:
                return 200, self._linked(kind, to, body)
            case [_, "crm", "v3", "objects", kind, *rest] if kind in KINDS:
                return self._objects(method, kind, rest, query, body)
        raise Refusal(404, "OBJECT_NOT_FOUND", f"Nothing is at {method} {path}")

    def _objects(
        self, method: str, kind: str, rest: list[str], query: Query, body: Row
    ) -> tuple[int, Any]:
        if kind in self.forbidden:
            scope = f"crm.objects.{kind}.read"
            raise Refusal(
                403, "MISSING_SCOPES", "This app hasn't been granted all required scopes.",
                errors=[{"message": "One or more scopes are missing.",
                         "context": {"requiredGranularScopes": [scope]}}],
            )  # fmt: skip
        match [method, *rest]:
            case ["GET"]:
                return 200, self._listed(kind, query)
            case ["POST"]:
                return 201, self._created(kind, body)
            case ["POST", "search"]:
                return 200, self._search(kind, body)
            case ["POST", "batch", "read"]:
                return self._read(kind, body)
            case ["POST", "batch", "update"]:
                return self._update(kind, body)
            case ["POST", "batch", "create"]:
                return 201, self._batch([self._created(kind, one) for one in body["inputs"]])
            case ["GET", id_]:
                names = query.get("properties", "").split(",")
                return 200, cut(self._one(kind, id_, query.get("idProperty")), names)
            case ["PATCH", id_]:
                row = self._one(kind, id_, query.get("idProperty"))
                self._check(kind, body["properties"], row["id"])
                self.edit(kind, row["id"], body["properties"])
                return 200, row
            case ["DELETE", id_]:
                self.delete(kind, id_)
                return 204, None
        raise Refusal(405, "METHOD_NOT_ALLOWED", "This is not possible here.")

    def _one(self, kind: str, id_: str, by: str | None = None) -> Row:
        found = self._found(kind, id_, by)
        if found is None:
            raise Refusal(404, "OBJECT_NOT_FOUND", "Object not found.")
        return found

    def _found(self, kind: str, id_: str, by: str | None) -> Row | None:
        rows = self.objects[kind]
        if by and by != "hs_object_id":
            wanted = id_.lower() if by == "email" else id_
            several = rows.values()
            had = [row for row in several if _same(row["properties"].get(by), wanted)]
            return had[0] if had else None
        if id_ in rows:
            return rows[id_]
        merged = [row for row in rows.values() if id_ in _merged(row)]
        return merged[0] if merged else None

    def _search(self, kind: str, body: Row) -> Row:
        limit, after = int(body.get("limit") or 10), int(body.get("after") or 0)
        if limit > 200 or after + limit > CEILING:
            raise Refusal(400, "VALIDATION_ERROR", "There are no more results to be had.")
        groups = [group["filters"] for group in body.get("filterGroups") or ()]
        found = list(self.objects[kind].values())
        if groups:
            found = [row for row in found if any(all(fits(row, f) for f in g) for g in groups)]
        for text in reversed(body.get("sorts") or ()):
            sort = json.loads(text) if text.startswith("{") else {"propertyName": text}
            name, down = sort["propertyName"], sort.get("direction") == "DESCENDING"
            found.sort(key=lambda row: key_of(row["properties"].get(name)), reverse=down)
        part = found[after : after + limit]
        results = [cut(row, body["properties"]) for row in part]
        page: Row = {"total": len(found), "results": results}
        if after + limit < len(found):
            page["paging"] = {"next": {"after": str(after + limit)}}
        return page

    def _listed(self, kind: str, query: Query) -> Row:
        limit, after = int(query.get("limit", "10")), int(query.get("after", "0"))
        rows = sorted((row for row in self.objects[kind].values() if int(row["id"]) > after),
                      key=lambda row: int(row["id"]))  # fmt: skip
        names = query.get("properties", "").split(",")
        page: Row = {"results": [cut(row, names) for row in rows[:limit]]}
        if len(rows) > limit:
            page["paging"] = {"next": {"after": rows[limit - 1]["id"]}}
        return page

    def _read(self, kind: str, body: Row) -> tuple[int, Row]:
        self._few(body)
        found, missing = dict[str, Row](), []
        for one in body["inputs"]:
            row = self._found(kind, one["id"], body.get("idProperty"))
            if row is None:
                missing.append(one["id"])
            else:
                found[row["id"]] = cut(row, body["properties"])
        return self._partly(list(found.values()), missing)

    def _update(self, kind: str, body: Row) -> tuple[int, Row]:
        self._few(body)
        ids = [one["id"] for one in body["inputs"]]
        if len(set(ids)) < len(ids):
            raise Refusal(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input.")
        done, missing = [], []
        for one in body["inputs"]:
            self._check(kind, one["properties"], one["id"])
        for one in body["inputs"]:
            row = self._found(kind, one["id"], None)
            if row is None:
                missing.append(one["id"])
                continue
            self.edit(kind, row["id"], one["properties"])
            done.append(row)
        return self._partly(done, missing)

    def _partly(self, done: list[Row], missing: list[str]) -> tuple[int, Row]:
        answer = self._batch(done)
        if not missing:
            return 200, answer
        errors = [{"status": "error", "category": "OBJECT_NOT_FOUND", "errors": [], "links": {},
                   "message": "Could not get some objects, they may be deleted or not exist.",
                   "context": {"ids": missing}}]  # fmt: skip
        return 207, {**answer, "numErrors": len(missing), "errors": errors}

    def _created(self, kind: str, body: Row) -> Row:
        self._check(kind, body["properties"], "")
        id_ = self.add(kind, body["properties"])
        for one in body.get("associations") or ():
            to = LINKED.get(one["types"][0]["associationTypeId"])
            if to is None or one["to"]["id"] not in self.objects[to]:
                self.delete(kind, id_)
                raise Refusal(400, "VALIDATION_ERROR", "The association is not valid.")
            self.link(kind, id_, to, one["to"]["id"])
        return self.objects[kind][id_]

    def _check(self, kind: str, values: Mapping[str, Any], id_: str) -> None:
        why = refused_values(self.definitions[kind], values)
        if why:
            raise Refusal(400, "VALIDATION_ERROR", why)
        unique = [name for name, one in self.definitions[kind].items() if one.get("hasUniqueValue")]
        for name in ("email", *unique) if kind == "contacts" else unique:
            had = self._found(kind, str(values[name]), name) if values.get(name) else None
            if had is not None and had["id"] != id_:
                if name == "email":
                    why = f"Contact already exists. Existing ID: {had['id']}"
                    raise Refusal(409, "CONFLICT", why)
                raise Refusal(400, "VALIDATION_ERROR", f"{name} is taken by {had['id']}")

    def _linked(self, kind: str, to: str, body: Row) -> Row:
        self._few(body)
        results = []
        for one in body["inputs"]:
            others = sorted((link[3] for link in self.links if link[:3] == (kind, one["id"], to)),
                            key=int)  # fmt: skip
            spec = {"category": "HUBSPOT_DEFINED", "typeId": 1}
            if others:
                results.append({
                    "from": {"id": one["id"]},
                    "to": [{"toObjectId": int(other), "associationTypes": [spec]}
                           for other in others],
                })  # fmt: skip
        return self._batch(results)

    def _properties(self, method: str, kind: str, rest: list[str], body: Row) -> tuple[int, Any]:
        match [method, *rest]:
            case ["GET"]:
                return 200, {"results": list(self.definitions[kind].values())}
            case ["GET", "groups"]:
                return 200, {"results": list(self.groups[kind].values())}
            case ["POST", "groups"]:
                if body["name"] in self.groups[kind]:
                    raise Refusal(409, "CONFLICT", "There is such a group.")
                self.groups[kind][body["name"]] = {"archived": False, "displayOrder": -1, **body}
                return 201, self.groups[kind][body["name"]]
            case ["POST", "batch", "create"]:
                return 201, self._batch([self._defined(kind, one) for one in body["inputs"]])
            case ["POST"]:
                return 201, self._defined(kind, body)
        raise Refusal(405, "METHOD_NOT_ALLOWED", "This is not possible here.")

    def _defined(self, kind: str, body: Row) -> Row:
        if body["name"] in self.definitions[kind]:
            raise Refusal(409, "PROPERTY_ALREADY_EXISTS", f"There is a property {body['name']}.")
        if body["groupName"] not in self.groups[kind]:
            raise Refusal(400, "VALIDATION_ERROR", f"There is no group {body['groupName']}.")
        made = {**definition(body["name"]), **body}
        self.definitions[kind][body["name"]] = made
        return made

    def _owners(self, query: Query) -> Row:
        wanted = query.get("archived") == "true"
        rows = [one for one in self.people if one["archived"] == wanted]
        after, limit = int(query.get("after", "0")), int(query.get("limit", "100"))
        page: Row = {"results": rows[after : after + limit]}
        if after + limit < len(rows):
            page["paging"] = {"next": {"after": str(after + limit)}}
        return page

    def _batch(self, results: list[Row]) -> Row:
        now = iso(self.clock_ms())
        return {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}

    def _few(self, body: Row) -> None:
        if len(body["inputs"]) > 100:
            raise Refusal(400, "VALIDATION_ERROR", "No more than 100 inputs.")


def _same(have: Any, wanted: str) -> bool:
    return str(have or "").lower() == wanted.lower()


def _merged(row: Row) -> list[str]:
    found: str = row["properties"].get("hs_merged_object_ids", "")
    return found.split(";")
