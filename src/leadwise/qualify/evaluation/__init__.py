"""Readers against labelled conversations: how often the status and the value are right."""
