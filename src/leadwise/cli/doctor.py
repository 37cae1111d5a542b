"""`leadwise doctor`: what is right and wrong with a store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from leadwise.cli.failures import NO
from leadwise.cli.options import Json
from leadwise.cli.screen import answer, plain, print_json
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    jobs_place,
    now_us,
    opened_store,
    progressing,
    settings_of,
)
from leadwise.cli.words import counted

if TYPE_CHECKING:
    from leadwise.settings import Settings
    from leadwise.store.doctor_scores import ScoresChecked
    from leadwise.store.findings import Finding
    from leadwise.store.opening import Store

STYLES = {"fine": "green", "warning": "yellow", "wrong": "bold red"}


def doctor(
    data: DataFolder = None,
    database: Database = None,
    scores: Annotated[
        bool, typer.Option("--scores", help="Also ask for every stored score afresh.")
    ] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Examine a store, also while it is in use; nothing is changed.

    With --scores every stored score is compared with what the card's query answers for its moment
    from the events, and every lead's facts with what was said of it. The exit code is 1 where
    something is wrong.

    \b
    leadwise doctor
    leadwise doctor --scores --database postgresql://leadwise@db/leadwise
    """
    from leadwise.store.doctor import Patient, examine

    settings = settings_of(data, database, config)
    findings: list[Finding] = []
    checked: ScoresChecked | None = None
    with opened_store(settings, current=False) as store:
        patient = Patient(store, now_us(), settings.data, every=scores)
        with progressing("Examining") as told:
            for finding in examine(patient, told):
                findings.append(finding)
                if not json:
                    _show(finding)
        usable = not any(
            f.state == "wrong" and f.check in ("version", "database") for f in findings
        )
        if usable:
            findings.append(_answers(store, settings))
            if not json:
                _show(findings[-1])
            findings.append(_jobs(settings))
            if not json:
                _show(findings[-1])
            for finding in _connections(store):
                findings.append(finding)
                if not json:
                    _show(finding)
        if scores and usable:
            from leadwise.store.doctor import snapshot
            from leadwise.store.doctor_scores import check_scores, scores_finding

            with progressing("Asking for every score") as told, snapshot(store) as connection:
                checked = check_scores(connection, told)
            findings.append(scores_finding(checked))
            if not json:
                _show(findings[-1])
    wrong = [finding for finding in findings if finding.state == "wrong"]
    if json:
        print_json({"ok": not wrong, "findings": [_document(f) for f in findings]})
    raise typer.Exit(NO if wrong else 0)


def _answers(store: Store, settings: Settings) -> Finding:
    """Whether what conversations answered is what is known, as long as it is kept."""
    from leadwise.qualify.examining import check_answers
    from leadwise.store.doctor import snapshot

    days = dict(settings.retention.events).get("identify")
    with snapshot(store) as connection:
        return check_answers(connection, now_us() - days * 86_400_000_000 if days else 0)


def _connections(store: Store) -> Iterator[Finding]:
    """What is wrong with connections; one finding where nothing is."""
    from leadwise.connect.opening import missing_variables
    from leadwise.store.connections import list_connections
    from leadwise.store.findings import fine, warned, wrong

    with store.read() as database:
        rows = list_connections(database)
    bad = 0
    for row in rows:
        missing = missing_variables(row, os.environ) if row.paused_us is None else []
        if missing:
            bad += 1
            yield wrong(
                "connections", f"{row.name} needs {', '.join(missing)}, which is not set here",
                hint="Set it where the service runs.",
            )  # fmt: skip
        elif row.trouble:
            bad += 1
            yield warned("connections", f"{row.name}: {row.trouble}",
                         hint=f"leadwise connect log {row.name}")  # fmt: skip
    if not bad:
        yield fine("connections", f"{counted(len(rows), 'connection')} without trouble")


def _jobs(settings: Settings) -> Finding:
    """Whether jobs failed for good. Looks, and makes no database where there is none."""
    from leadwise.jobs import Jobs
    from leadwise.store.findings import fine, warned

    if settings.embedded and not (settings.data / "jobs.db").is_file():
        return fine("jobs", "no job was ever put in")
    with Jobs(jobs_place(settings)) as jobs:
        failed = jobs.list(state="failed", limit=1000)
        waiting = len(jobs.list(state="waiting", limit=1000))
    if failed:
        last = failed[0]
        why = last.error.message if last.error else "no reason is known"
        return warned(
            "jobs", f"{counted(len(failed), 'job')} failed; the last, {last.id}: {why}",
            hint="leadwise jobs retry ID, once what it says is put right",
        )  # fmt: skip
    return fine("jobs", f"{counted(waiting, 'job')} waiting, none failed")


def _show(finding: Finding) -> None:
    console = answer()
    line = Text(f"{finding.state:<8}", STYLES[finding.state])
    line.append(f"{finding.check:<14}", "default").append(plain(finding.said), "default")
    console.print(line, soft_wrap=True)
    for example in finding.examples:
        console.print(Text(" " * 22 + plain(example)), soft_wrap=True)
    if finding.hint:
        console.print(Text(" " * 22 + f"hint: {finding.hint}", "dim"), soft_wrap=True)


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check, "state": finding.state, "said": finding.said,
        "examples": list(finding.examples), "hint": finding.hint,
    }  # fmt: skip
