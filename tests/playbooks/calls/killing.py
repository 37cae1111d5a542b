"""Sales calls from the form to the score in the CRM, while the processes that follow up are killed.

Leads come in rounds. Whenever all runs of a round wait for a time to come, the clock is set to it;
transcripts are there for half of the calls when these are over, and for the others later.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from leadwise.asking.instants import written
from leadwise.connect.setting_up import add
from leadwise.ingest.gate.rules import gate_rules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.playbooks import versions
from leadwise.playbooks.library import shipped_text
from leadwise.store.cards import add_version, set_status
from leadwise.store.documents import canonical
from leadwise.store.members import add_member
from leadwise.store.opening import Store
from leadwise.store.schema import playbook_run
from leadwise.store.tasks import end_task, list_tasks
from leadwise.web.secret import make_secret_key
from tests.databases import make_tables
from tests.playbooks.calls.judging import Effects, effects_of, wrong_in
from tests.playbooks.calls.outside import Outside, outside, write_told
from tests.playbooks.calls.worker import RITA, clock_us, settings_of

ROOT = Path(__file__).parents[3]
CARD = ROOT / "examples" / "bant-software" / "card.yaml"
OVER = ("done", "stopped", "failed")
MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000
SOON_US = 2_000_000
"""What is due within this is waited for; the clock is set to what is due later."""
SHORT_US = 120_000_000
"""Up to this the clock is set to what is due first (a mail's lease); beyond, to what is last."""
FOREVER_US = 400 * 24 * HOUR_US
SAID = (
    "We oversell every week. Two people fix stock by hand, and customers are angry.",
    "120,000 dollars are approved for this year.",
    "I am the chief operating officer, and I sign the contract myself.",
    "We want to sign by the end of December, before the season starts.",
)
UNSURE = "Honestly I am not sure about the budget, perhaps 20,000, it may also be nothing at all."


@dataclass(frozen=True)
class Wanted:
    """How much of what. `processes` is 1 on SQLite, whose jobs one process works on."""

    runs: int
    a_round: int
    processes: int
    seed: int
    alive_seconds: float
    most_seconds: float
    most_kills: int = 1_000_000


@dataclass(frozen=True)
class Counted:
    """What was found in the end; `effects` are raw and unique by their kind."""

    runs: int
    states: dict[str, int]
    kills: int
    troubles: int
    effects: Effects
    wrong: tuple[str, ...]
    seconds: float


@dataclass
class Scene:
    """All of one proof: the record, the other sides, the processes that work, and the chance."""

    store: Store
    store_url: str
    jobs: str
    folder: Path
    reached: Outside
    wanted: Wanted
    chance: random.Random
    offset_us: int = 0
    kills: int = 0
    said: int = 0
    began: float = field(default_factory=time.monotonic)
    kill_at: float = 0.0
    nursery: subprocess.Popen[str] | None = None
    processes: dict[str, int] = field(default_factory=dict)

    @property
    def now_us(self) -> int:
        return clock_us(self.folder / "offset")

    @property
    def late(self) -> bool:
        return time.monotonic() - self.began > self.wanted.most_seconds

    def set_offset(self, us: int) -> None:
        """Written beside and moved there: workers read it at any instant."""
        new = self.folder / "offset.new"
        new.write_text(str(us))
        new.rename(self.folder / "offset")
        self.offset_us = us


def kill_calls(store_url: str, jobs: str, folder: Path, wanted: Wanted) -> Counted:
    """Play them all, and count. `jobs` is where these are kept, `folder` empty."""
    with Store(store_url) as store, outside() as reached:
        scene = Scene(
            store, store_url, jobs, folder, reached, wanted, random.Random(wanted.seed)
        )  # fmt: skip
        scene.set_offset(0)
        _set_up(scene)
        wrong: list[str] = []
        with _at_work(scene):
            for first in range(0, wanted.runs, wanted.a_round):
                numbers = range(first, min(first + wanted.a_round, wanted.runs))
                if scene.late:
                    break
                _round(scene, numbers)
                wrong += wrong_in(store, reached, [address(n) for n in numbers])
        with store.read() as connection:
            query = select(playbook_run.c.state, func.count()).group_by(playbook_run.c.state)
            states: dict[str, int] = dict(connection.execute(query).tuples().all())
        if states != {"done": wanted.runs}:
            wrong.append(f"runs: {states}")
        return Counted(
            wanted.runs, states, scene.kills, reached.troubles, effects_of(store, reached),
            tuple(wrong), time.monotonic() - scene.began,
        )  # fmt: skip


def address(number: int) -> str:
    """Of a lead."""
    return f"ana@firm-{number}.example"


def _set_up(scene: Scene) -> None:
    """The card, the team, the connections and the playbook, all live."""
    make_secret_key(settings_of(scene.folder, 1).secret_key_path)
    make_tables(scene.store)
    now_us = scene.now_us

    def work(connection: Connection) -> None:
        text = CARD.read_text(encoding="utf-8")
        card = add_version(connection, text, subject="lead", by="test", now_us=now_us)
        set_status(connection, card.id, "live", published_us=now_us, published_by="test")
        add_member(connection, "Rita Salo", RITA, "representative", by="test", now_us=now_us)
        for name, kind, given in scene.reached.connections():
            add(connection, name, kind, given, pushes=name == "crm", by="test", now_us=now_us)
        added = versions.add(connection, shipped_text("sales-call"), actor="test", now_us=now_us)
        versions.publish(connection, added.version.id, actor="test", now_us=now_us)

    scene.store.write(work)


@contextmanager
def _at_work(scene: Scene) -> Iterator[None]:
    told = write_told(scene.folder, scene.store_url, scene.jobs, scene.reached)
    with (scene.folder / "workers.log").open("a") as log:
        scene.nursery = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker.py")), str(told)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        )  # fmt: skip
    try:
        for number in range(scene.wanted.processes):
            _start(scene, f"worker-{number}")
        _aim(scene)
        yield
    finally:
        for name in list(scene.processes):
            _kill(scene, name)
        scene.nursery.kill()
        scene.nursery.wait()


def _start(scene: Scene, name: str) -> None:
    """Have a process of this name forked, and wait until it works."""
    nursery = scene.nursery
    assert nursery is not None
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{name}\n")
    nursery.stdin.flush()
    lines = {nursery.stdout.readline().strip(), nursery.stdout.readline().strip()}
    assert "ready" in lines, lines
    (number,) = lines - {"ready"}
    scene.processes[name] = int(number)


def _kill(scene: Scene, name: str) -> None:
    """kill -9, and wait until it is gone."""
    number = scene.processes.pop(name)
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)
        while True:
            os.kill(number, 0)
            time.sleep(0.005)


def _round(scene: Scene, numbers: range) -> None:
    """These leads from the form to the end of their runs."""
    base_us = scene.now_us + HOUR_US
    base_us -= base_us % MINUTE_US
    calls = {n: base_us + 30 * MINUTE_US * place for place, n in enumerate(numbers)}
    for number, at_us in calls.items():
        _asks(scene, number, at_us)
    late = dict(calls)
    while not scene.late:
        runs = _runs(scene, numbers)
        if len(runs) == len(numbers) and all(one.state in OVER for one in runs):
            return
        _finish_tasks(scene)
        if len(runs) == len(numbers):
            _pass_time(scene, runs, calls, late)
        if scene.chance.random() < 0.02:
            scene.reached.trouble(scene.chance)
        time.sleep(0.05)
        _kill_perhaps(scene)


def _asks(scene: Scene, number: int, at_us: int) -> None:
    """A lead fills the form in."""
    now_us = scene.now_us
    who = {"email": address(number), "first_name": "Ana", "last_name": f"Ruiz{number}"}
    wish = {"when": written(at_us), "message": "We oversell."}
    said: tuple[tuple[Literal["identify", "track"], str, dict[str, str]], ...] = (
        ("identify", "identify", {**who, "company": f"Firm {number}"}),
        ("track", "call_requested", wish),
    )
    messages = tuple(
        Message(
            type=type_, source="form", message_id=f"form-{number}-{type_}", event=event,
            at_us=now_us, received_us=now_us, email=address(number), document=canonical(told),
        )
        for type_, event, told in said
    )  # fmt: skip
    rules = gate_rules(settings_of(scene.folder, 1).gate)
    scene.store.write(lambda c: record(c, Received(messages, ()), rules, now_us))


def _runs(scene: Scene, numbers: range) -> list[Any]:
    """Of this round: all after those of the rounds before."""
    with scene.store.read() as connection:
        query = select(playbook_run).order_by(playbook_run.c.id).offset(numbers.start)
        return list(connection.execute(query))


def _finish_tasks(scene: Scene) -> None:
    """Rita does what she is asked to."""
    with scene.store.read() as connection:
        tasks = list_tasks(connection, state="open")
    now_us = scene.now_us
    for one in tasks:
        scene.store.write(
            lambda c, task_id=one.id: end_task(
                c, task_id, "done", by="member:1", now_us=now_us, said="So."
            )
        )


def _pass_time(scene: Scene, runs: list[Any], calls: dict[int, int], late: dict[int, int]) -> None:
    """Set the clock to what all of them wait for, and tell the recorder of the calls till then."""
    still, now_us = [one for one in runs if one.state not in OVER], scene.now_us
    dues = [one.due_us for one in still if one.due_us < now_us + FOREVER_US]
    if any(one.state != "waiting" for one in still) or not dues or min(dues) < now_us + SOON_US:
        return
    to_us = min(dues) if min(dues) < now_us + SHORT_US else max(dues)
    to_us += SOON_US // 2
    first = len(late) == len(calls)
    for number, at_us in list(late.items()):
        if at_us > to_us or (first and number % 2):
            continue
        late.pop(number)
        _recorded(scene, number, at_us)
    scene.set_offset(scene.offset_us + to_us - now_us)


def _recorded(scene: Scene, number: int, at_us: int) -> None:
    gong, who = scene.reached.gong, address(number)
    with gong.lock:
        people = [(RITA, "Rita Salo", "Internal"), (who, "Ana Ruiz", "External")]
        gong.call(f"call-{number}", written(at_us), people)
        said = (*SAID[:1], UNSURE, *SAID[2:]) if number % 4 == 3 else SAID
        turns = [turn for one in said for turn in ((RITA, "Tell me more."), (who, one))]
        gong.transcribe(f"call-{number}", turns)


def _aim(scene: Scene) -> None:
    """When the next process is killed: at a random instant, or, half the time, once something more
    was asked outside after it."""
    scene.kill_at = time.monotonic() + scene.chance.uniform(0.1, scene.wanted.alive_seconds)


def _kill_perhaps(scene: Scene) -> None:
    if scene.kills >= scene.wanted.most_kills or time.monotonic() < scene.kill_at:
        return
    if scene.chance.random() < 0.5:
        asked, until = scene.reached.asked, time.monotonic() + 2
        while scene.reached.asked == asked and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(scene.chance.uniform(0, 0.03))
    name = scene.chance.choice(sorted(scene.processes))
    _kill(scene, name)
    scene.kills += 1
    _start(scene, name)
    _aim(scene)
