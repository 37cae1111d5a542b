"""Reading of the budget."""
