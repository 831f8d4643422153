"""Watching alarms: who is told of which, when, by which way, and what somebody has taken on or muted."""
