"""Reading of the need."""
