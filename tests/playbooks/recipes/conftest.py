"""A team with a recipe that is live: the service's own parts on a set clock, made-up vendors on
127.0.0.1, a real mail server, and folders on disk."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from leadwise.connect.mail.intake import Taken, intake_of
from leadwise.connect.opening import opened
from leadwise.connect.pulling import Pulling
from leadwise.connect.setting_up import add
from leadwise.ingest.gate.rules import GateRules
from leadwise.playbooks import versions
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.store.cards import add_version, set_status
from leadwise.store.connections import get_connection
from leadwise.store.members import add_member
from leadwise.store.opening import Store
from leadwise.store.runs import RunRow, StepRow, list_runs, steps_of
from leadwise.store.tasks import Task, end_task, list_tasks
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.playing import MINUTE_US, Play
from leadwise.testing.serving import served
from leadwise.testing.slack import FakeSlack
from leadwise.web.secret import make_secret_key
from tests.connect.mail.server import Post, serving
from tests.databases import make_tables

EXAMPLES = Path(__file__).parents[3] / "examples" / "playbooks"
NOW_US = 1_763_799_600_000_000
"""Saturday 22 November 2025, 08:20 UTC: a few minutes before the made-up Slack's first message."""
ADA = "ada@team.example"


@dataclass
class Team:
    """What a test has at hand."""

    play: Play
    folder: Path
    post: Post
    crm: FakeHubSpot
    slack: FakeSlack
    crm_url: str
    slack_url: str
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.play.store

    def connect(self, name: str, kind: str, given: Mapping[str, str]) -> None:
        """A connection, as `leadwise connect add` makes it."""
        now_us = self.play.clock_us
        self.store.write(lambda c: add(c, name, kind, given, by="test", now_us=now_us))

    def folder_of(self, name: str, holds: str = "") -> Path:
        """A folder that is a connection."""
        made = self.folder / name
        made.mkdir()
        self.connect(name, "files", {"folder": str(made), "holds": holds})
        return made

    def chat(self, name: str, **more: str) -> None:
        """The Slack workspace as a connection."""
        given = {"token": self.slack.token, "api": f"{self.slack_url}/api/", **more}
        self.connect(name, "slack", given)

    def helpdesk(self, name: str) -> None:
        """HubSpot as a connection."""
        given = {"token": "pat-test", "address": self.crm_url, "account": "4711"}
        self.connect(name, "hubspot", given)

    def live(self, name: str) -> None:
        """The recipe as it lies in the examples, made live."""
        text, now_us = (EXAMPLES / f"{name}.yaml").read_text("utf-8"), self.play.clock_us

        settings = self.play.settings

        def work(connection: Any) -> None:
            added = versions.add(connection, text, actor="test", now_us=now_us, settings=settings)
            assert [one.message for one in added.warnings] == []
            versions.publish(connection, added.version.id, actor="test", now_us=now_us,
                             settings=settings)  # fmt: skip

        self.store.write(work)

    def mail_in(self, text: str) -> Taken:
        """A mail comes into one of the inboxes, and what follows is done."""
        taken = intake_of(self.store, self.play.settings, self.play.now).take(text.encode())
        self.play.turn()
        return taken

    def pull(self, name: str) -> str:
        """What is new in a connection, as the job `pull` takes it."""
        pulling = Pulling(self.store, GateRules(), self.play.now)
        with self.store.read() as database:
            row = get_connection(database, name)
        line = opened(row, {})
        try:
            return str(pulling.pull(row, line.to))
        finally:
            line.close()

    def finish(self, task: Task, state: str = "done") -> None:
        """Somebody does it, or says no; then what follows is done."""
        work = partial(end_task, task_id=task.id, state=state, by=f"member:{ADA}",
                       now_us=self.play.clock_us)  # fmt: skip
        self.store.write(work)
        self.play.turn()

    def tasks(self) -> list[Task]:
        """The open ones, the oldest first."""
        with self.store.read() as connection:
            return sorted(list_tasks(connection, state="open"), key=lambda one: one.id)

    def runs(self) -> list[RunRow]:
        """All, the oldest first."""
        with self.store.read() as connection:
            return sorted(list_runs(connection), key=lambda one: one.id)

    def steps(self, run: RunRow) -> dict[str, StepRow]:
        """What a run did, by the ids of steps, in their order."""
        with self.store.read() as connection:
            return {one.step: one for one in steps_of(connection, run.id)}

    def mails(self) -> list[Any]:
        """What the mail server was given."""
        read = partial(email.message_from_bytes, policy=email.policy.default)
        return [read(one) for one in self.post.messages()]

    def issues(self) -> list[dict[str, str]]:
        """Tasks that stand in HubSpot."""
        return [one["properties"] for one in self.crm.objects["tasks"].values()]

    def said(self, channel: str) -> list[dict[str, Any]]:
        """What we wrote in a channel."""
        return [one for one in self.slack.messages.get(channel, ()) if one.get("bot_id")]


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """With an administrator, the card of the examples, and inboxes for support and meetings."""
    crm, slack = FakeHubSpot(), FakeSlack()
    slack.channels |= {"C000SUPPORT": "support", "C0000URGENT": "support-urgent",
                       "C0000ONCALL": "on-call"}  # fmt: skip
    with (
        Store(str(tmp_path / "record.db")) as store, serving() as post,
        served(crm) as crm_url, served(slack) as slack_url,
    ):  # fmt: skip
        make_tables(store)
        settings = Settings(
            data=tmp_path, public_url="https://leads.team.example",
            mail=MailSettings(
                host="127.0.0.1", port=post.port, security="none", timeout_seconds=5,
                sender="Help at Team <help@team.example>", postal_address="1 High Street, Oslo",
                templates=EXAMPLES / "mails",
                inboxes=(
                    ("help@team.example", "support"), ("hello@team.example", "inbox"),
                    ("bills@team.example", "invoices"),
                ),
            ),
        )  # fmt: skip
        make_secret_key(settings.secret_key_path)

        def begin(connection: Any) -> None:
            text = (EXAMPLES / "card.yaml").read_text("utf-8")
            card = add_version(connection, text, subject="lead", by="test", now_us=NOW_US)
            set_status(connection, card.id, "live", published_us=NOW_US, published_by="test")
            add_member(connection, "Ada", ADA, "administrator", by="test", now_us=NOW_US)

        store.write(begin)
        yield Team(Play(store, settings, NOW_US + MINUTE_US), tmp_path, post, crm, slack,
                   crm_url, slack_url)  # fmt: skip
