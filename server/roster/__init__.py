"""What should happen: shifts, patterns, rosters, the holiday calendar, and the plan of a day."""
