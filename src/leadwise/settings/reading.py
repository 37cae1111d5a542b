"""Reading settings: command line before environment before file before defaults.

Each value remembers where it came from, so that an error names the line or the variable.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from leadwise.errors import InputError, Place, Problem, UserError
from leadwise.settings.model import Settings

PREFIX = "LEADWISE_"
CONFIG = PREFIX + "CONFIG"
FILE = "leadwise.toml"
OTHERS = frozenset(PREFIX + name for name in ("CONFIG", "DEBUG", "NO_SKIP", "UPDATE"))
"""Variables that are read elsewhere and are no settings."""

Path_ = tuple[str, ...]
"""A setting's place among the settings: ("limits", "body_bytes")."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A value and who gave it: a file, a variable or an option."""

    value: Any
    by: str
    where: Place


def read_settings(
    environment: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
    config: Path | None = None,
) -> Settings:
    """The settings; `options` are those of the command line by name, None is not given.

    The file is `config`, else LEADWISE_CONFIG, else `leadwise.toml` of the working folder if there
    is one. Raises InputError with all that is wrong, UserError where the file cannot be read.
    """
    named = config or (Path(environment[CONFIG]) if environment.get(CONFIG) else None)
    given: dict[Path_, _Given] = {}
    problems: list[Problem] = []
    if named is not None or Path(FILE).is_file():
        given |= _from_file(named or Path(FILE), problems)
    given |= _from_environment(environment, problems)
    given |= {
        (name,): _Given(value, f"--{name.replace('_', '-')}", Place())
        for name, value in (options or {}).items()
        if value is not None
    }
    settings = _checked(given, problems)
    if problems or settings is None:
        raise InputError(tuple(problems))
    return settings


def names() -> dict[str, Path_]:
    """Every setting by its variable of the environment."""
    return {variable(path): path for path in _paths(Settings)}


def variable(path: Path_) -> str:
    """The variable of a setting: LEADWISE_LIMITS_BODY_BYTES."""
    return PREFIX + "_".join(path).upper()


def _paths(model: type[BaseModel], before: Path_ = ()) -> Iterator[Path_]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _paths(kind, (*before, name))
        else:
            yield (*before, name)


def _from_file(path: Path, problems: list[Problem]) -> dict[Path_, _Given]:
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        if line is None and found:
            line, column = int(found[1]), int(found[2])
        said = re.sub(r" \(at .*\)$", "", str(error))
        raise UserError(
            "settings-syntax", f"The settings are not TOML: {said}.",
            where=Place(str(path), line, column),
            hint="Texts stand between quotes, a section starts with [name].",
        ) from None  # fmt: skip
    except UnicodeDecodeError:
        raise UserError(
            "settings-syntax", "The settings are not UTF-8 text.", where=Place(str(path)),
            hint="Save the file as UTF-8.",
        ) from None  # fmt: skip
    except OSError as error:
        raise UserError(
            "settings-file", f"The settings cannot be read: {(error.strerror or '').lower()}.",
            where=Place(str(path)), hint=f"Check the path given by --config or {CONFIG}.",
        ) from None  # fmt: skip
    known = set(names().values())
    sections = {path[0] for path in known if len(path) > 1}
    given = {}
    for keys, value in _leaves(document, known):
        where = Place(str(path), _line_of(text, keys))
        if keys in known:
            given[keys] = _Given(value, ".".join(keys), where)
        elif keys[0] in sections and len(keys) == 1:
            problems.append(
                Problem("setting-value", f"'{keys[0]}' is a section, not a setting.",
                        f"Write [{keys[0]}] and its settings below.", where)
            )  # fmt: skip
        else:
            near = _near(".".join(keys), [".".join(path) for path in known])
            hint = near or "docs/settings.md lists all settings."
            said = f"There is no setting '{'.'.join(keys)}'."
            problems.append(Problem("unknown-setting", said, hint, where))
    return given


def _leaves(
    document: Mapping[str, Any], known: set[Path_], before: Path_ = ()
) -> Iterator[tuple[Path_, Any]]:
    for key, value in document.items():
        keys = (*before, key)
        if isinstance(value, dict) and keys not in known and value:
            yield from _leaves(value, known, keys)
        elif value != {} or keys in known:
            yield keys, value


def _line_of(text: str, keys: Path_) -> int | None:
    """The line on which a key is set, as far as a look at the lines tells."""
    section: Path_ = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = re.fullmatch(r"\s*\[\s*([\w.\- ]+?)\s*\]\s*(?:#.*)?", line)
        if header:
            section = tuple(part.strip() for part in header[1].split("."))
            continue
        key = re.match(r"\s*[\"']?([\w.\-]+)[\"']?\s*=", line)
        if key and (*section, *key[1].split("."))[: len(keys)] == keys:
            return number
    return None


def _from_environment(
    environment: Mapping[str, str], problems: list[Problem]
) -> dict[Path_, _Given]:
    known = names()
    given = {}
    for name, value in sorted(environment.items()):
        if not name.startswith(PREFIX) or name in OTHERS:
            continue
        if name in known:
            given[known[name]] = _Given(value, name, Place())
            continue
        hint = _near(name, known) or "docs/settings.md lists all variables."
        if re.search(r"_(SERVICE|TCP|UDP)(_|$)", name):
            # Kubernetes sets such variables for every service that is called leadwise.
            hint = "Kubernetes sets it: put `enableServiceLinks: false` in the pod, or rename it."
        said = f"There is no setting for the variable {name}."
        problems.append(Problem("unknown-setting", said, hint))
    return given


def _checked(given: Mapping[Path_, _Given], problems: list[Problem]) -> Settings | None:
    document: dict[str, Any] = {}
    for keys, value in given.items():
        place = document
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value.value
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        problems.extend(_problem(detail, given) for detail in details)
        return None


def _problem(detail: ErrorDetails, given: Mapping[Path_, _Given]) -> Problem:
    keys = tuple(str(part) for part in detail["loc"])
    setting = next(keys[:n] for n in range(len(keys), -1, -1) if keys[:n] in given)
    value = given[setting]
    said = detail["msg"].removeprefix("Value error, ")
    # What was given is not repeated: it may be a password.
    inner = "".join(f"['{part}']" for part in keys[len(setting) :] if not part.isdigit())
    message = f"{value.by}{inner}: {said[:1].lower()}{said[1:]}."
    hint = f"docs/settings.md says what '{'.'.join(setting)}' may be."
    if setting == ("port",) and str(value.value).startswith("tcp://"):
        hint = "Kubernetes sets it: put `enableServiceLinks: false` in the pod."
    return Problem("setting-value", message, hint, value.where)


def _near(word: str, known: Any) -> str:
    names_ = list(known)
    found = difflib.get_close_matches(word, names_, 1, 0.6)
    if not found:
        # `body_bytes` for `limits.body_bytes`
        found = [name for name in names_ if name.endswith((f".{word}", f"_{word}"))][:1]
    return f"did you mean '{found[0]}'?" if found else ""
