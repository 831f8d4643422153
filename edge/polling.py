"""Waiting for sockets whatever their numbers are: `select` fails from descriptor 1024 on.

The MQTT client waits with it. An edge at whose door a thousand terminals stand has more open descriptors than that, and a line that was
opened then broke at once, again and again, for as long as they stood there.
"""

import select as system
from collections.abc import Sequence
from typing import Any

READS = system.POLLIN | system.POLLHUP | system.POLLERR | system.POLLNVAL
WRITES = system.POLLOUT | system.POLLHUP | system.POLLERR | system.POLLNVAL


def select(reading: Sequence[Any], writing: Sequence[Any], _: Sequence[Any], seconds: float) -> tuple[list[Any], list[Any], list[Any]]:
    """As `select.select`: those of both that can be used now, or are broken, which using them tells.

    Raises ValueError for one that is closed.
    """
    wanted: dict[int, int] = {}
    for some, event in ((reading, system.POLLIN), (writing, system.POLLOUT)):
        for one in some:
            wanted[one.fileno()] = wanted.get(one.fileno(), 0) | event
    poller = system.poll()
    for number, events in wanted.items():
        poller.register(number, events)
    ready = dict(poller.poll(seconds * 1000))
    can_read = [one for one in reading if ready.get(one.fileno(), 0) & READS]
    return can_read, [one for one in writing if ready.get(one.fileno(), 0) & WRITES], []
