"""What changed from one card to another, in words: one sentence a change, in the card's order."""

from __future__ import annotations

from collections.abc import Mapping

from leadwise.card.model import Card
from leadwise.card.plain import Plain, plain_card
from leadwise.card.scalars import quoted

_WORDS = {"from": "threshold", "above": "threshold"}
_NAMED = {
    "fields": "field",
    "events": "event",
    "measures": "measure",
}


def diff(old: Card, new: Card) -> tuple[str, ...]:
    """Every change, empty where the cards are equal.

    Parts are told apart by their names and ids; a part with a new id and all else alike is renamed.
    """
    one, two = plain_card(old), plain_card(new)
    found: list[str] = []
    for key in ("card", "version", "about", "timezone"):
        found += _value("card", "id" if key == "card" else key, one.get(key), two.get(key))
    for key, word in _NAMED.items():
        found += _parts(word, _table(one.get(key)), _table(two.get(key)))
    found += _dimensions(one, two)
    found += _parts("adjustment", _list(one, "adjustments"), _list(two, "adjustments"))
    found += _mapping("score", _table(one.get("score")), _table(two.get("score")))
    found += _parts("band", _list(one, "bands"), _list(two, "bands"))
    found += _mapping("grade", _table(one.get("grade")), _table(two.get("grade")))
    return tuple(found)


def _table(value: Plain) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}


def _list(part: Mapping[str, Plain], key: str) -> dict[str, Plain]:
    """A list of parts with ids, by id."""
    value = part.get(key)
    items = value if isinstance(value, list) else []
    return {str(item["id"]): _without_id(item) for item in items if isinstance(item, dict)}


def _without_id(item: dict[str, Plain]) -> dict[str, Plain]:
    return {key: value for key, value in item.items() if key != "id"}


def _dimensions(one: dict[str, Plain], two: dict[str, Plain]) -> list[str]:
    """Dimensions without their criteria; then criteria, which may move between dimensions."""
    old, new = _list(one, "dimensions"), _list(two, "dimensions")
    found = _parts("dimension", _bare(old), _bare(new))
    for word, key in (("criterion", "criteria"), ("adjustment", "adjustments")):
        before, after = _owned(old, key), _owned(new, key)
        found += _parts(
            word,
            {k: part for k, (_, part) in before.items()},
            {k: p for k, (_, p) in after.items()},
        )
        for name, (dimension, _) in after.items():
            if name in before and before[name][0] != dimension:
                found.append(f"{word} '{name}' moved from '{before[name][0]}' to '{dimension}'")
    return found


def _bare(dimensions: dict[str, Plain]) -> dict[str, Plain]:
    return {
        name: {k: v for k, v in _table(part).items() if k not in ("criteria", "adjustments")}
        for name, part in dimensions.items()
    }


def _owned(dimensions: dict[str, Plain], key: str) -> dict[str, tuple[str, Plain]]:
    """Criteria or adjustments by id, each with its dimension."""
    return {
        name: (dimension, part)
        for dimension, whole in dimensions.items()
        for name, part in _list(_table(whole), key).items()
    }


def _second(owned: dict[str, tuple[str, Plain]]) -> dict[str, Plain]:
    return {name: part for name, (_, part) in owned.items()}


def _parts(word: str, old: dict[str, Plain], new: dict[str, Plain]) -> list[str]:
    """Named parts of a kind: added, removed, renamed, changed, in another order."""
    found: list[str] = []
    gone = {name: part for name, part in old.items() if name not in new}
    for name, part in new.items():
        if name in old:
            found += _changed(name if word == "criterion" else f"{word} '{name}'", old[name], part)
            continue
        former = next((other for other, was in gone.items() if was == part and part), None)
        if former is None:
            found.append(f"added {word} '{name}'" + _summary(part))
        else:
            del gone[former]
            found.append(f"renamed {word} '{former}' to '{name}'")
    found += [f"removed {word} '{name}'" for name in gone]
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        found.append(f"{_plural(word)} stand in another order")
    return found


def _plural(word: str) -> str:
    return "criteria" if word == "criterion" else f"{word}s"


def _summary(part: Plain) -> str:
    """What a new part is worth, in few words."""
    if not isinstance(part, dict):
        return f" ({part})" if isinstance(part, str) else ""
    shown = [
        f"{_WORDS.get(key, key)} {_shown(part[key])}"
        for key in ("type", "points", "percent", "from", "above", "when", "on")
        if key in part
    ]
    if "tiers" in part and isinstance(part["tiers"], list):
        shown.append(f"{len(part['tiers'])} tiers")
    return f" ({', '.join(shown)})" if shown else ""


def _changed(what: str, old: Plain, new: Plain) -> list[str]:
    """What changed in one part that both cards have."""
    if old == new:
        return []
    if not isinstance(old, dict) or not isinstance(new, dict):
        return [f"{what}: {_shown(old)} is now {_shown(new)}"]
    if ("from" in old or "above" in old) and ("from" in new or "above" in new):
        old, new = _with_threshold(old), _with_threshold(new)
    return _mapping(what, old, new)


def _with_threshold(band: dict[str, Plain]) -> dict[str, Plain]:
    """A band whose `from` or `above` is one value, so that their exchange is one change."""
    key = "above" if "above" in band else "from"
    threshold = f"{'above' if key == 'above' else 'from'} {_shown(band[key])}"
    return {**{k: v for k, v in band.items() if k != key}, "threshold": threshold}


def _mapping(what: str, old: dict[str, Plain], new: dict[str, Plain]) -> list[str]:
    found: list[str] = []
    for key in [*old, *(key for key in new if key not in old)]:
        one, two = old.get(key), new.get(key)
        if key == "tiers" and isinstance(one, list) and isinstance(two, list):
            found += _tiers(what, one, two)
        elif isinstance(one, dict) and isinstance(two, dict):
            found += _mapping(f"{what}: {key}", one, two)
            if list(one) != list(two) and set(one) == set(two) and key == "steps":
                found.append(f"{what}: {key} stand in another order")
        else:
            found += _value(what, key, one, two)
    return found


def _tiers(what: str, old: list[Plain], new: list[Plain]) -> list[str]:
    """Tiers by their number."""
    found: list[str] = []
    for i, (one, two) in enumerate(zip(old, new, strict=False), 1):
        for key in dict.fromkeys([*_table(one), *_table(two)]):
            subject = key if key == "otherwise" else f"{key} of tier {i}"
            found += _value(what, subject, _table(one).get(key), _table(two).get(key))
    for i in range(len(new), len(old)):
        found.append(f"{what}: removed tier {i + 1}{_summary(old[i])}")
    for i in range(len(old), len(new)):
        found.append(f"{what}: added tier {i + 1}{_summary(new[i])}")
    return found


def _value(what: str, key: str, old: Plain, new: Plain) -> list[str]:
    if old == new:
        return []
    if key in ("label", "about"):
        return [
            f"{what}: {key} {'added' if old is None else 'removed' if new is None else 'changed'}"
        ]
    if old is None:
        return [f"{what}: added {key} {_shown(new)}"]
    if new is None:
        return [f"{what}: removed {key} {_shown(old)}"]
    return [f"{what}: {key} from {_shown(old)} to {_shown(new)}"]


def _shown(value: Plain) -> str:
    """A value as a sentence shows it: conditions and texts of several words between quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, str):
        return quoted(value) if not value.replace("_", "").replace("-", "").isalnum() else value
    return "null" if value is None else str(value)
