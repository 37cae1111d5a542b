"""Importing a file of leads or events into the record, a batch at a time.

Every batch is a transaction, and every row has an id that stays the same: an import that was cut
short is begun again and adds only what is missing. Rows of leads that say nothing new are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import islice
from typing import TypeAlias

from sqlalchemy import Connection, select

from leadwise.engines.entry.files import InputFile
from leadwise.errors import Place, UserError
from leadwise.ingest.emails import email_facts
from leadwise.ingest.file_messages import IDENTITY_KINDS, OWN, Reading
from leadwise.ingest.file_rows import FileRow, count_rows, file_rows
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.linking import names_in
from leadwise.ingest.messages import Message, Received, Refusal
from leadwise.ingest.record import Recalled, record
from leadwise.store import identities
from leadwise.store.documents import renewed
from leadwise.store.facts import facts_now
from leadwise.store.opening import Store
from leadwise.store.schema import refused

AT_ONCE = 2_000
"""Rows of one transaction where nothing else is to be recorded."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows of a file: recorded, known already (recorded before), unchanged
    (leads of whom nothing new was said), refused (kept with the reason)."""

    rows: int = 0
    recorded: int = 0
    known: int = 0
    unchanged: int = 0
    refused: int = 0


Progress: TypeAlias = Callable[[Imported, int], None]
"""Told what is done, and about how many rows there are."""


class FileImport:
    """An import under way."""

    def __init__(self, store: Store, rules: GateRules, file: InputFile, reading: Reading) -> None:
        self._store, self._rules, self._reading = store, rules, reading
        self.total = count_rows(file)
        self._rows = reading.read(_checked(file, reading))
        self._read = 0
        self._recalled = Recalled()

    def go_on(
        self, rows: int | None = None, *, after: Imported = Imported(), at_once: int = AT_ONCE,
        progress: Progress | None = None,
    ) -> Imported:  # fmt: skip
        """Record so many rows, or all that are left, after those that are recorded; what became
        of them.

        Raises UserError where the file as a whole cannot be read; what came before is recorded.
        """
        # Rows that an earlier run recorded are read again: ids of later ones depend on them.
        for _ in islice(self._rows, after.rows - self._read):
            self._read += 1
        done = Imported()
        left = islice(self._rows, rows)
        while part := list(islice(left, at_once)):
            self._read += len(part)
            done = added(done, self._record(part))
            if progress is not None:
                progress(added(after, done), max(self.total, self._read))
        return done

    def _record(self, part: Sequence[Message | Refusal]) -> Imported:
        messages = [item for item in part if isinstance(item, Message)]
        refusals = tuple(item for item in part if isinstance(item, Refusal))

        def work(connection: Connection) -> Imported:
            return _recorded(
                connection, self._rules, self._reading, messages, refusals, self._recalled
            )

        return self._store.write(work, alone=True)


def import_rows(
    store: Store, rules: GateRules, file: InputFile, reading: Reading,
    progress: Progress | None = None,
) -> Imported:  # fmt: skip
    """Record all rows of `file`. Raises UserError where it cannot be read or lacks a column."""
    return FileImport(store, rules, file, reading).go_on(progress=progress)


def _recorded(
    connection: Connection,
    rules: GateRules,
    reading: Reading,
    messages: Sequence[Message],
    refusals: tuple[Refusal, ...],
    recalled: Recalled,
) -> Imported:
    told = _changing(connection, messages) if reading.of == "leads" else list(messages)
    refused = _new(connection, reading.source, refusals)
    received = Received(tuple(told), refused, reading.source, "file")
    found = record(connection, received, rules, reading.now_us, recalled=recalled, cause="import")
    return Imported(
        rows=len(messages) + len(refusals), recorded=found.events, known=found.duplicates,
        unchanged=len(messages) - len(told), refused=len(refusals),
    )  # fmt: skip


def _new(connection: Connection, source: str, refusals: Sequence[Refusal]) -> tuple[Refusal, ...]:
    """Those that are not kept yet: of the same file, imported before."""
    if not refusals:
        return ()
    here = refused.c.place.between(refusals[0].index, refusals[-1].index)
    rows = connection.execute(
        select(refused.c.place, refused.c.body).where(refused.c.source == source, here)
    )
    kept = {(row.place, row.body) for row in rows}
    return tuple(r for r in refusals if (r.index, r.body) not in kept)


def _changing(connection: Connection, messages: Sequence[Message]) -> list[Message]:
    """The messages without those that say of a lead what is known of it already."""
    ids = identities.find(connection, {name for m in messages for name in names_in(m)})
    owners = identities.owners(connection, set(ids.values()))
    told: list[Message] = []
    changed: set[int] = set()
    for message in messages:
        own = [owners.get(ids.get(name, 0)) for name in names_in(message)]
        leads = {owner.lead_id if owner else 0 for owner in own}
        if leads.isdisjoint(changed | {0}) and len(leads) == 1:
            facts = facts_now(connection, next(iter(leads)))
            said = dict(message.document)
            if message.email:
                said |= email_facts(message.email)
            if message.at_us == message.received_us and renewed(facts, said) == facts:
                continue
        changed |= leads - {0}
        told.append(message)
    return told


def _checked(file: InputFile, reading: Reading) -> Iterator[FileRow]:
    """The rows, after a look at whether the first ones have the columns that are needed."""
    rows = file_rows(file)
    first = list(islice(rows, 100))
    seen = {name for row in first for name in row.values}
    needed = ("lead_id",) if reading.of == "leads" else ("lead_id", "event", "timestamp")
    for name in needed:
        column = reading.columns.get(name, name)
        if first and seen and not {column, name} & seen:
            shown = ", ".join(f"'{other}'" for other in sorted(seen)[:20])
            raise UserError(
                "input-missing-column", f"There is no column '{column}'.",
                where=Place(file.label, 1),
                hint=f"The columns are {shown}. Say which is meant with --column {name}=COLUMN.",
            )  # fmt: skip
    for name, column in reading.columns.items():
        if column == "#row":
            raise UserError(
                "input-columns", f"columns: '{name}' cannot be #row.",
                hint="In the record a lead keeps its id over many files: give it one.",
            )  # fmt: skip
    yield from first
    yield from rows


def reading_of(
    of: str, *, now_us: int, import_id: str, source: str = "import", identity: str = "crm",
    columns: Mapping[str, str] | None = None,
) -> Reading:  # fmt: skip
    """How to read, of texts that somebody gave. Raises UserError (`usage`)."""
    if of not in OWN:
        raise UserError("usage", f"There are no files of '{of}'.", hint="leads or events")
    if identity not in IDENTITY_KINDS:
        raise UserError(
            "usage", f"'{identity}' is no kind of identity.", hint=", ".join(IDENTITY_KINDS)
        )
    return Reading(of, now_us, import_id, source, identity, dict(columns or {}))


def added(one: Imported, other: Imported) -> Imported:
    """Both together."""
    return Imported(*(a + b for a, b in zip(astuple(one), astuple(other), strict=True)))
