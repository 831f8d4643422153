"""The push protocol ("ADMS", "iclock") as pure functions: from a request to its answer and to what it tells.

request   a request, whatever its path looks like      zone      time zone and clock
head      the first lines of HTTP, as terminals write   dialect   attendance push (2.x) or security push (3.x)
lines     bodies into lines and fields                  punches   rows that are punches
records   operations, users, options, what it holds     results   what became of commands
commands  how commands are written                      answers   what a terminal is told when it comes
react     the table of all that

Facts: docs/reference/push-protocol.md.
"""
