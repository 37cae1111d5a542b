"""A Salesforce organisation in memory: tokens, queries, records, collections, Bulk API 2.0, custom
fields that are seen by whom a permission set shows them. It refuses what Salesforce refuses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from leadwise.testing.salesforce_rules import (
    ACTIVITIES,
    NUMBERS,
    OBJECTS,
    PREFIXES,
    REQUIRED,
    RefusedError,
    Row,
    cell,
    error_of,
    outbound_message,
    public,
    shape_of,
    table,
    uncelled,
    written,
)
from leadwise.testing.serving import Answer, Fake, Query
from leadwise.testing.soql import MalformedError, parsed
from leadwise.testing.soql import Query as Soql


@dataclass
class FakeSalesforce(Fake):
    """An organisation. `now` is its clock, `page` how many records one answer has, `limit` the
    calls of a day, `may_make_fields` the user's right, `waits` how often a job is asked for before
    it is done."""

    organization: str = "00D000000000001EAA"
    client_id: str = "consumer"
    client_secret: str = "hush-secret"  # noqa: S105 - made up
    refresh_token: str = "refresh-me"  # noqa: S105 - made up
    may_make_fields: bool = True
    page: int = 2000
    limit: int = 5000
    waits: int = 1
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Records that cannot be written, with code and message."""
    tokens: set[str] = field(default_factory=set)
    _made: int = 0
    used: int = 24
    _jobs: dict[str, Row] = field(default_factory=dict)
    _left: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.types = {name: dict(fields) for name, fields in OBJECTS.items()}
        self.rows = {name: {} for name in OBJECTS}
        self.me = self.add("User", Name="Leadwise")

    def add(self, of: str, /, **values: Any) -> str:
        """A record as if somebody had made it in the browser; its id."""
        self._made += 1
        id_ = f"{PREFIXES[of]}{self._made:012d}AAA"
        row = {"Id": id_, "CreatedDate": self.now, "IsDeleted": False}
        row["OwnerId"] = getattr(self, "me", None)
        row |= {name: False for name, kind in self.types[of].items() if kind == "boolean"}
        self.rows[of][id_] = row
        self.put(of, id_, **values)
        return id_

    def put(self, of: str, id_: str, /, **values: Any) -> None:
        """A change as if somebody had made it in the browser."""
        row = self.rows[of][id_]
        row.update(values)
        if of in ("Lead", "Contact") and ("LastName" in values or "FirstName" in values):
            row["Name"] = f"{row.get('FirstName') or ''} {row.get('LastName') or ''}".strip()
        row["SystemModstamp"] = self.now

    def outbound(self, of: str, *ids: str, session: str = "") -> bytes:
        """The body of an outbound message about these records as they are now."""
        return outbound_message(self.organization, of, [self.rows[of][id_] for id_ in ids], session)

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        """A call of the REST interface."""
        if path == "/services/oauth2/token":
            return self._token(dict(parse_qsl(body.decode())))
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return error_of(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if path == "/services/oauth2/userinfo":
            me = {"user_id": self.me, "organization_id": self.organization}
            return 200, {}, {**me, "preferred_username": "leadwise@acme.example"}
        if self.used >= self.limit:
            return error_of(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self.used += 1
        parts = path.strip("/").split("/")[3:]
        try:
            status, more, said = self._data(method, parts, query, body)
        except RefusedError as error:
            status, more, said = error_of(error.status, error.code, error.message)
        except MalformedError as error:
            status, more, said = error_of(400, "MALFORMED_QUERY", str(error))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            status, more, said = error_of(400, "JSON_PARSER_ERROR", f"Unexpected body: {error!r}")
        return status, {"Sforce-Limit-Info": f"api-usage={self.used}/{self.limit}", **more}, said

    def _token(self, form: Mapping[str, str]) -> Answer:
        own = form.get("client_id") == self.client_id
        by_client = form.get("client_secret") == self.client_secret
        by_person = form.get("refresh_token") == self.refresh_token
        if not own or not (by_person if form.get("grant_type") == "refresh_token" else by_client):
            said = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return 400, {}, said
        token = f"token-{len(self.tokens) + 1}"
        self.tokens.add(token)
        return 200, {}, {"access_token": token, "token_type": "Bearer", "instance_url": ""}

    def _data(self, method: str, parts: Sequence[str], query: Query, body: bytes) -> Answer:
        if parts[0] in ("query", "queryAll"):
            if len(parts) > 1 and parts[1]:
                return 200, {}, self._more(parts[1], 0, len(self._left.get(parts[1], ())))
            return 200, {}, self._query(query["q"], every=parts[0] == "queryAll")
        if parts[0] == "jobs":
            return self._job(method, parts[1], parts[2:], query, body)
        given = json.loads(body or b"{}")
        if parts[:3] == ["tooling", "sobjects", "CustomField"]:
            return 201, {}, self._make_field(given)
        if parts[:2] == ["composite", "sobjects"]:
            return 200, {}, [self._saved(one, method) for one in given["records"]]
        of = parts[1]
        if of not in self.types:
            raise RefusedError("NOT_FOUND", "The requested resource does not exist", 404)
        if parts[2:] == ["describe"]:
            fields = [
                {"name": n, "type": shape_of(t), "label": n} for n, t in self._seen(of).items()
            ]
            return 200, {}, {"name": of, "label": of, "fields": fields}
        given.pop("attributes", None)
        if method == "POST" and len(parts) == 2:
            return 201, {}, {"id": self._create(of, given), "success": True, "errors": []}
        if method == "PATCH" and len(parts) == 3:
            self._update(of, parts[2], given)
            return 204, {}, None
        if method == "PATCH" and len(parts) == 4:
            return self._upsert(of, parts[2], parts[3], given)
        if method == "GET" and len(parts) == 3:
            row = self._row(of, parts[2])
            shown = {name: written(row.get(name)) for name in self._seen(of)}
            return 200, {}, {"attributes": {"type": of}, **shown}
        raise RefusedError("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed", 405)

    # Queries -----------------------------------------------------------------------------

    def _query(self, text: str, *, every: bool = False) -> Row:
        query = parsed(text)
        found = self._found(query, every=every)
        if query.names == ["COUNT()"]:
            return {"totalSize": len(found), "done": True, "records": []}
        shown = [self._record(query, row) for row in found]
        if len(shown) <= self.page:
            return {"totalSize": len(shown), "done": True, "records": shown}
        locator = f"01g{len(self._left):06d}-{self.page}"
        self._left[locator] = shown[self.page :]
        return self._with_more(shown[: self.page], len(shown), locator)

    def _more(self, locator: str, total: int, left: int) -> Row:
        if locator not in self._left:
            raise RefusedError("INVALID_QUERY_LOCATOR", "invalid query locator", 404)
        rows = self._left[locator]
        if left <= self.page:
            return {"totalSize": total or left, "done": True, "records": rows}
        following = f"{locator}-{self.page}"
        self._left[following] = rows[self.page :]
        return self._with_more(rows[: self.page], total or left, following)

    def _with_more(self, rows: list[Row], total: int, locator: str) -> Row:
        url = f"/services/data/v62.0/query/{locator}"
        return {"totalSize": total, "done": False, "records": rows, "nextRecordsUrl": url}

    def _found(self, query: Soql, *, every: bool = False) -> list[Row]:
        of = query.of
        if of not in self.types:
            raise RefusedError("INVALID_TYPE", f"sObject type '{of}' is not supported.")
        seen = self._seen(of)
        for name in [*query.names, *(n for n, _, _ in query.where)]:
            if "." not in name and name != "COUNT()" and name not in seen:
                raise RefusedError("INVALID_FIELD", f"No such column '{name}' on entity '{of}'.")
        rows = [r for r in self.rows[of].values() if every or not r["IsDeleted"]]
        rows = [r for r in rows if query.takes(partial(self._value, r))]
        for name, down in reversed(query.order):
            rows.sort(key=lambda r: str(self._value(r, name) or ""), reverse=down)
        return rows[: query.limit]

    def _value(self, row: Row, name: str) -> Any:
        first, _, rest = name.partition(".")
        if not rest:
            return row.get(name)
        other = self._any(row.get(f"{first}Id"))
        return None if other is None else self._value(other, rest)

    def _any(self, id_: Any) -> Row | None:
        of = next((o for o, prefix in PREFIXES.items() if str(id_ or "").startswith(prefix)), None)
        return self.rows[of].get(id_) if of else None

    def _record(self, query: Soql, row: Row) -> Row:
        said: Row = {
            "attributes": {
                "type": query.of,
                "url": f"/services/data/v62.0/sobjects/{query.of}/{row['Id']}",
            }
        }
        for name in query.names:
            first, _, rest = name.partition(".")
            value = written(self._value(row, name))
            if rest:
                said[first] = (
                    None
                    if row.get(f"{first}Id") is None
                    else {"attributes": {"type": first}, rest: value}
                )
            else:
                said[name] = value
        for inner in query.inner:
            of = inner.of.removesuffix("s")
            mine = [r for r in self.rows[of].values() if r.get(f"{query.of}Id") == row["Id"]]
            records = [self._record(Soql(inner.names, of=of), r) for r in mine]
            said[inner.of] = (
                {"totalSize": len(records), "done": True, "records": records} if records else None
            )
        return said

    # Records -----------------------------------------------------------------------------

    def _seen(self, of: str) -> dict[str, str]:
        """The fields that the user may see: custom ones by the permission sets that it has."""
        sets = {r["PermissionSetId"] for r in self.rows["PermissionSetAssignment"].values()
                if r["AssigneeId"] == self.me}  # fmt: skip
        shown = {
            r["Field"] for r in self.rows["FieldPermissions"].values() if r["ParentId"] in sets
        }
        return {n: t for n, t in self.types[of].items()
                if not n.startswith("Leadwise_") or f"{of}.{n}" in shown}  # fmt: skip

    def _row(self, of: str, id_: str) -> Row:
        row = self.rows[of].get(id_)
        if row is None:
            raise RefusedError(
                "NOT_FOUND", "Provided external ID field does not exist or is not accessible", 404
            )
        if row["IsDeleted"]:
            raise RefusedError("ENTITY_IS_DELETED", "entity is deleted", 404)
        return row

    def _checked(self, of: str, values: Mapping[str, Any]) -> Row:
        seen = self._seen(of)
        taken: Row = {}
        for name, value in values.items():
            if name not in seen:
                raise RefusedError(
                    "INVALID_FIELD", f"No such column '{name}' on sobject of type {of}"
                )
            kind = seen[name]
            if kind in NUMBERS and isinstance(value, str):
                raise RefusedError(
                    "JSON_PARSER_ERROR",
                    f"Cannot deserialize instance of {kind} from VALUE_STRING value {value}",
                )
            if kind in ("datetime", "DateTime") and value is not None:
                value = datetime.fromisoformat(str(value))
            taken[name] = value
        return taken

    def _create(self, of: str, values: Mapping[str, Any]) -> str:
        taken = self._checked(of, values)
        missing = [name for name in REQUIRED.get(of, ()) if not taken.get(name)]
        if missing:
            raise RefusedError("REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing}")
        return self.add(of, **taken)

    def _update(self, of: str, id_: str, values: Mapping[str, Any]) -> None:
        row = self._row(of, id_)
        if id_ in self.refused:
            raise RefusedError(*self.refused[id_])
        if of == "Lead" and row.get("IsConverted"):
            raise RefusedError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        self.put(of, id_, **self._checked(of, values))

    def _upsert(self, of: str, name: str, key: str, values: Mapping[str, Any]) -> Answer:
        if name not in self._seen(of):
            raise RefusedError(
                "NOT_FOUND", "Provided external ID field does not exist or is not accessible", 404
            )
        for id_, row in self.rows[of].items():
            if row.get(name) == key:
                self._update(of, id_, values)
                return 200, {}, {"id": id_, "success": True, "errors": [], "created": False}
        id_ = self._create(of, {**values, name: key})
        return 201, {}, {"id": id_, "success": True, "errors": [], "created": True}

    def _saved(self, record: Row, method: str) -> Row:
        of = record.pop("attributes")["type"]
        try:
            if method == "POST":
                return {"id": self._create(of, record), "success": True, "errors": []}
            id_ = record.pop("Id")
            self._update(of, id_, record)
        except RefusedError as error:
            told = {"statusCode": error.code, "message": error.message, "fields": []}
            return {"success": False, "errors": [told]}
        return {"id": id_, "success": True, "errors": []}

    def _make_field(self, given: Row) -> Row:
        if not self.may_make_fields:
            raise RefusedError(
                "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id"
            )
        of, _, name = given["FullName"].partition(".")
        kind = given["Metadata"]["type"]
        for object_ in ACTIVITIES if of == "Activity" else (of,):
            if name in self.types[object_]:
                raise RefusedError(
                    "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {name}"
                )
            self.types[object_][name] = kind
        return {"id": f"00N{len(self.types):012d}AAA", "success": True, "errors": []}

    # Jobs --------------------------------------------------------------------------------

    def _job(
        self, method: str, kind: str, rest: Sequence[str], query: Query, body: bytes
    ) -> Answer:
        if method == "POST":
            given = json.loads(body)
            job = {**given, "id": f"750{len(self._jobs):012d}AAA", "state": "Open", "asked": 0}
            if kind == "query":
                self._begin(job, given["query"])
            self._jobs[job["id"]] = job
            return 200, {}, public(job)
        if not rest or rest[0] not in self._jobs:
            raise RefusedError("NOT_FOUND", "The requested resource does not exist", 404)
        job = self._jobs[rest[0]]
        if rest[1:] == ["batches"]:
            job["content"] = body.decode()
            return 201, {}, None
        if method == "PATCH":
            job["state"] = json.loads(body)["state"]
            return 200, {}, public(job)
        if rest[1:] == ["results"]:
            return self._results(job, query)
        if len(rest) > 1:
            return 200, {"Content-Type": "text/csv"}, job.get(rest[1], "")
        job["asked"] += 1
        if job["state"] == "UploadComplete" and job["asked"] > self.waits:
            self._work(job)
        return 200, {}, public(job)

    def _begin(self, job: Row, text: str) -> None:
        query = parsed(text)
        if query.inner:
            raise RefusedError("INVALIDJOB", "nested queries are not supported in Bulk API")
        self._found(query)
        job["state"], job["soql"] = "UploadComplete", query

    def _work(self, job: Row) -> None:
        job["state"] = "JobComplete"
        if "soql" in job:
            names = job["soql"].names
            rows = self._found(job["soql"])
            job["table"] = [[cell(self._value(r, n)) for n in names] for r in rows]
            return
        good, bad = [["sf__Id", "sf__Created", "Id"]], [["sf__Id", "sf__Error", "Id"]]
        for row in csv.DictReader(io.StringIO(job["content"])):
            id_ = row.pop("Id")
            try:
                types = self._seen(job["object"])
                values = {n: uncelled(types.get(n, ""), v) for n, v in row.items() if v != ""}
                self._update(job["object"], id_, values)
                good.append([id_, "false", id_])
            except RefusedError as error:
                bad.append([id_, f"{error.code}:{error.message}", id_])
        job["successfulResults"], job["failedResults"] = table(good), table(bad)

    def _results(self, job: Row, query: Query) -> Answer:
        start = int(query.get("locator") or 0)
        size = min(int(query.get("maxRecords") or 50_000), self.page)
        end = start + size
        text = table([job["soql"].names, *job["table"][start:end]])
        following = str(end) if end < len(job["table"]) else "null"
        return 200, {"Content-Type": "text/csv", "Sforce-Locator": following}, text
