"""Parameters of a request's address that its operation does not have are refused, not ignored."""

from __future__ import annotations

from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute


def refuse_unknown(request: Request) -> None:
    """Raise RequestValidationError where the query names what the operation does not know.

    A filter that is misspelled would otherwise answer as if it had not been given.
    """
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = sorted(_names(route.dependant))
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        raise RequestValidationError(
            [{"loc": ("query", name), "msg": _said(name, known)} for name in unknown]
        )


def _names(dependant: Dependant) -> set[str]:
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*map(_names, dependant.dependencies))


def _said(name: str, known: list[str]) -> str:
    if not known:
        return "There is no such parameter; this request takes none."
    near = get_close_matches(name, known, 1)
    meant = f", did you mean {near[0]}" if near else ""
    return f"There is no such parameter{meant}; this request takes {', '.join(known)}."
