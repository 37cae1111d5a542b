"""The bot gate: events that machines made are kept, marked with the reason, and weigh nothing.

`suspect` judges one event beside what was seen of the same mail (pure, no clock, no store); `mark`
does so for events just recorded; `clear` takes marks back, by hand or by a rule that then stands.
"""

from leadwise.ingest.gate.clearing import clear, forget, standing
from leadwise.ingest.gate.marking import mark
from leadwise.ingest.gate.rules import ClearRule, GateRules, Mark, Reason, Seen, gate_rules
from leadwise.ingest.gate.suspicion import seen_of, suspect

__all__ = [
    "ClearRule",
    "GateRules",
    "Mark",
    "Reason",
    "Seen",
    "clear",
    "forget",
    "gate_rules",
    "mark",
    "seen_of",
    "standing",
    "suspect",
]
