"""Records made and changed in Odoo for a playbook: contacts, leads, tasks, meetings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadwise.asking.instants import microseconds, moment_of
from leadwise.connect.model import JSON, Connection, Noun, Record
from leadwise.connect.odoo.client import EVERY, Client, Domain
from leadwise.connect.odoo.push import KEY, Pusher
from leadwise.errors import RemoteError, UserError
from leadwise.store.identities import Name

MODELS: Mapping[Noun, str] = {
    "contact": "res.partner", "company": "res.partner", "deal": "crm.lead",
    "task": "mail.activity", "meeting": "calendar.event", "event": "calendar.event",
}  # fmt: skip
_YES, _NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off", "")
_TRIED = (["name", "="], ["name", "=ilike"])


@dataclass(slots=True)
class Keeper:
    """Making and changing records of one connection."""

    connection: Connection
    client: Client
    pusher: Pusher

    def find(self, noun: Noun, names: Sequence[Name]) -> str | None:
        """The contact of a lead (by its id, else by its address), its company, its latest deal."""
        partner = self._partner(names)
        if noun == "contact":
            return str(partner) if partner else None
        if noun == "company":
            if not partner:
                return None
            (row,) = self.client.read("res.partner", [partner], ("commercial_partner_id",))
            company = row["commercial_partner_id"]
            return str(company[0]) if company and company[0] != partner else None
        if noun != "deal":
            return None
        own = _ids(self.connection, names, "lead")
        mails = [value for kind, value in names if kind == "email"]
        either: list[Domain] = [[["id", "in", own]]] if own else []
        either += [[["partner_id", "=", partner]]] if partner else []
        either += [[["email_normalized", "in", mails]]] if mails else []
        for domain in either:
            rows = self.client.search(
                "crm.lead", domain, ("id",), order="active desc, id desc", limit=1
            )
            if rows:
                return str(rows[0]["id"])
        return None

    def create(self, record: Record, key: str) -> str:
        """Make it, or find the one that was made by this key."""
        model = MODELS[record.noun]
        if KEY not in self.client.fields(model):
            self.pusher.prepare(keys_only=True)
        known = KEY in self.client.fields(model)
        found = self.client.search(model, [[KEY, "=", key]], ("id",), limit=1) if known else []
        if found:
            return str(found[0]["id"])
        values = self._values(model, record.values)
        values |= self._about(record, values)
        return self.client.create(model, {**values, KEY: key})

    def change(self, noun: Noun, id_: str, values: Mapping[str, JSON], key: str) -> None:
        """Give fields values. Lost is lost with all that Odoo does then (`active: no`)."""
        del key  # the same values again change nothing
        model = MODELS[noun]
        self.client.write(model, [int(id_)], self._values(model, values))

    def _partner(self, names: Sequence[Name]) -> int:
        own = _ids(self.connection, names, "partner")
        if own and self.client.read("res.partner", own[:1], ("id",)):
            return own[0]
        mails = [value for kind, value in names if kind == "email"]
        if not mails:
            return 0
        domain: Domain = [["email_normalized", "in", mails], ["is_company", "=", False]]
        rows = self.client.search("res.partner", domain, ("id",), limit=1, every=False)
        return int(rows[0]["id"]) if rows else 0

    def _about(self, record: Record, values: Mapping[str, Any]) -> dict[str, Any]:
        """The links to what a record belongs to, where the values do not say them."""
        about = {noun: int(id_) for noun, id_ in record.about.items() if id_}
        contact, deal, company = (about.get(n, 0) for n in ("contact", "deal", "company"))
        links: dict[str, Any] = {}
        if record.noun == "contact":
            links = {"parent_id": company, "is_company": False}
        elif record.noun == "company":
            links = {"is_company": True}
        elif record.noun == "deal":
            links = {"partner_id": contact or company, "type": "opportunity"}
        elif record.noun in ("meeting", "event"):
            links = {"opportunity_id": deal, "partner_ids": [[4, contact, 0]] if contact else None}
        elif "res_id" not in values:
            model, id_ = ("crm.lead", deal) if deal else ("res.partner", contact or company)
            if not id_:
                raise UserError(
                    "record-without-owner", "A task in Odoo stands at a contact or a lead there.",
                    hint="Make the contact or the deal first; the task is put there.",
                )  # fmt: skip
            links = {**self._model(model), "res_id": id_}
        given = {name: value for name, value in links.items() if name not in values}
        return {name: value for name, value in given.items() if value not in (0, None)}

    def _model(self, model: str) -> dict[str, Any]:
        """A model as activities name it: by its id, where this user may look that up."""
        try:
            (row,) = self.client.search("ir.model", [["model", "=", model]], ("id",))
        except RemoteError as error:
            if error.status != 403:
                raise
            return {"res_model": model}
        return {"res_model_id": row["id"]}

    def _values(self, model: str, given: Mapping[str, JSON]) -> dict[str, Any]:
        types = self.client.fields(model)
        unknown = [name for name in given if name not in types]
        if unknown:
            raise RemoteError(
                f"Odoo's {model} has no field {unknown[0]!r}.", permanent=True, status=422
            )
        return {name: self._value(name, value, types[name]) for name, value in given.items()}

    def _value(self, name: str, value: JSON, type_: Mapping[str, Any]) -> Any:
        """A value as the field wants it: texts of templates become numbers, links, choices."""
        kind = type_.get("type")
        text = value.strip() if isinstance(value, str) else value
        try:
            if kind == "boolean":
                return _yes(text)
            if text is None or text == "":
                return False
            if kind == "integer":
                return int(str(text))
            if kind in ("float", "monetary"):
                return float(str(text))
            if kind == "datetime":
                return moment_of(microseconds(str(text), name)).strftime("%Y-%m-%d %H:%M:%S")
            if kind == "date":
                return moment_of(microseconds(str(text), name)).strftime("%Y-%m-%d")
        except (ValueError, UserError):
            raise RemoteError(
                f"Odoo's field {name} takes a {kind}, and {text!r} is none.",
                permanent=True, status=422,
            ) from None  # fmt: skip
        if kind == "selection":
            return _choice(text, type_.get("selection") or ())
        if kind == "many2one":
            return self._link(name, str(text), str(type_["relation"]))
        if kind in ("many2many", "one2many"):
            parts = text if isinstance(text, list) else str(text).split(",")
            return [
                [4, self._link(name, str(part).strip(), str(type_["relation"])), 0]
                for part in parts
            ]
        return value

    def _link(self, name: str, text: str, relation: str) -> int:
        """The record that a text names: by its id, else by its name, which must be of one only."""
        if text.isdigit():
            return int(text)
        for field_, operator in _TRIED:
            sought = text if operator == "=" else _literal(text)
            rows = self.client.call(
                relation, "search_read", domain=[[field_, operator, sought]], fields=["id"],
                limit=2, context=EVERY,
            )  # fmt: skip
            if len(rows) == 1:
                return int(rows[0]["id"])
        raise RemoteError(
            f"Odoo's {relation} has no single record named {text!r}, which {name} was to be.",
            permanent=True,
            status=422,
        )


def _ids(connection: Connection, names: Sequence[Name], what: str) -> list[int]:
    start = f"{connection.name}:{what}:"
    return [
        int(value.removeprefix(start))
        for kind, value in names
        if kind == "crm" and value.startswith(start) and value.removeprefix(start).isdigit()
    ]


def _yes(text: object) -> bool:
    if isinstance(text, bool | int | float) or text is None:
        return bool(text)
    if str(text).lower() in (*_YES, *_NO):
        return str(text).lower() in _YES
    raise ValueError(text)


def _choice(text: object, choices: Sequence[Sequence[str]]) -> object:
    """A choice by its key or by what people read."""
    by_label = {str(label).lower(): key for key, label in choices}
    known = {str(key): key for key, _ in choices}
    return known.get(str(text), by_label.get(str(text).lower(), text))


def _literal(text: str) -> str:
    """A text in which no sign stands for others in a comparison with `like`."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
