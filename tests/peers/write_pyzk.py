"""Changes a terminal with pyzk, in this process of its own, then prints what pyzk reads of it as one JSON object.

Arguments: port, "tcp" or "udp", then steps: user, templates, enrol, clock, unlock, delete-template, delete-user. None: it only reads.
"""

import json
import sys
from datetime import datetime

from zk import ZK
from zk.finger import Finger

NUMBER, UID = "4711", 4711
TEMPLATES = {1: bytes(range(200)) * 6, 7: b"MxSS21" + bytes([5]) * 1100}


def main() -> None:
    port, transport, *steps = sys.argv[1:]
    terminal = ZK("127.0.0.1", port=int(port), timeout=60, force_udp=transport == "udp", ommit_ping=True)
    terminal.connect()
    terminal.get_users()  # it learns the length of user rows by this
    done = {step: STEPS[step](terminal) for step in steps}
    users = [[one.user_id, one.name, one.privilege, one.password, one.card] for one in terminal.get_users()]
    numbers = {one.uid: one.user_id for one in terminal.get_users()}
    templates = [[numbers[one.uid], one.fid, one.template.hex()] for one in terminal.get_templates()]
    read = {"done": done, "users": users, "templates": templates, "clock": terminal.get_time().isoformat(" ")}
    terminal.disconnect()
    print(json.dumps(read))


def user(terminal):
    terminal.set_user(uid=UID, name="李 Wei", privilege=14, password="2468", user_id=NUMBER, card=3087675)


def templates(terminal):
    terminal.save_user_template(UID, [Finger(UID, finger, 1, data) for finger, data in TEMPLATES.items()])
    return [terminal.get_user_template(UID, finger).template == data for finger, data in TEMPLATES.items()]


def enrol(terminal):
    return terminal.enroll_user(user_id=NUMBER, temp_id=3)


def clock(terminal):
    terminal.set_time(datetime(2030, 2, 28, 23, 59, 30))


def unlock(terminal):
    terminal.unlock(4)


def delete_template(terminal):
    return terminal.delete_user_template(uid=UID, temp_id=1)


def delete_user(terminal):
    terminal.delete_user(uid=UID)


STEPS = {
    "user": user,
    "templates": templates,
    "enrol": enrol,
    "clock": clock,
    "unlock": unlock,
    "delete-template": delete_template,
    "delete-user": delete_user,
}

main()
