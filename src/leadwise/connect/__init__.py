"""The systems where leads live: one folder each, of the same shape.

    hubspot/client.py   the few calls that are needed, and what their answers mean
    hubspot/map.py      their words to ours and back: plain functions, no network
    hubspot/sync.py     pull, push, webhooks: what the Protocols of `model` ask for

Each folder has `KIND`, which says what to ask the team for and how to open a connection; `kinds`
lists them. A connector does not touch the record: `pulling` and `pushing` do, for all of them.
"""
