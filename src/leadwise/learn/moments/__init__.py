"""Instants at which somebody would have decided, what was known then, and what came of it."""
