"""Pages of learning: what the past says of a card, and what to make of it."""
