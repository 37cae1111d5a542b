"""What stands beside a value and what is looked for: how near one comes to the other.

Documents call one thing by few words ("Total due", "Fällig am", "Nº de pedido"), so these are
known; what is in neither list is compared by its words.
"""

from __future__ import annotations

import re

from leadwise.playbooks.reading.values import FieldKind

_WORD = re.compile(r"[^\W\d_]{2,}|#|nº|n°")
IDEAS = {
    "total": "total totals sum gesamt gesamtbetrag summe importe montant somme yhteensä grand",
    "amount": "amount betrag importe montant summa",
    "due": "due payable pay paid payment fällig zahlbar vencimiento vence pago échéance payer "
           "eräpäivä until deadline by",
    "net": "net netto neto subtotal sub-total zwischensumme sous-total",
    "tax": "tax vat iva mwst ust tva alv",
    "invoice": "invoice inv factura rechnung facture lasku rechnungs",
    "order": "order po purchase pedido orden bestellung bestell auftrag commande tilaus",
    "number": "number no nr num nº n° # número numero nummer numéro id ref reference referencia "
              "numero",
    "date": "date dated day fecha datum jour päivä päiväys issued when",
    "customer": "customer client buyer bill billed cliente kunde kunden acheteur asiakas to",
    "supplier": "supplier vendor seller from sends issuer proveedor vendedor lieferant verkäufer "
                "fournisseur toimittaja absender sender",
    "name": "name company firm nombre empresa firma name nom société nimi",
    "email": "email e-mail mail correo",
    "phone": "phone telephone tel mobile teléfono telefon téléphone puhelin",
}  # fmt: skip
_BY_WORD = {word: idea for idea, words in IDEAS.items() for word in words.split()}
_STOP = frozenset(
    "the of a an is it its that which what to be in on for with and or how whom who de la el der "
    "die das le du des les about".split()
) - {"to"}
_KINDS: tuple[tuple[FieldKind, re.Pattern[str]], ...] = (
    ("email", re.compile(r"\be-?mail\b")),
    ("phone", re.compile(r"\b(?:phone|telephone)\b")),
    ("reference", re.compile(r"\b(?:number|reference|id|code) of (?:the|an?|their|our)\b|"
                             r"\b(?:order|invoice|purchase order|customer|ticket|case) "
                             r"(?:number|id|no)\b|\breference\b")),
    ("date", re.compile(r"\b(?:date|day|deadline|when)\b")),
    ("money", re.compile(r"\b(?:money|amount|price|total|sum|cost|budget)\b")),
    ("number", re.compile(r"\b(?:how many|number|count|quantity|percent)\b")),
)  # fmt: skip


def kind_of(description: str) -> FieldKind:
    """Of what kind a field is: said in one word (`money`), or told by its description."""
    plain = description.strip().lower()
    for kind in ("text", "number", "money", "date", "email", "phone", "reference"):
        if plain == kind:
            return kind
    return next((kind for kind, pattern in _KINDS if pattern.search(plain)), "text")


def ideas(text: str) -> frozenset[str]:
    """What a label or description speaks of: known ideas, and other words as they are."""
    words = _WORD.findall(text.casefold())
    return frozenset(_BY_WORD.get(one, one) for one in words if one not in _STOP)


def wanted(name: str, description: str) -> frozenset[str]:
    """What a field speaks of, by its name and, where that is more than a kind, its description."""
    own = ideas(re.sub(r"[_-]+", " ", name))
    one_word = kind_of(description) == description.strip().lower()
    said = frozenset[str]() if one_word else ideas(description)
    return own | said


def nearness(label: str, field: frozenset[str], name: frozenset[str]) -> float:
    """How near a label comes to a field, -0.5 to 1: what they share, less what the label says that
    the field does not mean (`Order date` is no invoice number). `name` are the ideas of the field's
    own name, which count double."""
    said = ideas(label)
    if not said or not field:
        return 0.0
    shared = said & field
    weight = sum(2 if one in name else 1 for one in shared)
    whole = sum(2 if one in name else 1 for one in field if one in IDEAS or one in name) or 1
    others = {one for one in said - field if one in IDEAS}
    return min(1.0, weight / min(whole, 3)) - 0.35 * len(others)
