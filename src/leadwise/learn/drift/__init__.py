"""Whether leads, scores and what they mean are still what was learned from."""
