"""Who buys and who sells, where the file does not say it.

By what the caller names, by the words of the labels (a role, the seller's company or product), by
affiliation and mail domains; by the way they talk where exactly that is plain. Where none of these
tells, nobody is anybody's side: then nothing counts as said by the buyer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from leadwise.errors import UserError
from leadwise.ingest.emails import account_domain
from leadwise.qualify.conversation.draft import Said
from leadwise.qualify.conversation.selling import leaning
from leadwise.qualify.talk import Conversation, Side, Turn

_ASIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_SELLERS = frozenset(
    "seller rep representative sales salesperson vendor ae sdr bdr agent verkäufer verkäuferin "
    "vertrieb vendedor vendedora comercial vendeur vendeuse commercial commerciale myyjä".split()
) | {"sales rep", "account executive", "sales representative"}
_BUYERS = frozenset(
    "buyer customer client prospect lead visitor käufer käuferin kunde kundin interessent "
    "interessentin comprador compradora cliente acheteur acheteuse cliente ostaja asiakas".split()
)
_OTHERS = re.compile(
    r"\b(?:reseller|distributor|wiederverkäufer|revendedora?|revendeur|jälleenmyyjä|note ?taker|"
    r"notetaker|bot|interpreter|dolmetscher(?:in)?|intérprete|interprète|tulkki)\b",
    re.IGNORECASE,
)
_PLAIN = 2
"""Ways of selling by which somebody must be ahead of everybody else to be the seller."""


def turns_of(
    said: Sequence[Said],
    *,
    seller: Sequence[str] = (),
    buyer: Sequence[str] = (),
    product: str | None = None,
) -> tuple[Turn, ...]:
    """Turns with their sides. UserError (`unknown-speaker`) where a name given fits nobody."""
    _require_one_side(seller, buyer)
    people = list(dict.fromkeys((one.speaker, one.address) for one in said))
    if buyer and not seller and all(not label and not address for label, address in people):
        return tuple(_turn(one, "buyer", buyer[0]) for one in said)
    found = _named(people, seller, buyer)
    told = {(one.speaker, one.address): one.side for one in said if one.side}
    for person in people:
        found.setdefault(person, told.get(person) or _by_label(person[0]))
    if not any(side in ("seller", "buyer") for side in found.values()):
        found |= _by_product(people, found, product) or _by_talk(said, found, product)
    _fill(people, found, seller, buyer)
    return tuple(_turn(one, one.side or found.get((one.speaker, one.address))) for one in said)


def _require_one_side(seller: Sequence[str], buyer: Sequence[str]) -> None:
    twice = {one.strip().casefold() for one in seller} & {one.strip().casefold() for one in buyer}
    if both := next((one for one in buyer if one.strip().casefold() in twice), None):
        raise UserError(
            "unknown-speaker", f"'{both}' is named as the seller and as the buyer.",
            hint="name each on one side",
        )  # fmt: skip


def untold(conversation: Conversation) -> str:
    """What to do where nobody of the buyer's side is known; empty where somebody is."""
    if conversation.has_buyer:
        return ""
    names = [one for one in dict.fromkeys(turn.speaker for turn in conversation.turns) if one]
    if not names:
        return "No speaker is named in it, so nobody is known to be the buyer."
    if all(turn.side == "seller" for turn in conversation.turns if turn.speaker):
        return f"Nobody but the seller speaks in it ({_listed(names)})."
    return f"It does not say who sells: name the seller, one of {_listed(names)}."


_Person = tuple[str, str | None]
_Sides = dict[_Person, Side | None]


def _turn(one: Said, side: Side | None, speaker: str | None = None) -> Turn:
    return Turn(speaker or one.speaker, side, one.text, one.start_s, one.said_on)


def _named(people: Sequence[_Person], seller: Sequence[str], buyer: Sequence[str]) -> _Sides:
    found: _Sides = {}
    sides: tuple[tuple[Side, Sequence[str]], ...] = (("seller", seller), ("buyer", buyer))
    best: dict[_Person, int] = {}
    for side, names in sides:
        for name in (one for one in names if one.strip()):
            fitting = [person for person in people if _fits(name, person)]
            if not fitting:
                raise _unknown(side, name, people)
            for person in fitting:
                if len(name) > best.get(person, 0):
                    best[person], found[person] = len(name), side
    return found


def _unknown(side: Side, name: str, people: Sequence[_Person]) -> UserError:
    names = [label or address or "" for label, address in people if label or address]
    said = f"The speakers are {_listed(names)}." if names else "It names no speaker."
    return UserError(
        "unknown-speaker",
        f"Nobody in the conversation is '{name}', who was named as the {side}. {said}",
        hint="name a speaker, a company in their label, or a mail domain",
    )


def _fits(name: str, person: _Person) -> bool:
    """Whether a name, company or mail domain is a person's: whole words of the label, or the
    address or its domain."""
    label, address = person
    wanted = name.casefold().strip().lstrip("@")
    if address and (address.casefold() == wanted or _domain(address, wanted)):
        return True
    if re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", label.casefold()):
        return True
    return len(_squeezed(wanted)) > _SHORT and _squeezed(wanted) in map(_squeezed, _parts(label))


_SHORT = 3


def _domain(address: str, wanted: str) -> bool:
    domain = address.casefold().rpartition("@")[2]
    return domain == wanted or domain.endswith(f".{wanted}")


def _parts(label: str) -> list[str]:
    """A label's name, and what stands in its parentheses, piece by piece."""
    asides = [piece for aside in _ASIDE.findall(label) for piece in aside.split(",")]
    outside = re.split(r",|\s[/|·]\s", re.sub(r"<[^<>]*>", "", _ASIDE.sub("", label)))
    return [one.strip() for one in (*outside, *asides) if one.strip()]


def _by_label(label: str) -> Side | None:
    parts = [one.casefold() for one in _parts(label)]
    if any(one in _SELLERS for one in parts):
        return "seller"
    if any(one in _BUYERS or one.split()[0] in _BUYERS for one in parts):
        return "buyer"
    return "other" if _OTHERS.search(label) else None


def _by_product(people: Iterable[_Person], found: _Sides, product: str | None) -> _Sides:
    """Who has the product or the seller's company in their label or mail domain."""
    wanted = _squeezed((product or "").partition(":")[0].partition(",")[0])
    if len(wanted) <= _SHORT:
        return {}
    return {
        (label, address): "seller"
        for label, address in people
        if found.get((label, address)) is None
        and (
            any(_is_house(_squeezed(part), wanted) for part in _parts(label))
            or _squeezed((address or "").rpartition("@")[2]).startswith(wanted)
            or wanted in _squeezed(label)
        )
    }


def _by_talk(said: Sequence[Said], found: _Sides, product: str | None) -> _Sides:
    """Who plainly sells by the way they talk: ahead of everybody else, who does not sell at all."""
    texts: dict[_Person, list[str]] = {}
    for one in said:
        person = (one.speaker, one.address)
        if (one.speaker or one.address) and found.get(person) is None:
            texts.setdefault(person, []).append(one.text)
    if len(texts) < 2:
        return {}
    scores = [(leaning(words) + _introduced(words, product), one) for one, words in texts.items()]
    scores.sort(key=lambda one: -one[0])
    (first, person), (second, _) = scores[:2]
    return {person: "seller"} if first >= _PLAIN and first - max(second, 0) >= _PLAIN else {}


def _is_house(part: str, wanted: str) -> bool:
    """Whether a part of a label is the product's name, or how that begins."""
    return part == wanted or (len(part) > _SHORT and wanted.startswith(part))


def _introduced(texts: Sequence[str], product: str | None) -> int:
    """Whether somebody says that they come from the seller ("Bob from StockBridge")."""
    name = (product or "").partition(":")[0].partition(",")[0].strip()
    if len(name) <= _SHORT:
        return 0
    way = rf"\b(?:from|at|with|von|bei|de|desde|chez|du)\s+{re.escape(name)}\b"
    return _PLAIN * any(re.search(way, one, re.IGNORECASE) for one in texts[:_OPENING])


_OPENING = 3
"""Turns in which people say who they are."""


def _fill(
    people: Sequence[_Person], found: _Sides, seller: Sequence[str], buyer: Sequence[str]
) -> None:
    """The rest: the seller's colleagues sell, everybody else buys (or sells, where only the buyers
    are named, or is neither, where both are)."""
    sellers = [person for person in people if found.get(person) == "seller"]
    houses = {house for person in sellers if (house := _house(person))}
    buyers = [person for person in people if found.get(person) == "buyer"]
    homes = {house for person in buyers if (house := _house(person))}
    rest: Side | None = None
    if seller and buyer:
        rest = "other"
    elif sellers:
        rest = "buyer"
    elif buyers:
        rest = "seller"
    for person in people:
        if found.get(person) is None and (person[0] or person[1]):
            house = _house(person)
            mine = house in houses
            found[person] = "seller" if mine else "buyer" if house in homes else rest


def _house(person: _Person) -> str:
    """Where somebody works: the last part of their parentheses, else their mail domain."""
    label, address = person
    parts = _parts(label)
    if len(parts) > 1:
        return _squeezed(parts[-1])
    return (account_domain(address) if address else None) or ""


def _squeezed(text: str) -> str:
    """Letters and digits alone, in small: "Pay Lark" is PayLark."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _listed(names: Sequence[str]) -> str:
    shown = [f"'{one}'" for one in names[:6]]
    return ", ".join(shown) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
