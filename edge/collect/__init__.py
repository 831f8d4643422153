"""Brings punches from terminals and drop folders into the outbox. Each terminal has one owner; nobody else talks to it.

rows     what a terminal told, written as rows for good
intake   appends a log behind its watermark, or a live punch
owner    one terminal: connect, read, listen, poll, start again
push     the desk of terminals that push
folder   one drop folder of USB exports
crew     all owners of an edge
"""

from edge.collect.crew import Crew

__all__ = ["Crew"]
