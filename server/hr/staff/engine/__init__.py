"""Pure computation of staff records."""
