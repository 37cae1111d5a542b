"""The job that imports an uploaded file, beside everything else that a service does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from leadwise.engines.entry.files import Format, InputFile, input_file
from leadwise.errors import UserError
from leadwise.ingest.files import FileImport, Imported, added, reading_of
from leadwise.ingest.gate.rules import GateRules
from leadwise.jobs import JSON, Context, Handler
from leadwise.store.opening import Store

KIND = "import"
ROWS_OF_STEP = 10_000
"""Recorded in some seconds: what is repeated where a process ends, and waited for at its end."""
BESIDE_OTHERS = 500
"""Rows of one transaction: some 50 ms in which tracking waits."""


def import_handler(
    store: Store, rules: GateRules, uploads: Path, recorded: Callable[[], None] = lambda: None
) -> Handler:
    """The handler of the job `import`. Arguments: `path` and `of` (leads or events), and where
    wanted `format`, `source`, `identity`, `columns`, `name` (what the file was called).

    A file in the folder `uploads` is removed when it was imported or cannot be read; that of a job
    that was cancelled stays, so that the job can be tried again. `recorded` is called after each
    batch. The result counts rows as `Imported` does.
    """

    def import_file(context: Context, arguments: dict[str, JSON]) -> JSON:
        given: Mapping[str, Any] = arguments
        # The first time stays, so that a second attempt says the same as the first.
        now_us = context.step("begin", context.now_us)

        def told(done: Imported, total: int) -> None:
            context.progress(done.rows, total, f"{done.refused:,} refused" if done.refused else "")
            recorded()

        try:
            reading = reading_of(
                given["of"], now_us=now_us, import_id=context.job_id,
                source=given.get("source") or "import", identity=given.get("identity") or "crm",
                columns=given.get("columns"),
            )  # fmt: skip
            importing = FileImport(store, rules, _file(given), reading)
            done = _import(context, importing, told)
        except UserError:
            _remove(Path(given["path"]), uploads)
            raise
        _remove(Path(given["path"]), uploads)
        return asdict(done)

    return import_file


def _import(
    context: Context, importing: FileImport, told: Callable[[Imported, int], None]
) -> Imported:
    done = Imported()
    while True:
        go_on = partial(
            importing.go_on, ROWS_OF_STEP, after=done, at_once=BESIDE_OTHERS, progress=told
        )
        said = context.step(f"rows after {done.rows}", partial(_said, go_on))
        more = Imported(**said)
        done = added(done, more)
        if more.rows < ROWS_OF_STEP:
            return done


def _said(go_on: Callable[[], Imported]) -> dict[str, Any]:
    return asdict(go_on())


def _file(given: Mapping[str, Any]) -> InputFile:
    found = input_file(given["path"])
    format_ = cast(Format, given.get("format") or found.format)
    return replace(found, format=format_, label=str(given.get("name") or found.label))


def _remove(path: Path, uploads: Path) -> None:
    if path.resolve().parent == uploads.resolve():
        with suppress(OSError):
            path.unlink()
