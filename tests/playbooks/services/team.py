"""Services that follow up on one record, what their steps reach, and what happens to its leads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.playbooks.versions import add, publish
from leadwise.store.documents import canonical
from leadwise.store.opening import Store
from leadwise.store.runs import RunRow, list_runs
from leadwise.testing.serving import Answer, Fake, Query, served
from leadwise.web.secret import make_secret_key
from tests.connect.mail.server import Post
from tests.connect.mail.server import serving as mail_served
from tests.databases import make_tables
from tests.playbooks.services.serving import clock_of, settings_of

ROOT = Path(__file__).parents[3]


@dataclass
class Other(Fake):
    """What webhook steps call."""

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        return 200, {}, {"taken": headers["webhook-id"]}

    def keys(self, path: str) -> Counter[str]:
        """How often each key came there."""
        return Counter(call.headers["webhook-id"] for call in self.made("POST", path))


@dataclass
class Team:
    """The record, the services by name, the other sides."""

    store: Store
    folder: Path
    other: Other
    post: Post
    url: str
    nursery: subprocess.Popen[str]
    pids: dict[str, int] = field(default_factory=dict)
    said: int = 0

    @property
    def now_us(self) -> int:
        return clock_of(self.folder / "offset")()

    def move_clock(self, us: int) -> None:
        """Put it forward, or back. Written beside and moved there: it is read at any instant."""
        offset, new = self.folder / "offset", self.folder / "offset.new"
        new.write_text(str(int(offset.read_text()) + us))
        new.rename(offset)

    def start(self, name: str) -> None:
        """A service of this name, ready."""
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(f"{name}\n")
        self.nursery.stdin.flush()
        lines = {self.nursery.stdout.readline().strip() for _ in range(2)}
        assert "ready" in lines, (lines, self.log)
        (number,) = lines - {"ready"}
        self.pids[name] = int(number)

    def kill(self, name: str) -> None:
        """kill -9, and wait until it is gone."""
        number = self.pids.pop(name)
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        while Path(f"/proc/{number}").exists():
            time.sleep(0.005)

    @property
    def log(self) -> str:
        """What the services said, warnings and worse."""
        return (self.folder / "log").read_text()

    def live(self, text: str) -> None:
        """A playbook, live from now on; `URL` in it is the other side's."""

        def work(connection: Any) -> None:
            own = text.replace("URL", self.url)
            made = add(connection, own, actor="test", now_us=self.now_us).version
            publish(connection, made.id, actor="test", now_us=self.now_us)

        self.store.write(work)

    def happens(self, event: str, *names: str) -> None:
        """An event of each of these leads, who are known by `NAME@firm.example`."""
        now_us = self.now_us
        messages = []
        for name in names:
            self.said += 1
            email, own = f"{name}@firm.example", f"m{self.said}"
            for kind, what, doc in (("identify", "identify", {"email": email}),
                                    ("track", event, {})):  # fmt: skip
                messages.append(Message(
                    kind, "test", f"{own}-{kind}", what, now_us, now_us, user_id=name, email=email,
                    document=canonical(doc),
                ))  # fmt: skip
        received = Received(tuple(messages))
        self.store.write(lambda connection: record(connection, received, GateRules(), now_us))

    def lead(self, name: str) -> int:
        """The id of a lead."""
        with self.store.read() as connection:
            return int(connection.exec_driver_sql(
                "SELECT lead_id FROM identity_lead AS o JOIN identity AS i ON i.id = o.identity_id "
                f"WHERE i.value = '{name}@firm.example'"
            ).scalar_one())  # fmt: skip

    def runs(self, playbook: str, *names: str) -> list[RunRow]:
        """The runs of a playbook, of these leads or of all."""
        wanted = {self.lead(name) for name in names}
        with self.store.read() as connection:
            found = list_runs(connection, playbook=playbook, limit=1_000)
        return [one for one in found if not names or one.lead_id in wanted]

    def states(self, playbook: str, *names: str) -> Counter[str]:
        """How many of its runs are in each state; `waits` for those that wait for a time."""
        return Counter(
            "waits" if (one.why or "").startswith("Waits until") else one.state
            for one in self.runs(playbook, *names)
        )

    def mails(self) -> Counter[str]:
        """How many mails each address got."""
        return Counter(one.rcpt_tos[0].partition("@")[0] for one in self.post.got)

    def until(self, true: Callable[[], Any], seconds: float = 120.0) -> float:
        """Wait for it; how long that took."""
        began = time.monotonic()
        while not true():
            assert time.monotonic() < began + seconds, self._told()
            time.sleep(0.05)
        return time.monotonic() - began

    def _told(self) -> str:
        with self.store.read() as connection:
            runs = [(one.id, one.playbook, one.state, one.at, one.due_us - self.now_us, one.why)
                    for one in list_runs(connection)]  # fmt: skip
        return f"{runs}\n{self.log[-3000:]}"


@contextmanager
def team(store_url: str, folder: Path) -> Iterator[Team]:
    """No service is started yet; all are killed in the end."""
    other = Other()
    with Store(store_url) as store, served(other) as url, mail_served() as post:
        make_tables(store)
        (folder / "offset").write_text("0")
        (folder / "data" / "mirror").mkdir(parents=True)
        told = {"store": store_url, "folder": str(folder), "smtp_port": post.port}
        make_secret_key(settings_of(told, "x").secret_key_path)
        (folder / "told.json").write_text(json.dumps(told))
        with (folder / "log").open("a") as log:
            nursery = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("serving.py")),
                 str(folder / "told.json")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
            )  # fmt: skip
        found = Team(store, folder, other, post, url, nursery)
        try:
            yield found
        finally:
            for name in list(found.pids):
                found.kill(name)
            nursery.kill()
            nursery.communicate()
