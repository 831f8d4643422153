"""The pyzk library as a second opinion, and as a fallback for a unit that only it can read.

pyzk is GPL-2.0 and only ever imported by `worker`, which runs in a process of its own; the product talks to that process in JSON.
"""

from edge.devices.pyzk.driver import PyzkDriver, read_with_pyzk

__all__ = ["PyzkDriver", "read_with_pyzk"]
