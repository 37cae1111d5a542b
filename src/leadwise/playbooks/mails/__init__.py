"""Mails of playbooks: their templates, from a template to a mail, and the mailbox's jobs."""
