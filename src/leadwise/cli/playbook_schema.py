"""`leadwise playbook schema`: the JSON Schema of a playbook, for editors."""

from __future__ import annotations

from leadwise.cli.screen import print_json
from leadwise.playbooks.language.schema import json_schema


def schema() -> None:
    """Print the JSON Schema of a playbook, for editors.

    \b
    leadwise playbook schema > playbook.schema.json
    Then put this first in a playbook:
    # yaml-language-server: $schema=./playbook.schema.json
    """
    print_json(json_schema())
