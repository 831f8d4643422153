"""How frames leave the simulated terminal: as what writes, after what pauses, as what datagrams. Pure; chance is an argument."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from edge.devices.zkteco.simulator.faults import Faults

PIECE_PAUSE = 0.002
PANEL_ANSWER = bytes.fromhex("aa01c90100f3")
"""Head and body of an access panel's error answer (C3, inBio): start, version, error, length 1, reason; checksum and 55 follow."""


def tcp_writes(frames: Sequence[bytes], faults: Faults) -> Iterator[tuple[float, bytes]]:
    """Cut one answer into (seconds to wait before, bytes to write).

    In pieces it pauses before the first one too, so that the end of the answer before stays apart from it.
    """
    size = faults.number("fragment")
    if "coalesced" in faults or (size and "per-frame" not in faults):
        frames = [b"".join(frames)]
    piece_pause = (faults.number("fragment-delay") / 1000 if "fragment-delay" in faults else PIECE_PAUSE) if size else 0
    frame_pause = max(faults.number("per-frame") / 1000, piece_pause)
    for index, frame in enumerate(frames):
        for position, piece in enumerate(_pieces(frame, size)):
            yield (frame_pause if index and not position else piece_pause), piece


def _pieces(frame: bytes, size: int) -> Iterable[bytes]:
    return (frame[start : start + size] for start in range(0, len(frame), size)) if size else (frame,)


def udp_sends(datagrams: Sequence[bytes], faults: Faults, chance: Random) -> list[bytes]:
    """Choose which datagrams of one answer arrive, how often, and in what order."""
    sent: list[bytes] = []
    for datagram in datagrams:
        if chance.random() < faults.chance("udp-loss"):
            continue
        sent.append(datagram)
        if chance.random() < faults.chance("udp-duplicate"):
            sent.append(datagram)
    if "udp-reorder" in faults:
        for index in range(len(sent) - 1):
            if chance.random() < faults.chance("udp-reorder"):
                sent[index], sent[index + 1] = sent[index + 1], sent[index]
    return sent


def panel_frame() -> bytes:
    """What an access panel answers to anything it does not understand."""
    checksum = 0
    for byte in PANEL_ANSWER[1:]:
        checksum ^= byte
        for _ in range(8):
            checksum = checksum >> 1 ^ 0xA001 if checksum & 1 else checksum >> 1
    return PANEL_ANSWER + checksum.to_bytes(2, "little") + b"\x55"
