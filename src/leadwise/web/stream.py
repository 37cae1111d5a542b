"""Server-sent events: changes of bands and scores, and what people did, told to whoever listens.

One poller a process reads what is new and writes each message once; a client costs a queue. A
client that does not keep up is let go: it comes back with `Last-Event-ID` and misses nothing, for
the id of a message is that of its band change. Scores and what people did carry no id and are not
told again.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from leadwise.asking.instants import written
from leadwise.card.values import format_hundredths
from leadwise.errors import LeadwiseError, UserError
from leadwise.store.acts import Act, acts_after
from leadwise.store.following import Horizon
from leadwise.store.opening import Store
from leadwise.store.said import Change, Said, changes_after, last_ids, said_after
from leadwise.store.schema import audit, band_change

POLL_SECONDS = 0.25
IDLE_POLLS = 40
"""After so many rounds without a client the poller ends; the next client starts it again."""
BEAT_SECONDS = 15.0
MOST_CLIENTS = 500
QUEUE = 1_000
"""Messages that wait for one client; then it is let go."""
STUCK_SECONDS = 30.0
"""For so long a client may take nothing at all."""
AT_ONCE = 500
BEAT = b": still here\n\n"


@dataclass(slots=True, eq=False)
class Client:
    """Who listens, to which kinds of messages."""

    kinds: frozenset[str]
    queue: asyncio.Queue[tuple[int, bytes]] = field(
        default_factory=lambda: asyncio.Queue(maxsize=QUEUE)
    )
    dropped: bool = False


@dataclass(slots=True)
class Feed:
    """What is told to the clients of one process. Everything but the reading is in its loop."""

    store: Store
    stopping: threading.Event = field(default_factory=threading.Event)
    poll_seconds: float = POLL_SECONDS
    clients: set[Client] = field(default_factory=set)
    horizon: Horizon = field(default_factory=lambda: Horizon(band_change))
    trail: Horizon = field(default_factory=lambda: Horizon(audit))
    told: int = 0
    """Up to this band change the present clients were told."""
    _told_scores: int = 0
    _told_acts: int = 0
    _poller: asyncio.Task[None] | None = None
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def require_room(self) -> None:
        """Raise UserError (`busy-listeners`) where as many listen as may."""
        if len(self.clients) >= MOST_CLIENTS:
            raise UserError(
                "busy-listeners", "Too many clients listen.", hint="Try again in a minute."
            )

    async def messages(
        self, kinds: frozenset[str], after_id: int | None, allowed: Callable[[], bool]
    ) -> AsyncGenerator[bytes]:
        """What one client gets: what it missed after `after_id`, then what happens.

        `allowed` is asked (in a thread) at each beat whether the client may still listen.
        """
        await self._start()
        yield b"retry: 2000\n\n"
        last = self.told if after_id is None else after_id
        while "band" in kinds and last < self.told and not self.stopping.is_set():
            missed = await run_in_threadpool(self._missed, last, self.told)
            last = missed[-1].id if missed else self.told
            for change in missed:
                yield message_of_change(change)
        # No await since the last comparison: nothing is told in between.
        client = Client(kinds)
        self.clients.add(client)
        try:
            async for id_, message in self._live(client, allowed):
                # Somebody may know of later changes than this process does.
                if not 0 < id_ <= last:
                    yield message
        finally:
            self.clients.discard(client)

    async def _live(
        self, client: Client, allowed: Callable[[], bool]
    ) -> AsyncGenerator[tuple[int, bytes]]:
        beat_at = _now() + BEAT_SECONDS
        while not client.dropped and not self.stopping.is_set():
            try:
                async with asyncio.timeout(1.0):
                    told = await client.queue.get()
                yield told
            except TimeoutError:
                pass
            if _now() > beat_at:
                beat_at = _now() + BEAT_SECONDS
                if not await run_in_threadpool(allowed):
                    return
                yield 0, BEAT

    async def _start(self) -> None:
        """Begin to poll, where nobody listened before."""
        async with self._starting:
            if self._poller is None or self._poller.done():
                await run_in_threadpool(self._begin)
                self._poller = asyncio.get_running_loop().create_task(self._poll())

    async def _poll(self) -> None:
        idle = 0
        while not self.stopping.is_set() and idle < IDLE_POLLS:
            await asyncio.sleep(self.poll_seconds)
            idle = 0 if self.clients else idle + 1
            try:
                changes, scores, acts = await run_in_threadpool(self._new)
            except LeadwiseError:
                continue  # the store does not answer; it is asked again
            for change in changes:
                self._tell("band", change.id, message_of_change(change))
                self.told = change.id
            for said in scores:
                self._tell("score", 0, message_of_score(said))
                self._told_scores = said.id
            for act in acts:
                for lead_id in act.lead_ids:
                    self._tell("act", 0, message_of_act(act, lead_id))

    def _tell(self, kind: str, id_: int, message: bytes) -> None:
        for client in self.clients:
            if kind in client.kinds and not client.dropped:
                try:
                    client.queue.put_nowait((id_, message))
                except asyncio.QueueFull:
                    client.dropped = True

    def _begin(self) -> None:
        with self.store.read() as connection:
            self.told, self._told_scores = self.horizon.look(connection), last_ids(connection)[1]
            self._told_acts = self.trail.look(connection)

    def _new(self) -> tuple[list[Change], list[Said], list[Act]]:
        kinds = {kind for client in tuple(self.clients) for kind in client.kinds}
        with self.store.read() as connection:
            up_to = self.horizon.look(connection)
            changes = changes_after(connection, self.told, up_to_id=up_to, limit=AT_ONCE)
            scores: list[Said] = []
            if "score" in kinds:
                scores = said_after(connection, self._told_scores, AT_ONCE)
            else:
                self._told_scores = last_ids(connection)[1]
            end = self.trail.look(connection)
            acts = acts_after(connection, self._told_acts, end) if "act" in kinds else []
            self._told_acts = end
            return changes, scores, acts

    def _missed(self, after_id: int, up_to_id: int) -> list[Change]:
        with self.store.read() as connection:
            return changes_after(connection, after_id, up_to_id=up_to_id, limit=AT_ONCE)


class EventStream(Response):
    """The answer that goes on. A client that takes nothing for STUCK_SECONDS is let go."""

    media_type = "text/event-stream"

    def __init__(self, messages: AsyncGenerator[bytes]) -> None:
        self._messages = messages
        self.status_code = 200
        self.background = None
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as group:

            async def until_gone() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(until_gone)
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            with anyio.CancelScope() as stuck:
                async with aclosing(self._messages) as messages:
                    async for message in messages:
                        stuck.deadline = anyio.current_time() + STUCK_SECONDS
                        body = {"type": "http.response.body", "body": message, "more_body": True}
                        await send(body)
                        stuck.deadline = float("inf")
            if not stuck.cancel_called:
                await send({"type": "http.response.body", "body": b""})
            group.cancel_scope.cancel()


def message_of_change(change: Change) -> bytes:
    """A band change as a message, with its id."""
    return _message("band", change_document(change), change.id)


def message_of_score(said: Said) -> bytes:
    """A score as it was told, as a message."""
    document = {
        "lead_id": said.lead_id,
        "card_version_id": said.card_version_id,
        "as_of": written(said.as_of_us),
        "score": _number(said.score),
        "band": said.band,
        "shown_score": _number(said.shown_score),
        "shown_band": said.shown_band,
    }
    return _message("score", document)


def message_of_act(act: Act, lead_id: int) -> bytes:
    """What somebody did with a lead, as a message."""
    return _message("act", {"lead_id": lead_id, "action": act.action})


def change_document(change: Change) -> dict[str, Any]:
    """A band change for programs."""
    return {
        "id": change.id,
        "lead_id": change.lead_id,
        "card_version_id": change.card_version_id,
        "at": written(change.at_us),
        "from_band": change.from_band,
        "to_band": change.to_band,
        "score": _number(change.score),
        "cause": change.cause,
        "event_id": change.event_id,
    }


def _message(kind: str, document: dict[str, Any], id_: int | None = None) -> bytes:
    head = "" if id_ is None else f"id: {id_}\n"
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return f"{head}event: {kind}\ndata: {text}\n\n".encode()


def _number(hundredths: int) -> int | float:
    number: int | float = json.loads(format_hundredths(hundredths))
    return number


def _now() -> float:
    return asyncio.get_running_loop().time()
