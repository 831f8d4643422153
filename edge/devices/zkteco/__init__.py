"""ZKTeco and compatible terminals, read by their pull protocol over TCP or UDP."""
