"""Touched leads become scores, scores become band changes; cards are published."""
