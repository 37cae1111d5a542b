"""A mailbox that speaks as much of IMAP4rev1 (RFC 3501) as reading it takes, on 127.0.0.1."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """Its mails by number, and the flags that each has."""

    port: int = 0
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    password: str = "secret"
    logins: list[str] = field(default_factory=list)
    folder: str = ""
    drops_at: str = ""
    """A command at which the connection ends."""


class Handler(socketserver.StreamRequestHandler):
    box: Mailbox

    def handle(self) -> None:
        self.say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().rstrip("\r\n").partition(" ")
            if self.box.drops_at and self.box.drops_at in rest:
                return
            good = self.answer(rest)
            self.say(f"{tag} OK done" if good else f"{tag} NO wrong: {rest}")
            if rest.upper().startswith("LOGOUT"):
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def answer(self, rest: str) -> bool:
        words, box = rest.split(" ", 2), self.box
        match words[0].upper(), words[1].upper() if len(words) > 1 else "":
            case "CAPABILITY", _:
                self.say("* CAPABILITY IMAP4rev1")
            case "LOGIN", _:
                name, given = (part.strip('"') for part in rest.split(" ")[1:3])
                box.logins.append(name)
                return given == box.password
            case "SELECT", _:
                box.folder = rest.split(" ", 1)[1].strip('"')
                self.say(f"* {len(box.mails)} EXISTS")
            case "UID", "SEARCH":
                unread = [str(n) for n in sorted(box.mails) if n not in box.seen]
                self.say(" ".join(["* SEARCH", *unread]))
            case "UID", "FETCH":
                self.fetch(int(words[2].split(" ")[0]), rest)
            case "UID", "STORE":
                box.seen.add(int(words[2].split(" ")[0]))
        return True

    def fetch(self, number: int, rest: str) -> None:
        found = re.search(r"<0\.(\d+)>", rest)
        raw = self.box.mails[number][: int(found[1]) if found else None]
        self.say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(raw)}}}")
        self.wfile.write(raw)
        self.say(")")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """The server, until the end."""
    box = Mailbox()
    own = type("Own", (Handler,), {"box": box})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), own)
    server.daemon_threads = True
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
