"""Dates and lengths of time in a text, relative to a day."""
