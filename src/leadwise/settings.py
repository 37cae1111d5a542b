"""Settings: from a file, the environment and the command line."""
