"""How many requests a client may make: by address, and by what it signs in with.

Counted in this process's memory (moving windows of a second): several processes behind a balancer
allow as many times more. Nothing about a client is kept longer than two seconds.
"""

from __future__ import annotations

import hashlib
import math
import time
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadwise.web.problems import REQUEST_ID, problem_response


class RateLimit:
    """An ASGI application around another: `per_second` requests of one key, and of one address."""

    def __init__(self, app: ASGIApp, per_second: int) -> None:
        self._app = app
        self._item = RateLimitItemPerSecond(per_second)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or answer 429 with `Retry-After`."""
        if scope["type"] == "http" and scope["method"] != "OPTIONS":
            # The address first: whoever makes up keys must not fill the memory with them.
            clients = [who for who in ("address:" + client_address(scope), _key(scope)) if who]
            for who in clients:
                if not await self._limiter.hit(self._item, who):
                    await self._refuse(scope, receive, send, who)
                    return
            send = await self._telling(send, clients[-1])
        await self._app(scope, receive, send)

    async def _telling(self, send: Send, who: str) -> Send:
        """`send` that says with the answer how many requests are left in this second."""
        left = (await self._limiter.get_window_stats(self._item, who)).remaining
        limit = str(self._item.amount).encode()
        added = ((b"ratelimit-limit", limit), (b"ratelimit-remaining", str(left).encode()),
                 (b"ratelimit-reset", b"1"))  # fmt: skip

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        return telling

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, who: str) -> None:
        window = await self._limiter.get_window_stats(self._item, who)
        wait = max(1, math.ceil(window.reset_time - time.time()))
        of = "address" if who.startswith("address:") else "key"
        response = problem_response(
            429, "too-many-requests",
            f"More than {self._item.amount} requests a second from one {of}.",
            hint=f"Wait {wait} s; the setting limits.api_per_second says how many there may be.",
            request_id=scope.get(REQUEST_ID, ""), headers={"Retry-After": str(wait)},
        )  # fmt: skip
        await response(scope, receive, send)


def client_address(scope: Scope) -> str:
    """The client's address; of IPv6 the network, whose addresses are all one client's."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return str(host)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)


def _key(scope: Scope) -> str:
    """A fingerprint of what the client signs in with, empty where it does not."""
    given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    return f"key:{hashlib.sha256(given).hexdigest()[:32]}" if given else ""
