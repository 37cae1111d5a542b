"""Qualification: the form beside a call, conversations and their answers, review, segments."""
