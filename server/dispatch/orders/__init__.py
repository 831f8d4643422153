"""Orders to edges and their terminals, what edges are for, and terminals that nobody has approved yet."""
