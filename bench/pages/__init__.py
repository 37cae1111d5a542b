"""How quick the pages are, as a browser sees them, on an embedded store with 100,000 leads."""
