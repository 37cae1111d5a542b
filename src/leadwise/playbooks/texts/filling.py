"""Texts with values in them: a small, safe part of Jinja2.

    fill("Hello {{ lead.first_name | default('there') }}", {"lead": {"first_name": "Ann"}})

A template is written by the team and filled with what strangers sent, so that neither may do harm:
there are values, `if`, `for`, `set`, comparisons, sums and the filters of `FILTERS`; no calls but
`range`, no macros, no files. What is worked out is bounded (`MOST_TEXT`, `MOST_TURNS`). A value
that is missing may be asked for (`{% if lead.phone %}`, `| default("-")`) but not written: then
`fill` raises UserError `template-value`, which names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias

from jinja2 import Template, nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError

from leadwise.errors import Place, Problem, UserError
from leadwise.playbooks.texts.sandbox import (
    LONGEST_TEMPLATE,
    MOST_TEXT,
    Bounds,
    Missing,
    Named,
    bounds,
    environment,
)

Values: TypeAlias = Mapping[str, object]
TOO_DEEP = (RecursionError, SyntaxError, MemoryError)
"""What Jinja's parser and Python's compiler fail with where a text nests too deep."""
_HINT = "There are values, if, for, set and filters: see docs/mail.md."


def fill(
    template: str, values: Values, *, html: bool = False, zone: str = "UTC", language: str = "en",
    where: Place | None = None,
) -> str:  # fmt: skip
    """The template with its values. With `html` values are escaped. `zone` (IANA) and `language`
    (`pt-BR`) are what dates and money are written by; unknown ones are UTC and English.

    UserError: `template` (it cannot be read, or does not end), `template-value` (a value is
    missing, or is not of the kind that is needed).
    """
    if "{" not in template:
        return _within(template, where)
    made = _made(template, html, where)
    token = bounds.set(Bounds(zone, language))
    try:
        return _within(_written(made, values, where), where)
    except Missing as error:
        raise UserError(
            "template-value", f"The text needs {error.args[0]}, which there is not.", where=where,
            hint=f'Write {{{{ {error.args[0]} | default("...") }}}}, or ask by {{% if %}}.',
        ) from None  # fmt: skip
    except TemplateError as error:
        raise UserError("template", f"{error.message}.", where=where) from None
    except (TypeError, ValueError, ArithmeticError, LookupError, AssertionError) as error:
        raise UserError(
            "template-value", f"A value of the text is not of the kind that is needed: {error}.",
            where=where,
        ) from None  # fmt: skip
    except RecursionError:
        raise UserError("template", "The text nests too deep.", where=where) from None
    finally:
        bounds.reset(token)


def check(
    template: str, known: Callable[[str], bool] | None = None, *, file: str | None = None,
    line: int = 1, html: bool = False,
) -> tuple[Problem, ...]:  # fmt: skip
    """What is wrong with a template; nothing where it can be filled. `line` is where in the file it
    begins. `known` says of a dotted name whether there may be such a value."""
    try:
        tree = _tree(template, html)
    except TemplateSyntaxError as error:
        place = Place(file, line + error.lineno - 1, _column(template, error.lineno))
        return (Problem("template", f"{_capital(str(error.message))}.", _HINT, place),)
    except TOO_DEEP:
        return (Problem("template", "The text nests too deep.", "", Place(file, line)),)
    found: list[Problem] = []
    for name, at in _names(tree) if known else ():
        if known and not known(name):
            place = Place(file, line + at - 1, _column(template, at, name))
            found.append(Problem("template-name", f"There is no value {name}.", _near(name), place))
    return tuple(found)


def names_in(template: str) -> set[str]:
    """The dotted names of all values that a template uses: `{"lead.email", "step.book.link"}`.

    UserError (`template`) where it cannot be read."""
    try:
        return set(_names_in(template))
    except TemplateSyntaxError as error:
        raise UserError("template", f"{_capital(str(error.message))}.") from None
    except TOO_DEEP:
        raise UserError("template", "The text nests too deep.") from None


@lru_cache(maxsize=512)
def _names_in(template: str) -> frozenset[str]:
    return frozenset(name for name, _ in _names(_tree(template, False)))


def _tree(template: str, html: bool) -> nodes.Template:
    if len(template) > LONGEST_TEMPLATE:
        raise TemplateSyntaxError(f"it is longer than {LONGEST_TEMPLATE:,} characters", 1)
    tree = environment(html).parse(template)
    # Compiled too, for there are faults that only show then.
    _compiled(template, html)
    return tree


@lru_cache(maxsize=512)
def _compiled(template: str, html: bool) -> Template:
    return environment(html).from_string(template)


def _made(template: str, html: bool, where: Place | None) -> Template:
    try:
        if len(template) > LONGEST_TEMPLATE:
            raise TemplateSyntaxError(f"it is longer than {LONGEST_TEMPLATE:,} characters", 1)
        return _compiled(template, html)
    except TemplateSyntaxError as error:
        line = error.lineno + ((where.line or 1) - 1 if where else 0)
        raise UserError(
            "template", f"{_capital(str(error.message))}.", hint=_HINT,
            where=Place(where.file if where else None, line),
        ) from None  # fmt: skip
    except TOO_DEEP:
        raise UserError("template", "The text nests too deep.", where=where) from None


def _written(made: Template, values: Values, where: Place | None) -> str:
    parts, length = list[str](), 0
    for part in made.generate(Named(values, "")):
        length += len(part)
        if length > MOST_TEXT:
            break
        parts.append(part)
    else:
        return "".join(parts)
    raise UserError("template", f"The text is longer than {MOST_TEXT:,} characters.", where=where)


def _within(text: str, where: Place | None) -> str:
    if len(text) > MOST_TEXT:
        raise UserError(
            "template", f"The text is longer than {MOST_TEXT:,} characters.", where=where
        )
    return text


def _names(tree: nodes.Template) -> list[tuple[str, int]]:
    """Dotted names with their lines; those that the template sets itself are left out."""
    set_here = {n.name for n in tree.find_all(nodes.Name) if n.ctx == "store"} | {"range", "loop"}
    inner = {id(n.node) for n in tree.find_all(nodes.Getattr)}
    inner |= {id(n.node) for n in tree.find_all(nodes.Getitem)}
    found: list[tuple[str, int]] = []
    for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem)):
        if id(node) in inner:
            continue
        path: list[str] = []
        at: nodes.Node = node
        while isinstance(at, nodes.Getattr | nodes.Getitem):
            if isinstance(at, nodes.Getattr):
                path.append(at.attr)
            elif isinstance(at.arg, nodes.Const) and isinstance(at.arg.value, str):
                path.append(at.arg.value)
            else:
                path.clear()  # by a number or a value: what is before it is all that is known
            at = at.node
        if isinstance(at, nodes.Name) and at.ctx == "load" and at.name not in set_here:
            found.append((".".join([at.name, *reversed(path)]), node.lineno))
    return found


def _column(template: str, line: int, name: str = "") -> int | None:
    lines = template.splitlines()
    if not 1 <= line <= len(lines):
        return None
    place = lines[line - 1].find(name or "{")
    return place + 1 if place >= 0 else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


def _near(name: str) -> str:
    return f'Where {name} is missing for some, write a default: | default("...").'
