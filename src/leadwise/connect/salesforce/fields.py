"""The fields that scores are written to, made by the Tooling API where the user may, and the
permission set by which they are seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leadwise.connect.salesforce.client import Client
from leadwise.connect.salesforce.soql import quoted, select
from leadwise.connect.scored import SCORE_FIELDS, require_type
from leadwise.errors import RemoteError

PREFIX = "Leadwise_"
KEY = f"{PREFIX}Key__c"
"""The field that holds the key by which a record was made."""
SCORED = ("Lead", "Contact")
KEYED = ("Lead", "Contact", "Account", "Opportunity", "Activity")
"""Fields of tasks and meetings are those of `Activity`."""
SET = "Leadwise"
_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "number": {"type": "Number", "precision": 18, "scale": 2},
    "text": {"type": "Text", "length": 255},
    "long": {"type": "LongTextArea", "length": 4000, "visibleLines": 5},
    "time": {"type": "DateTime"},
}
_ALLOWED = {"Number": ("double", "currency", "percent"), "Text": ("string", "textarea"),
            "LongTextArea": ("textarea",), "DateTime": ("datetime",)}  # fmt: skip
_MISSING_RIGHTS = ("INSUFFICIENT_ACCESS", "INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_RIGHTS",
                   "FUNCTIONALITY_NOT_ENABLED", "API_DISABLED")  # fmt: skip


def name_of(field_name: str) -> str:
    """The name there of a field of SCORE_FIELDS."""
    return f"{PREFIX}{field_name.capitalize()}__c"


def prepare(client: Client, *, keys_only: bool = False) -> tuple[str, ...]:
    """Make what is missing, and let this user see it; `Lead.Leadwise_Score__c` for each made.

    With `keys_only` only those by which records are made once.
    RemoteError with what to click where the user may not make fields.
    """
    made = []
    for of, name, metadata in _wanted(() if keys_only else SCORED):
        if name in (there := client.fields("Task" if of == "Activity" else of)):
            is_ = str(there[name]["type"])
            require_type("Salesforce", f"{of}.{name}", is_, _ALLOWED[metadata["type"]])
            continue
        body = {"FullName": f"{of}.{name}", "Metadata": metadata}
        try:
            client.call("POST", f"{client.data}/tooling/sobjects/CustomField", json=body)
        except RemoteError as error:
            if "DUPLICATE_DEVELOPER_NAME" in str(error):
                made.append(f"{of}.{name}")  # it is there and is not seen: the set below shows it
                continue
            raise _by_hand(error, f"{of}.{name}") from None
        made.append(f"{of}.{name}")
    if made and not client.http.dry:
        _show(client, made)
    client.forget_fields()
    return tuple(made)


def _wanted(scored: Sequence[str]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for of in scored:
        for one in SCORE_FIELDS:
            about = {"label": one.label, "description": one.about, **_SHAPES[one.shape]}
            yield of, name_of(one.name), about
    for of in KEYED:
        text = {"label": "Leadwise key", "type": "Text", "length": 255}
        # Only by a field that is unique there can a record be made once for all.
        more = {} if of == "Activity" else {"externalId": True, "unique": True}
        yield of, KEY, {**text, **more}


def _show(client: Client, names: Sequence[str]) -> None:
    """A new field is seen by nobody until a permission set says so: ours, given to ourselves."""
    try:
        where = [f"Name = {quoted(SET)}"]
        found = client.rows(select(("Id",), "PermissionSet", where))
        set_id = found[0]["Id"] if found else _add(client, "PermissionSet", Name=SET, Label=SET)
        for name in names:
            of, _, field = name.partition(".")
            objects = ("Task", "Event") if of == "Activity" else (of,)
            for object_ in objects:
                _permit(client, set_id, object_, field)
        me = client.call("GET", "/services/oauth2/userinfo")["user_id"]
        where = [f"PermissionSetId = {quoted(set_id)}", f"AssigneeId = {quoted(me)}"]
        if set_id and not client.rows(select(("Id",), "PermissionSetAssignment", where)):
            _add(client, "PermissionSetAssignment", PermissionSetId=set_id, AssigneeId=me)
    except RemoteError as error:
        raise _by_hand(error, names[0]) from None


def _permit(client: Client, set_id: str, of: str, field: str) -> None:
    """Have the set show a field. One of tasks and meetings is, in some organisations, that of
    `Activity`; where neither may be shown only tasks cannot be made, and then that is said."""
    may = {"ParentId": set_id, "PermissionsRead": True, "PermissionsEdit": True}
    try:
        _add(client, "FieldPermissions", SobjectType=of, Field=f"{of}.{field}", **may)
    except RemoteError as error:
        if of not in ("Task", "Event") or error.status != 400:
            raise
        try:
            _add(client, "FieldPermissions", SobjectType=of, Field=f"Activity.{field}", **may)
        except RemoteError as second:
            if not second.permanent:
                raise


def _add(client: Client, of: str, **values: Any) -> str:
    try:
        said = client.call("POST", f"{client.data}/sobjects/{of}", json=values)
    except RemoteError as error:
        if "DUPLICATE_VALUE" in str(error):
            return ""
        raise
    return str((said or {}).get("id", ""))


def _by_hand(error: RemoteError, name: str) -> RemoteError:
    if not error.permanent or not any(code in str(error) for code in _MISSING_RIGHTS):
        return error
    of, _, field = name.partition(".")
    return RemoteError(
        f"Salesforce does not let this user make the field {name}. Either give it the permission "
        "Customize Application (and Manage Profiles and Permission Sets) for the first run, or "
        f"make it by hand: Setup, Object Manager, {of}, Fields & Relationships, New, API name "
        f"{field}; then Field-Level Security: visible to the user. docs/connectors/salesforce.md "
        f"lists all of them. ({error})", permanent=True, status=error.status,
    )  # fmt: skip
