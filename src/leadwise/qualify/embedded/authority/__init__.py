"""Reading of who decides."""
