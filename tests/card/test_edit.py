"""Editing a card's text: only what was asked for changes, and no comment is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from leadwise.card.comments import remarks_of
from leadwise.card.edit import Insert, Move, Remove, Rename, Set, edit
from leadwise.card.source import Mapping, Node, Scalar, Sequence, read_source
from leadwise.card.source import Path as CardPath
from leadwise.errors import CardError, UserError
from tests.card.test_format import MESSY

EXAMPLES = Path(__file__).parents[2] / "examples"
CARD = """# head
card: shop   # its id
version: 1

fields:
  # how many people
  size: {type: number, label: 'Size'}
  country: text   # where

dimensions:
  - id: fit
    criteria:
      # large ones
      - {id: big, when: size > 100, points: 20}   # most of all
      # near ones
      - id: near
        when: "country in ('es', 'pt')"   # Iberia
        points: 5.50
        # how sure we are
        unknown: 1
    adjustments:
      - {id: none, when: country is null, percent: -50}   # bad data
bands:
  - {id: cold}
  - {id: hot, from: 20}
# end
"""
TEXTS = {
    "engagement": (EXAMPLES / "content-engagement" / "card.yaml").read_text(),
    "messy": MESSY, "card": CARD,
}  # fmt: skip
TEXTS["json"] = """{"card": "small", "fields": {"size": {"type": "number"}}, "version": 1,
 "dimensions": [{"id": "fit", "criteria": [
  {"id": "big", "when": "size > 1 and size < 9", "points": 2.5}, {"id": "x", "when": "size = 0",
  "points": 1}]}]}"""


def places(text: str) -> list[tuple[CardPath, Node]]:
    """Every part below the root, with its path."""
    source, problems = read_source(text, "")
    assert source is not None
    assert not problems

    def below(node: Node, path: CardPath) -> Iterator[tuple[CardPath, Node]]:
        if path:
            yield path, node
        if isinstance(node, Mapping):
            for key, value in node.entries:
                yield from below(value, (*path, key.text))
        elif isinstance(node, Sequence):
            for i, item in enumerate(node.items):
                yield from below(item, (*path, i))

    return list(below(source.root, ()))


def comments(text: str) -> Counter[str]:
    return Counter(remark.text for remark in remarks_of(text) if remark.text)


SMALL = ("card", "messy", "json")
PLACES = {name: places(text) for name, text in TEXTS.items()}
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking takes minutes here
ANY_PLACE = st.sampled_from([*SMALL, "engagement"]).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(PLACES[name]))
)
VALUES = st.one_of(
    st.integers(-100, 100).map(str),
    st.sampled_from(
        ["a", "size > 3", "country in ('a', 'b')", "it's: x # y", "12.50", "two words"]
    ),
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8),
)


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(ANY_PLACE, VALUES)
def test_setting_a_value_and_setting_it_back_gives_the_same_text(
    place: tuple[str, tuple[CardPath, Node]], value: str
) -> None:
    name, (path, node) = place
    text = TEXTS[name]
    if not isinstance(node, Scalar) or node.is_nothing:
        return
    written = text.split("\n")[node.line - 1][node.column - 1 :]
    if written.startswith((">", "|", '"')) or node.text != " ".join(
        node.text.split()
    ):  # over several lines, or between double quotes, which may go: see the next test
        return
    changed = edit(text, path, Set(value))
    assert dict(places(changed)).keys() == dict(places(text)).keys()
    assert edit(changed, path, Set(node.text)) == text
    assert comments(changed) == comments(text)


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(ANY_PLACE, st.data())
def test_no_edit_loses_a_comment_or_changes_anything_else(
    place: tuple[str, tuple[CardPath, Node]], data: st.DataObject
) -> None:
    name, (path, _) = place
    text = TEXTS[name]
    change = data.draw(
        st.one_of(
            VALUES.map(Set), st.just(Remove()), st.sampled_from([-1, 1]).map(Move),
            st.just(Set({"type": "number", "label": "A: b"})), st.just(Set(["x", "y"])),
            st.just(Insert({"id": "new", "when": "size > 1", "points": 3})),
            st.sampled_from(["id", "label", "renamed"]).map(Rename),
        )
    )  # fmt: skip
    try:
        changed = edit(text, path, change)
    except UserError as error:
        if error.code != "card-edit":
            raise
        return
    assert comments(text) <= comments(changed)
    same = [each for each in places(text) if each[0][0] != path[0]]
    after = dict(places(changed))
    for where, node in same:
        if isinstance(node, Scalar) and where in after:
            assert getattr(after[where], "text", None) == node.text


def test_few_changes_are_refused() -> None:
    """What can be asked for by its meaning can nearly always be done."""
    refused = []
    for name, found in ((name, PLACES[name]) for name in SMALL):
        for path, node in found:
            for change in (Set("7"), Set({"a": "b"}), Remove()):
                try:
                    edit(TEXTS[name], path, change)
                except UserError as error:
                    refused.append((name, path, type(node).__name__, change, error.message))
    assert not refused


def test_moving_there_and_back_and_adding_and_removing_give_the_same_text() -> None:
    for name, found in ((name, PLACES[name]) for name in SMALL):
        text = TEXTS[name]
        for path, node in found:
            if isinstance(node, Sequence) and len(node.items) > 1:
                moved = edit(text, (*path, 0), Move(1))
                assert moved != text
                assert edit(moved, (*path, 1), Move(-1)) == text
            if isinstance(node, Sequence) and node.items:
                new = {"id": "new", "when": "size > 1", "points": 3}
                added = edit(text, (*path, len(node.items)), Insert(new))
                assert edit(added, (*path, len(node.items)), Remove()) == text
            if isinstance(node, Mapping) and node.entries and node.get("about") is None:
                added = edit(text, (*path, "about"), Set("What it is."))
                assert edit(added, (*path, "about"), Remove()) == text


def test_a_changed_value_keeps_its_comment_and_its_quotes() -> None:
    near = ("dimensions", 0, "criteria", 1)
    said = edit(CARD, (*near, "when"), Set("country = 'es'"))
    assert "        when: \"country = 'es'\"   # Iberia\n" in said
    assert "label: 'Extent'" in edit(CARD, ("fields", "size", "label"), Set("Extent"))
    assert "points: 6   # most" not in edit(CARD, (*near, "points"), Set("6"))
    assert "        points: 6\n        # how sure we are\n" in edit(
        CARD, (*near, "points"), Set("6")
    )


def test_new_parts_stand_where_people_would_write_them() -> None:
    near = ("dimensions", 0, "criteria", 1)
    said = edit(CARD, (*near, "label"), Set("Near us"))
    assert "      - id: near\n        label: Near us\n        when:" in said
    said = edit(CARD, ("fields", "country"), Set({"type": "text", "fold": "case"}))
    assert "  country: {type: text, fold: case}   # where\n" in said or (
        "  # where\n  country: {type: text, fold: case}\n" in said
    )
    said = edit(CARD, ("dimensions", 0, "criteria", 2), Insert({"id": "x", "when": "size > 1"}))
    assert "        unknown: 1\n      - {id: x, when: size > 1}\n    adjustments:" in said
    said = edit(CARD, ("score",), Set({"min": 0, "max": 100}))
    assert "# bad data\n\nscore: {min: 0, max: 100}\nbands:" in said
    said = edit(CARD, ("events",), Set({"demo": {}}))
    assert "# where\n\nevents:\n  demo: {}\n\ndimensions:" in said


def test_what_is_removed_leaves_its_comments() -> None:
    said = edit(CARD, ("dimensions", 0, "criteria", 0), Remove())
    assert "      # large ones\n      # most of all\n      # near ones\n      - id: near" in said
    said = edit(CARD, ("dimensions", 0, "adjustments", 0), Remove())
    assert "adjustments: []" in said
    assert "# bad data" in said
    said = edit(CARD, ("dimensions", 0, "criteria", 1, "id"), Remove())
    assert '      - when: "country' in said


def test_what_cannot_be_done_is_refused_with_a_reason() -> None:
    shared = CARD.replace("{id: big, when: size > 100, points: 20}", "&a {id: big, points: 20}")
    shared = shared.replace("bands:", "again: *a\nbands:")
    with pytest.raises(UserError, match="by itself") as refused:
        edit(shared, ("again", "points"), Set("1"))
    assert refused.value.hint == "Make it in the text."
    for path, change, reason in (
        ((), Remove(), "whole card"),
        (("nothing", "here"), Set("1"), "there is no 'nothing'"),
        (("dimensions", 3), Remove(), "no item 4"),
        (("dimensions", 0), Move(1), "further"),
        (("fields", "size"), Rename("country"), "there already"),
    ):
        with pytest.raises(UserError, match=reason):
            edit(CARD, path, change)
    with pytest.raises(CardError):
        edit("a: [", ("a",), Set("1"))


BARE = """card: shop
score:
fields:
events:
  seen:
  # asked
  asked: ~   # twice
dimensions:
  - id: fit
    criteria:
      -   # odd
      - id: big
        label:   # why
        # more
        points:
adjustments:
"""


def test_what_has_no_value_yet_gets_one_on_its_own_line() -> None:
    big = ("dimensions", 0, "criteria", 1)
    for path, change, before, after in (
        (("score",), Set({"min": 3}), "score:", "score: {min: 3}"),
        (("fields",), Set({"size": "number"}), "fields:", "fields:\n  size: number"),
        (("events", "seen"), Set({"path": "text"}), "  seen:", "  seen: {path: text}"),
        (("events", "seen"), Remove(), "  seen:\n", ""),
        ((*big, "label"), Set("Big"), "label:   # why", "label: Big   # why"),
        ((*big, "points"), Set(5), "points:", "points: 5"),
        ((*big, "unknown"), Set(1), "points:", "points:\n        unknown: 1"),
        (big[:-1] + (0,), Set({"id": "x"}), "-   # odd", "- {id: x}   # odd"),
    ):
        assert edit(BARE, path, change) == BARE.replace(before, after), (path, change)
