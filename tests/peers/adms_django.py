"""An ADMS server that is not ours, django-fingerprint-attendance, in this process of its own. What it has stands in the folder named.

Arguments: folder, port (0: any). The first line it prints is its port. Every line of standard input, {"do": what, ...}, is answered with
one line: approve, person and command do what their names say, state tells all that the server has.
"""

import json
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings

ZONE = "Asia/Shanghai"


class Threaded(ThreadingMixIn, WSGIServer):
    """Terminals do not wait for each other."""

    daemon_threads = True
    request_queue_size = 64


class Silent(WSGIRequestHandler):
    """Standard error is for what goes wrong."""

    def log_message(self, *_):
        pass


def set_up(folder: Path) -> None:
    settings.configure(
        SECRET_KEY="only for this test",
        USE_TZ=True,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="fingerprint_attendance.adms.urls",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "fingerprint_attendance"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": folder / "adms.db",
                "OPTIONS": {
                    "timeout": 20,
                    "transaction_mode": "IMMEDIATE",
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
                },
            }
        },
        FINGERPRINT_ATTENDANCE={
            "DEFAULT_DEVICE_TIMEZONE": ZONE,
            "ADMS_DELAY": 1,
            "ADMS_ERROR_DELAY": 1,
            "ADMS_RATE_LIMIT": None,
            "ENROLLMENT_REQUIRE_CONSENT": False,
            "SYNC_USERS_WITHOUT_TEMPLATES": True,
            "TEMPLATE_ENCRYPTION_ENABLED": False,
        },
    )
    django.setup()


def approve(serial, options=None):
    from fingerprint_attendance.models import Device
    from fingerprint_attendance.services.devices import approve_device

    device = Device.objects.get(serial_number=serial)
    device.options = options or {}
    device.save(update_fields=["options"])
    approve_device(device)


def person(pin, name):
    from django.contrib.auth.models import User
    from fingerprint_attendance.services.enrollees import create_enrollee

    create_enrollee(User.objects.create(username=f"user-{pin}"), device_pin=pin, display_name=name)


def command(serial, kind, payload):
    from fingerprint_attendance.models import Device
    from fingerprint_attendance.services.commands import queue_command

    return queue_command(Device.objects.get(serial_number=serial), kind, payload).pk


def state():
    from fingerprint_attendance.models import Device, DeviceCommand, DeviceEventLog, FingerprintTemplate, Punch

    facts = "status push_version model_name firmware_version reported_user_count reported_punch_count log_capacity capabilities".split()
    return {
        "terminals": {one.pop("serial_number"): one for one in Device.objects.values("serial_number", *facts)},
        "punches": list(Punch.objects.order_by("id").values_list("device__serial_number", "raw_pin", "device_local_time", "verify_mode")),
        "commands": {one[0]: one[1:] for one in DeviceCommand.objects.values_list("id", "status", "return_code", "command_string")},
        "events": list(DeviceEventLog.objects.order_by("id").values_list("device__serial_number", "event_type", "message", "data")),
        "templates": [
            [one.enrollee.device_pin, one.finger_index, one.source_device.serial_number, one.get_data().hex()]
            for one in FingerprintTemplate.objects.select_related("enrollee", "source_device")
        ],
    }


DO = {"approve": approve, "person": person, "command": command, "state": state}


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    set_up(folder)
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    with make_server("127.0.0.1", port, get_wsgi_application(), Threaded, Silent) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps(DO[asked.pop("do")](**asked)), flush=True)


main()
