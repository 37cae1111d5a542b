"""`push`: the lead's score written to another system now, with all that pushing does otherwise."""

from __future__ import annotations

from leadwise.connect.model import Target
from leadwise.connect.pushing import Pushing
from leadwise.errors import RemoteError
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.reaching import lead_of, opened, own_lead
from leadwise.store.connections import get_connection
from leadwise.store.pushed import count_pushed, pushed_rows


def act(house: House, here: Here) -> Came:
    """Write it; `state` is what became of it. RemoteError where the system takes it later."""
    target: Target = opened(house, here, "to", Target, "take scores")
    with house.store.read() as database:
        row = get_connection(database, here.words("to"))
        lead_id = own_lead(database, lead_of(here))
        first = not count_pushed(database, row.id)
    if first:  # nothing was ever told: its fields may not be there yet
        target.prepare()
    Pushing(house.store, house.clock_us).push_leads(row, target, [lead_id])
    with house.store.read() as database:
        found = pushed_rows(database, row.id, [lead_id]).get(lead_id)
    if found is None:
        return Came("done", {"state": "same"}, why="There is no score to tell of.")
    if found.state == "later":
        raise RemoteError(f"{row.name} takes the score later: {found.why or ''}", permanent=False)
    return Came("done", {"state": found.state}, why=found.why or "")
