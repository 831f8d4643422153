"""Orders: what the server asks once. Each runs once, in time, and its answer survives a restart.

order      what a handler gets and gives
ledger     which orders were taken and what became of them, on the disk
desk       takes them, runs their handlers, answers
registry   which handler carries out which kind: the one place to add one
terminals  those for one terminal, by pull or push
supporting what was said to a terminal, a bundle about the edge
scanning   looks for terminals in a subnet
"""
