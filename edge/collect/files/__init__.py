"""Files that terminals exported: handed in by command, by the edge's own page or by a drop folder.

taking  a file's lines into the outbox, after a look at all of it
room    where files wait, and what became of them
desk    takes in what waits there, while the agent runs
"""
