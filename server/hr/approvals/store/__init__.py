"""Reading and writing flows, courses, delegations."""
