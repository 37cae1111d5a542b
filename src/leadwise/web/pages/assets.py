"""What is below /static: our own style and scripts, and those that the build brought from npm.

Every file is asked for by an address that names its content, so a browser asks once.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from importlib.resources import files

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".LICENSE": "text/plain; charset=utf-8",
}
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
"""For an address that does not name this content, as a page of another version has it."""
_NAME = re.compile(r"([a-z][a-z0-9-]*/)?[a-z][A-Za-z0-9.-]*")
"""Files of ours are one folder deep at most; nothing else is looked for."""


def asset(name: str) -> tuple[bytes, bytes, str] | None:
    """A file's content, the same compressed, and the hash that its address carries."""
    if _NAME.fullmatch(name) is None or kind_of(name) is None:
        return None
    try:
        return _read(name)
    except OSError:
        return None  # and not remembered: a stranger may ask for any number of names


@cache
def _read(name: str) -> tuple[bytes, bytes, str]:
    content = files("leadwise.web").joinpath("static", *name.split("/")).read_bytes()
    return content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:12]


def kind_of(name: str) -> str | None:
    """The media type of a file of ours by its name."""
    return next((kind for end, kind in TYPES.items() if name.endswith(end)), None)


def address(name: str) -> str:
    """Where a page asks for a file. LookupError where there is none."""
    found = asset(name)
    if found is None:
        raise LookupError(
            f"There is no file static/{name}: what comes from npm is brought by assets/bring.py"
        )
    return f"/static/{name}?v={found[2]}"


async def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    found = await run_in_threadpool(asset, name)
    if found is None:
        raise HTTPException(404)
    content, compressed, version = found
    known = request.query_params.get("v") == version
    headers = {"Vary": "Accept-Encoding", "Cache-Control": FOREVER if known else ASK_AGAIN}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = compressed
    return Response(content, headers=headers, media_type=kind_of(name))


ASSETS = Route("/static/{name:path}", _serve, methods=["GET"], name="static")
