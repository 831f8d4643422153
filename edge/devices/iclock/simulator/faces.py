"""Faces on a simulated terminal: of which kind, how they are enrolled, and what it does at commands about them. Pure but for its memory.

A face is one piece or several, by "number.index" with the fields of its row. Pictures are only known to be there.
"""

import re
from base64 import b64encode
from random import Random

from edge.devices.iclock.protocol.lines import pairs_of
from edge.devices.iclock.simulator.memory import PushMemory
from edge.devices.iclock.simulator.obeyed import BAD_PARAMETER, NO_SUCH_USER, OK, OTHER_VERSION, Obeyed

OPTIONS = {
    "none": {"FaceFunOn": "0"},
    "visible": {"FaceFunOn": "1", "FaceVersion": "40", "VisilightFun": "1", "MultiBioVersion": "0:13.0:0:0:0:0:0:0:0:40.1"},
    "near": {"FaceFunOn": "1", "FaceVersion": "7", "MultiBioVersion": "0:10.0:7.0:0:0:0:0:0:0:0"},
    "pieces": {"FaceFunOn": "1", "FaceVersion": "7"},
    "palm": {"FaceFunOn": "0", "PvFunOn": "1", "MultiBioVersion": "0:13.0:0:0:0:0:0:0:12.0:0"},
}
"""What a unit tells of its faces, by kind: by visible light, near infrared, the older table of pieces, or palms and no faces."""
TYPES = {"visible": ("9", "40", "1"), "near": ("2", "7", "0"), "palm": ("8", "12", "0")}
"""Type and version of BIODATA."""
_PIECES = {"visible": 1, "near": 3, "pieces": 3, "palm": 1}
_BYTES = 120
_TABLES = {"biodata", "face"}


def enrol_face(memory: PushMemory, kind: str, pin: str, seed: str) -> None:
    """Somebody shows their face: the pieces are drawn, and a picture is taken."""
    chance = Random(seed)  # noqa: S311 - a failing case must replay
    pieces = {}
    for index in range(_PIECES[kind]):
        tmp = b64encode(chance.randbytes(_BYTES)).decode()
        if kind == "pieces":
            pieces[f"0.{index}"] = {"fid": str(index), "size": str(len(tmp)), "valid": "1", "tmp": tmp}
        else:
            numbers = {"no": "0", "index": str(index), "valid": "1", "duress": "0"}
            version = dict(zip(("type", "majorver", "minorver"), TYPES[kind], strict=True))
            pieces[f"0.{index}"] = numbers | version | {"format": "0", "tmp": tmp}
    memory.faces[pin] = pieces
    memory.photos[pin] = {"biophoto", "userpic"}


def update_face(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    """`DATA UPDATE BIODATA|FACE`: of another version it is refused."""
    fields = pairs_of(found[2])
    pin, place = fields.pop("pin", ""), f"{fields.get('no', '0')}.{fields.get('index') or fields.get('fid', '0')}"
    if pin not in memory.users:
        return Obeyed(NO_SUCH_USER)
    if not fields.get("tmp"):
        return Obeyed(BAD_PARAMETER)
    if (fields.get("type"), fields.get("majorver"), fields.get("minorver")) != memory.face_type:
        return Obeyed(OTHER_VERSION)
    memory.faces.setdefault(pin, {})[place] = fields
    return Obeyed(OK)


def delete_face(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    """`DATA DELETE` of faces or pictures of a user; success also where there is none."""
    table, pin = found[1].lower(), pairs_of(found[2]).get("pin", "")
    if "face-sticks" in memory.faults:
        return Obeyed(OK)
    if table in _TABLES:
        memory.faces.pop(pin, None)
    else:
        memory.photos.get(pin, set()).discard(table)
    return Obeyed(OK)


def query_face(memory: PushMemory, found: re.Match[str]) -> Obeyed:
    """`DATA QUERY BIODATA|FACE`, or of table biodata."""
    pin = pairs_of(found[1])["pin"]
    return Obeyed(OK, upload=("faces", [{"pin": pin} | piece for piece in memory.faces.get(pin, {}).values()]))
