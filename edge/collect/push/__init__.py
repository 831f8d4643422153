"""Brings what terminals push into the outbox.

desk       who may push, what becomes of it, what they are told
approvals  which serial numbers may push: the one place that answers that
memory     what is remembered of each terminal, in push.db
queue      commands, kept until the terminal says what became of them
effect     whether a command had its effect
bounds     how far a clock is off, from what is told of its own accord (pure)
clocks     the same for every terminal: remembered, and set by rule
proof      the terminal's own count of punches against ours
receipts   how much came of each table on each day, and that it was acknowledged
work       what becomes of a request, on the disk
file       that file
reports    what a terminal told, in its health and in alarms
shown      what the status has to show
"""

from edge.collect.push.desk import PushDesk

__all__ = ["PushDesk"]
"""The only name that others use."""
