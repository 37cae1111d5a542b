"""LightGBM and EBM on the same rows: stored as text, with exact contributions."""
