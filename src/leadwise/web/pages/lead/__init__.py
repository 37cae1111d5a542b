"""A lead: the ledger, the score over time, what happened, what to ask; and companies."""
