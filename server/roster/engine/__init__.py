"""Reckoning with rosters. Pure."""
