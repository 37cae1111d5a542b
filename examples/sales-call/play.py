"""The sales call from the form to the score in the CRM, with every step printed.

    python examples/sales-call/play.py

A CRM (HubSpot) and a recorder of calls (Gong) stand in here as small servers that come with
Leadwise; the calendar (Radicale) and the mail server (aiosmtpd) are real ones on this machine. The
clock is the play's own, so that half an hour takes no time. Nothing leaves this machine.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from aiosmtpd.controller import Controller

from leadwise.asking.instants import written
from leadwise.connect.setting_up import add
from leadwise.playbooks import versions
from leadwise.playbooks.library import shipped_text
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.store.cards import add_version, set_status
from leadwise.store.members import add_member
from leadwise.store.migrations import upgrade
from leadwise.store.opening import Store
from leadwise.store.runs import list_runs, steps_of
from leadwise.store.tasks import Task, end_task, list_tasks
from leadwise.testing.gong import FakeGong
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.playing import MINUTE_US, Play
from leadwise.testing.radicale import free_port, radicale
from leadwise.testing.serving import served
from leadwise.web.secret import make_secret_key

HERE = Path(__file__).parent
CARD = HERE.parent / "bant-software" / "card.yaml"
START_US = 1_793_790_000_000_000  # Wednesday 4 November 2026, 11:00 UTC
ANA, RITA = "ana@acme.example", "rita@us.example"
SAID = (
    (RITA, "Thanks for the time, Ana. What made you look for something like this?"),
    (ANA, "We oversell every week. Two people fix stock by hand, and customers are angry."),
    (RITA, "That is just what it is made for. Is there a budget for it?"),
    (ANA, "Yes, 120,000 dollars are approved for this year."),
    (RITA, "Who decides in the end?"),
    (ANA, "I do, I am the chief operating officer, and I sign the contract myself."),
    (RITA, "And by when should it run?"),
    (ANA, "We want to sign by the end of December, before the season starts."),
)


class Inbox:
    """What the mail server was given."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's word
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.SMTP))
        return "250 taken"


@contextlib.contextmanager
def calendar(folder: Path) -> Iterator[str]:
    """Radicale, with a user for Rita."""
    with radicale(folder, {RITA: "secret"}) as address:
        made = httpx2.request("MKCALENDAR", f"{address}/{RITA}/calls/", auth=(RITA, "secret"))
        made.raise_for_status()
        yield address


def set_up(play: Play, crm: str, calls: str, days: str) -> None:
    """The card, the team, the connections and the playbook, all live."""
    now_us = play.clock_us

    def work(connection: Any) -> None:
        text = CARD.read_text(encoding="utf-8")
        card = add_version(connection, text, subject="lead", by="play", now_us=now_us)
        set_status(connection, card.id, "live", published_us=now_us, published_by="play")
        add_member(connection, "Rita Salo", RITA, "representative", by="play", now_us=now_us)
        for name, kind, given in (
            ("crm", "hubspot", {"token": "pat-play", "address": crm}),
            ("calendar", "caldav", {"url": days, "user": RITA, "password": "secret"}),
            ("calls", "gong", {"api": calls, "access_key": "key", "access_key_secret": "secret"}),
        ):
            add(connection, name, kind, given, pushes=kind == "hubspot", by="play", now_us=now_us)
        added = versions.add(connection, shipped_text("sales-call"), actor="play", now_us=now_us)
        versions.publish(connection, added.version.id, actor="play", now_us=now_us)

    play.store.write(work)


class Teller:
    """Prints each step of the run once, with the play's time."""

    def __init__(self, play: Play) -> None:
        self.play, self.told = play, 0

    def steps(self) -> None:
        """Those taken since it was last asked."""
        with self.play.store.read() as connection:
            (run,) = list_runs(connection)
            steps = steps_of(connection, run.id)
        for step in steps[self.told :]:
            if step.state == "working" or (step.state == "waited" and step is steps[-1]):
                break
            self.told += 1
            said = {name: value for name, value in sorted(step.doc.items()) if value}
            answers = said.pop("answers", {})
            came = ", ".join(f"{name} {value}" for name, value in said.items())
            print(f"  {at(step.began_us)}  {step.step:<12} {step.state:<8} {came[:100]}".rstrip())
            for question, answer in sorted(answers.items()):
                print(f"{'':16}{question:<12} “{answer.get('quote', '')}”")

    def say(self, words: str) -> None:
        """What happens outside."""
        print(f"\n{at(self.play.clock_us)}  {words}")


def done(connection: Any, task: Task, now_us: int) -> None:
    end_task(connection, task.id, "done", by=f"member:{task.member_id}", now_us=now_us, said="So.")


def at(us: int) -> str:
    return written(us)[5:16].replace("T", " ")


def main() -> int:
    """Play it; 0 where the CRM has the score in the end."""
    inbox, crm, gong = Inbox(), FakeHubSpot(token="pat-play"), FakeGong()
    port = free_port()
    relay = Controller(inbox, hostname="127.0.0.1", port=port)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        relay.start()
        stack.callback(relay.stop)
        settings = Settings(
            data=folder, public_url="https://leads.us.example",
            mail=MailSettings(
                host="127.0.0.1", port=port, security="none", sender=f"Rita Salo <{RITA}>",
                postal_address="Us, 1 High Street, Oslo",
            ),
        )  # fmt: skip
        make_secret_key(settings.secret_key_path)
        url = str(folder / "leadwise.db")
        store = stack.enter_context(Store(url))
        upgrade(store)
        play = Play(store, settings, START_US)
        set_up(
            play, stack.enter_context(served(crm)), stack.enter_context(served(gong)),
            stack.enter_context(calendar(folder)),
        )  # fmt: skip
        return tell(play, Teller(play), inbox, crm, gong)


def tell(play: Play, teller: Teller, inbox: Inbox, crm: FakeHubSpot, gong: FakeGong) -> int:
    """The call, from its booking to its review."""
    when_us = play.clock_us + 60 * MINUTE_US
    teller.say(f"Ana asks for a call at {at(when_us)}, by the form on the web site.")
    play.identify(ANA, {"first_name": "Ana", "last_name": "Ruiz", "company": "Acme"})
    play.track(ANA, "call_requested", {"when": written(when_us), "message": "We oversell."})
    play.turn()
    teller.steps()
    mail = inbox.mails[-1]
    print(f"         mail to {mail['To']}: {mail['Subject']}")

    play.later(91 * MINUTE_US)
    teller.say("The call is over; its transcript is not there yet.")
    teller.steps()
    gong.call("call-1", written(when_us), [(RITA, "Rita Salo", "Internal"),
                                           (ANA, "Ana Ruiz", "External")])  # fmt: skip
    play.later(45 * MINUTE_US)
    gong.transcribe("call-1", SAID)
    teller.say("Gong has written it down.")
    play.later(30 * MINUTE_US)
    teller.steps()

    with play.store.read() as connection:
        tasks = list_tasks(connection, state="open")
    for task in tasks:
        teller.say(f"Rita looks into it: {task.title}")
        play.store.write(partial(done, task=task, now_us=play.clock_us))
    play.later(15 * MINUTE_US)
    teller.steps()
    with play.store.read() as connection:
        (run,) = list_runs(connection)
    print(f"\nThe run is {run.state}.")
    people = [one["properties"] for one in crm.objects["contacts"].values()]
    (contact,) = [one for one in people if one.get("email") == ANA]
    print("The contact in the CRM:")
    for name in ("email", "leadwise_score", "leadwise_band", "leadwise_reasons"):
        print(f"  {name:<18} {str(contact.get(name)).replace(chr(10), ', ')}")
    return 0 if run.state == "done" and contact.get("leadwise_score") else 1


if __name__ == "__main__":
    sys.exit(main())
