"""Models that say something of leads as the fact `model_<name>`: kept as text, in use or retired.

Of a name one is in use. The first of a name is at once; a later one waits until somebody puts it
to use, for what it says may be scored. What a model said stays known, as any fact does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.schema import model

SOURCE = "model"
"""Of the identify calls that models' facts become; `context` names the model's id."""


@dataclass(frozen=True, slots=True)
class Model:
    """A row of `model`: learned from the rows of the card `version_id`; `document` says how good it
    is, `text` is what `leadwise.learn.models` reads."""

    id: int
    name: str
    version_id: int
    kind: str
    text: str
    document: Mapping[str, Any]
    created_us: int
    used_us: int | None
    retired_us: int | None

    @property
    def in_use(self) -> bool:
        """Whether it is asked of leads."""
        return self.used_us is not None and self.retired_us is None

    @property
    def field(self) -> str:
        """The field by which cards read it."""
        return f"model_{self.name}"


@dataclass(frozen=True, slots=True)
class SaidOf:
    """That a model said something of a lead: which one, and when."""

    model_id: int
    name: str
    at_us: int


def add_model(
    connection: Connection, name: str, version_id: int, kind: str, text_: str,
    document: Mapping[str, Any], *, by: str, now_us: int,
) -> Model:  # fmt: skip
    """Kept; in use from now on where no other of its name is."""
    others = select(model.c.id).where(model.c.name == name, *_USED)
    waits = connection.execute(others.limit(1)).first() is not None
    values = {
        "name": name, "version_id": version_id, "kind": kind, "text": text_,
        "document": dict(document), "created_us": now_us, "used_us": None if waits else now_us,
    }  # fmt: skip
    made = connection.execute(insert(model).values(values).returning(model)).one()
    audit(connection, by, "add", "model", made.id, name, now_us)
    return _model(made)


def use_model(connection: Connection, model_id: int, *, by: str, now_us: int) -> bool:
    """In use from now on, in the place of the one of the same name; False where it is already. One
    that was retired comes back."""
    found = get_model(connection, model_id)
    if found.in_use:
        return False
    connection.execute(
        update(model).where(model.c.name == found.name, *_USED).values(retired_us=now_us)
    )
    now = {"used_us": now_us, "retired_us": None}
    connection.execute(update(model).where(model.c.id == model_id).values(now))
    audit(connection, by, "use", "model", model_id, found.name, now_us)
    return True


def retire_model(connection: Connection, model_id: int, *, by: str, now_us: int) -> bool:
    """It says nothing more; False where it did not anyway."""
    get_model(connection, model_id)
    ended = connection.execute(
        update(model)
        .where(model.c.id == model_id, model.c.retired_us.is_(None))
        .values(retired_us=now_us)
    ).rowcount
    if ended:
        audit(connection, by, "retire", "model", model_id, None, now_us)
    return bool(ended)


def get_model(connection: Connection, model_id: int) -> Model:
    """UserError (`no-such-learned-model`) where there is none."""
    row = connection.execute(select(model).where(model.c.id == model_id)).one_or_none()
    if row is None:
        raise UserError(
            "no-such-learned-model", f"There is no model {model_id}.",
            hint="The list of models has their ids.",
        )  # fmt: skip
    return _model(row)


def list_models(connection: Connection, *, in_use: bool = False) -> tuple[Model, ...]:
    """The newest first."""
    rows = select(model).order_by(model.c.id.desc())
    if in_use:
        rows = rows.where(*_USED)
    return tuple(_model(row) for row in connection.execute(rows))


def models_in_use(connection: Connection) -> tuple[int, ...]:
    """The ids alone: asked often, and texts are long."""
    return tuple(connection.scalars(select(model.c.id).where(*_USED)))


def said_of(connection: Connection, lead_id: int, as_of_us: int) -> dict[str, SaidOf]:
    """What models said last of a lead by then, by their fields."""
    rows = connection.execute(
        text(
            "SELECT e.at_us, e.context FROM identity_lead AS i "
            "JOIN event AS e ON e.identity_id = i.identity_id "
            "WHERE i.lead_id = :lead AND e.at_us >= i.from_us AND e.at_us < i.until_us "
            "AND e.source = :source AND e.type = 'identify' AND e.at_us <= :at "
            "ORDER BY e.at_us, e.id"
        ),
        {"lead": lead_id, "source": SOURCE, "at": as_of_us},
    )
    found = {}
    for at_us, written in rows:
        context = json.loads(written) if written else {}
        if "model" in context:
            name = str(context["name"])
            found[f"model_{name}"] = SaidOf(int(context["model"]), name, at_us)
    return found


def _model(row: Row[Any]) -> Model:
    return Model(
        row.id, row.name, row.version_id, row.kind, row.text, row.document, row.created_us,
        row.used_us, row.retired_us,
    )  # fmt: skip


_USED = (model.c.used_us.is_not(None), model.c.retired_us.is_(None))
