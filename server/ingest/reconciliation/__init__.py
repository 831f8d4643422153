"""Whether the server has every punch that an edge ever took, terminal by terminal and day by day; what is missing is asked for again."""
