"""Listens to a terminal's live events with pyzk, in this process of its own, and prints one line for each.

Arguments: port, "tcp" or "udp". The first line, "listening", comes after a time-out, when pyzk has certainly asked for them.
"""

import json
import sys

from zk import ZK

port, transport = sys.argv[1:]
terminal = ZK("127.0.0.1", port=int(port), timeout=60, force_udp=transport == "udp", ommit_ping=True)
terminal.connect()
for event in terminal.live_capture(new_timeout=1):
    heard = "listening" if event is None else [event.user_id, event.timestamp.isoformat(" "), event.status, event.punch]
    print(json.dumps(heard), flush=True)
