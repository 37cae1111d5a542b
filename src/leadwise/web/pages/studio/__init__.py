"""The studio: cards are written, tried and published."""
