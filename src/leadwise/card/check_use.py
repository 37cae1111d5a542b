"""What a card declares and does not use (warnings)."""

from __future__ import annotations

from leadwise.card.expression import names
from leadwise.card.inspection import Inspection
from leadwise.card.walk import lead_conditions, occurrences


def check_use(found: Inspection) -> None:
    """Reports fields and measures that no condition reads, and events that nothing counts."""
    card = found.card
    read = {name for _, condition in lead_conditions(card) for name in names(condition)}
    counted = {name for _, part in occurrences(card) for name in part.on}
    for field in card.fields:
        if field.name not in read:
            message = f"no criterion and no adjustment looks at field '{field.name}'"
            found.warning("unused-field", message, "use it, or remove it", ("fields", field.name))
    for measure in card.measures:
        if measure.name not in read:
            message = f"no criterion and no adjustment looks at measure '{measure.name}'"
            path = ("measures", measure.name)
            found.warning("unused-measure", message, "use it, or remove it", path)
    for event in card.events:
        if event.name not in counted and "any" not in counted:
            message = f"no criterion and no measure counts event '{event.name}'"
            path = ("events", event.name)
            found.warning("unused-event", message, "use it, or remove it", path)
