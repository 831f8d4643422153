"""What a simulated terminal asks next, and what it makes of the answer. Pure: the runner has the line, the clock and the chance.

    greet ► (register ► push ► greet) ► options ► rows that wait ► answers to queries ► results ► are there commands?
Whatever is not answered as it should be comes again after a while, and everything behind it waits.
"""

import re
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from edge.devices.faults import Switches
from edge.devices.iclock.protocol.lines import pairs_of
from edge.devices.iclock.protocol.zone import unpacked_parts
from edge.devices.iclock.simulator import faces, rows
from edge.devices.iclock.simulator.memory import PushedPunch, PushMemory
from edge.devices.iclock.simulator.obey import obey
from edge.devices.iclock.simulator.obeyed import Obeyed
from edge.devices.iclock.simulator.options import PushOptions
from protocol.instants import WallTime, pack_moment, show_wall

BATCH = 100
STATE = "table=rtstate"
OPTIONS = {
    "attendance": {"~DeviceName": "Simulator", "FPVersion": "10", "MaxAttLogCount": "10"},
    "security": {"~DeviceName": "Simulator", "MachineType": "101"},
}
ERROR_SECONDS = 30.0
POLL_SECONDS = 10.0
POLLS_BETWEEN_STATES = 5
"""A unit of the security dialect tells the state of its door now and then."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. expects: how its answer must begin; anything else is no acknowledgement. rows: of the log, that are sent with it."""

    method: str
    what: str
    query: str = ""
    body: bytes = b""
    expects: bytes = b""
    rows: int = 0


class Unit:
    """A terminal. Instants are seconds of a clock that only goes forward; `moment` is true time, naive UTC."""

    def __init__(self, options: PushOptions, faults: Switches, memory: PushMemory, offset: timedelta) -> None:
        self.options, self.faults, self.memory = options, faults, memory
        self.offset, self.drift = offset, timedelta(seconds=options.clock_drift)
        self.security = options.dialect == "security"
        self.seen: list[tuple[str, str]] = []
        """Commands that came, with their numbers."""
        self.answers = 0
        self._steps: deque[Ask] = deque()
        self._uploads: deque[Ask] = deque()
        self._results: deque[str] = deque()
        self._registered = self._informed = False
        self._polls = 0
        memory.options |= OPTIONS[options.dialect] | faces.OPTIONS[options.faces]
        memory.face_type = faces.TYPES.get(options.faces, (None, None, None))
        self._rests_until = self._polls_at = float("-inf")
        self._delay, self._error_delay = POLL_SECONDS, ERROR_SECONDS
        self.greet()

    def greet(self) -> None:
        """Begin from the greeting, as after a restart."""
        kind = "acc" if self.security != ("wrong-announce" in self.faults) else "att"
        version = "3.1.2" if self.security else "2.4.1"
        announce = f"options=all&language=83&pushver={version}&DeviceType={kind}&PushOptionsFlag=1"
        self._steps = deque([Ask("GET", "cdata", announce)])
        if self.security and not self._registered:
            self._steps.append(Ask("POST", "registry", body=b"DeviceType=acc," + self._options(), expects=b"RegistryCode="))
            self._steps.append(Ask("POST", "push"))
        elif not self.security:
            self._steps.append(Ask("POST", "cdata", "table=options", self._options(), b"OK"))
        if self.security and "own-clock" not in self.faults:
            self._steps.append(Ask("GET", "rtdata", "type=time"))
        if "odd-table" in self.faults:
            self._steps.append(Ask("POST", "cdata", "table=ODDLOG&Stamp=1", b"a\tb\n", b"OK"))
        if "templates" in self.faults:
            row = b"FP PIN=1001\tFID=0\tSize=8\tValid=1\tTMP=AAAAAAAA\n"
            self._steps.append(Ask("POST", "cdata", "table=OPERLOG&Stamp=9999", row, b"OK"))

    def _options(self) -> bytes:
        return ",".join(f"{name}={value}" for name, value in self.memory.options.items()).encode()

    def clock(self, moment: datetime) -> WallTime:
        """What its clock shows."""
        return pack_moment(moment + self.offset + self.drift)

    def next(self, now: float, moment: datetime) -> Ask | None:
        """The next request; None while there is nothing to ask."""
        if now < self._rests_until:
            return None
        if self._steps:
            return self._steps[0]
        if self._uploads:
            return self._uploads[0]
        if self.memory.sent < len(self.memory.log):
            return self._new_rows()
        if self._results:
            return self._result()
        if now < self._polls_at:
            return None
        return self._state(moment) if self.security and self._polls >= POLLS_BETWEEN_STATES else self._poll()

    def rest(self, now: float) -> float:
        """Seconds until it asks by itself, when there is nothing to ask now."""
        return max(self._polls_at if now >= self._rests_until else self._rests_until, now) - now

    def hear(self, ask: Ask, status: int | None, body: bytes, date: datetime | None, moment: datetime, now: float) -> None:
        """Take the answer; status None: none came."""
        if status != 200 or not body.startswith(ask.expects):
            self._rests_until = now + (self.faults.number("retry") if "retry" in self.faults else self._error_delay)
            return
        self.answers += 1
        if date is not None and "own-clock" not in self.faults:
            self.drift = date - moment
        if ask.what == "getrequest":
            self._polls += 1
            self._informed, self._polls_at = True, now + (self._delay if self.options.poll_seconds is None else self.options.poll_seconds)
            self._obey(body, moment)
        elif ask.query == STATE:
            self._polls = 0
        elif ask.what == "devicecmd":
            for _ in range(ask.rows):
                self._results.popleft()
        elif ask.rows:
            self.memory.sent = min(self.memory.sent + ask.rows, len(self.memory.log))
        else:
            self._go_on(ask, body, moment)

    def _go_on(self, ask: Ask, body: bytes, moment: datetime) -> None:
        """A step of the greeting, or an upload, was taken."""
        if self._steps and ask == self._steps[0]:
            self._steps.popleft()
            if ask.what in ("cdata", "push"):
                self._take_options(body)
            elif ask.what == "registry":
                self._registered = True
            elif ask.what == "rtdata":
                self._take_time(body, moment)
        elif self._uploads and ask == self._uploads[0]:
            self._uploads.popleft()

    def tell_operation(self, code: int, moment: datetime, *parameters: str) -> None:
        """Something was done at its keys; the security dialect has no such table."""
        if not self.security:
            row = "\t".join([f"OPLOG {code}", "0", show_wall(self.clock(moment)), *parameters, *"000"[len(parameters) - 1 :]])
            self._uploads.append(Ask("POST", "cdata", "table=OPERLOG&OpStamp=9999", f"{row}\n".encode(), b"OK"))

    def poll_now(self) -> None:
        """Ask for commands at once, as after a wake-up."""
        self._rests_until = self._polls_at = float("-inf")

    def target(self, ask: Ask) -> str:
        """The path and query as this unit writes them."""
        path = "/iclock/iclock/" if "double-path" in self.faults else "/iclock/"
        end = ".aspx" if "aspx" in self.faults else ""
        return f"{path}{ask.what}{end}?SN={self.options.serial}" + (f"&{ask.query}" if ask.query else "")

    # What it sends -------------------------------------------------------------------------------------------------------------------

    def _new_rows(self) -> Ask:
        taken = min(BATCH, len(self.memory.log) - self.memory.sent)
        new = self.memory.unsent(BATCH)
        if self.security:
            return Ask("POST", "cdata", "table=rtlog", rows.rtlog(new, self.memory.sent, self.faults), b"OK", taken)
        return Ask(
            "POST", "cdata", f"table=ATTLOG&Stamp={self._stamp(self.memory.sent + taken)}", rows.attlog(new, self.faults), b"OK", taken
        )

    def _stamp(self, place: int) -> int:
        return 9999 if "stamp-9999" in self.faults else place

    def _result(self) -> Ask:
        count = len(self._results) if "batched-results" in self.faults else 1
        lines = [self._results[place] for place in range(count)]
        return Ask("POST", "devicecmd", "", "\n".join(lines).encode() + b"\n", b"OK", count)

    def _poll(self) -> Ask:
        held = self.memory
        counts = f"{len(held.users)},{sum(map(len, held.fingers.values()))},{len(held.log)}"
        faces_held = 0 if self.options.faces == "palm" else len(held.faces)
        info = f"Ver 8.0.4 (sim),{counts},127.0.0.1,10,7,15,{faces_held},111"
        return Ask("GET", "getrequest", "" if self._informed else "INFO=" + quote(info, safe=",().:" + " " * ("odd-heads" in self.faults)))

    def _state(self, moment: datetime) -> Ask:
        state = f"time={show_wall(self.clock(moment))}\tsensor=00\trelay=00\talarm=0000000000000000\tdoor=00\r\n"
        return Ask("POST", "cdata", STATE, state.encode(), b"OK")

    def _obey(self, body: bytes, moment: datetime) -> None:
        for line in body.decode().splitlines():
            found = re.fullmatch(r"C:([^:\s]+):(.*)", line)
            if found is None:
                continue
            self.seen.append((found[1], found[2]))
            done = obey(self.memory, found[2].strip(), security=self.security)
            if done.upload:
                self._upload(done, found[1])
            self._results.append(f"ID={found[1]}&Return={done.code}&CMD={done.name}{done.more}")
            told = _moment(done.clock)
            if told is not None:
                self.drift = told - self.offset - moment
            if done.greets:
                self.greet()

    def _upload(self, done: Obeyed, number: str) -> None:
        assert done.upload is not None
        kind, items = done.upload
        for first in range(0, len(items), BATCH):
            some = items[first : first + BATCH]
            asks = {
                "punches": self._punches,
                "users": self._users,
                "fingers": self._fingers,
                "faces": self._faces,
                "options": self._told_options,
            }
            self._uploads.append(asks[kind](some, number))

    def _punches(self, some: list[object], number: str) -> Ask:
        found = [one for one in some if isinstance(one, PushedPunch)]
        if self.security:
            return self._answer_query("transaction", rows.transactions(found, self.faults), number)
        stamp = self._stamp(self.memory.sent) if "query-stamp" in self.faults else 0
        return Ask("POST", "cdata", f"table=ATTLOG&Stamp={stamp}", rows.attlog(found, self.faults), b"OK")

    def _users(self, some: list[object], number: str) -> Ask:
        found = {str(pin): self.memory.users[str(pin)] for pin in some}
        body = rows.users(found, self.faults, security=self.security)
        return self._answer_query("user", body, number) if self.security else Ask("POST", "cdata", "table=OPERLOG&Stamp=9999", body, b"OK")

    def _fingers(self, some: list[object], number: str) -> Ask:
        body = rows.fingers(([str(part) for part in one] for one in some if isinstance(one, tuple)), security=self.security)
        if self.security:
            return self._answer_query("templatev10", body, number)
        return Ask("POST", "cdata", "table=OPERLOG&Stamp=9999", body, b"OK")

    def _faces(self, some: list[object], number: str) -> Ask:
        table = "FACE" if self.options.faces == "pieces" else "BIODATA"
        body = rows.faces(table, (one for one in some if isinstance(one, dict)), security=self.security)
        if self.security:
            return self._answer_query("biodata", body, number)
        return Ask("POST", "cdata", "table=OPERLOG&Stamp=9999" if table == "FACE" else "table=BIODATA&Stamp=9999", body, b"OK")

    def _told_options(self, some: list[object], number: str) -> Ask:
        query = f"type=options&cmdid={number}&tablename=options&count=1&packcnt=1&packidx=1"
        return Ask("POST", "querydata", query, ",".join(str(one) for one in some).encode(), b"OK")

    def _answer_query(self, table: str, body: bytes, number: str) -> Ask:
        count = sum(1 for line in body.splitlines() if line)
        query = f"type=tabledata&cmdid={number}&tablename={table}&count={count}&packcnt=1&packidx=1"
        return Ask("POST", "querydata", query, body, f"{table}={count}".encode())

    # What it is told -----------------------------------------------------------------------------------------------------------------

    def _take_time(self, body: bytes, moment: datetime) -> None:
        told = _moment(_whole(pairs_of(body.decode("utf-8", "replace"), ",").get("datetime", "")))
        if told is not None:  # not every server knows the question
            self.drift = told - moment

    def _take_options(self, body: bytes) -> None:
        options = pairs_of(body.decode("utf-8", "replace").replace("\r", ""), "\n")
        self._registered = self._registered or "registry" in options
        self._delay = float(options.get("delay") or options.get("requestdelay") or self._delay)
        self._error_delay = float(options.get("errordelay") or self._error_delay)
        value = _whole(options.get("timezone", ""))
        if value is not None:
            self.offset = timedelta(hours=value) if abs(value) <= 14 else timedelta(minutes=value)
        stamp = options.get("attlogstamp") or options.get("stamp")
        place = _whole(stamp or "")
        if stamp is not None and ("stamp-9999" not in self.faults or place == 0):
            self.memory.sent = min(max(place or 0, 0), len(self.memory.log))


def _whole(text: str) -> int | None:
    """The whole number that a text begins with: a zone of 5.5 was seen to be read as 5; a server that has nothing may write None."""
    found = re.match(r"[+-]?[0-9]{1,10}", text)
    return None if found is None else int(found[0])


def _moment(packed: int | None) -> datetime | None:
    """A naive moment as servers pack it; None for a day that no calendar has."""
    try:
        return None if packed is None else datetime(*unpacked_parts(packed))  # noqa: DTZ001 - universal or local, whoever unpacks it knows
    except ValueError:
        return None
