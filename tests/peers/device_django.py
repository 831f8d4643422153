"""A terminal that pushes and is not ours: the device simulator of django-fingerprint-attendance, in this process of its own.

Arguments: port, serial number, firmware (legacy, push2 or biodata). Every line of standard input, [what, ...], is answered with one line:
greet, punch USER TIME, offline, online, send, obey, enrol USER FINGER, held.
"""

import json
import sys
from datetime import datetime
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from django.conf import settings

settings.configure()

from fingerprint_attendance.testing.simulator import ADMSDeviceSimulator  # noqa: E402 - it wants settings


class Line:
    """What the simulator wants of a client: get and post, over a socket."""

    def __init__(self, port):
        self._house = f"http://127.0.0.1:{port}"

    def get(self, path, params, **_):
        return self._ask(Request(f"{self._house}{path}?{urlencode(params, quote_via=quote)}"))

    def post(self, path, data, content_type, **_):
        return self._ask(Request(f"{self._house}{path}", data, {"Content-Type": content_type}))

    def _ask(self, request):
        try:
            with urlopen(request, timeout=60) as answer:
                return SimpleNamespace(status_code=answer.status, text=answer.read().decode())
        except HTTPError as refused:
            return SimpleNamespace(status_code=refused.code, text="")


def main() -> None:
    port, serial, firmware = sys.argv[1:]
    device = ADMSDeviceSimulator(Line(port), serial=serial, firmware=firmware)

    def greet():
        try:
            return device.handshake()
        except AssertionError as refused:
            return str(refused)

    do = {
        "greet": greet,
        "punch": lambda user, when: device.punch(user, datetime.fromisoformat(when)) and device.uploaded,
        "offline": device.go_offline,
        "online": lambda: [one.status for one in device.go_online()],
        "send": lambda: [one.status for one in device.upload_pending()],
        "obey": device.run_commands,
        "enrol": lambda user, finger: device.enroll_at_device(user, finger, b"finger").status,
        "held": lambda: sorted([one.pin, f"{one.when:%Y-%m-%d %H:%M:%S}"] for one in device.log),
    }
    for line in sys.stdin:
        what, *more = json.loads(line)
        print(json.dumps(do[what](*more)), flush=True)


main()
