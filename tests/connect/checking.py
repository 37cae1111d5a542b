"""Every request to a fake, and its answer, held to what the vendor's own description says."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from leadwise.testing.serving import Fake, Query, _written

ROOT = Path(__file__).parents[2]
SPECS = Path(os.environ.get("LEADWISE_SPECS", ROOT.parent / "shared" / "specs"))


@functools.cache
def description(file: str, base: str) -> Any:
    """The description in a file of the folder of specifications, served below `base` (a path);
    None where the folder is not there."""
    path = SPECS / file
    if not path.is_file():
        return None
    core = pytest.importorskip("openapi_core", reason="openapi-core is not installed")
    text = path.read_text()
    found = (
        json.loads(text)
        if path.suffix == ".json"
        else yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    )
    found["servers"] = [{"url": "http://fake" + base}]
    found.pop("security", None)
    for operations in found["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    # The vendors' descriptions have faults of their own.
    return core.OpenAPI.from_dict(found, config=core.Config(spec_validator_cls=None))


@contextmanager
def checked(
    fake: Fake,
    file: str,
    base: str,
    *,
    applies: Callable[[str], bool] = lambda _: True,
    forgiven: Sequence[str] = (),
) -> Iterator[list[str]]:
    """Hold what is asked of a fake, below `base`, to a description; skip where there is none.

    Yields the list of what does not fit; it must be empty at the end. `forgiven` are faults of the
    description itself, by what is said of a value that does not fit.
    """
    spec = description(file, base)
    if spec is None:
        pytest.skip(f"{file} is not here (LEADWISE_SPECS)")
    from openapi_core.testing import MockRequest, MockResponse

    wrong: list[str] = []
    plain = fake.handle

    def handle(
        method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Any:
        answer = plain(method, path, headers, query, body)
        if not path.startswith(base) or not applies(path):
            return answer
        request = MockRequest(
            "http://fake", method.lower(), path, args=dict(query), headers=dict(headers),
            data=body or None,
            content_type=headers.get("content-type", "application/json").split(";")[0],
        )  # fmt: skip
        status, more, said = answer
        content, kind = _written(said)
        response = MockResponse(content, status_code=status, headers=dict(more), content_type=kind)
        try:
            spec.validate_request(request)
            if status < 300 and content:
                spec.validate_response(request, response)
        except Exception as error:  # noqa: BLE001 - told at the end
            why = [one.message for one in getattr(error.__cause__, "schema_errors", ())]
            if why and all(any(sign in one for sign in forgiven) for one in why):
                return answer
            wrong.append(f"{method} {path}: {error!r} {error.__cause__!r} {why[:3]}")
        return answer

    fake.handle = handle
    try:
        yield wrong
    finally:
        fake.handle = plain
    assert wrong == [], "\n".join(wrong)
