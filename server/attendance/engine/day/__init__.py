"""One work date, from its punches to the verdict.

dividing     which punch belongs to which work date
assessing    `assess_day`: the course of it; `days` does it for several dates of one person
reading, entries, directions, rounding, pairing, matching, runs     punches to stays
owing, standing, working, lateness, overtime, premiums              what is owed and what was done
verdict, result, explaining                                         what it comes to, and why
"""
