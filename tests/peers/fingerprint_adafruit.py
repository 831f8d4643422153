"""The Adafruit library, in a process of its own, works the module on the port named.

It is written for small boards: two names of theirs, which it uses for types and constants only, are given to it here.
"""

import json
import sys
import types

import serial

sys.modules["busio"] = types.SimpleNamespace(UART=object)
sys.modules["micropython"] = types.SimpleNamespace(const=lambda value: value)

import adafruit_fingerprint  # noqa: E402 - after the names it wants

with serial.Serial(sys.argv[1], 57600, timeout=60) as line:
    module = adafruit_fingerprint.Adafruit_Fingerprint(line)
    found = {
        "password": module.verify_password() == adafruit_fingerprint.OK,
        "capacity": module.library_size,
        "packet": 32 << module.data_packet_size,
    }
    for buffer in (1, 2):
        assert module.get_image() == adafruit_fingerprint.OK
        assert module.image_2_tz(buffer) == adafruit_fingerprint.OK
    assert module.create_model() == adafruit_fingerprint.OK
    found["stored"] = module.store_model(6)
    assert module.get_image() == adafruit_fingerprint.OK
    assert module.image_2_tz(1) == adafruit_fingerprint.OK
    found["match"] = module.finger_search()
    found["search"] = [module.finger_id, module.confidence]
    assert module.load_model(6, 1) == adafruit_fingerprint.OK
    template = module.get_fpdata("char", 1)
    found["template"] = bytes(template).hex()
    assert module.send_fpdata(template, "char", 2)
    assert module.store_model(9, 2) == adafruit_fingerprint.OK
    assert module.read_templates() == adafruit_fingerprint.OK
    found["index"] = module.templates
    assert module.delete_model(6) == adafruit_fingerprint.OK
    assert module.count_templates() == adafruit_fingerprint.OK
    found["left"] = module.template_count
    print(json.dumps(found))
