"""Reading of the time until which the buyer wants to have signed."""
