"""The whole way on one machine, to look at and to break.

company, history, terminals   what there is to show: people, their punches, terminals that hold them
stage                         a server and two edge kits, ready to start
parts, relay                  processes and networks, to kill and to cut
running, scene, counting      the demo while it runs
panel, check                  a person's way to break it, and a program's
"""

from clockbridge.demo.command import app

__all__ = ["app"]
