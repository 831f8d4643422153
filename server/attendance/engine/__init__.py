"""How attendance days and periods come about. Pure: the same plan, punches, grants and rules give the same day, on any machine.

day         one work date, from its punches to the verdict
period      days to totals, and what comes to light after closing
rules       rule sets as people read, check and edit them
steps       the sentences of a day's explanation; telling, wording: all of it in the reader's language
granting    what a grant must say, and which dates it can matter to; bulk: the same for many people
comparing   what differs between two results; locking: which days stand
walls       what terminals' clocks showed, as instants; reporting: up to when terminals have reported
"""
