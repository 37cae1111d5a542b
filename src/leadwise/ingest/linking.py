"""Whose a message is: identities that are said together belong to one lead.

    identify  the identities given belong to one lead: whoever has none joins, leads that turn out
              to be one person are merged (undoably)
    alias     the previous id and the new one are one person, whatever was known before
    others    the strongest identity given; a new one is a new lead

Never merged without being told so by alias or a person: two leads that have different user ids (or
CRM ids). An anonymous id of another known person is a browser that two people share: from the call
on it is the caller's, what it did before stays where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from leadwise.ingest.merging import MergeCause, merge_leads
from leadwise.ingest.messages import Message
from leadwise.plan.relations import ALWAYS
from leadwise.store.facts import fold
from leadwise.store.identities import (
    KNOWN_KINDS,
    Name,
    Owner,
    attach,
    hand_over,
    lock_leads,
    names_of,
    new_leads,
    owners,
    set_known,
)

ACTOR = "identity"
"""Who is said to have merged leads that messages tell to be one."""
_STRENGTH = (*KNOWN_KINDS, "anonymous")


def names_in(message: Message) -> tuple[Name, ...]:
    """The identities that a message states, the strongest first.

    An e-mail address beside another id counts only in an identify: in a track it may be somebody
    else's (of whom they invited).
    """
    names: list[Name] = []
    if message.user_id:
        names.append(("user", message.user_id))
    if message.crm_id:
        names.append(("crm", message.crm_id))
    if message.email and (message.type == "identify" or not (names or message.anonymous_id)):
        names.append(("email", message.email))
    if message.anonymous_id:
        names.append(("anonymous", message.anonymous_id))
    return tuple(names)


def previous_names(message: Message) -> tuple[Name, ...]:
    """What the previous id of an alias may be: senders do not say of which kind it is, but for a
    record of the CRM."""
    if message.type != "alias":
        return ()
    if message.previous_crm_id:
        return (("crm", message.previous_crm_id),)
    if not message.previous_id:
        return ()
    return (("user", message.previous_id), ("anonymous", message.previous_id))


@dataclass(slots=True)
class Linking:
    """The leads of a batch's identities, kept up to date while its messages are linked in order."""

    connection: Connection
    ids: Mapping[Name, int]
    now_us: int
    owner: dict[int, Owner] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)

    def start(self) -> None:
        """Look up whose the identities are."""
        self.owner = owners(self.connection, set(self.ids.values()))

    def found_leads(self, names: Sequence[Name]) -> None:
        """Make a lead for each of these identities that is nobody's."""
        new = [n for n in dict.fromkeys(names) if self.ids[n] not in self.owner]
        groups = [([self.ids[name]], name[0] in KNOWN_KINDS) for name in new]
        leads = new_leads(self.connection, groups, self.now_us) if groups else []
        for name, lead_id in zip(new, leads, strict=True):
            self._own(name, lead_id)

    def identify(self, names: Sequence[Name], at_us: int) -> int:
        """Have these identities belong to one lead, and say which."""
        had = [name for name in names if self.ids[name] in self.owner]
        lock_leads(self.connection, {self.owner[self.ids[name]].lead_id for name in had})
        through = next((name for name in had if self._leads_to(name, names)), None)
        if through is None:
            lead_id = self._begin([name for name in names if name not in had])
        else:
            lead_id = self.owner[self.ids[through]].lead_id
        for name in names:
            lead_id = self._bring(name, lead_id, at_us)
        if any(kind in KNOWN_KINDS for kind, _ in names):
            set_known(self.connection, lead_id)
        return lead_id

    def alias(self, previous: Sequence[Name], name: Name) -> int:
        """Have the lead of the previous id and that of the new one be one lead."""
        old = next((n for n in previous if self.ids.get(n) in self.owner), None)
        if old is None and previous[-1][0] != "crm":
            return self.identify([name, previous[-1]], self.now_us)
        lead_id = self.identify([name], self.now_us)
        if old is None:  # told that they are one: a second record is no sign of a second person
            return self._bring(previous[-1], lead_id, self.now_us)
        other = self.owner[self.ids[old]].lead_id
        if other == lead_id or self._is_of_another(other, old, name):
            return lead_id
        return self._merge(lead_id, other, "alias")

    def _is_of_another(self, lead_id: int, record: Name, name: Name) -> bool:
        """Whether the lead of a CRM's record goes by a record like `name` already, another one.

        An enquiry is one contact's: where it comes to another contact, or was made with an address
        that two contacts share, they stay two. That one contact became part of another is told of
        them by name, and then they are one.
        """
        like, own = name[1].rpartition(":")[0], record[1].rpartition(":")[0]
        if record[0] != "crm" or name[0] != "crm" or not like or like == own:
            return False
        has = names_of(self.connection, lead_id)
        return any(k == "crm" and v != name[1] and v.rpartition(":")[0] == like for _, k, v in has)

    def _begin(self, names: Sequence[Name]) -> int:
        """A new lead with these identities."""
        known = any(kind in KNOWN_KINDS for kind, _ in names)
        (lead_id,) = new_leads(
            self.connection, [([self.ids[name] for name in names], known)], self.now_us
        )
        for name in names:
            self._own(name, lead_id)
        return lead_id

    def _leads_to(self, name: Name, names: Sequence[Name]) -> bool:
        """Whether the lead of this identity is the one that the names are of.

        Not where it goes by another name of a kind that says more than this identity does: then a
        browser, a mailbox or a record of the CRM is shared by two people.
        """
        kind = name[0]
        if kind == "user":
            return True
        lead_id = self.owner[self.ids[name]].lead_id
        has = {(k, v) for _, k, v in names_of(self.connection, lead_id)}
        for stronger in KNOWN_KINDS[: _STRENGTH.index(kind)]:
            stated = {n for n in names if n[0] == stronger}
            own = {n for n in has if n[0] == stronger}
            if stated and own and stated.isdisjoint(own):
                return False
        return True

    def _bring(self, name: Name, lead_id: int, at_us: int) -> int:
        """Have one identity belong to `lead_id`; the lead that results."""
        identity_id = self.ids[name]
        owner = self.owner.get(identity_id)
        if owner is None:
            attach(self.connection, identity_id, lead_id)
            self._own(name, lead_id)
            self.touched.add(lead_id)
        elif owner.lead_id != lead_id:
            if name[0] == "anonymous" and self._is_known(owner.lead_id):
                self._take_over(owner, lead_id, at_us)
            elif self._may_be_one(lead_id, owner.lead_id):
                cause: MergeCause = "email" if name[0] == "email" else "identify"
                return self._merge(lead_id, owner.lead_id, cause)
        return lead_id

    def _take_over(self, owner: Owner, lead_id: int, at_us: int) -> None:
        hand_over(self.connection, owner, lead_id, at_us)
        # What the browser itself said after that moment is now said of the other one.
        for own in (lead_id, owner.lead_id):
            fold(self.connection, own)
        self.touched |= {lead_id, owner.lead_id}
        self.owner[owner.identity_id] = Owner(owner.identity_id, lead_id, max(at_us, owner.from_us))

    def _merge(self, kept_id: int, other_id: int, cause: MergeCause) -> int:
        merge_leads(self.connection, kept_id, other_id, cause, ACTOR, self.now_us)
        for identity_id, owner in self.owner.items():
            if owner.lead_id == other_id:
                self.owner[identity_id] = Owner(identity_id, kept_id, owner.from_us)
        self.touched |= {kept_id, other_id}
        return kept_id

    def _own(self, name: Name, lead_id: int) -> None:
        self.owner[self.ids[name]] = Owner(self.ids[name], lead_id, ALWAYS)

    def _is_known(self, lead_id: int) -> bool:
        kinds = {kind for _, kind, _ in names_of(self.connection, lead_id)}
        return not kinds.isdisjoint(KNOWN_KINDS)

    def _may_be_one(self, one: int, other: int) -> bool:
        """Whether two leads may be one person: not where each has a user id, or a CRM id."""
        of_one, of_other = (
            {kind for _, kind, _ in names_of(self.connection, lead_id)} for lead_id in (one, other)
        )
        return of_one.isdisjoint(of_other & {"user", "crm"})
