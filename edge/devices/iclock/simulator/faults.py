"""Everything a simulated terminal that pushes can do wrong or odd, by name. Each was seen in the field, or lost somebody punches."""

from edge.devices.faults import Fault

_ALL = (
    # How it writes.
    Fault("aspx", "paths end with .aspx"),
    Fault("double-path", "paths begin with /iclock/iclock"),
    Fault("odd-heads", "no Host, a line without a colon, blanks before a colon and in the address"),
    Fault("crlf", "rows end with CR LF"),
    Fault("trailing-tab", "rows end with a TAB"),
    Fault("eleven-fields", "rows of punches have eleven fields"),
    Fault("stamp-9999", "stamps are the constant 9999"),
    Fault("gbk-names", "names are written in GB18030 instead of UTF-8"),
    Fault("batched-results", "results of commands come together in one body"),
    # What it sends.
    Fault("query-stamp", "rows that answer a query carry an ordinary stamp instead of 0"),
    Fault("withhold", "every VALUEth punch is not sent of its own accord, only when it is asked for", 10, 1),
    Fault("twice", "every VALUEth punch stands twice in the log", 10, 1),
    Fault("impossible-dates", "every VALUEth punch shows 30 February", 10, 1),
    Fault("templates", "fingerprints are sent although nobody wants them"),
    Fault("odd-table", "a table that nobody knows is sent with each greeting"),
    Fault("wrong-announce", "it announces the other dialect's kind of device"),
    Fault("own-clock", "it takes no time from the server's answers, only by a command"),
    Fault("deaf-options", "a setting that is written is answered with success and not kept"),
    Fault("lists-nobody", "asked for all users it answers with success and tells none"),
    Fault("face-stays", "deleting a user leaves the face and the pictures where they are"),
    Fault("face-sticks", "the same, and deleting a face is answered with success and not done"),
    # How it travels.
    Fault("retry", "what was not acknowledged comes again after VALUE seconds", 5, 0, 3600),
    Fault("lost-answers", "share of answers that never arrive, though the server acted", 0.1, 0, 1),
    Fault("lost-requests", "share of requests that never arrive", 0.1, 0, 1),
)

PUSH_FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}
"""Every mode by name, in the order of the documentation."""
