"""An Odoo database in memory: contacts, leads, stages, tags, activities, meetings and the fields of
models, by JSON-2, JSON-RPC and XML-RPC. It refuses what Odoo refuses: keys that are wrong, fields
that are not there, links that lead nowhere, and making fields without the right to."""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias
from xml.parsers.expat import ExpatError

from leadwise.testing.odoo_loading import load
from leadwise.testing.serving import Answer, Fake, Query

Row: TypeAlias = dict[str, Any]
_KEPT = {"id": "integer", "active": "boolean", "create_date": "datetime", "write_date": "datetime"}
_MAIL = {"email_normalized": "char"}
_ADDRESS = {"phone": "char", "website": "char", "city": "char", "zip": "char",
            "country_id": "many2one:res.country", "function": "char"}  # fmt: skip
MODELS: Mapping[str, Mapping[str, str]] = {
    "res.partner": {
        **_KEPT, **_MAIL, **_ADDRESS, "name": "char", "email": "char", "is_company": "boolean",
        "type": "selection:contact=Contact,invoice=Invoice", "lang": "selection:en_US=English",
        "parent_id": "many2one:res.partner", "commercial_partner_id": "many2one:res.partner",
        "company_name": "char", "vat": "char",
        "partner_share": "boolean", "industry_id": "many2one:res.partner.industry",
    },
    "crm.lead": {
        **_KEPT, **_MAIL, **_ADDRESS, "name": "char", "contact_name": "char",
        "partner_name": "char", "email_from": "char", "partner_id": "many2one:res.partner",
        "stage_id": "many2one:crm.stage", "type": "selection:lead=Lead,opportunity=Opportunity",
        "probability": "float", "expected_revenue": "monetary",
        "company_currency": "many2one:res.currency", "date_closed": "datetime",
        "date_conversion": "datetime", "lost_reason_id": "many2one:crm.lost.reason",
        "priority": "selection:0=Low,1=Medium,2=High,3=Very High",
        "tag_ids": "many2many:crm.tag", "user_id": "many2one:res.users",
        "source_id": "many2one:utm.source",
    },
    "calendar.event": {
        **_KEPT, "name": "char", "start": "datetime", "stop": "datetime", "location": "char",
        "opportunity_id": "many2one:crm.lead", "partner_ids": "many2many:res.partner",
        "description": "html",
    },
    "mail.activity": {
        **_KEPT, "summary": "char", "note": "html", "res_model_id": "many2one:ir.model",
        "res_id": "integer", "date_deadline": "date", "user_id": "many2one:res.users",
        "activity_type_id": "many2one:mail.activity.type",
    },
    "crm.stage": {**_KEPT, "name": "char", "is_won": "boolean"},
    "crm.tag": {**_KEPT, "name": "char"},
    "crm.lost.reason": {**_KEPT, "name": "char"},
    "mail.activity.type": {**_KEPT, "name": "char"},
    "utm.source": {**_KEPT, "name": "char"},
    "res.currency": {**_KEPT, "name": "char"},
    "res.country": {**_KEPT, "name": "char"},
    "res.partner.industry": {**_KEPT, "name": "char"},
    "res.users": {**_KEPT, "name": "char", "login": "char", "company_id": "many2one:res.partner"},
    "ir.model": {**_KEPT, "name": "char", "model": "char"},
    "ir.model.fields": {
        **_KEPT, "name": "char", "model_id": "many2one:ir.model", "field_description": "char",
        "ttype": "char", "state": "char", "help": "char", "copied": "boolean",
    },
}  # fmt: skip
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "in": lambda a, b: a in b,
    "<": lambda a, b: a is not False and a < b, ">": lambda a, b: a is not False and a > b,
    ">=": lambda a, b: a is not False and a >= b, "<=": lambda a, b: a is not False and a <= b,
    "like": lambda a, b: bool(a) and b in a,
    "=ilike": lambda a, b: bool(a) and a.lower() == _unescaped(b).lower(),
}  # fmt: skip


class OdooError(Exception):
    """An exception of Odoo's, by its name there."""

    def __init__(self, name: str, message: str, status: int = 422):
        super().__init__(message)
        self.name, self.message, self.status = name, message, status


@dataclass
class FakeOdoo(Fake):
    """A database. `now` is its clock; `admin`: whether the user may make fields;
    `no_load`: whether it lets nothing be imported."""

    key: str = "odoo-key"
    login: str = "ana@acme.example"
    database: str = "acme"
    admin: bool = True
    no_load: bool = False
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    rows: dict[str, dict[int, Row]] = field(default_factory=dict)
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    """Leads that a rule of the database forbids to write, with what it says."""

    def __post_init__(self) -> None:
        self.types = {model: dict(fields) for model, fields in MODELS.items()}
        self.rows = {model: {} for model in MODELS}
        for model in MODELS:
            self.add("ir.model", name=model, model=model)
        self.add("res.partner", name="Acme", is_company=True)
        self.add("res.users", name="Ana", login=self.login, company_id=1)
        for name, won in (("New", False), ("Qualified", False), ("Won", True)):
            self.add("crm.stage", name=name, is_won=won)
        self.add("res.currency", name="EUR")

    def add(self, model: str, /, **values: Any) -> int:
        """A record as if somebody had made it in the browser; its id."""
        return self._create(model, values)

    def put(self, model: str, id_: int, /, **values: Any) -> None:
        """A change as if somebody had made it in the browser."""
        self._write(model, [id_], values)

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        """A call by any of the three protocols."""
        del query
        if method != "POST":
            return 405, {}, {"message": "Method Not Allowed"}
        try:
            return self._called(path, headers, body)
        except (LookupError, TypeError, ValueError, AttributeError, ExpatError) as error:
            name = "werkzeug.exceptions.BadRequest"
            return 400, {}, {"name": name, "message": f"could not read the body: {error!r}"}

    def _called(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if path.startswith("/json/2/"):
            return self._json2(path.removeprefix("/json/2/"), headers, json.loads(body or b"{}"))
        if path == "/jsonrpc":
            params = json.loads(body)["params"]
            try:
                said = self._service(params["service"], params["method"], params["args"])
                return 200, {}, {"jsonrpc": "2.0", "id": 1, "result": said}
            except OdooError as error:
                data = {"name": error.name, "message": error.message, "arguments": [error.message]}
                told = {"code": 200, "message": "Odoo Server Error", "data": data}
                return 200, {}, {"jsonrpc": "2.0", "id": 1, "error": told}
        if path.startswith("/xmlrpc/2/"):
            arguments, name = xmlrpc.client.loads(body)
            try:
                said = self._service(path.rsplit("/", 1)[-1], name or "", list(arguments))
                text = xmlrpc.client.dumps((said,), methodresponse=True, allow_none=True)
            except OdooError as error:
                code = {401: 3, 403: 4, 422: 2}.get(error.status, 1)
                text = xmlrpc.client.dumps(xmlrpc.client.Fault(code, error.message))
            return 200, {"Content-Type": "text/xml"}, text
        return 404, {}, {"message": "Not Found"}

    def _json2(self, rest: str, headers: Mapping[str, str], given: dict[str, Any]) -> Answer:
        if headers.get("authorization") != f"bearer {self.key}":
            return (
                401,
                {},
                {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"},
            )
        if headers.get("x-odoo-database", self.database) != self.database:
            return 404, {}, {"name": "werkzeug.exceptions.NotFound", "message": "No such database"}
        model, _, method = rest.partition("/")
        ids = given.pop("ids", None)
        try:
            return 200, {}, self._call(model, method, ids, given)
        except OdooError as error:
            told = {"name": error.name, "message": error.message, "arguments": [], "debug": ""}
            return error.status, {}, told

    def _service(self, service: str, method: str, arguments: list[Any]) -> Any:
        if (service, method) == ("common", "authenticate"):
            return 1 if arguments[:3] == [self.database, self.login, self.key] else False
        if (service, method) != ("object", "execute_kw"):
            raise OdooError("builtins.NameError", f"{service}.{method}", 500)
        database, uid, key, model, name, places, named = arguments
        if [database, uid, key] != [self.database, 1, self.key]:
            raise OdooError("odoo.exceptions.AccessDenied", "Access Denied", 401)
        order = {
            "create": ("vals_list",),
            "load": ("fields", "data"),
            "write": ("ids", "vals"),
            "read": ("ids", "fields"),
        }
        given = {**dict(zip(order.get(name, ("domain",)), places, strict=False)), **named}
        return self._call(model, name, given.pop("ids", None), given)

    def _call(self, model: str, method: str, ids: list[int] | None, given: dict[str, Any]) -> Any:
        if method == "context_get":
            return {"uid": 1, "lang": "en_US", "tz": "UTC"}
        if model not in self.types:
            raise OdooError(
                "werkzeug.exceptions.NotFound", f"the model {model!r} does not exist", 404
            )
        if method == "fields_get":
            return {name: _described(name, type_) for name, type_ in self.types[model].items()}
        if method in ("search_read", "search_count"):
            every = given.get("context", {}).get("active_test") is False
            found = self._found(model, given.get("domain", []), every)
            if method == "search_count":
                return len(found)
            return self._read(model, found, given)
        if method == "create":
            many = given["vals_list"]
            return [self._create(model, values) for values in many]
        if method == "write":
            self._write(model, ids or [], given["vals"])
            return True
        if method == "load" and not self.no_load:
            self._known(model, [name for name in given["fields"] if name != ".id"])
            return load(
                self.rows[model], self.types[model],
                lambda id_, values: self._write(model, [id_], values), given,
            )  # fmt: skip
        raise OdooError("builtins.AttributeError", f"{model} has no method {method}", 404)

    def _found(self, model: str, domain: Sequence[Any], every: bool) -> list[Row]:
        named = {name for name, *_ in domain}
        self._known(model, named)
        found = list(self.rows[model].values())
        if not every and "active" not in named:
            found = [row for row in found if row["active"]]
        for name, operator, value in domain:
            found = [row for row in found if _COMPARED[operator](_plain(row, name), value)]
        return found

    def _read(self, model: str, found: list[Row], given: Mapping[str, Any]) -> list[Row]:
        names = ["id", *(name for name in given.get("fields", ()) if name != "id")]
        self._known(model, names)
        for part in reversed(str(given.get("order") or "id").split(",")):
            name, _, way = part.strip().partition(" ")
            found = sorted(found, key=lambda row: row[name], reverse=way == "desc")
        skip, limit = given.get("offset", 0), given.get("limit")
        found = found[skip : skip + limit] if limit else found[skip:]
        return [{name: self._shown(model, row, name) for name in names} for row in found]

    def _shown(self, model: str, row: Row, name: str) -> Any:
        value, type_ = row.get(name, False), self.types[model][name]
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M:%S")
        if type_.startswith("many2one") and value:
            other = self.rows[type_.split(":")[1]][value]
            return [value, other.get("name", "")]
        return value

    def _create(self, model: str, values: Mapping[str, Any]) -> int:
        if model == "ir.model.fields":
            if not self.admin:
                raise OdooError(
                    "odoo.exceptions.AccessError",
                    "You are not allowed to create 'Fields' (ir.model.fields) records.",
                    403,
                )
            of = self.rows["ir.model"][values["model_id"]]["model"]
            if not str(values["name"]).startswith("x_"):
                raise OdooError(
                    "odoo.exceptions.ValidationError", "Custom fields must start with x_"
                )
            self.types[of][values["name"]] = values["ttype"]
        if model == "mail.activity" and not values.get("res_model_id"):
            raise OdooError(
                "odoo.exceptions.ValidationError", "Missing required value: res_model_id"
            )
        id_ = max(self.rows[model], default=0) + 1
        row: Row = {
            "id": id_,
            "active": True,
            "create_date": self.now,
            "tag_ids": [],
            "partner_ids": [],
            "type": "contact" if model == "res.partner" else "opportunity",
        }
        if model == "res.partner":
            row["partner_share"] = True
        if model == "crm.lead":
            row |= {"company_currency": 1, "probability": 10.0, "priority": "0"}
        self.rows[model][id_] = {k: v for k, v in row.items() if k in self.types[model]}
        try:
            self._write(model, [id_], values)
        except OdooError:
            del self.rows[model][id_]
            raise
        return id_

    def _write(self, model: str, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        self._known(model, values)
        for id_ in ids:
            if id_ not in self.rows[model]:
                raise OdooError(
                    "odoo.exceptions.MissingError",
                    "Record does not exist or has been deleted.",
                    404,
                )
            if model == "crm.lead" and id_ in self.refused:
                raise OdooError("odoo.exceptions.ValidationError", self.refused[id_])
            row = self.rows[model][id_]
            for name, value in values.items():
                row[name] = self._taken(model, row, name, value)
            if "email" in values or "email_from" in values:
                mail = str(row.get("email") or row.get("email_from") or "")
                row["email_normalized"] = (
                    mail.rsplit("<", maxsplit=1)[-1].strip("<> ").lower() or False
                )
            if model == "res.partner":
                row["commercial_partner_id"] = row.get("parent_id") or id_
            row["write_date"] = self.now

    def _taken(self, model: str, row: Row, name: str, value: Any) -> Any:
        type_, _, more = self.types[model][name].partition(":")
        if value is None:
            raise OdooError("builtins.TypeError", f"{name} is None", 500)
        if type_ == "datetime" and isinstance(value, str):
            try:
                return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            except ValueError:
                raise OdooError("builtins.ValueError", f"{value!r} is no datetime", 500) from None
        if type_ == "many2one" and value and value not in self.rows[more]:
            raise OdooError(
                "psycopg2.errors.ForeignKeyViolation", f"{name}: no {more} {value}", 500
            )
        if (
            type_ == "selection"
            and value
            and value not in dict(c.split("=") for c in more.split(","))
        ):
            raise OdooError(
                "builtins.ValueError", f"Wrong value for {model}.{name}: {value!r}", 500
            )
        if type_ == "many2many":
            held = list(row.get(name) or [])
            for command in value:
                held = [one for one in held if one != command[1]]
                held += [command[1]] if command[0] == 4 else []
            return held
        return value

    def _known(self, model: str, names: Any) -> None:
        for name in names:
            if name not in self.types[model]:
                raise OdooError(
                    "builtins.ValueError", f"Invalid field {name!r} on model {model!r}", 500
                )


def _described(name: str, type_: str) -> dict[str, Any]:
    kind, _, more = type_.partition(":")
    said: dict[str, Any] = {"type": kind, "string": name.replace("_", " ").title()}
    if kind == "selection":
        said["selection"] = [one.split("=") for one in more.split(",")]
    elif more:
        said["relation"] = more
    return said


def _plain(row: Row, name: str) -> Any:
    value = row.get(name, False)
    if isinstance(value, datetime):  # with the part of a second, which answers do not show
        return value.strftime("%Y-%m-%d %H:%M:%S") + (".5" if value.microsecond else "")
    return value


def _unescaped(pattern: str) -> str:
    return pattern.replace("\\%", "%").replace("\\_", "_").replace("\\\\", "\\")
