"""The three protocols that Odoo speaks: what is sent for a call, and what an answer means.

`json2` is Odoo's own from version 19 on; `jsonrpc` and `xmlrpc` are those of all versions before,
which Odoo means to take away. A call names a model, a method, ids of records and arguments by name.
"""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args
from xml.parsers.expat import ExpatError

from leadwise.errors import RemoteError

Protocol: TypeAlias = Literal["json2", "jsonrpc", "xmlrpc"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
_LARGEST_XML = 64 * 1024 * 1024
_STATUS = {
    "AccessDenied": 401, "AccessError": 403, "MissingError": 404, "UserError": 422,
    "ValidationError": 422, "RedirectWarning": 422, "SessionExpiredException": 401,
}  # fmt: skip
_BROKEN_RULES = (
    "IntegrityError",
    "NotNullViolation",
    "UniqueViolation",
    "CheckViolation",
    "ForeignKeyViolation",
    "DataError",
    "ProgrammingError",
    "UndefinedColumn",
)
"""Of the database's complaints those that the same values meet again."""


@dataclass(frozen=True, slots=True)
class Call:
    """A method of a model. `positional`: of which arguments the older protocols want the place and
    not the name."""

    model: str
    method: str
    ids: Sequence[int] | None = None
    named: Mapping[str, Any] = field(default_factory=dict)
    positional: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[list[Any], dict[str, Any]]:
        """By place and by name, as the older protocols have them."""
        places: list[Any] = [] if self.ids is None else [list(self.ids)]
        places += [self.named[name] for name in self.positional]
        return places, {k: v for k, v in self.named.items() if k not in self.positional}


def jsonrpc_body(service: str, method: str, arguments: Sequence[Any]) -> dict[str, Any]:
    """The document of a JSON-RPC request."""
    params = {"service": service, "method": method, "args": list(arguments)}
    return {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}


def jsonrpc_result(document: Any) -> Any:
    """What a JSON-RPC answer holds. RemoteError where it holds an error."""
    if not isinstance(document, Mapping):
        raise RemoteError("Odoo answered with something that is no JSON-RPC.", permanent=False)
    error = document.get("error")
    if error is None:
        return document.get("result")
    data = error.get("data") if isinstance(error, Mapping) else None
    data = data if isinstance(data, Mapping) else {}
    said = data.get("message") or (error.get("message") if isinstance(error, Mapping) else error)
    raise refusal(str(data.get("name") or ""), str(said))


def xmlrpc_body(method: str, arguments: Sequence[Any]) -> bytes:
    """The document of an XML-RPC request."""
    return xmlrpc.client.dumps(tuple(arguments), method, allow_none=True).encode()


def xmlrpc_result(content: bytes) -> Any:
    """What an XML-RPC answer holds. RemoteError where it holds a fault, or is none.

    One that declares a document type is not read: that is what attacks on parsers are made of.
    """
    if len(content) > _LARGEST_XML or b"<!" in content:
        raise RemoteError("Odoo's XML is too long or declares a type; not read.", permanent=True)
    try:
        (result,), _ = xmlrpc.client.loads(content, use_builtin_types=True)
    except xmlrpc.client.Fault as fault:
        name = {3: "AccessDenied", 4: "AccessError", 2: "UserError"}.get(fault.faultCode, "")
        text = str(fault.faultString).strip()
        last = text.splitlines()[-1] if text else ""
        raise refusal(name or last.split(":")[0], last) from None
    except (ExpatError, ValueError, TypeError, xmlrpc.client.Error):
        raise RemoteError(
            "Odoo answered with something that is no XML-RPC.", permanent=False
        ) from None
    return result


def refusal(name: str, said: str) -> RemoteError:
    """The error for an exception of Odoo's by its name (`odoo.exceptions.AccessError`)."""
    last = name.rsplit(".", 1)[-1]
    status = _STATUS.get(last)
    if status is None and name.startswith("psycopg2"):
        status = 422 if last in _BROKEN_RULES else 503
    if status is None:
        status = 503 if "could not serialize access" in said or "deadlock" in said else 500
    told = " ".join(said.split())[:300]
    # A mistake in the program there (500) meets the same call again.
    return RemoteError(f"Odoo said: {told}", permanent=status != 503, status=status)
