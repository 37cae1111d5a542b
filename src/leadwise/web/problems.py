"""The one shape of an error over HTTP: `application/problem+json` of RFC 9457, with our members.

    {"status": 404, "title": "Not Found", "code": "no-such-lead", "detail": "There is no lead 'x'.",
     "hint": "...", "problems": [{"code", "message", "hint", "where"}], "request_id": "..."}

`code` is stable and stands in docs/errors.md; `problems` lists everything wrong where more than one
thing is known (a card, a request's fields), `where` being a place in what was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from leadwise.errors import CardError, InputError, Problem, RemoteError, UserError

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = "leadwise_request_id"
"""Where the request's id stands in an ASGI scope."""

_BY_STATUS = {
    400: "bad-request", 401: "no-key", 403: "not-allowed", 404: "no-such-page",
    408: "body-too-slow",
    405: "no-such-method", 406: "not-acceptable", 409: "conflict", 410: "gone",
    412: "changed-meanwhile", 413: "body-too-large", 415: "media-type", 422: "bad-request",
    429: "too-many-requests", 431: "headers-too-large", 500: "defect", 501: "not-there",
    503: "not-now",
}  # fmt: skip
_BY_CODE = {code: status for status, code in _BY_STATUS.items() if status != 422}
_BY_PREFIX = (("no-such-", 404), ("already-", 409), ("stale-", 409), ("busy-", 503))
_BY_SUFFIX = (("-unknown", 404), ("-merged", 409), ("-objected", 409), ("-undone", 409))
"""Codes say their status by how they start or end; all others are 400, cards and inputs 422."""


class Refused(Exception):  # noqa: N818 - it is an answer
    """An answer with a status and headers of its own (`Retry-After`)."""

    def __init__(self, status: int, error: UserError, headers: Mapping[str, str] | None = None):
        super().__init__(error.message)
        self.status, self.error, self.headers = status, error, headers


def status_of(error: UserError) -> int:
    """The HTTP status of an error by its code."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    if isinstance(error, CardError | InputError):
        return 422
    code = error.code
    told = [status for start, status in _BY_PREFIX if code.startswith(start)]
    told += [status for end, status in _BY_SUFFIX if code.endswith(end)]
    return told[0] if told else 400


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    hint: str = "",
    problems: Iterable[Mapping[str, Any]] = (),
    request_id: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says what is wrong."""
    document: dict[str, Any] = {
        "status": status,
        "title": HTTPStatus(status).phrase,
        "code": code,
        "detail": detail,
    }
    document |= {"hint": hint} if hint else {}
    listed = list(problems)
    document |= {"problems": listed} if listed else {}
    document |= {"request_id": request_id} if request_id else {}
    body = msgspec.json.encode(document)
    return Response(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def error_response(error: Exception, request_id: str = "") -> Response:
    """The answer to a request that ended in an error; a defect says nothing of its inside."""
    if isinstance(error, Refused):
        return _of_user(error.error, error.status, request_id, error.headers)
    if isinstance(error, UserError):
        return _of_user(error, status_of(error), request_id)
    if isinstance(error, UnicodeEncodeError) and error.reason.startswith("surrogates"):
        # JSON can spell half a character, \\ud800, which is found out wherever it is written.
        detail = "A text in the request holds half of a surrogate pair, which is no character."
        return problem_response(422, "bad-request", detail, request_id=request_id)
    if isinstance(error, RemoteError):
        detail, hint = "Another system did not do as asked.", "Trying again may help."
        return problem_response(503, "remote", detail, hint=hint, request_id=request_id,
                                headers={"Retry-After": "2"})  # fmt: skip
    return problem_response(
        500, "defect", "Leadwise itself failed here; the log of the service has the details.",
        hint="Please report it with the request_id.", request_id=request_id,
    )  # fmt: skip


def _of_user(
    error: UserError, status: int, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    problems: tuple[Problem, ...] = ()
    if isinstance(error, CardError | InputError):
        problems = error.problems
    elif str(error.where):
        # The place of a problem is told by `problems`; a single one has it there too.
        problems = (Problem(error.code, error.message, error.hint, error.where),)
    return problem_response(
        status, error.code, error.message, hint=error.hint, problems=map(_document, problems),
        request_id=request_id, headers=headers,
    )  # fmt: skip


def http_problem(error: HTTPException, request_id: str = "") -> Response:
    """The answer to what the framework refused (a path, a method, a body)."""
    status = error.status_code
    if status < 400:
        return Response(status_code=status, headers=dict(error.headers or {}))
    code = _BY_STATUS.get(status, "bad-request" if status < 500 else "not-now")
    phrase = HTTPStatus(status).phrase
    said = error.detail if error.detail and error.detail != phrase else _SAID.get(status, phrase)
    detail = said if said.endswith((".", "!", "?")) else f"{said}."
    return problem_response(status, code, detail, request_id=request_id, headers=error.headers)


_SAID = {404: "There is nothing at this address", 405: "This address does not take this method"}


def fields_problem(error: RequestValidationError, request_id: str = "") -> Response:
    """The answer to a request whose fields are not as described; `where` names the field."""
    problems: list[dict[str, Any]] = [
        {
            "code": "bad-request",
            "message": _sentence(str(detail["msg"])),
            "where": {"field": ".".join(str(part) for part in detail["loc"])},
        }
        for detail in error.errors()[:20]
    ]
    said = [f"{one['where']['field']}: {one['message']}" for one in problems]
    return problem_response(
        422, "bad-request", (said or ["The request is not as described."])[0],
        hint="/api/openapi.json describes every request.", problems=problems,
        request_id=request_id,
    )  # fmt: skip


def install(app: Starlette | FastAPI) -> None:
    """Let an application answer every error in this shape."""

    async def known(request: Request, error: Exception) -> Response:
        return answer_to(error, request.scope)

    for kind in (HTTPException, RequestValidationError, UserError, RemoteError, Refused,
                 UnicodeEncodeError, Exception):  # fmt: skip
        app.add_exception_handler(kind, known)


def answer_to(error: Exception, scope: Scope) -> Response:
    """The answer to a request that ended with an error."""
    request_id = scope.get(REQUEST_ID, "")
    if isinstance(error, HTTPException):
        return http_problem(error, request_id)
    if isinstance(error, RequestValidationError):
        return fields_problem(error, request_id)
    if isinstance(error, RemoteError):
        logging.getLogger("leadwise.web").warning("%s", error)
    return error_response(error, request_id)


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI description with the shape of errors, which operations refer to."""
    document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = SCHEMA
    return document


SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "required": ["status", "title", "code", "detail"],
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "code": {"type": "string", "description": "Stable; docs/errors.md explains it."},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "request_id": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "hint": {"type": "string"},
                    "severity": {"type": "string", "enum": ["error", "warning"]},
                    "where": {"type": "object"},
                },
            },
        },
    },
}
_ANY = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request cannot be answered as it is.", "content": _ANY},
    "5XX": {"description": "The service cannot answer now.", "content": _ANY},
}


def _document(problem: Problem) -> dict[str, Any]:
    place = problem.where
    where = {"file": place.file, "line": place.line, "column": place.column}
    where = {name: value for name, value in where.items() if value is not None}
    said = {"code": problem.code, "message": problem.message, "severity": problem.severity}
    return said | {
        name: value for name, value in (("hint", problem.hint), ("where", where)) if value
    }


def _sentence(text: str) -> str:
    text = text.removeprefix("Value error, ")
    return text if text.endswith(".") else f"{text}."
