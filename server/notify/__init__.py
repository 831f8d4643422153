"""Notices to people: in the app with read marks, and by mail where there is an address."""
