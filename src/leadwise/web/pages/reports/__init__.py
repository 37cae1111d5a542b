"""Reports: what scores, calls and follow-up have led to."""
