"""Random playbooks as plain data, of every kind of step, with branches in branches."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from leadwise.playbooks.shapes import SHAPES, Setting

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
TEXTS = st.one_of(
    st.sampled_from(
        ["Call {{ lead.email }}", "yes", "3", "a: b", "#x", "{{ score }}", "'", "null"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1).filter(
        lambda text: "{" not in text
    ),
)
DURATIONS = st.builds(
    lambda number, unit: f"{number} {unit}s",
    st.integers(1, 50), st.sampled_from(["minute", "hour", "day", "week"]),
)  # fmt: skip
CONDITIONS = st.sampled_from(
    ["score > 10", "band = 'hot'", "owner is null and not  (score<5)", "country in ('es','pt')"]
)


def _value(setting: Setting) -> st.SearchStrategy[Any]:  # noqa: C901 - one case for each type
    if setting.one_of:
        return st.sampled_from(setting.one_of)
    match setting.type:
        case "id":
            return st.from_regex(r"[a-z][a-z0-9-]{1,8}", fullmatch=True).map(lambda x: f"q{x}")
        case "whole":
            return st.integers(1, 50)
        case "duration":
            return DURATIONS
        case "condition":
            return CONDITIONS
        case "event":
            return st.one_of(NAMES, st.fixed_dictionaries({"on": NAMES, "where": CONDITIONS}))
        case "people":
            return st.sampled_from(["owner", "team", "role:marketing", "ann@example.com"])
        case "values":
            return st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3)
        case "choices":
            return st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3)
        case "list":
            return st.lists(NAMES, min_size=1, max_size=3)
        case "yes":
            return st.booleans()
        case "words" if setting.name == "url":
            return st.just("https://example.com/hook")
        case "words" if setting.name == "secret":
            return st.just("env:KEY")
        case _:
            return TEXTS


_LEFT_OUT = {"wait": ("until", "event", "at_most", "late"), "if": ("text", "is"),
             "assign": ("rules", "by"), "mail": ("attach",), "fetch": ("every", "at_most"),
             "qualify": ()}  # fmt: skip
"""Settings that exclude each other, or must agree: their tests are elsewhere."""


@st.composite
def steps(draw: st.DrawFn, depth: int = 3) -> list[Any]:
    """A row of steps, none of which ends the run before its last."""
    return [draw(step(depth)) for _ in range(draw(st.integers(1, 3)))]


@st.composite
def step(draw: st.DrawFn, depth: int) -> Any:
    kind = draw(st.sampled_from([kind for kind in SHAPES if kind != "end"]))
    settings: dict[str, Any] = {}
    branches: dict[str, Any] = {}
    for setting in SHAPES[kind].settings:
        if setting.name in _LEFT_OUT.get(kind, ()):
            continue
        must = setting.required or (kind, setting.name) in MUST
        if setting.type == "steps":
            if depth and (must or draw(st.booleans())):
                branches[setting.name] = draw(steps(depth - 1))
        elif setting.default and str(setting.default).startswith("{{"):
            settings[setting.name] = draw(TEXTS)
        elif must or draw(st.integers(0, 2)) == 0:
            settings[setting.name] = draw(_value(setting))
    if kind == "if" and not branches:
        return {"push": "crm"}
    if kind == "assign":
        settings["by"] = draw(st.sampled_from(["round robin", "capacity", "nobody"]))
    if kind == "notify" and "by" not in settings:
        settings.pop("channel", None)
    first = SHAPES[kind].settings[0].name
    if first in settings and draw(st.booleans()):
        return {kind: settings.pop(first), **settings, **branches}
    return {kind: {**settings, **branches}}


MUST = {("wait", "for"), ("if", "condition"), ("notify", "to")}


@st.composite
def playbooks(draw: st.DrawFn) -> dict[str, Any]:
    """A whole playbook."""
    made: dict[str, Any] = {"playbook": "random", "version": draw(st.integers(1, 9))}
    if draw(st.booleans()):
        made["label"] = draw(TEXTS)
    made["starts"] = draw(
        st.lists(
            st.one_of(
                st.fixed_dictionaries({"band": st.lists(NAMES, min_size=1, max_size=2)}),
                st.fixed_dictionaries({"event": NAMES}, optional={"where": CONDITIONS}),
                st.just({"score": {"rises_past": 59.99, "back": 5}}),
                st.just({"booked": True}),
                st.just({"answer": {"question": "budget", "is": "failed"}}),
                st.just({"task": {"kind": "call", "state": "overdue"}}),
                st.just({"message": "support desk"}),
            ),
            min_size=1, max_size=3,
        )
    )  # fmt: skip
    made["when"] = draw(CONDITIONS)
    made["steps"] = draw(steps())
    made["goals"] = [{"outcome": "won"}, {"when": draw(CONDITIONS), "label": "g"}]
    made["safety"] = {"again": draw(st.one_of(st.sampled_from(["never", "always"]), DURATIONS))}
    return made
