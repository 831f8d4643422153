"""Who exists: departments, people, and the terminal users they are."""
