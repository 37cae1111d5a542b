"""Which criteria help, harm, overlap or never fire; proposals, gates, holdouts."""
