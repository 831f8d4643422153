"""Days to an attendance period: totals, what only a period knows, its steps, and what comes to light after closing.

assessing   `assess_period`
settling    week tiers and rows of days; counters, hours_sums, findings: what else only a period knows
steps       the explanation of a period, and playing it again
issues      what is in the way of closing it
arrears     what an accepted difference adds to a closed one
"""
