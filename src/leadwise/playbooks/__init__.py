"""Follow-up: what starts when a lead comes into a band, asks, replies or goes quiet.

A playbook is a text file, as a card is (docs/playbooks.md). `parse` makes it what `model` says;
`check` tells all that is wrong with it. A run of it is one row in the record that waits for its
time; `running` moves runs on, `steps` has one module for each kind of step.
"""
