"""How good an order or a probability is, with intervals."""
