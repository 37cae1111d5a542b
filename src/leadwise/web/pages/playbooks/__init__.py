"""Playbooks: the list, one drawn as its steps with live counts, its text, its runs, its past."""
