"""Signing in: passwords, an identity provider, sessions, the first administrator."""
