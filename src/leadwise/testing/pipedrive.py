"""A Pipedrive company in memory: persons, organizations, deals, activities, stages, custom fields
by codes, lists by cursor, a search that finds a new record only later, and rates. It refuses what
Pipedrive refuses: tokens, fields and values that are wrong."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from leadwise.testing.serving import Answer, Fake, Query

Row: TypeAlias = dict[str, Any]
_NOUNS = {"persons": "person", "organizations": "organization", "deals": "deal",
          "activities": "activity"}  # fmt: skip
_TIMES = ("add_time", "update_time")
FIELDS: Mapping[str, Mapping[str, str]] = {
    "person": {
        "id": "int", "name": "varchar", "first_name": "varchar", "last_name": "varchar",
        "owner_id": "user", "org_id": "org", "add_time": "date", "update_time": "date",
        "emails": "varchar", "phones": "phone", "visible_to": "visible_to", "label_ids": "set",
        "job_title": "varchar", "postal_address": "address", "marketing_status": "enum",
    },
    "organization": {
        "id": "int", "name": "varchar", "owner_id": "user", "add_time": "date",
        "update_time": "date", "visible_to": "visible_to", "label_ids": "set",
        "address": "address", "website": "varchar", "employee_count": "int",
    },
    "deal": {
        "id": "int", "title": "varchar", "owner_id": "user", "person_id": "people",
        "org_id": "org", "stage_id": "stage", "pipeline_id": "int", "value": "monetary",
        "currency": "varchar", "status": "status", "lost_reason": "varchar", "won_time": "date",
        "lost_time": "date", "close_time": "date", "expected_close_date": "date",
        "add_time": "date", "update_time": "date", "label_ids": "set",
    },
    "activity": {
        "id": "int", "subject": "varchar", "type": "enum", "owner_id": "user", "deal_id": "deal",
        "person_id": "people", "org_id": "org", "due_date": "date", "due_time": "time",
        "duration": "time", "done": "boolean", "busy": "boolean", "note": "text",
        "participants": "json", "add_time": "date", "update_time": "date",
        "marked_as_done_time": "date", "public_description": "text", "location": "address",
    },
}  # fmt: skip
_REQUIRED = {"person": "name", "organization": "name", "deal": "title"}
_READ_ONLY = ("id", "marked_as_done_time")


class RefusedError(Exception):
    """What Pipedrive says no with."""

    def __init__(self, status: int, error: str):
        super().__init__(error)
        self.status, self.error = status, error


@dataclass
class FakePipedrive(Fake):
    """A company. `now` is its clock; `admin`: whether fields may be made; `rate`: calls left in the
    span of two seconds, None for no end; `blind` records are not found by the search as yet."""

    token: str = "pipedrive-token"  # noqa: S105 - made up
    admin: bool = True
    rate: int | None = None
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    rows: dict[str, dict[int, Row]] = field(default_factory=dict)
    fields: dict[str, dict[str, Row]] = field(default_factory=dict)
    stages: list[Row] = field(default_factory=list)
    blind: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rows = {noun: {} for noun in FIELDS}
        self.fields = {
            noun: {
                code: _field(code, code.replace("_", " ").title(), kind)
                for code, kind in of.items()
            }
            for noun, of in FIELDS.items()
        }
        for number, name in enumerate(("Qualified", "Offer", "Negotiation"), 1):
            self.stages.append({"id": number, "name": name, "pipeline_id": 1, "order_nr": number,
                                "is_deleted": False, "deal_probability": 100})  # fmt: skip

    def add(self, noun: str, /, **values: Any) -> int:
        """A record as if somebody had made it in the browser; its id."""
        id_ = max(self.rows[noun], default=0) + 1
        row: Row = {"id": id_, "owner_id": 1, "is_deleted": False, "custom_fields": {}}
        row["add_time"] = _time(self.now)
        if noun == "deal":
            row |= {
                "status": "open",
                "stage_id": 1,
                "pipeline_id": 1,
                "currency": "EUR",
                "value": 0,
            }
        if noun == "activity":
            row |= {"done": False, "participants": []}
        self.rows[noun][id_] = row
        self.put(noun, id_, **values)
        return id_

    def put(self, noun: str, id_: int, /, **values: Any) -> None:
        """A change as if somebody had made it in the browser."""
        row = self.rows[noun][id_]
        custom = values.pop("custom_fields", {})
        row["custom_fields"] = {**row["custom_fields"], **custom}
        row.update(values)
        if values.get("participants"):
            row["person_id"] = values["participants"][0]["person_id"]
        if noun == "deal" and "status" in values and values["status"] in ("won", "lost"):
            row.setdefault(f"{values['status']}_time", _time(self.now))
            row.setdefault("close_time", _time(self.now))
        row["update_time"] = _time(self.now)

    def add_field(self, noun: str, name: str, kind: str, options: Sequence[str] = ()) -> str:
        """A custom field; its code."""
        code = hashlib.sha1(f"{noun} {name} {len(self.fields[noun])}".encode()).hexdigest()  # noqa: S324 - a made-up code
        one = _field(code, name, kind)
        one |= {
            "is_custom_field": True,
            "options": [{"id": n, "label": o} for n, o in enumerate(options, 1)] or None,
        }
        self.fields[noun][code] = one
        return code

    def webhook(self, action: str, noun: str, id_: int) -> bytes:
        """The body of a webhook (version 2) about a record as it is now."""
        row = self.rows[noun].get(id_)
        meta = {
            "action": action,
            "entity": noun,
            "version": "2.0",
            "entity_id": str(id_),
            "timestamp": _time(self.now),
            "id": f"{action}-{noun}-{id_}",
            "attempt": 1,
        }
        return json.dumps({"data": row, "previous": None, "meta": meta}).encode()

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        """A call of version 2, or of the few of version 1."""
        if headers.get("x-api-token") != self.token:
            return 401, {}, {"success": False, "error": "unauthorized access", "errorCode": 401}
        rate: dict[str, str] = {}
        if self.rate is not None:
            if self.rate <= 0:
                return (
                    429,
                    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2"},
                    {"success": False, "error": "request over limit"},
                )
            self.rate -= 1
            rate = {"x-ratelimit-remaining": str(self.rate), "x-ratelimit-reset": "2"}
        try:
            said = self._said(method, path, query, json.loads(body) if body else {})
            return 200, rate, {"success": True, **said}
        except RefusedError as error:
            return error.status, rate, {"success": False, "error": error.error, "error_info": ""}
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            told = f"Validation failed: {error!r}"
            return 400, rate, {"success": False, "error": told, "error_info": ""}

    def _said(self, method: str, path: str, query: Query, given: Row) -> Row:
        me = {"id": 1, "name": "Ana", "email": "ana@acme.example", "company_name": "Acme"}
        if path == "/v1/users/me":
            return {"data": me}
        if path == "/v1/users":
            return {"data": [me]}
        first, *rest = path.removeprefix("/api/v2/").split("/")
        if first == "stages":
            return {"data": self.stages, "additional_data": {"next_cursor": None}}
        if first.endswith("Fields"):
            return self._fields(method, first.removesuffix("Fields"), given)
        noun = _NOUNS.get(first)
        if noun is None:
            raise RefusedError(404, "Unknown method.")
        if rest == ["search"]:
            return self._search(noun, query)
        if method == "GET":
            return self._list(noun, query) if not rest else {"data": self._row(noun, rest[0])}
        if method == "POST" and not rest:
            needed = _REQUIRED.get(noun)
            if needed and not given.get(needed):
                raise RefusedError(400, f"Validation failed: {needed}: Required")
            return {"data": self._row(noun, str(self.add(noun, **self._checked(noun, given))))}
        if method == "PATCH" and rest:
            row = self._row(noun, rest[0])
            self.put(noun, row["id"], **self._checked(noun, given))
            return {"data": row}
        raise RefusedError(404, "Unknown method.")

    def _fields(self, method: str, noun: str, given: Row) -> Row:
        if method == "GET":
            return {
                "data": list(self.fields[noun].values()),
                "additional_data": {"next_cursor": None},
            }
        if not self.admin:
            raise RefusedError(403, "Scope and URL mismatch")
        if noun == "activity":
            raise RefusedError(404, "Unknown method.")
        code = self.add_field(noun, given["field_name"], given["field_type"])
        return {"data": self.fields[noun][code]}

    def _row(self, noun: str, id_: str) -> Row:
        row = self.rows[noun].get(int(id_))
        if row is None or row["is_deleted"]:
            raise RefusedError(404, "Entity was not found")
        return row

    def _list(self, noun: str, query: Query) -> Row:
        rows = [row for row in self.rows[noun].values() if not row["is_deleted"]]
        if query.get("ids"):
            wanted = query["ids"].split(",")
            if len(wanted) > 100:
                raise RefusedError(400, "ids: at most 100")
            rows = [row for row in rows if str(row["id"]) in wanted]
        for name in ("person_id", "org_id", "deal_id"):
            if name in query:
                rows = [row for row in rows if str(row.get(name)) == query[name]]
        rows = [row for row in rows if row["update_time"] >= query.get("updated_since", "")]
        rows = [row for row in rows if row["update_time"] < query.get("updated_until", "9")]
        down = query.get("sort_direction") == "desc"
        by = query.get("sort_by", "id")
        rows.sort(key=lambda row: (row[by], row["id"]), reverse=down)
        limit = int(query.get("limit", 100))
        if not 1 <= limit <= 500:
            raise RefusedError(400, "limit: 1 to 500")
        start = int(base64.b64decode(query["cursor"])) if query.get("cursor") else 0
        if by == "id" and start:  # a cursor says after which id, whatever has changed meanwhile
            rows = [row for row in rows if row["id"] > start]
        page = rows[:limit]
        more = len(rows) > limit and by == "id"
        cursor = base64.b64encode(str(page[-1]["id"]).encode()).decode() if more else None
        shown = [self._shown(noun, row, query) for row in page]
        return {"data": shown, "additional_data": {"next_cursor": cursor}}

    def _shown(self, noun: str, row: Row, query: Query) -> Row:
        custom = dict(row["custom_fields"])
        if query.get("custom_fields"):
            codes = query["custom_fields"].split(",")
            if len(codes) > 15:
                raise RefusedError(400, "custom_fields: at most 15")
            custom = {code: custom.get(code) for code in codes}
        if query.get("include_option_labels") == "true":
            for code, value in custom.items():
                labels = {o["id"]: o["label"] for o in self.fields[noun][code].get("options") or ()}
                if isinstance(value, list):
                    custom[code] = [{"id": one, "label": labels[one]} for one in value]
                elif isinstance(value, int) and value in labels:
                    custom[code] = {"id": value, "label": labels[value]}
        return {**row, "custom_fields": custom}

    def _search(self, noun: str, query: Query) -> Row:
        if len(query.get("term", "")) < 2:
            raise RefusedError(400, "term: at least 2 signs")
        term = query["term"].lower()
        items = []
        for row in self.rows[noun].values():
            mails = [one["value"] for one in row.get("emails") or ()]
            custom = [v for v in row["custom_fields"].values() if isinstance(v, str)]
            texts = mails if query.get("fields") == "email" else custom
            if (
                row["id"] not in self.blind
                and not row["is_deleted"]
                and term in map(str.lower, texts)
            ):
                item = {"id": row["id"], "type": noun, "emails": mails, "custom_fields": custom}
                items.append({"result_score": 1.0, "item": item})
        return {"data": {"items": items}, "additional_data": {"next_cursor": None}}

    def _checked(self, noun: str, given: Row) -> Row:
        for name in given:
            if name != "custom_fields" and (name not in self.fields[noun] or name in _READ_ONLY):
                raise RefusedError(400, f"Validation failed: {name}: Unrecognized key")
        for name in ("org_id", "person_id", "owner_id", "stage_id", "deal_id", "value"):
            if isinstance(given.get(name), str):
                raise RefusedError(400, f"Validation failed: {name}: Expected number")
        if "person_id" in given and noun == "activity":
            raise RefusedError(400, "Validation failed: person_id: read-only")
        for code, value in given.get("custom_fields", {}).items():
            one = self.fields[noun].get(code)
            if one is None or not one["is_custom_field"]:
                raise RefusedError(
                    400, f"Validation failed: custom_fields.{code}: Unrecognized key"
                )
            wrong = one["field_type"] == "double" and isinstance(value, str)
            wrong |= one["field_type"] == "varchar" and isinstance(value, str) and len(value) > 255
            if wrong:
                raise RefusedError(400, f"Validation failed: custom_fields.{code}: Invalid")
        return given


def _field(code: str, name: str, kind: str) -> Row:
    return {
        "field_code": code,
        "field_name": name,
        "field_type": kind,
        "options": None,
        "description": "",
        "subfields": None,
        "is_custom_field": False,
        "is_optional_response_field": False,
    }


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
