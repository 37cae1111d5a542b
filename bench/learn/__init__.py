"""The benchmark of what learns: real data, simulations with known truth, a million moments."""
