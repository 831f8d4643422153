"""Dialogues that change a terminal, and what its answers mean. Pure: operations of a session, as in `session`.

A buffer is filled piece by piece. A piece whose acknowledgement is lost may have arrived, and would stand twice if it were sent again: so
then the whole buffer is begun anew. Single requests may be repeated, because each says what shall be.
"""

import struct
from collections.abc import Sequence

from edge.devices.driver import CannotError, TerminalRefusedError, TerminalUnreachableError, WriteProblem
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.session import FOREIGN_ANSWERS, TRIES, Dialogue, Session
from edge.devices.zkteco.templates import LARGEST_TEMPLATE, Fingerprint, buffer_checksum, bulk_buffer

PIECE = 1024
MOST_PIECES = 64
"""Frames of one template that is read alone: sixteen would bring the largest one in a datagram each."""
SAVE_BULK_DATA = struct.pack("<IHH", 12, 0, 8)


def expect_ok(answer: Frame) -> Frame:
    """The answer, if it says yes; raises CannotError where the terminal does not know the request, TerminalRefusedError for a no."""
    if answer.command == Command.ACK_OK:
        return answer
    if answer.command in FOREIGN_ANSWERS - {Command.ACK_ERROR_DATA}:
        raise CannotError(WriteProblem.UNKNOWN_COMMAND)
    raise TerminalRefusedError(WriteProblem.REFUSED)


def write_bulk(session: Session, users: Sequence[bytes], prints: Sequence[Fingerprint]) -> Dialogue[None]:
    """Users and fingers in one go (110); raises as `expect_ok`."""
    yield from _upload(session, bulk_buffer(users, prints))
    expect_ok((yield from session.exchange(Command.SAVE_BULK, SAVE_BULK_DATA)))
    yield from session.exchange(Command.FREE_DATA)


def write_template(session: Session, one: Fingerprint) -> Dialogue[None]:
    """One finger of a user who is there (87); raises as `expect_ok`."""
    yield from _upload(session, one.data)
    request = struct.pack("<HBBH", one.uid, one.finger, one.flag, len(one.data))
    expect_ok((yield from session.exchange(Command.WRITE_TEMPLATE, request)))
    yield from session.exchange(Command.FREE_DATA)


def _upload(session: Session, buffer: bytes) -> Dialogue[None]:
    """Fill the terminal's buffer.

    It can be asked for the buffer's checksum. Where that is another one, the buffer is sent again, and then believed all the same: how a
    firmware counts is not certain, and what it keeps is read back in any case.
    """
    told_before = None
    for _ in range(TRIES):
        yield from session.exchange(Command.FREE_DATA)
        expect_ok((yield from session.exchange(Command.PREPARE_DATA, len(buffer).to_bytes(4, "little"))))
        if not (yield from _send_pieces(session, buffer)):
            continue
        told = (yield from session.exchange(Command.CHECKSUM)).data[:4]
        if len(told) < 4 or told == told_before or int.from_bytes(told, "little") == buffer_checksum(buffer):
            return
        told_before = told
    raise TerminalUnreachableError("no-answer")


def _send_pieces(session: Session, buffer: bytes) -> Dialogue[bool]:
    """Whether every piece was acknowledged once."""
    for start in range(0, len(buffer), PIECE):
        answer = yield from session.say(session.ask(Command.DATA, buffer[start : start + PIECE]))
        if answer is None or answer.command in {Command.ACK_RETRY, Command.ACK_REPEAT}:
            return False
        expect_ok(answer)
    return True


def read_template(session: Session, uid: int, finger: int) -> Dialogue[bytes | None]:
    """One template with what firmware puts behind it (88); None where there is none. Raises CannotError where it cannot be asked for."""
    for _ in range(TRIES):
        answer = yield from session.say(session.ask(Command.READ_TEMPLATE, struct.pack("<HB", uid, finger)))
        if answer is None:
            continue
        if answer.command in FOREIGN_ANSWERS - {Command.ACK_ERROR_DATA}:
            raise CannotError(WriteProblem.UNKNOWN_COMMAND)
        if answer.command == Command.DATA and answer.data:
            return answer.data
        if answer.command != Command.PREPARE_DATA:
            return None
        read = yield from _read_pieces(session, int.from_bytes(answer.data[:4], "little"))
        if read:
            return read
    raise TerminalUnreachableError("no-answer")


def _read_pieces(session: Session, size: int) -> Dialogue[bytes | None]:
    """What follows an announcement, when it is as long as announced."""
    read = b""
    for _ in range(MOST_PIECES):
        answer = yield from session.say()
        if answer is None or size > LARGEST_TEMPLATE:
            break
        if answer.command == Command.DATA and len(read) + len(answer.data) <= size:
            read += answer.data
        elif answer.command == Command.ACK_OK:
            return read if len(read) == size else None
        else:
            break
    return None
