"""The way down at an edge: what the server wants of it, made so and told back. Explanation: docs/explanation/way-down.md.

downlink      hears what comes and gives it to its part
sealing_key   what only this edge may read
setup         what this edge is for, in force at run time
orders        what is asked once
comparing     how many punches of each day the edge took, for the server to compare
file          wanted.sqlite
"""

from edge.downlink.downlink import Downlink

__all__ = ["Downlink"]
"""The only name that others use."""
