"""Cards and playbooks from words: a model writes, or answers to a few questions do; then the text
is checked, explained and tried as any other. A person publishes it, nobody else."""
