"""What `leadwise connect` does with a system: test, pull, push."""

from __future__ import annotations

import json as documents
import os
from typing import TYPE_CHECKING, Any

from leadwise.cli.screen import print_json
from leadwise.cli.stores import now_us, progressing, tell

if TYPE_CHECKING:
    from leadwise.connect.opening import Opened
    from leadwise.settings import Settings
    from leadwise.store.connections import ConnectionRow
    from leadwise.store.opening import Store

MOST_SHOWN = 20
LONGEST_SHOWN = 400


def test(row: ConnectionRow, *, json: bool) -> None:
    """Whether the system takes our word, and as whom."""
    from leadwise.connect.opening import talking
    from leadwise.connect.setting_up import abilities, not_there

    with talking(row, os.environ) as line:
        known, able, missing = line.to.test(), abilities(line.to), not_there(row, line.to)
    if json:
        print_json({"name": row.name, "known_as": known, "can": able, "not_there": missing})
        return
    tell(f"It works: {known}. It can: {', '.join(able) or 'be used by playbooks'}.")
    if missing:
        tell(f"It has no {', '.join(missing)}, which the mapping names: nothing comes of it.")


def pull(
    store: Store, settings: Settings, row: ConnectionRow, *, dry: bool, start: bool, json: bool
) -> None:
    """Everything new, here and now; conversations are read by the service."""
    from leadwise.connect.model import Source
    from leadwise.connect.opening import require_running, talking, wanted_by_card
    from leadwise.connect.pulling import PULL, Pulling, look
    from leadwise.ingest.gate.rules import recording_rules
    from leadwise.store.connections import get_cursor

    require_running(row)
    with store.read() as database:
        wanted = wanted_by_card(database)
        cursor = None if start else get_cursor(database, row.id, PULL)
    with talking(row, os.environ, dry=dry, wanted=wanted) as line:
        if not isinstance(line.to, Source):
            raise _cannot(row, "Nothing can be pulled from")
        if dry:
            _seen(look(line.to, cursor, now_us()), json=json)
            return
        pulling = Pulling(store, recording_rules(settings), now_us)
        with progressing(f"Pulling from {row.name}") as told:
            done = pulling.pull(row, line.to, from_the_start=start,
                                progress=lambda done, total: told(done, total or 0))  # fmt: skip
    if json:
        print_json({
            "name": row.name, "new": done.events, "known": done.duplicates,
            "refused": done.refused, "outcomes": done.outcomes,
            "conversations": done.conversations,
        })  # fmt: skip
    else:
        tell(f"Pulled from {row.name}: {done}.")


def push(store: Store, row: ConnectionRow, *, dry: bool, again: bool, json: bool) -> None:
    """The scores that the system does not have."""
    from leadwise.connect.model import Target
    from leadwise.connect.opening import require_running, talking
    from leadwise.connect.pushing import Pushing

    require_running(row)
    with talking(row, os.environ, dry=dry) as line:
        if not isinstance(line.to, Target):
            raise _cannot(row, "No scores can be pushed to")
        if dry:
            _would(store, row, line, again=again, json=json)
            return
        made = line.to.prepare()
        with progressing(f"Pushing to {row.name}"):
            done = Pushing(store, now_us).push_everybody(row, line.to, again=again)
    if json:
        told = None if done is None else {**done.states, "skipped": done.skipped}
        print_json({"name": row.name, "made": list(made), "told": told})
        return
    if made:
        tell(f"Made {', '.join(made)}.")
    tell(f"Another process is pushing to {row.name}." if done is None
         else f"Told {row.name}: {done}; {done.skipped:,} were told before.")  # fmt: skip


def _would(store: Store, row: ConnectionRow, line: Opened, *, again: bool, json: bool) -> None:
    """What would be sent for the first leads of a push."""
    from leadwise.connect.pushing import AT_ONCE, updates_for
    from leadwise.store.cards import live_version
    from leadwise.store.pushed import scored_leads

    line.to.prepare()
    count, after = 0, 0
    while True:
        with store.read() as database:
            version = live_version(database)
            ids = [] if version is None else scored_leads(database, version.id, after, AT_ONCE)
            wanted = updates_for(database, row, ids, now_us(), again=again)[0] if ids else []
        if wanted and count < AT_ONCE:
            line.to.push([one.update for one in wanted])
        count += len(wanted)
        if not ids:
            break
        after = ids[-1]
    requests = [{"method": w.method, "path": w.path, "body": w.body} for w in line.would]
    if json:
        print_json({"name": row.name, "leads": count, "requests": requests[:MOST_SHOWN]})
        return
    tell(f"{count:,} leads would be told of. The first requests:" if count or requests
         else "There is nothing to tell.")  # fmt: skip
    for request in requests[:MOST_SHOWN]:
        body = documents.dumps(request["body"], ensure_ascii=False)
        cut = body if len(body) <= LONGEST_SHOWN else body[:LONGEST_SHOWN] + " ..."
        tell(f"{request['method']} {request['path']} {cut}")


def _seen(seen: Any, *, json: bool) -> None:
    from leadwise.cli.words import time
    from leadwise.store.documents import values_of

    shown = [
        {"type": one.type, "event": one.event, "at": time(one.at_us),
         "who": {name: value for name in ("user_id", "crm_id", "email")
                 if (value := getattr(one, name))},
         "values": values_of(one.document)}
        for one in seen.shown
    ]  # fmt: skip
    if json:
        print_json({
            "messages": seen.messages, "outcomes": seen.outcomes, "conversations": seen.talks,
            "refused": seen.refusals, "first": shown,
        })  # fmt: skip
        return
    held = f"{seen.messages:,} messages, {seen.outcomes:,} outcomes, {seen.talks:,} conversations"
    tell(f"The first pages hold {held}; {len(seen.refusals):,} records cannot be read.")
    for one in shown:
        tell(documents.dumps(one, ensure_ascii=False))


def _cannot(row: ConnectionRow, what: str) -> Exception:
    from leadwise.errors import UserError

    return UserError(
        "connection-cannot", f"{what} {row.name}.", hint=f"leadwise connect test {row.name}"
    )
