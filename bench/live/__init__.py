"""The live benchmark: events a second, time to a score, cost by size, publishing, a peer."""
