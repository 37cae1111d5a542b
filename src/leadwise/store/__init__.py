"""The record: what came in, what follows from it, and what was said of it."""
