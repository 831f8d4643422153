"""From a request to its answer and to what it tells. Pure; the answer is sent only after what is told is on the disk.

    GET  cdata       handshake                        POST registry   registration (3.x)
    POST cdata       a table: see `_TABLES`           POST push       options again (3.x)
    GET  getrequest  are there commands?              POST devicecmd  what became of them
    POST fdata       pictures                         POST querydata  what a query asked for (3.x)
    GET  ping        still there                      GET  rtdata     what time is it (3.x)

Anything else is answered OK, counted, and a piece of it is kept to look at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from edge.devices.iclock.protocol.answer import OK, Answer, text
from edge.devices.iclock.protocol.answers import House, Known, greet, register, security_options, time_of_day
from edge.devices.iclock.protocol.commands import Command, together
from edge.devices.iclock.protocol.dialect import Dialect, dialect_of
from edge.devices.iclock.protocol.lines import lines_of, number_of
from edge.devices.iclock.protocol.punches import Found, read_attlog, read_rtlog, read_state_time, read_transactions
from edge.devices.iclock.protocol.records import Held, Told, read_info, read_operlog, read_options
from edge.devices.iclock.protocol.request import Request
from edge.devices.iclock.protocol.results import CommandResult, read_results
from edge.devices.iclock.protocol.zone import latest_believable
from protocol.instants import WallTime


@dataclass(slots=True)
class Reaction:
    """What a request is answered with, and what it tells.

    greeted: a handshake, with what is known now. registered: it registers now. stamp: (table, stamp) that was told with a table.
    live: the punches are of this moment, as far as the terminal says. clock: what it shows. sent: commands in the answer.
    unknown: what nobody knows, in a few words, its bytes are the request's body.
    """

    answer: Answer = OK
    greeted: Known | None = None
    registered: bool = False
    found: Found = field(default_factory=Found)
    told: Told = field(default_factory=Told)
    held: Held | None = None
    options: dict[str, str] = field(default_factory=dict)
    results: Sequence[CommandResult] = ()
    sent: Sequence[Command] = ()
    stamp: tuple[str, str] | None = None
    live: bool = True
    clock: WallTime | None = None
    pictures: int = 0
    unknown: str = ""


def react(request: Request, known: Known, house: House, waiting: Sequence[Command] = ()) -> Reaction:
    """Work out what to answer. waiting: commands for this terminal, looked at only when it asks for them."""
    route = _ROUTES.get((request.method, request.what))
    if route is None:
        return Reaction(unknown=f"{request.method} {request.what or '/'}")
    if request.what == "getrequest":
        return _getrequest(request, known, waiting)
    return route(request, known, house)


def _handshake(request: Request, known: Known, house: House) -> Reaction:
    query = request.query
    if query.get("authtype"):
        return Reaction(text("AUTH=Failed"), unknown="GET cdata AuthType")
    if request.table:
        return Reaction(unknown=f"GET cdata {request.table[:32]}")
    dialect = known.dialect if known.fixed else dialect_of(query) or known.dialect
    now = replace(known, dialect=dialect, version=query.get("pushver", "")[:16])
    return Reaction(greet(now, house), greeted=now)


def _getrequest(request: Request, known: Known, waiting: Sequence[Command]) -> Reaction:
    sent = together(waiting, known.dialect) if waiting else []
    end = b"\r\n" if known.dialect is Dialect.SECURITY else b"\n"
    body = b"".join(one.line.rstrip(b"\n") + end for one in sent)
    info = request.query.get("info")
    return Reaction(Answer(body=body) if sent else OK, sent=sent, held=read_info(info) if info else None)


def _registry(request: Request, known: Known, _: House) -> Reaction:
    return Reaction(register(known), registered=True, options=read_options(request.body))


def _push(_: Request, known: Known, house: House) -> Reaction:
    return Reaction(text(security_options(replace(known, registered=True), house)))


def _devicecmd(request: Request, _: Known, __: House) -> Reaction:
    return Reaction(results=read_results(request.body))


def _ping(_: Request, __: Known, ___: House) -> Reaction:
    return Reaction()


def _fdata(_: Request, __: Known, ___: House) -> Reaction:
    return Reaction(pictures=1)


def _table(request: Request, known: Known, house: House) -> Reaction:
    if request.query.get("authtype"):
        return Reaction(text("AUTH=Failed"), unknown="POST cdata AuthType")
    reader = _TABLES.get(request.table)
    if reader is None:
        return Reaction(_taken(request, _count(request)), unknown=f"table {request.table[:32] or '?'}")
    return reader(request, known, house)


def _attlog(request: Request, _: Known, house: House) -> Reaction:
    found = read_attlog(request.body, _latest(house))
    stamp = request.query.get("stamp", "")
    told = ("attlog", stamp) if number_of(stamp) else None
    return Reaction(text(f"OK: {found.lines}"), found=found, stamp=told, live=stamp != "0")


def _rtlog(request: Request, _: Known, house: House) -> Reaction:
    return Reaction(found=read_rtlog(request.body, _latest(house)))


def _rtstate(request: Request, _: Known, __: House) -> Reaction:
    return Reaction(clock=read_state_time(request.body))


def _rtdata(request: Request, _: Known, house: House) -> Reaction:
    kind = request.query.get("type", "").lower()
    return Reaction(time_of_day(house)) if kind == "time" else Reaction(unknown=f"GET rtdata {kind[:32]}".rstrip())


def _operlog(request: Request, _: Known, __: House) -> Reaction:
    told = read_operlog(request.body)
    stamp = request.query.get("opstamp") or request.query.get("stamp", "")
    return Reaction(text(f"OK: {told.lines}"), told=told, stamp=("operlog", stamp) if number_of(stamp) else None)


def _options(request: Request, _: Known, __: House) -> Reaction:
    return Reaction(options=read_options(request.body))


def _attphoto(request: Request, _: Known, __: House) -> Reaction:
    stamp = request.query.get("photostamp") or request.query.get("stamp", "")
    return Reaction(pictures=1, stamp=("attphoto", stamp) if number_of(stamp) else None)


def _rows(request: Request, _: Known, __: House) -> Reaction:
    """Templates and users. In the security dialect a bare OK would make the terminal send them for ever."""
    told = read_operlog(request.body)
    counted = request.query.get("tablename")
    return Reaction(_taken(request, told.lines) if counted else text(f"OK: {told.lines}"), told=told)


def _transactions(request: Request, _: Known, house: House) -> Reaction:
    found = read_transactions(request.body, _latest(house))
    return Reaction(_taken(request, found.lines), found=found, live=False)


def _querydata(request: Request, known: Known, house: House) -> Reaction:
    table = request.query.get("tablename", "").lower()
    if table == "transaction":
        return _transactions(request, known, house)
    if table in _SECURITY_TABLES:
        return _rows(request, known, house)
    if table == "options":
        return Reaction(options=read_options(request.body))
    return Reaction(_taken(request, _count(request)), unknown=f"query {table[:32] or '?'}")


def _taken(request: Request, lines: int) -> Answer:
    name = request.query.get("tablename", "")
    if not name:
        return OK
    count = number_of(request.query.get("count"))
    return text(f"{name[:32]}={lines if count is None else count}")


def _count(request: Request) -> int:
    return sum(1 for _ in lines_of(request.body))


def _latest(house: House) -> WallTime | None:
    return latest_believable(house.zone, house.now) if house.trusted else None


_Route = Callable[[Request, Known, House], Reaction]
_SECURITY_TABLES = ("user", "biodata", "biophoto", "userpic", "templatev10", "errorlog", "userauthorize", "timezone")
_TABLES: dict[str, _Route] = {
    "attlog": _attlog,
    "operlog": _operlog,
    "attphoto": _attphoto,
    "options": _options,
    "rtlog": _rtlog,
    "rtstate": _rtstate,
    "transaction": _transactions,
    **dict.fromkeys(_SECURITY_TABLES, _rows),
}
KNOWN_TABLES = frozenset(_TABLES)
_ROUTES: dict[tuple[str, str], _Route] = {
    ("GET", "cdata"): _handshake,
    ("POST", "cdata"): _table,
    ("GET", "getrequest"): _ping,
    ("POST", "devicecmd"): _devicecmd,
    ("GET", "ping"): _ping,
    ("POST", "registry"): _registry,
    ("GET", "registry"): _registry,
    ("POST", "push"): _push,
    ("GET", "push"): _push,
    ("POST", "fdata"): _fdata,
    ("POST", "querydata"): _querydata,
    ("GET", "rtdata"): _rtdata,
}
