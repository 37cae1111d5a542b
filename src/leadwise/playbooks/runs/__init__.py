"""Runs: a lead's way through a playbook, moved on step by step, each effect once."""
