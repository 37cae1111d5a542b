"""What is posted to a public address: a body within bounds, and who sent it."""

from __future__ import annotations

import asyncio
import zlib
from ipaddress import IPv6Address, ip_address

from starlette.requests import ClientDisconnect, Request

from leadwise.errors import UserError
from leadwise.web.problems import Refused

LONGEST_WAIT_S = 30.0
"""For all of a body: who sends it a byte at a time holds a connection, and no longer than this."""
LONGEST_NAME = 200
_GZIP = 16 + zlib.MAX_WBITS


async def bounded_body(request: Request, most: int) -> bytes:
    """The body, decompressed; Refused with 400, 408, 413 or 415.

    Never more than `most` bytes of what is sent, nor of what it decompresses to, are in memory.
    """
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise _refused(415, "content-encoding", "the body is compressed in an unknown way",
                       "Send it as it is, or with Content-Encoding: gzip.")  # fmt: skip
    told = request.headers.get("content-length", "")
    if told.isdecimal() and (len(told) > 15 or int(told) > most):
        raise _too_large(most)
    try:
        async with asyncio.timeout(LONGEST_WAIT_S):
            body = await _read(request, most)
    except TimeoutError:
        raise _refused(408, "body-too-slow", "the body did not arrive in time", "") from None
    except ClientDisconnect:
        raise _refused(400, "body-cut", "the connection ended within the body", "") from None
    return _inflated(body, most) if encoding.endswith("gzip") else body


async def _read(request: Request, most: int) -> bytes:
    chunks, size = list[bytes](), 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            raise _too_large(most)
        if not message.get("more_body"):
            return b"".join(chunks)


def _inflated(body: bytes, most: int) -> bytes:
    inflating = zlib.decompressobj(_GZIP)
    try:
        text = inflating.decompress(body, most + 1)
    except zlib.error:
        text = b""
    if len(text) > most:
        raise _too_large(most)
    if not inflating.eof:
        raise _refused(400, "not-gzip", "the body is not whole gzip data", "")
    return text


def peer(request: Request) -> str | None:
    """The address of whoever sent the request, or of the proxy that is not trusted to say."""
    return request.client.host if request.client else None


def sayable(name: str) -> bool:
    """Whether a name or key from outside may be asked for in a database at all."""
    return len(name) <= LONGEST_NAME and name.isprintable()


def neighbourhood(address: str | None) -> str:
    """What counts as one sender: an IPv4 address, or the IPv6 network of which one has all."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)


def _too_large(most: int) -> Refused:
    return _refused(413, "body-too-large", f"the body has more than {most:,} bytes",
                    "Send several smaller requests.")  # fmt: skip


def _refused(status: int, code: str, message: str, hint: str) -> Refused:
    return Refused(status, UserError(code, message, hint=hint))
