"""`if` by a text: what it comes to decides, and what is missing is not met."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, create_engine

from leadwise.playbooks.language.parse import playbook_of
from leadwise.playbooks.runs.acting import Here, Run
from leadwise.playbooks.steps.if_ import act
from leadwise.playbooks.texts import fill

HEAD = "playbook: p\nversion: 1\nstarts: {message: desk}\nsteps:\n"
CLASSED = '  - {classify: x, into: [bug, wish], id: kind}\n  - if: {text: "{{ step.kind.class }}"'


def _went(connection: Connection, step: str, values: dict[str, object]) -> str | None:
    playbook = playbook_of(HEAD + step)
    here = Here(
        run=Run(1, playbook, None, 1, 1, 0, {}), step=playbook.steps[1], key="run-1-1", now_us=0,
        text=lambda template: fill(template, values),
    )  # fmt: skip
    return act(connection, here).branch


@pytest.mark.parametrize(
    ("of", "said", "branch"),
    [
        (", is: bug", "bug", "then"),
        (", is: [wish, Bug]", " BUG ", "then"),
        (", is: [wish]", "bug", "otherwise"),
        (", is: [wish]", None, "otherwise"),
        ("", "bug", "then"),
        ("", "0", "otherwise"),
        ("", "No", "otherwise"),
        ("", False, "otherwise"),
        ("", 0.5, "then"),
        ("", "", "otherwise"),
        ("", None, "otherwise"),
    ],
)
def test_a_text_decides(of: str, said: object, branch: str) -> None:
    values: dict[str, object] = {"step": {"kind": {"class": said}}}
    with create_engine("sqlite://").connect() as connection:
        assert _went(connection, f"{CLASSED}{of}, then: [end]}}\n", values) == branch


def test_a_list_that_is_empty_is_no() -> None:
    step = CLASSED.replace("step.kind.class", "step.kind.class | join") + ", then: [end]}\n"
    with create_engine("sqlite://").connect() as connection:
        for doubtful, branch in (([], "otherwise"), (["budget"], "then")):
            values: dict[str, object] = {"step": {"kind": {"class": doubtful}}}
            assert _went(connection, step, values) == branch
