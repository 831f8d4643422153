"""Punches, for ever as they came, and who they belong to."""
