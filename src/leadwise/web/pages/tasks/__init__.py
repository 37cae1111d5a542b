"""Tasks and approvals: what playbooks ask of people."""
