"""Bytes that no terminal should ever send, against everything at the edge that reads bytes: `./dev soak fuzz`.

    ./dev soak fuzz [--minutes 5] [--seed 1] [--only NAME]

Each target takes bytes and gives what it made of them. Whatever comes: no error but those it declares, no punch whose bytes are not
in what came, no more kept than came, no case that takes longer than a moment. The bytes that break something are printed and kept.
"""

import argparse
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.collect.push.bounds import bounds_of
from edge.devices.attlog.export import write_export
from edge.devices.driver import FrameError, TerminalPunch
from edge.devices.iclock.protocol.answers import House, Known
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.faces import VISIBLE, FaceAlgorithm, face_algorithm, read_face, update_face
from edge.devices.iclock.protocol.head import BadHeadError, parse_head
from edge.devices.iclock.protocol.lines import pairs_of
from edge.devices.iclock.protocol.react import Reaction, react
from edge.devices.iclock.protocol.request import read_request
from edge.devices.iclock.protocol.zone import shown_instant
from edge.devices.iclock.shown import shown_request
from edge.devices.serial.cards.keys import KeyLines, key_events
from edge.devices.serial.cards.tags import TagSplitter, encode_tag
from edge.devices.serial.zfm.frames import Packet, PacketType, Splitter, encode
from edge.devices.zkteco.events import decode_punch_event
from edge.devices.zkteco.frames import Frame, FrameStream, encode_tcp
from edge.devices.zkteco.layouts import decode_log, decode_users
from edge.devices.zkteco.watched import name_of
from protocol import codec
from protocol.attlog.punches import read_export
from protocol.attlog.survey import Surveyor, refusal_of
from protocol.errors import ProtocolError
from protocol.messages import DOWN_KINDS, UP_KINDS
from protocol.topics import Encoding

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOUSE = House(ZoneInfo("Asia/Shanghai"), NOW, trusted=True)
SLOW_SECONDS = 5.0
GROWTH_KILOBYTES = 100 * 1024
WARM_CASES = 2000
PATHS = (
    "cdata",
    "cdata.aspx",
    "getrequest",
    "devicecmd",
    "registry",
    "push",
    "fdata",
    "querydata",
    "ping",
    "exchange",
    "rtdata",
    "nothing",
)
TABLES = ("ATTLOG", "OPERLOG", "BIODATA", "options", "rtlog", "rtstate", "tabledata&tablename=user", "ATTPHOTO", "transaction", "strange")


class BrokenError(AssertionError):
    """Something came of bytes that must not."""


@dataclass(frozen=True, slots=True)
class Target:
    """seeds: bytes as they should be. work: gives punches that were made and how many bytes were kept. exact: evidence is a piece of it."""

    name: str
    seeds: Sequence[bytes]
    work: Callable[[bytes, random.Random], tuple[Sequence[TerminalPunch], int]]
    exact: bool = True


def _files(data: bytes, chance: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    size = chance.choice((1, 7, 64, 4096))
    surveyor = Surveyor(NOW.replace(tzinfo=None))
    lines = list(surveyor.over(read_export(data[start : start + size] for start in range(0, len(data), size))))
    refusal_of(surveyor.finish(), "1_attlog.dat", "T1", any_device=False)
    punches = [TerminalPunch(line.user, line.wall, line.verify, line.state, line.raw) for line in lines if line.wall is not None]
    return punches, sum(len(line.raw) for line in lines)


def _push(data: bytes, chance: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    dialect = chance.choice((Dialect.ATTENDANCE, Dialect.SECURITY))
    target = f"/iclock/{chance.choice(PATHS)}?SN=CJ92183760123&table={chance.choice(TABLES)}"
    request = read_request(chance.choice(("GET", "POST")), target, data)
    reaction = react(request, Known("CJ92183760123", dialect, registered=True, code="00"), HOUSE)
    shown_request(request)
    _look_further(reaction)
    kept = sum(len(one.raw) for one in (*reaction.found.punches, *reaction.found.doubtful))
    if reaction.found.lines and not (reaction.found.punches or reaction.found.doubtful or reaction.found.doors):
        raise BrokenError("lines were neither taken nor kept")
    return reaction.found.punches, kept


def _look_further(reaction: Reaction) -> None:
    """What the edge makes of what was told: its clock, and faces."""
    walls = [one.wall for one in reaction.found.punches] + ([] if reaction.clock is None else [reaction.clock])
    shown = [moment for moment in (shown_instant(wall, HOUSE.zone, NOW) for wall in walls) if moment is not None]
    if shown:
        bounds_of(shown, NOW, NOW)
    algorithm = face_algorithm(reaction.options) or FaceAlgorithm(VISIBLE, "40.1")
    for table, rest in reaction.told.faces[:5]:
        data = read_face([(table, rest)], pairs_of(rest).get("pin", ""), algorithm)
        if data is not None and not update_face(Dialect.ATTENDANCE, algorithm, "1", data):
            raise BrokenError("a face was read that cannot be brought")


def _head(data: bytes, _: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    with suppress(BadHeadError):
        head = parse_head(data)
        read_request(head.method, head.target)
    return (), 0


def _stream(data: bytes, chance: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    stream, kept = FrameStream(), 0
    with suppress(FrameError):
        for piece in _pieces(data, chance):
            for frame in stream.feed(piece):
                kept += len(frame.data)
                name_of(frame.command)
    return (), kept


def _log(data: bytes, chance: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    found = decode_log(
        data, {1: "1", 7: "007"}, NOW, chance.choice((None, 0, len(data) // 40)), None, chance.choice((None, "8a", "16", "40"))
    )
    return found.punches, sum(len(one.raw) for one in found.doubtful)


def _users(data: bytes, _: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    decode_users(data, None)
    return (), 0


def _event(data: bytes, _: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    found = decode_punch_event(data, {1: "1"})
    return ([found] if isinstance(found, TerminalPunch) else []), len(found.raw)


def _module(data: bytes, chance: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    splitter = Splitter()
    return (), sum(len(packet.payload) for piece in _pieces(data, chance) for packet in splitter.feed(piece))


def _cards(data: bytes, chance: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    tags, keys = TagSplitter(), KeyLines()
    found = 0
    for piece in _pieces(data, chance):
        found += len(list(tags.feed(piece))) + len(list(keys.feed(piece)))
    return (), found


def _messages(data: bytes, chance: random.Random) -> tuple[Sequence[TerminalPunch], int]:
    with suppress(ProtocolError):
        codec.unpack(chance.choice(list(Encoding)), data)
    with suppress(ProtocolError):
        codec.decode(chance.choice([*UP_KINDS, *DOWN_KINDS]), data)
    with suppress(ProtocolError):
        codec.decode_row(data)
    return (), 0


ATTLOG = write_export(TerminalPunch(str(user), 20261003085901 + user, 1, 0, b"") for user in range(20))
ROW_40 = b"\x01\x00" + b"1".ljust(24, b"\0") + b"\x01" + bytes.fromhex("804e8533") + b"\x00" + bytes.fromhex("00000000ff000000")
SEALED = b'{"signature":"' + b"0" * 128 + b'","kind":"order","edge":"a","order":"o","action":"reboot","expires_at":"2026-11-23T00:00:00Z"}'
TIME = bytes.fromhex("804e8533")
ROW_8, ROW_16 = bytes.fromhex("07002800a8eba71e"), b"\x01\0\0\0" + TIME + bytes(8)
SIX = bytes((26, 11, 23, 8, 58, 3))
EXPORTS = (
    ATTLOG,
    ATTLOG.decode().encode("utf-16"),
    b"PIN,DateTime\n7,2026-10-03 08:59:01\n",
    "SN:A1\n王\t20261003085901".encode("gb18030"),
)
BODIES = (
    b"1\t2026-11-20 08:59:01\t0\t1\t0\n002\t2026-11-20 09:00:00\t255\t15\t0\t0\t0\r\n",
    b"time=2026-11-20 08:59:01\tpin=2\tevent=3\tinoutstatus=0\tverifytype=15\tindex=9\r\n",
    b"USER PIN=1\tName=x\tPri=14\nOPLOG 4\t0\t2026-11-20 08:59:01\t0\t0\t0\t0\nFP PIN=1\tFID=0\tSize=4\tTMP=AAAA\n",
    b"BIODATA Pin=1\tNo=0\tIndex=0\tValid=1\tDuress=0\tType=9\tMajorVer=40\tMinorVer=1\tFormat=0\tTmp=AAAA\n",
    b"FaceFunOn=1,FaceVersion=40,VisilightFun=1,MultiBioVersion=0:13.0:0:0:0:0:0:0:0:40.1\n",
    b"time=0001-01-01 00:00:00\tsensor=00\trelay=00\talarm=0000000000000000\tdoor=00\r\n",
    b"ID=7&Return=0&CMD=DATA\nID=8&Return=-1002&CMD=INFO\n",
)
HEADS = (b"POST /iclock/cdata?SN=A1&table=ATTLOG HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n",)
FRAMES = b"".join(encode_tcp(Frame(2000, 7, place, bytes(place))) for place in range(20))
ROW = b'{"terminal":"T","user":"1","wall":"2026-11-20 08:59:01","received_at":"2026-11-20T00:00:00Z"}'
TARGETS = (
    Target("files", EXPORTS, _files, exact=False),
    Target("push", BODIES, _push),
    Target("push heads", HEADS, _head),
    Target("pull frames", (FRAMES,), _stream),
    Target("pull logs", (ROW_40 * 20, ROW_8 * 30, ROW_16 * 20), _log),
    Target("pull users", (bytes(72) * 4, b"\x01\0\0" + bytes(69), bytes(28) * 5), _users),
    Target("pull events", (b"\x01\0\x01\x00" + SIX, b"7".ljust(24, b"\0") + b"\x01\x00" + SIX), _event),
    Target("fingerprint module", (encode(Packet(PacketType.ACK, b"\0\0\5\0\xb4")) * 4,), _module),
    Target("cards", (encode_tag(3087675) * 3, key_events("0003087675") * 2), _cards),
    Target("messages", (SEALED, ROW), _messages),
)


def _pieces(data: bytes, chance: random.Random) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        size = chance.choice((1, 3, 17, 256, 65_536))
        yield data[start : start + size]
        start += size


SPOILING = (b"\0", b"\xff\xff\xff\xff", b"\n", b"\r\n", b"\t", b"=", b"&", b"\x1a", b"%00", b"999999999999")


def mutate(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """A seed, spoiled some times; now and then pure noise, or very long."""
    if chance.random() < 0.03:
        return chance.randbytes(chance.randrange(5000))
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(7):
            case 0 if data:
                data[at % len(data)] ^= 1 << chance.randrange(8)
            case 1:
                del data[at : at + chance.randrange(40)]
            case 2:
                data[at:at] = data[at : at + chance.randrange(60)]
            case 3:
                data[at:at] = chance.choice(
                    (b"\0", b"\xff\xff\xff\xff", b"\n", b"\r\n", b"\t", b"=", b"&", b"\x1a", b"%00", b"999999999999")
                )
            case 4:
                other = chance.choice(seeds)
                data[at:] = other[chance.randrange(len(other) + 1) :]
            case 5 if len(data) < 200_000:
                data *= chance.randrange(1, 4)
            case _:
                data[at:at] = chance.randbytes(chance.randrange(12))
    return bytes(data)


def check(target: Target, data: bytes, chance: random.Random) -> None:
    """One case; raises BrokenError, or whatever the target should not have raised."""
    started = time.monotonic()
    punches, kept = target.work(data, chance)
    if time.monotonic() - started > SLOW_SECONDS:
        raise BrokenError("it took too long")
    if kept > 3 * len(data) + 4096:
        raise BrokenError(f"{kept} bytes were kept of {len(data)}")
    for punch in punches:
        if target.exact and punch.raw not in data:
            raise BrokenError(f"a punch whose bytes did not come: {punch}")
        if not punch.user:
            raise BrokenError(f"a punch of nobody: {punch}")


def run(minutes: float, seed: int, only: str, folder: Path) -> int:
    """Until the time is over; gives how many cases broke something."""
    targets = [target for target in TARGETS if only in ("", target.name)]
    chance, broken, cases = random.Random(seed), 0, 0
    until, base, counts = time.monotonic() + minutes * 60, 0, dict.fromkeys((target.name for target in targets), 0)
    while time.monotonic() < until:
        for target in targets:
            data = mutate(target.seeds, chance)
            state = chance.getstate()
            try:
                check(target, data, chance)
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                broken += 1
                folder.mkdir(parents=True, exist_ok=True)
                file = folder / f"{target.name.replace(' ', '-')}-{broken}.bin"
                file.write_bytes(data)
                print(f"{target.name}: {type(error).__name__}: {error}\n  {data[:200]!r}\n  kept in {file}", file=sys.stderr)
                chance.setstate(state)
            counts[target.name] += 1
            cases += 1
        if cases == WARM_CASES // len(targets) * len(targets):
            base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base if base else 0
    if grown > GROWTH_KILOBYTES:
        broken += 1
        print(f"memory grew by {grown // 1024} MB", file=sys.stderr)
    print("; ".join(f"{name}: {count:,}" for name, count in counts.items()))
    print(f"{cases:,} cases in {minutes:g} minutes, {broken} broken, memory grew by {grown // 1024} MB (seed {seed})")
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev soak fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="one of: " + ", ".join(target.name for target in TARGETS))
    parser.add_argument("--folder", type=Path, default=Path(".soak/fuzz"))
    arguments = parser.parse_args()
    return 1 if run(arguments.minutes, arguments.seed, arguments.only, arguments.folder) else 0


if __name__ == "__main__":
    sys.exit(main())
