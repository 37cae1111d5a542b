"""The process: start the parts, answer requests, stop without losing anything.

On SIGTERM or Ctrl-C nobody new is accepted, requests that came are answered, then the parts finish
what they began. A second signal, or 30 seconds, end the process at once; what was acknowledged is
in the store either way.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import uvicorn
from prometheus_client import disable_created_metrics
from starlette.types import ASGIApp

from leadwise.settings import Settings
from leadwise.web import logs
from leadwise.web.app import create_app
from leadwise.web.connections import Connection
from leadwise.web.service import STOP_SECONDS, Service
from leadwise.web.starting import cannot_listen, listening, one_process, prepare_folder
from leadwise.web.supervisor import notify
from leadwise.web.wiring import build

ANSWER_SECONDS = 10
"""How long requests that came before a stop have to end."""
KEEP_ALIVE_SECONDS = 75
"""Longer than usual proxies keep a connection, so that it is they who close it."""
YOUNG_OBJECTS = (5_000, 20, 10)
"""After how many new objects the collector looks at them (Python's usual: 700, 10, 10). A request
makes hundreds that go by themselves, and a service of ours next to none that only it can find."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)

Say = Callable[[Settings, str], None]
"""Told the settings and the address once requests are answered."""


def serve(settings: Settings, say: Say) -> None:
    """Run the service until a signal; returns after a graceful stop.

    Raises UserError where it cannot start: the port is taken, the folder cannot be written, the
    store is newer, or another process has it. Ends the process itself on a second signal.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library gives it no types
    with logs.configured(settings.log), _private_files():
        prepare_folder(settings.data)
        with listening(settings) as bound, one_process(settings.store_file):
            built = build(settings)
            try:
                app = create_app(built.service, built.routes, built.routers, built.pages)
                built.service.start()
            except BaseException:
                built.service.store.close(STOP_SECONDS)
                raise
            _run(built.service, app, bound, say)


@contextmanager
def _private_files() -> Iterator[None]:
    """Files with leads in them are for their owner alone, also in a folder that others may read."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _run(service: Service, app: ASGIApp, bound: socket.socket, say: Say) -> None:
    settings, log = service.settings, logging.getLogger("leadwise.serve")

    def ready() -> None:
        notify("READY=1")
        address = _address(bound)
        log.info("ready at %s", address)
        say(settings, address)

    server = _Server(uvicorn_config(app, settings), service.stopping, ready)
    with _signals(server) as ending, _few_collections():
        try:
            server.run([bound])
        except OSError as error:
            raise cannot_listen(error, settings.host, settings.port) from None
        finally:
            service.stop(ending.seconds_left())
            log.info("stopped")


def uvicorn_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """One process, no reload, our own log lines."""
    return uvicorn.Config(
        app,
        loop="auto",  # uvloop, where there is one for the system
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        limit_concurrency=settings.limits.connections,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=ANSWER_SECONDS,
    )


class _Server(uvicorn.Server):
    """Says when it is ready and when it stops; leaves signals to us."""

    def __init__(
        self, config: uvicorn.Config, stopping: threading.Event, ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._stopping, self._ready = stopping, ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await asyncio.get_running_loop().run_in_executor(None, self._ready)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        notify("STOPPING=1")
        # Before connections are waited for: streams end when they see it.
        self._stopping.set()
        await super().shutdown(sockets)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Have the garbage collector leave alone what the start has made.

    270,000 objects of libraries and cards stay for as long as the service runs; looked through
    again and again they cost 194 of the 2,045 microseconds of an event that comes alone, without
    them and with `YOUNG_OBJECTS` it is 12.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@dataclass(slots=True)
class _Ending:
    deadline: float | None = None

    def seconds_left(self) -> float:
        """What is left of the time for a graceful stop."""
        if self.deadline is None:
            return STOP_SECONDS
        return max(1.0, self.deadline - time.monotonic())


@contextmanager
def _signals(server: uvicorn.Server) -> Iterator[_Ending]:
    """The first signal asks the server to stop; the second, or the end of the time, ends us."""
    ending = _Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    timer: list[threading.Timer] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if ending.deadline is not None:
            _end_now(number)
        ending.deadline = time.monotonic() + STOP_SECONDS
        server.should_exit = True
        timer.append(threading.Timer(STOP_SECONDS, _end_now, [number]))
        timer[0].daemon = True
        timer[0].start()

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield ending
    finally:
        for each in timer:
            each.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_now(number: int) -> None:
    # No log line: the thread that was interrupted may hold the lock of the logs.
    os.write(2, b"leadwise: ended before everything was finished\n")
    os._exit(128 + number)


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared only
    return (
        f"http://[{shown}]:{port}"
        if ":" in shown and "[" not in shown
        else f"http://{shown}:{port}"
    )
