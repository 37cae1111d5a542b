"""The steps by which the record came to its tables, oldest first; none is ever changed."""
