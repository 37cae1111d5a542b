"""The templates of steps: whether they can be read, and whether what they name may be there."""

from __future__ import annotations

from collections.abc import Iterator

from leadwise.card.nearest import listing, suggestion
from leadwise.card.source import Path, Scalar
from leadwise.errors import Place, Problem, UserError
from leadwise.playbooks.language.drafts import Draft, all_of
from leadwise.playbooks.language.flow import Before, Flow
from leadwise.playbooks.language.reading import Reading
from leadwise.playbooks.shapes import SHAPES
from leadwise.playbooks.texts import check, names_in

ROOTS = (
    "lead", "company", "owner", "score", "band", "grade", "reasons", "question", "answers",
    "event", "message", "step", "playbook", "now", "team",
)  # fmt: skip
"""The first words of names in templates."""


def check_texts(found: Reading, drafts: list[Draft], flow: Flow) -> None:
    """Each template of each step, those that are defaults too."""
    kinds = {draft.id: draft for draft in all_of(drafts)}
    for draft in all_of(drafts):
        before = flow.before.get(draft.id, Before())
        for path, text, written in _templates(draft):
            _template(found, path, text, before, kinds, written=written)
        _attached(found, draft, before)


def _templates(draft: Draft) -> Iterator[tuple[Path, str, bool]]:
    """(where, template, whether it was written) of a step."""
    for setting in SHAPES[draft.kind].settings:
        value = draft.settings.get(setting.name)
        path = draft.paths.get(setting.name)
        if setting.type in ("text", "people") and isinstance(value, str) and "{" in value:
            yield path or draft.path, value, path is not None
        elif setting.name == "people" and isinstance(value, tuple) and path is not None:
            # The further addresses of a meeting are filled in, too.
            for item in value:
                if "{" in item:
                    yield path, item, True
        elif setting.type == "values" and isinstance(value, dict) and path is not None:
            for name, text in value.items():
                yield (*path, name), text, True


def _template(
    found: Reading, path: Path, text: str, before: Before, steps: dict[str, Draft], *, written: bool
) -> None:
    try:
        names = names_in(text)
    except UserError:
        for problem in check(text):
            where = _inside(found, path, problem.where)
            found.add(Problem("template", problem.message, problem.hint, where))
        return
    for name in sorted(names):
        root, *rest = name.split(".")
        if root == "step" and rest:
            _step(found, path, text, rest, before, steps, written=written)
        elif root not in ROOTS:
            where = _name_place(found, path, name)
            hint = suggestion(root, ROOTS, f"names begin with {listing(ROOTS, len(ROOTS))}")
            if "." not in name:
                hint = suggestion(root, ROOTS, f"write lead.{root} for what is known of the lead")
            found.add(Problem("template-name", f"there is no value {name}", hint, where))


def _step(
    found: Reading, path: Path, text: str, rest: list[str], before: Before,
    steps: dict[str, Draft], *, written: bool,
) -> None:  # fmt: skip
    name = rest[0]
    where = _name_place(found, path, f"step.{name}")
    if not written and name not in before.maybe:
        message = f"this step looks at a step '{name}', and there is none before it"
        hint = f"say what it is for: the setting's default is {text}"
        found.add(Problem("later-step", message, hint, where))
        return
    if name not in steps:
        hint = suggestion(name, steps, f"the steps are {listing(steps)}")
        found.add(Problem("template-name", f"there is no step '{name}'", hint, where))
        return
    if name not in before.maybe:
        message = f"nothing came of step '{name}' yet: it is not done before this one"
        hint = "move it up, or take what came of another step"
        found.add(Problem("later-step", message, hint, where))
        return
    gives = SHAPES[steps[name].kind].gives
    if len(rest) > 1 and rest[1] not in gives:
        message = f"a step '{steps[name].kind}' does not give '{rest[1]}'"
        has = f"it gives {listing(gives)}" if gives else "it gives nothing"
        found.add(Problem("template-name", message, suggestion(rest[1], gives, has), where))
    elif name not in before.sure and written and "default" not in text and "{%" not in text:
        message = f"step '{name}' is not done before this one in every case"
        hint = f'write {{{{ {".".join(["step", *rest])} | default("...") }}}}'
        found.add(Problem("perhaps-missing", message, hint, where, "warning"))


def _attached(found: Reading, draft: Draft, before: Before) -> None:
    """Files of earlier steps that a mail takes with it."""
    names = draft.settings.get("attach")
    if not isinstance(names, tuple):
        return
    for path, name in zip(found.items(draft.paths["attach"], alone=True), names, strict=False):
        if name not in before.maybe:
            hint = suggestion(name, before.maybe, f"before it are {listing(sorted(before.maybe))}")
            message = f"there is no step '{name}' before this one"
            found.add(Problem("later-step", message, hint, found.place(path)))


def _name_place(found: Reading, path: Path, name: str) -> Place:
    """Where a name stands in a text that is on one line, else where the text begins."""
    node = found.node(path)
    at = node.text.find(name) if isinstance(node, Scalar) else -1
    return found.source.inside(path, max(at, 0)) if isinstance(node, Scalar) else found.place(path)


def _inside(found: Reading, path: Path, where: Place) -> Place:
    """A place of the template as a place of the file, as far as YAML's forms let it be told."""
    node = found.node(path)
    if isinstance(node, Scalar) and node.starts and where.line == 1 and where.column:
        return found.source.inside(path, where.column - 1)
    return found.place(path)
