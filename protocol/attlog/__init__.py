"""Logs that a terminal exported to a USB stick: bytes to punches, and to what is wrong with each line that is none. Pure.

Both sides read such files: an edge by folder, command and page, the server where an edge is gone or a file was handed in there.

lines    a stream of bytes into lines, whatever encoding
times    the ways in which a time is written
punches  a line into a punch, or why it is none
survey   what a whole file comes to, and whether it may be taken
words    the same for people, in English and Chinese

Source: docs/reference/usb-export.md.
"""
