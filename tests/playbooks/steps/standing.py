"""A run that stands at a step, with a real record and real connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from leadwise.connect.opening import opener
from leadwise.playbooks.language.parse import playbook_of
from leadwise.playbooks.runs.acting import Came, Here, House, Run
from leadwise.playbooks.steps import outer_of
from leadwise.playbooks.texts.values import texts_of_run
from leadwise.settings import Settings
from leadwise.store.connections import add_connection
from leadwise.store.opening import Store
from tests.records import NOW_US, add_lead

HEAD = "playbook: made\nversion: 1\nstarts:\n  - event: demo_requested\nsteps:\n"


@dataclass
class Standing:
    """Steps are acted one by one, as a job of the runner does."""

    store: Store
    settings: Settings = field(default_factory=Settings)
    environment: dict[str, str] = field(default_factory=dict)
    now_us: int = NOW_US

    def connect(self, name: str, kind: str, secrets: Any = None, **options: str) -> None:
        """Make a connection."""
        self.store.write(
            lambda c: add_connection(
                c, name, kind, options=options, secrets=secrets or {}, by="test", now_us=NOW_US
            )
        )

    def lead(self, email: str = "ann@acme.example", **facts: Any) -> int:
        """A lead."""
        return self.store.write(lambda c: add_lead(c, email, facts))

    @property
    def house(self) -> House:
        return House(
            self.store, self.settings, opener(self.store, self.environment),
            lambda: self.now_us, self.environment,
        )  # fmt: skip

    def here(
        self, step: str, lead_id: int | None = None, doc: Mapping[str, Any] | None = None,
        key: str = "run-7-1",
    ) -> Here:  # fmt: skip
        """Where a run of one step stands."""
        playbook = playbook_of(HEAD + "\n".join("  " + line for line in step.splitlines()) + "\n")
        run = Run(7, playbook, lead_id, 0, 1, NOW_US, dict(doc or {}))

        def text(template: str) -> str:
            with self.store.read() as connection:
                return texts_of_run(connection, run, self.now_us, self.settings)(template)

        return Here(run, playbook.steps[0], key, self.now_us, text)

    def act(
        self, step: str, lead_id: int | None = None, doc: Mapping[str, Any] | None = None,
        key: str = "run-7-1",
    ) -> Came:  # fmt: skip
        """What comes of it."""
        here = self.here(step, lead_id, doc, key)
        act = outer_of(here.step.kind)
        assert act is not None
        return act(self.house, here)

    def later(self, us: int) -> Standing:
        """The same, later."""
        return replace(self, now_us=self.now_us + us)
