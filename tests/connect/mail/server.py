"""A real SMTP server in this process that does as it is told: refuses, breaks off, wants TLS."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Post:
    """What came, and what is to be answered: lists are used up from the front, then all is well.

    `text` may be `break` (the connection ends when the text is there, before it is answered),
    `break and keep` (the same, but the mail was taken), `silent` (no answer within the test).
    """

    port: int = 0
    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    sender: list[str] = field(default_factory=list)
    got: list[Envelope] = field(default_factory=list)
    connections: int = 0
    tls: list[bool] = field(default_factory=list)

    def messages(self) -> list[bytes]:
        return [one.original_content or b"" for one in self.got]


class Handler:
    def __init__(self, post: Post) -> None:
        self.post = post

    async def handle_MAIL(  # noqa: N802 - as the server calls it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.post.sender:
            return self.post.sender.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - as the server calls it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.post.rcpt and (answer := self.post.rcpt.pop(0)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as the server calls it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        told = self.post.text.pop(0) if self.post.text else ""
        assert server.transport is not None
        self.post.tls.append(server.transport.get_extra_info("ssl_object") is not None)
        if told == "break" or told == "break and keep":
            if told == "break and keep":
                self.post.got.append(envelope)
            server.transport.abort()
            return "250 OK"
        if told == "silent":
            await asyncio.sleep(30)
        if told and told[0].isdigit():
            return told
        self.post.got.append(envelope)
        return "250 2.0.0 taken as 12345"


class Server(SMTP):
    post: Post

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - as the server calls it
        if self.post.data and (answer := self.post.data.pop(0)):
            if answer == "break":
                assert self.transport is not None
                self.transport.abort()
                return
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


@contextmanager
def serving(
    tls: ssl.SSLContext | None = None, *, implicit: bool = False, password: str = "",
) -> Iterator[Post]:  # fmt: skip
    """The server, until the end. With `password` one has to sign in as `ann`."""
    post, loop = Post(), asyncio.new_event_loop()

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> Any:
        good = isinstance(data, LoginPassword) and data.password == password.encode()
        return AuthResult(success=good and data.login == b"ann", handled=False)

    def factory() -> SMTP:
        post.connections += 1
        more: dict[str, Any] = {}
        if password:
            more = {"authenticator": check, "auth_required": True,
                    "auth_require_tls": tls is not None and not implicit}  # fmt: skip
        made = Server(
            Handler(post), hostname="relay.example", loop=loop, ident="test",
            tls_context=None if implicit else tls,
            require_starttls=tls is not None and not implicit,
            **more,
        )  # fmt: skip
        made.post = post
        return made

    async def listen() -> asyncio.Server:
        return await loop.create_server(factory, "127.0.0.1", 0, ssl=tls if implicit else None)

    server = loop.run_until_complete(listen())
    post.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield post
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
