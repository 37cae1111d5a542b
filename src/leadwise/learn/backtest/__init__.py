"""A card held against what came after, in order of time."""
