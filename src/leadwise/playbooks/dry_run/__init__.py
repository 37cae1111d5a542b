"""A playbook held against the past: how often it would have begun, for whom, and what it would have
sent. `replay(playbook, past, settings, from_us, until_us)`; a past is of a store or of files."""

from leadwise.playbooks.dry_run.model import Begun, DryRun, Past
from leadwise.playbooks.dry_run.replay import replay

__all__ = ["Begun", "DryRun", "Past", "replay"]
