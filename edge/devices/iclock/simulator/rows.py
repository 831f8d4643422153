"""How a simulated terminal writes what it sends, in both dialects and with its oddities. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from edge.devices.faults import Switches
from edge.devices.iclock.protocol.zone import packed_seconds
from edge.devices.iclock.simulator.memory import PushedPunch
from protocol.instants import show_wall, wall_moment


def attlog(rows: Iterable[PushedPunch], faults: Switches) -> bytes:
    """Rows of table ATTLOG."""
    more = "\t0" * (7 if "eleven-fields" in faults else 2)
    return _lines((f"{row.number}\t{show_wall(row.wall)}\t{row.state}\t{row.verify}{more}" for row in rows), faults)


def rtlog(rows: Sequence[PushedPunch], first: int, faults: Switches) -> bytes:
    """Rows of table rtlog; `first` is the index of the first one."""
    return _lines(
        (
            f"time={show_wall(row.wall)}\tpin={row.number}\tcardno=0\teventaddr=1\tevent=0\tinoutstatus={row.state}"
            f"\tverifytype={row.verify}\tindex={first + place}"
            for place, row in enumerate(rows)
        ),
        faults,
    )


def transactions(rows: Iterable[PushedPunch], faults: Switches) -> bytes:
    """Rows that answer a query in the security dialect; a date that no calendar has cannot be packed and is left out."""
    walls = ((row, wall_moment(row.wall)) for row in rows)
    return _lines(
        (
            f"transaction cardno=0\tpin={row.number}\tverified={row.verify}\tdoorid=1\teventtype=0\tinoutstate={row.state}"
            f"\ttime_second={packed_seconds(moment)}"
            for row, moment in walls
            if moment is not None
        ),
        faults,
    )


def users(found: Mapping[str, Mapping[str, str]], faults: Switches, *, security: bool) -> bytes:
    """Rows of users."""
    encoding = "gb18030" if "gbk-names" in faults else "utf-8"
    if security:
        rows = (f"user uid=1\tcardno=\tpin={pin}\tname={one['name']}\tprivilege={one['pri']}" for pin, one in found.items())
    else:
        rows = (
            f"USER PIN={pin}\tName={one['name']}\tPri={one['pri']}\tPasswd=\tCard={one['card']}\tGrp={one['grp']}\tTZ=0000000100000000"
            for pin, one in found.items()
        )
    return _lines(rows, faults, encoding)


def fingers(found: Iterable[Sequence[str]], *, security: bool) -> bytes:
    """Rows of fingers: user, finger, base64."""
    if security:
        lines = (f"templatev10 size={len(data)}\tpin={pin}\tfid={finger}\tvalid=1\ttmp={data}\n" for pin, finger, data in found)
    else:
        lines = (f"FP PIN={pin}\tFID={finger}\tSize={len(data)}\tValid=1\tTMP={data}\n" for pin, finger, data in found)
    return "".join(lines).encode()


def faces(table: str, found: Iterable[Mapping[str, str]], *, security: bool) -> bytes:
    """Rows of faces with their table; names of fields in small letters in the security dialect."""
    begin = table.lower() if security else table
    lines = ("\t".join(f"{name if security else name.title()}={value}" for name, value in one.items()) for one in found)
    return "".join(f"{begin} {line}\n" for line in lines).encode()


def _lines(rows: Iterable[str], faults: Switches, encoding: str = "utf-8") -> bytes:
    tab, end = "\t" if "trailing-tab" in faults else "", "\r\n" if "crlf" in faults else "\n"
    return "".join(f"{row}{tab}{end}" for row in rows).encode(encoding)
