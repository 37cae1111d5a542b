"""The language of playbooks: from the text of a file to a `Playbook`, with all that is wrong."""
