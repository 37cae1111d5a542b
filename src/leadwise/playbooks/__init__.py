"""Follow-up: what starts when a lead comes into a band, asks, replies or goes quiet.

A playbook is a text file, as a card is (docs/playbooks.md). `language` makes the text what `model`
says and tells all that is wrong with it; `triggers` start runs of it, rows in the record that wait
for their time; `runs` moves them on, and `steps` has one module for each kind of step.
"""
