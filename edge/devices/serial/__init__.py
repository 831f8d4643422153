"""Parts on a serial port of which a clock-in point is built.

line       a serial port: open, write, read within a time, close
zfm/       fingerprint modules ZFM-20, R30x, R503, AS608: packets and exchanges (pure), the module over a line
cards/     RDM6300 tags, Wiegand numbers, readers that type like a keyboard (pure), and the readers themselves
relay/     USB relays of the LCUS kind, and the guard that switches off whatever happens to us
simulator/ each part on a pseudo-terminal
Facts and their sources: docs/reference/serial-parts.md. No part has been tried on hardware by us yet.
"""
