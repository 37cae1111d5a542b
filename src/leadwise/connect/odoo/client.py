"""Calls to one Odoo database, by whichever protocol it speaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from leadwise.connect.http import Http
from leadwise.connect.odoo.wire import (
    Call,
    Protocol,
    jsonrpc_body,
    jsonrpc_result,
    xmlrpc_body,
    xmlrpc_result,
)
from leadwise.errors import RemoteError

Row: TypeAlias = dict[str, Any]
Domain: TypeAlias = list[Any]
READING = (
    "search_read", "search", "read", "fields_get", "search_count", "context_get",
)  # fmt: skip
EVERY = {"active_test": False}
"""The context in which archived records (a lost lead) are found too."""


@dataclass(slots=True)
class Client:
    """One database as one user. `key` is an API key, or for the older protocols a password."""

    http: Http
    protocol: Protocol
    database: str
    login: str
    key: str = field(repr=False)
    _uid: int | None = None
    _fields: dict[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)

    def whoami(self) -> Row:
        """Name, login and company of the user as whom we are known."""
        if self.protocol == "json2":
            uid = int(self.call("res.users", "context_get")["uid"])
        else:
            uid = self.uid()
        (user,) = self.read("res.users", [uid], ("name", "login", "company_id"))
        return user

    def uid(self) -> int:
        """The user's number, for the older protocols."""
        if self._uid is None:
            arguments = [self.database, self.login, self.key, {}]
            found = self._rpc("common", "authenticate", arguments, reads=True)
            if not found:
                raise RemoteError(
                    f"Odoo does not know {self.login!r} with this key in the database "
                    f"{self.database!r}.", permanent=True, status=401,
                )  # fmt: skip
            self._uid = int(found)
        return self._uid

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None,
        positional: tuple[str, ...] = (), **named: Any,
    ) -> Any:  # fmt: skip
        """What a method answers; {} where a dry run left it out."""
        call = Call(model, method, ids, named, positional)
        reads = method in READING
        if self.protocol == "json2":
            body = dict(named) if ids is None else {"ids": list(ids), **named}
            headers = {"Authorization": f"bearer {self.key}"}
            if self.database:
                headers["X-Odoo-Database"] = self.database
            path = f"/json/2/{model}/{method}"
            try:
                return self.http.call("POST", path, reads=reads, json=body, headers=headers)
            except RemoteError as error:
                raise _understood(error) from None
        if self.http.dry and not reads:
            # Kept in `would` as it reads best, and without the key.
            return self.http.call("POST", f"/{model}/{method}", reads=False, json=call.arguments)
        places, by_name = call.arguments
        whole = [self.database, self.uid(), self.key, model, method, places, by_name]
        return self._rpc("object", "execute_kw", whole, reads=reads)

    def _rpc(self, service: str, method: str, arguments: Sequence[Any], *, reads: bool) -> Any:
        if self.protocol == "jsonrpc":
            body = jsonrpc_body(service, method, arguments)
            return jsonrpc_result(self.http.call("POST", "/jsonrpc", reads=reads, json=body))
        response = self.http.send(
            "POST", f"/xmlrpc/2/{service}", reads=reads, content=xmlrpc_body(method, arguments),
            headers={"Content-Type": "text/xml"},
        )  # fmt: skip
        return {} if response is None else xmlrpc_result(response.content)

    def search(
        self, model: str, domain: Domain, fields: Iterable[str], *, limit: int = 0,
        order: str = "id", every: bool = True,
    ) -> list[Row]:  # fmt: skip
        """Records of a domain, with `every` archived ones too."""
        more: dict[str, Any] = {"limit": limit} if limit else {}
        rows: list[Row] = self.call(
            model, "search_read", domain=domain, fields=list(fields), order=order,
            context=EVERY if every else {}, **more,
        )  # fmt: skip
        return rows

    def read(self, model: str, ids: Sequence[int], fields: Iterable[str]) -> list[Row]:
        """Those of these records that there are."""
        if not ids:
            return []
        return self.search(model, [["id", "in", list(ids)]], fields)

    def count(self, model: str, domain: Domain) -> int:
        """How many records a domain has."""
        return int(self.call(model, "search_count", domain=domain, context=EVERY))

    def fields(self, model: str) -> Mapping[str, Mapping[str, Any]]:
        """The fields of a model that this user may see: type, label, choices. Asked once."""
        if model not in self._fields:
            self._fields[model] = self.call(
                model, "fields_get", attributes=["type", "string", "selection", "relation"]
            )
        return self._fields[model]

    def forget_fields(self) -> None:
        """After fields were made."""
        self._fields.clear()

    def create(self, model: str, values: Mapping[str, Any]) -> str:
        """Make a record; its id (empty in a dry run)."""
        made = self.call(model, "create", positional=("vals_list",), vals_list=[dict(values)])
        return str(made[0]) if isinstance(made, list) and made else ""

    def write(self, model: str, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        """Give fields of these records values."""
        self.call(model, "write", list(ids), positional=("vals",), vals=dict(values))

    def load(self, model: str, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> list[int] | None:
        """Give fields of several records their own values in one call, which is how Odoo imports:
        all of them or none. None where it did; else the places of those that it does not take.

        All rows have the same fields. Archived records are found too, instants are UTC.
        """
        names = list(rows[0][1])
        data = [[str(id_), *(_cell(values[name]) for name in names)] for id_, values in rows]
        answer = self.call(
            model, "load", positional=("fields", "data"), fields=[".id", *names], data=data,
            context={**EVERY, "tz": "UTC"},
        )  # fmt: skip
        if not answer or answer.get("ids"):
            return None
        told = [one for one in answer.get("messages") or () if one.get("type") == "error"]
        places = {int((one.get("rows") or {}).get("from", -1)) for one in told}
        return sorted(places & set(range(len(rows))))


def _cell(value: Any) -> str:
    """A value as an import has it: texts, empty where there is none."""
    return "" if value is False or value is None else str(value)


def said(document: Any) -> str:
    """The reason in an error of JSON-2: the exception's name where it says more, and its words."""
    if not isinstance(document, Mapping):
        return ""
    name, text = str(document.get("name") or ""), str(document.get("message") or "")
    return f"{name}: {text}" if name.startswith("builtins.") else text


def _understood(error: RemoteError) -> RemoteError:
    """A mistake (500 by a plain exception) meets the same call again; and where nothing answers
    at all the protocol may be one that this Odoo does not speak."""
    if error.status == 500 and ": builtins." in str(error):
        return RemoteError(str(error), permanent=True, status=422)
    if error.status == 404 and "/json/2/res.users/" in str(error):
        told = f"{error} Before Odoo 19 the option protocol is jsonrpc."
        return RemoteError(told, permanent=True, status=404)
    return error
