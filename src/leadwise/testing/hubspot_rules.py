"""What the HubSpot in memory knows of properties: which there are, what fits a filter or a type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

_ALWAYS = "hs_object_id createdate hs_lastmodifieddate hubspot_owner_id hs_merged_object_ids"
STANDARD: Mapping[str, tuple[str, ...]] = {
    kind: tuple(f"{_ALWAYS} {own}".split())
    for kind, own in {
        "contacts": "email firstname lastname jobtitle phone mobilephone company website city "
        "state country zip hs_language industry numemployees annualrevenue lifecyclestage "
        "hs_lead_status hs_analytics_source associatedcompanyid lastmodifieddate",
        "companies": "name domain industry numberofemployees annualrevenue city state country "
        "phone type",
        "deals": "dealname amount deal_currency_code dealstage pipeline closedate hs_is_closed "
        "hs_is_closed_won closed_lost_reason closed_won_reason",
        "calls": "hs_timestamp hs_call_title hs_call_direction hs_call_duration hs_call_status "
        "hs_call_disposition",
        "meetings": "hs_timestamp hs_meeting_title hs_meeting_start_time hs_meeting_end_time "
        "hs_meeting_outcome hs_meeting_body hs_meeting_location hs_createdate",
        "notes": "hs_timestamp hs_note_body",
        "tasks": "hs_timestamp hs_task_subject hs_task_status hs_task_type hs_task_body "
        "hs_task_priority",
        "emails": "hs_timestamp hs_email_direction hs_email_status",
    }.items()
}
"""A small part of HubSpot's own."""


def fits(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a record fits a filter of a search."""
    have, asked = row["properties"].get(wanted["propertyName"]), wanted.get("value")
    match wanted["operator"]:
        case "HAS_PROPERTY":
            return bool(have)
        case "NOT_HAS_PROPERTY":
            return not have
        case "EQ":
            return str(have or "").lower() == str(asked).lower()
        case "IN":
            return str(have) in wanted["values"]
    if not have:
        return False
    one, other = _number(have), _number(asked)
    match wanted["operator"]:
        case "LT":
            return one < other
        case "LTE":
            return one <= other
        case "GT":
            return one > other
        case "GTE":
            return one >= other
    raise NotImplementedError(wanted["operator"])


def refused_values(definitions: Mapping[str, Mapping[str, Any]], values: Mapping[str, Any]) -> str:
    """Why these values cannot be written; empty where they can."""
    for name, value in values.items():
        if name not in definitions:
            return f'Property values were not valid: Property "{name}" does not exist'
        if not isinstance(value, str):
            return f"Property values were not valid: {name} is no text"
        type_ = definitions[name]["type"]
        try:
            if value and type_ == "number":
                float(value)
            elif value and type_ == "datetime":
                _number(value)
        except ValueError:
            return f"Property values were not valid: {value!r} is not a valid {type_} ({name})"
    return ""


def _number(value: Any) -> float:
    """A number, or the milliseconds of a time."""
    text = str(value)
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp() * 1000


LINKED = {3: "contacts", 204: "contacts", 200: "contacts", 202: "contacts", 5: "companies",
           279: "companies", 192: "companies", 188: "companies", 190: "companies", 216: "deals",
           212: "deals", 214: "deals", 4: "deals"}  # fmt: skip
"""The kinds that HubSpot's own types of associations lead to."""


def moved(link: tuple[str, str, str, str], other: str, kept: str) -> tuple[str, str, str, str]:
    kind, id_, to, there = link
    return (kind, kept if (kind, id_) == ("contacts", other) else id_,
            to, kept if (to, there) == ("contacts", other) else there)  # fmt: skip


def changed(kind: str) -> str:
    """The property that says when a record was changed last."""
    return "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"


def definition(name: str) -> Row:
    """What a property is."""
    return {"name": name, "label": name, "description": "", "type": "string", "fieldType": "text",
            "groupName": "information", "options": []}  # fmt: skip


def cut(row: Row, names: Any) -> Row:
    """The record with the properties asked for; those that have no value are null."""
    always = ("hs_object_id", "createdate", "lastmodifieddate", "hs_lastmodifieddate")
    values = row["properties"]
    shown = {name: values[name] for name in always if name in values}
    return {**row, "properties": shown | {name: values.get(name) for name in names if name}}


def key_of(value: Any) -> tuple[int, Any]:
    """What it is sorted by: numbers as such."""
    text = str(value or "")
    return (0, int(text)) if text.isdecimal() else (1, text)


def iso(ms: int) -> str:
    """As HubSpot writes times."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"
