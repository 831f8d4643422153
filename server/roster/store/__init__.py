"""Queries of rosters, by what they read."""
