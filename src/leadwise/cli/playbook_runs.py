"""`leadwise playbook runs`, `run`, `start`, `stop`, `move`, `go-on`: leads on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import grid, note, print_json, show
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    now_us,
    opened_store,
    settings_of,
    tell,
)
from leadwise.cli.whose import MOST_ID, Lead, lead_id
from leadwise.cli.words import counted, second, time
from leadwise.errors import UserError
from leadwise.plan.relations import FOREVER

if TYPE_CHECKING:
    from leadwise.playbooks.model import Playbook
    from leadwise.store.runs import RunRow, StepRow

STATES = ("waiting", "working", "held", "done", "stopped", "failed")
HOW = ("go on", "again", "stop")
RunId = Annotated[int, typer.Argument(metavar="RUN", max=MOST_ID, help="The run's number.")]


def runs(
    playbook: Annotated[
        str | None, typer.Argument(metavar="[PLAYBOOK]", help="Of this one only.")
    ] = None,
    lead: Lead = None,
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="STATE", help=f"Only those: {', '.join(STATES)}."),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, metavar="N", help="The newest N.")] = 20,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """List runs of playbooks: whose, where they stand, until when they wait and why.

    \b
    leadwise playbook runs --state held
    leadwise playbook runs --lead ann@acme.example
    """
    from leadwise.store.runs import RunState, list_runs

    if state is not None and state not in STATES:
        raise UserError("usage", f"No run is {state}.", hint=", ".join(STATES))
    with opened_store(settings_of(data, database, config)) as store, store.read() as connection:
        of = lead_id(connection, lead)
        found = list_runs(
            connection, playbook=playbook, lead_id=of, state=cast("RunState | None", state),
            limit=top,
        )  # fmt: skip
        names = {one.id: _step(connection, one) for one in found}
    if json:
        print_json({"runs": [_document(one, names[one.id]) for one in found]})
        return
    if not found:
        tell("There are no such runs.")
        return
    table = grid()
    for column in ("run", "playbook", "lead", "state", "at step", "began", "until", ""):
        table.add_column(column)
    for one in found:
        table.add_row(
            str(one.id), one.playbook, str(one.lead_id or ""), one.state, names[one.id] or "",
            second(one.began_us), second(_until_us(one)), one.why or "",
        )  # fmt: skip
    show(table)


def run(
    number: RunId,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Show one run: each step it took, what came of it, and why it stands or ended as it did.

    \b
    leadwise playbook run 12
    """
    from leadwise.store.runs import get_run, steps_of

    with opened_store(settings_of(data, database, config)) as store, store.read() as connection:
        found, steps = get_run(connection, number), steps_of(connection, number)
        name = _step(connection, found)
    if json:
        print_json(_document(found, name) | {"steps": [_step_document(one) for one in steps]})
        return
    whose = f"lead {found.lead_id}" if found.lead_id is not None else "a message"
    tell(f"Run {found.id} of {found.playbook} for {whose}: {found.state}.")
    lines = {
        "began": time(found.began_us), "by": found.trigger, "ended": time(found.ended_us),
        "at step": name, "until": time(_until_us(found)), "awaits": found.awaits, "why": found.why,
    }  # fmt: skip
    for label, said in lines.items():
        if said:
            tell(f"  {label:<8} {said}")
    table = grid()
    for column in ("", "step", "kind", "state", "began", "ended", ""):
        table.add_column(column, no_wrap=column in ("began", "ended"), overflow="fold")
    for one in steps:
        table.add_row(
            str(one.number), one.step, one.kind, one.state, second(one.began_us),
            second(one.ended_us), one.why or "",
        )  # fmt: skip
    if steps:
        show(table)


def start(
    playbook: Annotated[str, typer.Argument(metavar="PLAYBOOK", help="The playbook's id.")],
    lead: Annotated[
        list[str],
        typer.Option("--lead", metavar="WHO", help="A lead, as in --lead of runs; repeatable."),
    ],
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Start a live playbook for leads by hand, whatever its triggers say of them.

    \b
    leadwise playbook start hand-over --lead 42 --lead ann@acme.example
    """
    from leadwise.playbooks.versions import start_by_hand

    with opened_store(settings_of(data, database, config)) as store:
        with store.read() as connection:
            leads = [lead_id(connection, one) or 0 for one in lead]
        done = store.write(
            lambda c: start_by_hand(c, playbook, leads, actor=actor(), now_us=now_us()), alone=True
        )
    if json:
        left_out = [{"lead": one, "why": why} for one, why in done.left_out.items()]
        print_json({"runs": list(done.run_ids), "left_out": left_out})
        return
    numbers = ", ".join(str(one) for one in done.run_ids)
    tell(f"{counted(len(done.run_ids), 'run')} started{': ' + numbers if numbers else ''}.")
    note([f"Lead {one} was left out. {why}" for one, why in done.left_out.items()])


def stop(
    number: Annotated[
        int | None, typer.Argument(metavar="[RUN]", max=MOST_ID, help="The run's number.")
    ] = None,
    lead: Lead = None,
    playbook: Annotated[
        str | None, typer.Option("--playbook", metavar="PLAYBOOK", help="All runs of this one.")
    ] = None,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Stop a run, or all of a lead, of a playbook, or of a lead in a playbook.

    \b
    leadwise playbook stop 12
    leadwise playbook stop --lead ann@acme.example
    """
    from leadwise.playbooks.versions import stop_by_hand

    with opened_store(settings_of(data, database, config)) as store:
        with store.read() as connection:
            of = lead_id(connection, lead)
        ended = store.write(
            lambda c: stop_by_hand(
                c, actor=actor(), now_us=now_us(), playbook=playbook, lead_id=of,
                run_id=number,
            ), alone=True,
        )  # fmt: skip
    if json:
        print_json({"stopped": ended})
    else:
        tell(f"{counted(len(ended), 'run')} stopped.")


def move(
    from_: Annotated[
        int, typer.Argument(metavar="FROM", max=MOST_ID, help="The version that they are on.")
    ],
    to: Annotated[
        int, typer.Argument(metavar="TO", max=MOST_ID, help="The version to go on with.")
    ],
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Let the runs of a version go on with another, at the step of the same id. Runs at a step that
    the other version does not have stay where they are.

    \b
    leadwise playbook move 3 4
    """
    from leadwise.playbooks.versions import move_runs

    with opened_store(settings_of(data, database, config)) as store:
        done = store.write(
            lambda c: move_runs(c, from_, to, actor=actor(), now_us=now_us()), alone=True
        )
    if json:
        print_json({"moved": done.moved, "missing": done.missing, "busy": done.busy})
        return
    tell(f"{counted(done.moved, 'run')} moved to version {to}.")
    note([
        f"{counted(count, 'run')} {'stays' if count == 1 else 'stay'}: "
        f"version {to} has no step {step}."
        for step, count in done.missing.items()
    ])  # fmt: skip
    if done.busy:
        note([f"{counted(done.busy, 'run')} at work just now: move again in a moment."])


def go_on(
    number: RunId,
    how: Annotated[
        str, typer.Option("--how", metavar="HOW", help="go on (past the step), again or stop.")
    ] = "go on",
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Say how a run goes on that is held: past its step, with the step again, or not at all.

    \b
    leadwise playbook go-on 12 --how again
    """
    from leadwise.store import tasks
    from leadwise.store.audit import audit

    if how not in HOW:
        raise UserError("usage", f"A run cannot {how}.", hint=", ".join(HOW))
    at_us, chosen = now_us(), cast("Literal['go on', 'again', 'stop']", how)

    def work(connection: Any) -> None:
        tasks.go_on(connection, number, chosen, actor(), at_us)
        audit(connection, actor(), "go on", "playbook run", number, how, at_us)

    with opened_store(settings_of(data, database, config)) as store:
        store.write(work, alone=True)
    if json:
        print_json({"run": number, "how": how})
    else:
        tell(f"Run {number}: {how}, as soon as the service runs.")


def _step(connection: Any, run: RunRow) -> str | None:
    """The id of the step that a run stands at."""
    from leadwise.errors import CardError
    from leadwise.playbooks.runs.ways import read_playbook
    from leadwise.store.playbooks import get_playbook

    try:
        playbook: Playbook = read_playbook(get_playbook(connection, run.version_id).text)
    except CardError:
        return f"step {run.at + 1}"
    return playbook.steps[run.at].id if run.at < len(playbook.steps) else None


def _until_us(run: RunRow) -> int | None:
    return run.due_us if run.state == "waiting" and run.due_us < FOREVER else None


def _document(one: RunRow, step: str | None) -> dict[str, Any]:
    return {
        "run": one.id, "playbook": one.playbook, "version": one.version_id, "lead": one.lead_id,
        "state": one.state, "step": step, "trigger": one.trigger, "began": time(one.began_us),
        "until": time(_until_us(one)), "awaits": one.awaits,
        "ended": time(one.ended_us), "why": one.why,
    }  # fmt: skip


def _step_document(one: StepRow) -> dict[str, Any]:
    return {
        "number": one.number, "step": one.step, "kind": one.kind, "state": one.state,
        "began": time(one.began_us), "ended": time(one.ended_us), "why": one.why,
        "result": one.doc,
    }  # fmt: skip
