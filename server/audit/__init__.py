"""The trail of who changed what and why, chained so that a later change is found."""
