"""uvicorn's connections, with an end to how long and how much a client may take to ask.

uvicorn waits for ever for the first request of a connection, and for the rest of a head that has
begun, and keeps all of the head in memory: a few thousand sockets that say nothing, or one that
never stops saying its headers, would be enough to keep everybody out.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_SECONDS = 30.0
"""From the opening of a connection, or the first byte of a later request, to the end of a head."""
HEAD_BYTES = 64 * 1024
"""Request line and headers together; what is usual ends at 8 to 16 KiB."""
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: 39\r\n\r\n"
    b"The headers are larger than 64 KiB.\r\n\r\n"
)


class Connection(HttpToolsProtocol):
    """One connection of a client. Its methods are called by the event loop and the parser."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._heads = 0
        self._in_head = False
        self._head_bytes = 0
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """A request is waited for from now on."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._heads += 1
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The last byte of its head."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Some bytes; they may begin, go on with or end anything, several times."""
        heads, answering = self._heads, self._answering
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._in_head and self._answering:
            self._wait_no_longer()
            return
        # A head, or what follows an answer: the rest of a body that nobody reads, or nothing yet.
        self._wait()
        if self._in_head and heads == self._heads:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                if not answering:  # else it would be taken for the answer to the request before
                    self.transport.write(_TOO_LARGE)
                self.transport.close()

    @property
    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _wait(self) -> None:
        if self._end is None:
            self._end = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _wait_no_longer(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def _too_slow(self) -> None:
        # Nothing is said: browsers open connections that they may need, and ask nothing.
        self._end = None
        self.transport.close()
