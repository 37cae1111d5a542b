"""What gives the outcome away: each field and event named, with its evidence."""
