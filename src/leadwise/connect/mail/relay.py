"""Sending by SMTP: through a relay that takes mail for others, and signs it (DKIM is the relay's).

A connection is kept for the next mail while there is work. What a refusal means is said once,
here: whether to try again, whether it is the recipient's address that is wrong, and whether the
text was handed over so that nobody can know.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeVar

import aiosmtplib
from aiosmtplib.errors import SMTPException, SMTPResponseException

from leadwise.errors import Place, RemoteError, UserError
from leadwise.settings.mail import MailSettings

Result = TypeVar("Result")
KEPT_S = 20.0
"""How long a connection is kept without a mail."""
MOST_MAILS = 100
"""Mails on one connection; then a new one is made, as relays want it."""
MOST_SAID = 300
_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
_NO_SUCH_MAILBOX = re.compile(r"5\.1\.(0|1|2|3|6|10)|5\.2\.1|5\.4\.4")
"""Enhanced codes (RFC 3463, 7505) that say that an address is nobody's, or takes no mail at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt.

    `sent`; `later`: not taken for now; `refused`: not taken for good, and where `hard` because the
    address is nobody's; `unsure`: the connection broke after the text was handed over.
    `reached`: the server was asked for this recipient at all.
    """

    state: Literal["sent", "later", "refused", "unsure"]
    said: str
    hard: bool = False
    reached: bool = True


@dataclass(slots=True)
class _Line:
    """One connection, with the loop that it lives in; used by one thread at a time."""

    loop: asyncio.AbstractEventLoop
    client: aiosmtplib.SMTP
    used: float
    mails: int = 0


@dataclass(slots=True)
class Relay:
    """Hands mails to the server of the settings. Safe from several threads."""

    settings: MailSettings
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _idle: list[_Line] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _room: threading.Semaphore = field(init=False)
    _next: float = 0.0

    def __post_init__(self) -> None:
        self._room = threading.Semaphore(self.settings.connections)

    def deliver(
        self, sender: str, to: str, message: bytes, handing_over: Callable[[], bool]
    ) -> Outcome:
        """Send a mail from one envelope address to one other.

        `handing_over` is called when the server has taken both and is about to take the text: what
        it writes down is durable before a byte of it goes; False: it is not to go after all
        (`later`). Raises UserError (`mail-settings`) where no server is set.
        """
        if not self.settings.host:
            raise UserError(
                "mail-settings", "No server is set that mail goes through.",
                hint="Set mail.host and mail.sender: see docs/mail.md.",
            )  # fmt: skip
        self._pace()
        with self._room:
            line = self._take()
            try:
                outcome = self._on(line, sender, to, message, handing_over)
            except BaseException:
                self._drop(line)
                raise
            self._put_back(line)
            return outcome

    def test(self) -> str:
        """Connect and sign in; as whom we are known there. Raises RemoteError, UserError."""
        line = self._new()
        try:
            self._run(line, self._connected(line.client))
            return f"{self.settings.host} takes mail" + (
                f" of {self.settings.username}." if self.settings.username else "."
            )
        except (SMTPException, OSError, ssl.SSLError, TimeoutError) as error:
            permanent = isinstance(error, SMTPResponseException) and error.code >= 500
            raise RemoteError(self._said(error), permanent=permanent) from None
        finally:
            self._drop(line)

    def close(self) -> None:
        """Say goodbye on all connections that are not in use."""
        with self._lock:
            lines, self._idle = self._idle, []
        for line in lines:
            self._drop(line)

    def _on(
        self, line: _Line, sender: str, to: str, message: bytes, handing_over: Callable[[], bool]
    ) -> Outcome:
        seconds = self.settings.timeout_seconds
        try:
            self._run(line, self._connected(line.client))
        except SMTPResponseException as error:
            # Whoever greets or signs us in is not at home, or does not know us: nobody's mailbox
            # is to blame, and the team can put it right while mails wait.
            return Outcome("later", self._said(error), reached=False)
        except (SMTPException, OSError, ssl.SSLError, TimeoutError) as error:
            return Outcome("later", self._said(error), reached=False)
        client = line.client
        try:
            self._run(line, client.mail(sender, options=self._size(client, message)))
        except SMTPResponseException as error:
            return self._refused(error, hard=False, reached=False)
        except (SMTPException, OSError, TimeoutError) as error:
            return Outcome("later", self._said(error), reached=False)
        try:
            self._run(line, client.rcpt(to))
            ready = self._run(line, client.execute_command(b"DATA"))
            if ready.code != 354:
                raise SMTPResponseException(ready.code, ready.message)
        except SMTPResponseException as error:
            return self._refused(error, hard=is_hard(error.code, error.message))
        except (SMTPException, OSError, TimeoutError) as error:
            return Outcome("later", self._said(error))
        if not handing_over():
            client.close()  # mid-way: the server throws away what it has not got whole
            return Outcome("later", "Somebody else sends it.")
        try:
            line.mails += 1
            answer = self._run(line, _text(client, message, seconds))
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            return Outcome("unsure", self._said(error))
        if answer.code // 100 == 2:
            return Outcome("sent", self._clean(answer.message))
        no = SMTPResponseException(answer.code, answer.message)
        return self._refused(no, hard=is_hard(answer.code, answer.message, after_text=True))

    async def _connected(self, client: aiosmtplib.SMTP) -> None:
        if client.is_connected:
            try:
                await client.rset()
            except (SMTPException, OSError, TimeoutError):
                client.close()  # it was kept for too long
            else:
                return
        await client.connect()

    def _refused(
        self, error: SMTPResponseException, *, hard: bool, reached: bool = True
    ) -> Outcome:
        said = self._said(error)
        if 500 <= error.code < 600:
            return Outcome("refused", said, hard, reached)
        return Outcome("later", said, reached=reached)

    def _size(self, client: aiosmtplib.SMTP, message: bytes) -> list[str]:
        return [f"SIZE={len(message)}"] if client.supports_extension("size") else []

    def _pace(self) -> None:
        """Wait for this mail's turn among `per_minute`."""
        with self._lock:
            now = self.monotonic()
            turn = max(now, self._next)
            self._next = turn + 60.0 / self.settings.per_minute
        if turn > now:
            self.sleep(turn - now)

    def _take(self) -> _Line:
        with self._lock:
            fresh: _Line | None = None
            old = []
            while self._idle:
                line = self._idle.pop()
                if fresh is None and self.monotonic() - line.used < KEPT_S:
                    fresh = line
                else:
                    old.append(line)
        for line in old:
            self._drop(line)
        return fresh or self._new()

    def _put_back(self, line: _Line) -> None:
        line.used = self.monotonic()
        if not line.client.is_connected or line.mails >= MOST_MAILS:
            self._drop(line)
            return
        with self._lock:
            self._idle.append(line)

    def _new(self) -> _Line:
        wanted = self.settings
        loop = asyncio.new_event_loop()
        try:
            client = aiosmtplib.SMTP(
                hostname=wanted.host, port=wanted.port, timeout=wanted.timeout_seconds,
                username=wanted.username or None,
                password=wanted.password.get_secret_value() if wanted.username else None,
                local_hostname=wanted.hello or None,
                use_tls=wanted.security == "tls", start_tls=wanted.security == "starttls",
                tls_context=_certificates(wanted) if wanted.security != "none" else None,
            )  # fmt: skip
        except (ValueError, OSError) as error:
            loop.close()
            raise UserError("mail-settings", f"The mail server cannot be asked: {error}.") from None
        return _Line(loop, client, self.monotonic())

    def _drop(self, line: _Line) -> None:
        if line.client.is_connected:
            try:
                self._run(line, asyncio.wait_for(line.client.quit(), 2))
            except (SMTPException, OSError, TimeoutError):
                line.client.close()
        # What the transport still has to do when it closes.
        line.loop.run_until_complete(asyncio.sleep(0))
        line.loop.run_until_complete(line.loop.shutdown_asyncgens())
        line.loop.close()

    def _run(self, line: _Line, work: Coroutine[Any, Any, Result]) -> Result:
        return line.loop.run_until_complete(work)

    def _said(self, error: BaseException) -> str:
        if isinstance(error, SMTPResponseException):
            return self._clean(f"{error.code} {error.message}")
        return self._clean(f"{self.settings.host}: {str(error) or type(error).__name__}")

    def _clean(self, said: str) -> str:
        secret = self.settings.password.get_secret_value()
        if secret:
            said = said.replace(secret, "(secret)")
        said = " ".join(said.encode("utf-8", "replace").decode("utf-8").split())
        return said if len(said) <= MOST_SAID else said[:MOST_SAID] + " ..."


async def _text(client: aiosmtplib.SMTP, message: bytes, seconds: float) -> aiosmtplib.SMTPResponse:
    """The text after 354, dots doubled, and the server's answer to it."""
    protocol = client.protocol
    if protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    lines = re.sub(rb"(?m)^\.", b"..", message)
    protocol.write(lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    # The answer comes after the text has been taken, which the same time again is left for.
    return await asyncio.wait_for(protocol.read_response(timeout=2 * seconds), 2 * seconds + 1)


def is_hard(code: int, said: str, *, after_text: bool = False) -> bool:
    """Whether a refusal says that the address is nobody's, so that nothing is to be sent there any
    more: by its enhanced code, else by its code (RFC 5321: 550, 551, 553; 556 of RFC 7504)."""
    if not 500 <= code < 600:
        return False
    found = _ENHANCED.match(said)
    if found:
        return bool(_NO_SUCH_MAILBOX.fullmatch(found[1]))
    return not after_text and code in (550, 551, 553, 556)


@lru_cache(maxsize=8)
def relay_of(settings: MailSettings) -> Relay:
    """The relay of these settings: one for a process, so that connections are shared."""
    return Relay(settings)


@lru_cache(maxsize=8)
def _certificates(settings: MailSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise UserError(
            "mail-settings", f"The certificates of mail.ca_file cannot be read: {error}.",
            where=Place(str(settings.ca_file)),
        ) from None  # fmt: skip
