"""Playbooks in plain English, for people who decide whether they may run."""
