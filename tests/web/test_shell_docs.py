"""docs/settings.md and docs/operations.md are held to the settings, metrics and example that exist.

LEADWISE_UPDATE=1 writes the tables anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, SecretStr

from leadwise.settings import Settings, read_settings
from leadwise.settings.reading import names, variable
from leadwise.web.learned import GAUGES as LEARNED
from leadwise.web.metrics import Metrics

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "settings.md"
EXAMPLE = ROOT / "ops" / "leadwise.toml"
OPERATIONS = ROOT / "docs" / "operations.md"


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, tuple):
        value = ", ".join(map(str, value))
    if isinstance(value, Path):
        value = str(value)
    return "none" if value in (None, "") else f"`{value}`"


def _table(model: type[BaseModel], section: str = "") -> str:
    rows = ["| setting | variable | default | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            continue
        path = (section, name) if section else (name,)
        assert field.description, name
        said = field.description.replace("|", "\\|")
        rows.append(f"| `{name}` | `{variable(path)}` | {_shown(field.default)} | {said} |")
    return "\n".join(rows)


def _tables() -> dict[str, str]:
    """Heading -> its table."""
    found = {"The process": _table(Settings)}
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found[f"`[{name}]`"] = _table(field.annotation, name)
    return found


def _documented(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.*)\n", text, flags=re.M)[1:]
    sections = zip(parts[::2], parts[1::2], strict=True)
    tables = {head: re.findall(r"(?:^\|.*\n)+", body, re.M) for head, body in sections}
    return {head: found[0].strip() for head, found in tables.items() if found}


def test_every_setting_is_documented_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("LEADWISE_UPDATE"):
        for head, table in _tables().items():
            pattern = rf"(^## {re.escape(head)}\n(?:(?!## |\|).*\n)*)(?:\|.*\n)+"
            text = re.sub(pattern, lambda m, t=table: f"{m[1]}{t}\n", text, flags=re.M)
        PAGE.write_text(text, encoding="utf-8")
    documented = _documented(text)
    assert {head: documented.get(head) for head in _tables()} == _tables()
    assert set(documented) == set(_tables())


def test_the_example_names_every_setting_with_its_default() -> None:
    """Uncommented, it is the defaults; as it stands, it is read without an error."""
    text = EXAMPLE.read_text(encoding="utf-8")
    bare = re.sub(r"^# ?(?=[a-z_]+ = )", "", text, flags=re.M)
    shown = set()
    section = ""
    for line in bare.splitlines():
        section = m[1] if (m := re.fullmatch(r"\[(\w+)\]", line)) else section
        if m := re.match(r"([a-z_]+) = ", line):
            shown.add((section, m[1]) if section else (m[1],))
    assert shown == set(names().values())


def test_the_example_is_read(tmp_path: Path) -> None:
    settings = read_settings({}, {}, EXAMPLE)
    assert settings.data == Path("/var/lib/leadwise")
    text = EXAMPLE.read_text(encoding="utf-8")
    bare = tmp_path / "bare.toml"
    bare.write_text(re.sub(r"^# ?(?=[a-z_]+ = )", "", text, flags=re.M), encoding="utf-8")
    read_settings({}, {}, bare)


def test_every_metric_is_documented_and_every_documented_metric_exists() -> None:
    from leadwise.web.follow_up import FAILED, RUNS
    from leadwise.web.follow_up import GAUGES as FOLLOW_UP
    from leadwise.web.followed import GAUGES as FOLLOWED
    from leadwise.web.followed import MAILS, TROUBLE
    from leadwise.web.wiring import GAUGES, JOBS

    real = {family.name for family in Metrics().registry.collect()}
    ours = {name for name in real if name.startswith("leadwise_")}
    ours |= {*GAUGES, *LEARNED, *FOLLOW_UP, *FOLLOWED, JOBS, RUNS, FAILED, MAILS, TROUBLE}
    text = OPERATIONS.read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(leadwise_[a-z_]+?)(?:_total)?`", text, re.M))
    assert told == ours


def test_alerts_ask_for_metrics_that_there_are() -> None:
    rules = yaml.safe_load((ROOT / "ops" / "alerts.yml").read_text(encoding="utf-8"))
    text = OPERATIONS.read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(leadwise_[a-z_]+)`", text, re.M))
    alerts = [one for group in rules["groups"] for one in group["rules"]]
    asked = {name for one in alerts for name in re.findall(r"leadwise_[a-z_]+", one["expr"])}
    assert len(alerts) > 8
    assert asked <= told
    assert len({one["alert"] for one in alerts}) == len(alerts)
