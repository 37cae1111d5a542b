"""A learned card: additive, binned, whole points, near the points that people gave."""
