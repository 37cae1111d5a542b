"""The JSON Schema of a playbook, for editors that complete and underline while one writes."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from leadwise.card.document import MeasureShape
from leadwise.card.model import ID, NAME
from leadwise.card.readers import Duration
from leadwise.playbooks.language.drafts import FAILED
from leadwise.playbooks.language.safety import AGAIN, OVER
from leadwise.playbooks.language.settings import BOUNDS
from leadwise.playbooks.language.starts import ANSWER_STATES, CAUSES, TASK_KINDS, TASK_STATES
from leadwise.playbooks.shapes import SHAPES, Setting
from leadwise.store.outcomes import KINDS as OUTCOMES

_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_ID = {"type": "string", "pattern": f"^{ID}$"}
_NAME = {"type": "string", "pattern": f"^{NAME}$"}
_CONDITION = {"type": "string", "description": "A condition, for example: country = 'es'"}
_POINTS = {"type": "number"}
_TRUE = {"const": True}


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a playbook's file, made of `SHAPES`.

    It knows shapes, not meanings: conditions, names and what depends on other parts is for `check`.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Leadwise playbook",
        **_mapping(
            {
                "playbook": {**_ID, "description": "The id of the playbook."},
                "version": {"type": "integer", "minimum": 1},
                "label": _SCALAR,
                "about": _SCALAR,
                "language": {"type": "string", "pattern": "^[a-z]{2}$"},
                "starts": _one_or_more({"$ref": "#/$defs/start"}),
                "when": _CONDITION,
                "measures": {"additionalProperties": {"$ref": "#/$defs/MeasureShape"}},
                "steps": {"$ref": "#/$defs/steps"},
                "goals": _one_or_more({"$ref": "#/$defs/goal"}),
                "safety": {"$ref": "#/$defs/safety"},
            },
            ["playbook", "version", "starts", "steps"],
        ),
        "$defs": {
            "start": {"anyOf": _starts()},
            "goal": {"anyOf": _goals()},
            "safety": _safety(),
            "steps": _one_or_more({"$ref": "#/$defs/step"}),
            "step": {"anyOf": [*_words(), *(made for kind in SHAPES for made in _kind(kind))]},
            **_measures(),
        },
    }


def _mapping(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    return {**made, "additionalProperties": False}


def _one_or_more(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"type": "array", "items": item, "minItems": 1}, {"type": "object", **item}]}


def _duration() -> dict[str, Any]:
    return TypeAdapter(Duration).json_schema()


def _measures() -> dict[str, Any]:
    made = MeasureShape.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    return {**made.pop("$defs", {}), "MeasureShape": made}


def _texts(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _starts() -> list[dict[str, Any]]:
    bands = {"enters": _texts(_ID), "leaves": _texts(_ID), "causes": _texts({"enum": [*CAUSES]})}
    score = {"rises_past": _POINTS, "falls_below": _POINTS, "back": _POINTS}
    answer = {"question": _ID, "is": {"enum": [*ANSWER_STATES]}, "frame": _ID}
    task = {"kind": {"enum": [*TASK_KINDS]}, "state": {"enum": [*TASK_STATES]}}
    return [
        _mapping({"band": {"anyOf": [_texts(_ID), _mapping(bands)]}}, ["band"]),
        _mapping({"score": _mapping(score)}, ["score"]),
        _mapping({"event": _NAME, "where": _CONDITION}, ["event"]),
        _mapping({"form": _NAME, "where": _CONDITION}, ["form"]),
        _mapping({"booked": _TRUE, "where": _CONDITION}, ["booked"]),
        _mapping({"answer": _mapping(answer, ["question", "is"])}, ["answer"]),
        _mapping({"task": _mapping(task, ["state"])}, ["task"]),
        _mapping({"schedule": {"type": "string"}, "zone": {"type": "string"}}, ["schedule"]),
        _mapping({"message": _SCALAR}, ["message"]),
    ]


def _goals() -> list[dict[str, Any]]:
    label = {"label": _SCALAR}
    return [
        _mapping({"event": _NAME, "where": _CONDITION, **label}, ["event"]),
        _mapping({"booked": _TRUE, "where": _CONDITION, **label}, ["booked"]),
        _mapping({"outcome": {"enum": [*OUTCOMES]}, **label}, ["outcome"]),
        _mapping({"when": _CONDITION, **label}, ["when"]),
    ]


def _safety() -> dict[str, Any]:
    return _mapping(
        {
            "again": {"anyOf": [{"enum": [*AGAIN]}, _duration()]},
            "settle": _duration(),
            "a_day": {"type": "integer", "minimum": 1},
            "over": {"enum": [*OVER]},
            "cool_down": _duration(),
            "group": _ID,
            "quiet": {"type": "boolean"},
            "caps": {"type": "boolean"},
            "still": _CONDITION,
        }
    )


def _words() -> list[dict[str, Any]]:
    """Steps that are one word."""
    bare = [kind for kind, shape in SHAPES.items() if not any(s.required for s in shape.settings)]
    return [{"enum": [kind for kind in bare if kind != "wait"]}]


def _kind(kind: str) -> list[dict[str, Any]]:
    """A step with its first setting behind its name and the others beside it; and with all of its
    settings below its name."""
    shape = SHAPES[kind]  # type: ignore[index] # a key of it
    common = {"id": _NAME, "label": _SCALAR, "failed": {"enum": [*FAILED]}}
    settings = {setting.name: _setting(setting) for setting in shape.settings}
    first = shape.settings[0]
    required = [setting.name for setting in shape.settings if setting.required]
    beside = {name: made for name, made in settings.items() if name != first.name}
    short = {kind: {**settings[first.name], "description": shape.about}, **beside, **common}
    if not first.required:
        nothing = {"type": "null"}
        short[kind] = {"anyOf": [short[kind], nothing], "description": shape.about}
    below = _mapping({**settings, **common})
    return [
        _mapping(short, [kind, *(name for name in required if name != first.name)]),
        _mapping({kind: {**below, "description": shape.about}, **settings, **common}, [kind]),
    ]


def _setting(setting: Setting) -> dict[str, Any]:
    made = _of_type(setting)
    return {**made, "description": setting.about}


def _of_type(setting: Setting) -> dict[str, Any]:
    match setting.type:
        case "id":
            return _ID
        case "whole":
            least, most = BOUNDS.get(setting.name, (0, 1_000_000))
            return {"type": "integer", "minimum": least, "maximum": most}
        case "duration":
            return _duration()
        case "condition":
            return _CONDITION
        case "event":
            return {"anyOf": [_NAME, _mapping({"on": _NAME, "where": _CONDITION}, ["on"])]}
        case "values":
            return {"type": "object", "additionalProperties": _SCALAR}
        case "choices":
            meant = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
            return {"anyOf": [meant, {"type": "array", "items": _ID}]}
        case "list":
            return _texts(_SCALAR)
        case "rules":
            rule = _mapping({"when": _CONDITION, "to": _texts(_SCALAR)}, ["when", "to"])
            return {"type": "array", "items": rule}
        case "steps":
            return {"$ref": "#/$defs/steps"}
        case "yes":
            return {"type": "boolean"}
        case _:
            return {"enum": [*setting.one_of]} if setting.one_of else _SCALAR
