"""The part of Jinja2 that templates have, and its bounds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, Never, cast

from jinja2 import Undefined, nodes, pass_context
from jinja2.exceptions import TemplateRuntimeError, TemplateSyntaxError
from jinja2.filters import FILTERS as THEIRS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from leadwise.playbooks.texts import wording

LONGEST_TEMPLATE = 100_000
"""Characters of a template."""
MOST_TEXT = 400_000
"""Characters of what is made of it."""
MOST_TURNS = 10_000
"""Turns of all loops of one filling together."""
MOST_RANGE = 1_000
MOST_SECONDS = 5.0
"""For one filling, which takes some thousandths: what is allowed by count may be slow still."""
MOST_FILTERS = 20
"""Of one value: what Jinja makes of more takes it half a minute."""
LARGEST = 10**15

TAKEN = (
    "abs", "capitalize", "count", "default", "d", "dictsort", "e", "escape", "first", "float",
    "int", "items", "join", "last", "length", "list", "lower", "max", "min", "reverse", "round",
    "sort", "striptags", "sum", "title", "tojson", "trim", "truncate", "unique", "upper",
    "urlencode", "wordcount",
)  # fmt: skip
"""Filters of Jinja2 that cannot make much out of little."""
OWN = ("date", "time", "datetime", "money", "number", "percent", "replace", "first_name")
FILTERS = frozenset(TAKEN + OWN)
TESTS = frozenset(
    ("defined", "undefined", "none", "number", "string", "odd", "even", "in", "eq", "ne", "lt",
     "le", "gt", "ge", "sequence", "mapping", "true", "false", "divisibleby")
)  # fmt: skip
_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.Name,
    nodes.Const, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair, nodes.Getattr, nodes.Getitem,
    nodes.Slice, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.Add, nodes.Sub,
    nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Not, nodes.And,
    nodes.Or, nodes.Concat, nodes.CondExpr, nodes.Keyword, nodes.Call,
)  # fmt: skip
_LOOP = ("index", "index0", "first", "last", "length", "revindex", "revindex0")


@dataclass(slots=True)
class Bounds:
    """How far one filling may still go, and where and in what language it is read."""

    zone: str = "UTC"
    language: str = "en"
    turns: int = MOST_TURNS
    until: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)


bounds: ContextVar[Bounds] = ContextVar("bounds")


class Missing(Exception):  # noqa: N818 - it never leaves this module
    """The dotted name of a value that is not there."""


class _Absent(Undefined):
    """A value that is not there: it may be asked for, and asked of, but not written."""

    __slots__ = ()

    def _fail_with_undefined_error(self, *_: object, **__: object) -> Never:
        raise Missing(self._undefined_name or "a value")

    __str__ = __len__ = __lt__ = __le__ = __gt__ = __ge__ = __neg__ = __pos__ = __contains__ = (
        _fail_with_undefined_error
    )


class _Environment(ImmutableSandboxedEnvironment):
    """Values are looked up in mappings and lists only, never as attributes of Python's."""

    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%"))

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self._look(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self._look(obj, argument)

    def _look(self, obj: Any, key: Any) -> Any:
        if isinstance(obj, LoopContext):
            return getattr(obj, key) if key in _LOOP else _Absent(name=f"loop.{key}")
        if isinstance(obj, Undefined):
            return _Absent(name=f"{obj._undefined_name}.{key}")
        try:
            if isinstance(obj, Mapping) or (
                isinstance(obj, Sequence) and isinstance(key, int | slice)
            ):
                found = obj[key]
                if found is not None:
                    return found
        except (LookupError, TypeError):
            pass
        return _Absent(name=_name_of(obj, key))

    def call_binop(
        self, context: Context, operator: str, left: Any, right: Any  # noqa: ARG002 - Jinja's own
    ) -> Any:  # fmt: skip
        _in_time()
        for side in (left, right):
            if isinstance(side, Undefined):
                str(side)
        texts = isinstance(left, str) and isinstance(right, str)
        if operator == "+" and texts:
            return _bounded(left + right)
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if not numbers:
            raise TypeError(f"{operator} is for numbers")
        found = self.binop_table[operator](left, right)
        if not math.isfinite(found) or abs(found) > LARGEST:
            raise TemplateRuntimeError("A number is too great")
        return found

    def is_safe_callable(self, obj: Any) -> bool:
        return obj is _range

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _allowed(tree)
        return _counted(tree)


def _name_of(obj: Any, key: Any) -> str:
    path = obj.path if isinstance(obj, Named) else ""
    return f"{path}.{key}" if path else str(key)


class Named(dict[str, Any]):
    """A mapping of values that knows by what name it is asked."""

    __slots__ = ("path",)

    def __init__(self, values: Mapping[Any, Any], path: str) -> None:
        self.path = path
        super().__init__(
            (str(key), _named(value, f"{path}.{key}" if path else str(key)))
            for key, value in values.items()
            if value is not None
        )


def _named(value: Any, path: str) -> Any:
    if isinstance(value, Mapping):
        return Named(value, path)
    if isinstance(value, list | tuple):
        return [_named(each, f"{path}[{place}]") for place, each in enumerate(value)]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def _allowed(tree: nodes.Node) -> None:
    """TemplateSyntaxError for whatever is no part of the language."""
    for node in _all(tree):
        line = node.lineno or 1
        if not isinstance(node, _NODES):
            raise TemplateSyntaxError(f"{type(node).__name__.lower()} is not available", line)
        if isinstance(node, nodes.For) and node.recursive:
            raise TemplateSyntaxError("a loop cannot call itself", line)
        if isinstance(node, nodes.Call) and not (
            isinstance(node.node, nodes.Name) and node.node.name == "range"
        ):
            raise TemplateSyntaxError("only range can be called", line)
        if isinstance(node, nodes.Call) and any(_counts_too_far(one) for one in node.args):
            raise TemplateSyntaxError(f"range counts to no more than {MOST_RANGE:,}", line)
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise TemplateSyntaxError(f"there is no filter {node.name}", line)
        if isinstance(node, nodes.Filter) and _filters_of(node) > MOST_FILTERS:
            raise TemplateSyntaxError(f"a value has at most {MOST_FILTERS} filters", line)
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            raise TemplateSyntaxError(f"there is no test {node.name}", line)
        if isinstance(node, nodes.Filter | nodes.Call | nodes.Test) and (
            node.dyn_args or node.dyn_kwargs
        ):
            raise TemplateSyntaxError("arguments are written one by one", line)


def _counts_too_far(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, int) and (
        abs(node.value) > MOST_RANGE
    )  # fmt: skip


def _filters_of(node: nodes.Filter) -> int:
    """How many filters a value goes through, as far as that is not too many."""
    number, at = 0, cast("nodes.Node | None", node)
    while isinstance(at, nodes.Filter) and number <= MOST_FILTERS:
        number, at = number + 1, at.node
    return number


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _all(child)


def _counted(tree: nodes.Template) -> nodes.Template:
    """The same where loops count their turns, sums of texts their length, and an `if` without
    `else` in a value is the empty text."""
    for node in reversed(list(_all(tree))):  # what is inside first
        if isinstance(node, nodes.For):
            node.iter = _filtered(cast(nodes.Expr, node.iter), "_turns")
        if isinstance(node, nodes.CondExpr) and node.expr2 is None:
            node.expr2 = nodes.Const("", lineno=node.lineno)
        for part, value in node.iter_fields():
            if isinstance(value, nodes.Concat):
                first, *more = value.nodes
                setattr(node, part, _filtered(first, "_joined", more))
            elif isinstance(value, list):
                value[:] = [
                    _filtered(each.nodes[0], "_joined", each.nodes[1:])
                    if isinstance(each, nodes.Concat) else each
                    for each in value
                ]  # fmt: skip
    return tree


def _filtered(of: nodes.Expr, name: str, more: Sequence[nodes.Expr] = ()) -> nodes.Filter:
    return nodes.Filter(of, name, list(more), [], None, None, lineno=of.lineno)


def _turns(items: Iterable[Any]) -> Iterator[Any]:
    left = bounds.get()
    for item in items:
        left.turns -= 1
        if left.turns < 0:
            raise TemplateRuntimeError(f"Loops turn more than {MOST_TURNS:,} times")
        _in_time()
        yield item


def _in_time() -> None:
    """TemplateRuntimeError where the filling takes too long. Between two of these there is no more
    than one filter over one text of `MOST_TEXT`."""
    left = bounds.get(None)  # nothing is being filled while a template is compiled
    if left is not None and time.monotonic() > left.until:
        raise TemplateRuntimeError(f"It takes more than {MOST_SECONDS:.0f} seconds")


def _timed(filter_: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(filter_)  # Jinja's marks of what a filter is given stay with it
    def in_time(*given: Any, **more: Any) -> Any:
        _in_time()
        return filter_(*given, **more)

    return in_time


def _as_written(value: Any) -> Any:
    """What is put into the text: texts and numbers; a list of them with commas. Never how Python
    shows something."""
    if isinstance(value, str | int | float | Undefined):
        return value
    if isinstance(value, list | tuple) and all(isinstance(one, str | int | float) for one in value):
        return _join_plain(value)
    if value is None:
        raise TypeError("there is nothing to write")
    raise TypeError("only texts, numbers and lists of them can be written")


def _join_plain(values: Sequence[Any]) -> str:
    return str(_bounded(", ".join(str(one) for one in values)))


def _range(*given: int) -> range:
    made = range(*given)
    if len(made) > MOST_RANGE:
        raise TemplateRuntimeError(f"range counts to no more than {MOST_RANGE:,}")
    return made


def _joined(*parts: Any) -> Any:
    joined = Markup("").join(parts) if any(isinstance(p, Markup) for p in parts) else None
    return _bounded("".join(map(str, parts)) if joined is None else joined)


def _bounded(text: Any) -> Any:
    if len(text) > MOST_TEXT:
        raise _too_long()
    return text


def _too_long() -> TemplateRuntimeError:
    return TemplateRuntimeError(f"The text is longer than {MOST_TEXT:,} characters")


def _replace(text: object, old: str, new: str) -> str:
    given = str(text)
    if len(given) + given.count(old) * len(new) > MOST_TEXT:
        raise _too_long()
    return given.replace(old, new)


@pass_context
def _join(context: Context, items: Iterable[Any], d: str = "", attribute: str | None = None) -> Any:
    taken = [str(each) for each in items] if attribute is None else [
        str(context.environment.getitem(each, attribute)) for each in items
    ]  # fmt: skip
    if sum(map(len, taken)) + len(d) * len(taken) > MOST_TEXT:
        raise _too_long()
    return d.join(taken)


def _in_words(write: Callable[..., str], *, zone: bool = False) -> Callable[..., str]:
    def written(value: Any, *given: Any, **more: Any) -> str:
        if isinstance(value, Undefined):
            str(value)
        here = bounds.get()
        if zone:
            more["zone"] = here.zone
        return write(value, *given, language=here.language, **more)

    return written


@lru_cache(maxsize=2)
def environment(html: bool) -> _Environment:
    made = _Environment(
        autoescape=html, undefined=_Absent, keep_trailing_newline=True, finalize=_as_written
    )
    made.filters = {name: THEIRS[name] for name in TAKEN}
    made.filters |= {
        "date": _in_words(wording.date, zone=True),
        "time": _in_words(wording.time, zone=True),
        "datetime": _in_words(wording.datetime_, zone=True),
        "money": _in_words(wording.money),
        "number": _in_words(wording.number),
        "percent": _in_words(wording.percent),
        "first_name": lambda value: wording.first_name(str(value)),
        "replace": _replace,
        "join": _join,
        "_turns": _turns,
        "_joined": _joined,
    }
    made.filters = {name: _timed(each) for name, each in made.filters.items()}
    made.tests = {name: test for name, test in made.tests.items() if name in TESTS}
    made.globals = {"range": _range}
    return made
