"""Terminals that push: they speak HTTP to the edge, in one of two dialects. Nothing of this has been tried on hardware.

protocol   what a request means, what it is answered with, and what it tells: pure
listener   the HTTP door that odd clients can use
simulator  a fake terminal of either dialect
"""
