"""Logs that terminals exported, handed in here: for a site whose edge is gone, or whose people have only a browser.

A file belongs to the edge of its terminal, but never to that edge's chain, which only the edge can write: its rows stand under an epoch
of the server's own (docs/decisions), are judged like all others, and identity absorbs what an edge brought or brings.

model    what a file is and where it stands
reading  its lines as rows
store    the table
actions  hand in, decide
jobs     looking and taking in, by a runner
"""
