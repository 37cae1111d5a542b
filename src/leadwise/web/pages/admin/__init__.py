"""Administration: members, keys, the trail, privacy."""
