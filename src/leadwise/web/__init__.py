"""The HTTP side: the tracking API, the API for programs, health and metrics."""
