"""The loader: a process of its own that sends requests encoded beforehand and notes the answers.

    python -m bench.live.loader REQUESTS PORT --connections 4 [--rate 1000] [--probe STORE]

`REQUESTS` is a file that `write_requests` made. Without `--rate`, each connection sends its next
request when its last is answered; with it, requests have their times whatever the answers take, and
one whose time comes while all connections are busy waits (and its waiting counts). `--probe` looks
in the store for the score of each lead that a request was about (`bench.live.probe`). Prints one
JSON object. Raw sockets, no parsing but of the status and the length: some 40 microseconds a
request, so that the two cores are the server's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import pickle
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import uvloop

from bench.live.probe import Probe

Encoded = list[tuple[bytes, list[int]]]
"""Requests as they go over the wire, each with the leads it is about."""


def write_requests(path: Path, requests: Iterable[tuple[bytes, list[int]]]) -> None:
    """Keep requests in a file for the loader."""
    path.write_bytes(pickle.dumps(list(requests)))


def read_requests(path: Path) -> Encoded:
    requests: Encoded = pickle.loads(path.read_bytes())
    return requests


@dataclass
class Sender:
    """What is to be sent, and what was answered. Times are `time.perf_counter()`."""

    requests: Encoded
    rate: float | None
    probe: Probe | None
    began: float = 0.0
    following: int = 0
    done: int = 0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)
    """From when a request was due (or sent, without a rate) to its answer."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def answered(self, number: int, since: float, status: bytes) -> None:
        now = time.perf_counter()
        self.seconds.append(now - since)
        self.done += 1
        if status != b"200":
            self.refused += 1
        elif self.probe is not None:
            self.probe.expect(self.requests[number][1], now)
        if self.done == len(self.requests):
            self.ended.set()


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._got = b""
        self._number, self._since = 0, 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # What uvloop hands over is none of asyncio's own classes.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        sender = self._sender
        if sender.following >= len(sender.requests):
            return
        self._number = sender.following
        sender.following += 1
        now = time.perf_counter()
        self._since = now
        if sender.rate is not None:
            self._since = sender.began + self._number / sender.rate
            if self._since > now:
                asyncio.get_running_loop().call_later(self._since - now, self._send)
                return
        self._send()

    def _send(self) -> None:
        assert self._transport is not None
        self._transport.write(self._sender.requests[self._number][0])

    def data_received(self, data: bytes) -> None:
        self._got = got = self._got + data if self._got else data
        head = got.find(b"\r\n\r\n")
        if head < 0:
            return
        place = got.lower().find(b"content-length:", 0, head)
        length = int(got[place + 15 : got.index(b"\r\n", place)]) if place > 0 else 0
        if len(got) < head + 4 + length:
            return
        self._got = b""
        self._sender.answered(self._number, self._since, got[9:12])
        self._next()

    def connection_lost(self, _: Exception | None) -> None:
        self._sender.ended.set()


async def send(sender: Sender, port: int, connections: int) -> float:
    """Send everything; the seconds that it took."""
    loop = asyncio.get_running_loop()
    sender.began = time.perf_counter()
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(sender), "127.0.0.1", port)
    await sender.ended.wait()
    return time.perf_counter() - sender.began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("requests", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--probe", help="the store's address")
    options = parser.parse_args()
    requests = read_requests(options.requests)
    probe = Probe(options.probe) if options.probe else None
    sender = Sender(requests, options.rate, probe)
    if probe is not None:
        probe.start()
    busy = time.process_time()
    took = uvloop.run(send(sender, options.port, options.connections))
    busy = time.process_time() - busy
    answer = {
        "requests": sender.done, "refused": sender.refused, "unsent": len(requests) - sender.done,
        "seconds": took, "processor": busy, "answers": sender.seconds,
        "readable": probe.finish() if probe is not None else [],
        "unread": probe.missing if probe is not None else 0,
    }  # fmt: skip
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
