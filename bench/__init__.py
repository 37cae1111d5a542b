"""The benchmark of `make bench`: one card, one input, many ways to work it out."""
