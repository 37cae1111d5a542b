"""The probability that a score means, and the thresholds that follow from it."""
