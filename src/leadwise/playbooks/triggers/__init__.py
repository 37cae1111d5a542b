"""What starts playbooks and wakes their runs: `Taker(store, settings, read).take(now_us)`."""

from leadwise.playbooks.triggers.model import Taken
from leadwise.playbooks.triggers.taking import Taker

__all__ = ["Taken", "Taker"]
