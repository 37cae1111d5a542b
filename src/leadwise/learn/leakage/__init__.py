"""What gives the outcome away: each field and event named, with its evidence."""

from leadwise.learn.leakage.dropping import without
from leadwise.learn.leakage.guard import all_suspects, suspects
from leadwise.learn.leakage.history import suspects_in_history
from leadwise.learn.leakage.suspect import Kind, Suspect, require_clean

__all__ = [
    "Kind",
    "Suspect",
    "all_suspects",
    "require_clean",
    "suspects",
    "suspects_in_history",
    "without",
]
