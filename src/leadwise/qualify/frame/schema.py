"""The JSON Schema of a frame, for editors that complete and underline while one writes."""

from __future__ import annotations

from typing import Any

from leadwise.qualify.frame.shape import FrameShape


def frame_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a frame's file, generated from the models that parse it.

    It knows shapes, not meanings: which parts an answer has depends on its kind, which is for
    `leadwise frame check`.
    """
    made = FrameShape.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "Leadwise frame",
    }
