"""Orders for one terminal, by pull or push. What a way cannot do safely is refused in words."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TypeVar

from edge.collect import Crew
from edge.collect.again import owe_again
from edge.collect.owner import Owner, set_clock
from edge.collect.push import PushDesk
from edge.collect.push.bounds import Bounds
from edge.collect.push.clocks import NO_TIME_TOLD
from edge.collect.push.proof import bounds_of
from edge.collect.tasks import TerminalLeftError
from edge.devices.driver import Driver, Enrolment, LogRead, TerminalRefusedError
from edge.devices.iclock.protocol import commands
from edge.devices.iclock.protocol.commands import CommandError
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.results import CommandResult
from edge.devices.iclock.protocol.zone import packed_seconds, zone_value
from edge.devices.registry import writer_of
from edge.downlink.comparing import Comparing
from edge.downlink.orders.order import Answer, FailedOrderError, Handler, Ordered, RefusedOrderError
from edge.downlink.users.carriers import Carriers
from edge.downlink.users.push import NotListedError
from edge.downlink.users.reasons import UNHEARD
from edge.outbox import Outbox
from protocol.counting import day_of, span_of
from protocol.identifiers import TerminalSerial
from protocol.instants import show_wall
from protocol.messages import CONSENT_GIVEN, OrderKind, OrderOutcome
from protocol.wanted import Biometrics

T = TypeVar("T")
COMMAND_SECONDS = 86_400
"""A command that nobody waits for any more is given up; this is only its last limit."""
PROOF_DAYS = 31
CLEAR_TRIES = 5
LOOK_SECONDS = 0.5
CLOCK_SECONDS = 240
"""A terminal that was told the time shows it by then, if it tells the state of its door at all."""
LONGEST_UNLOCK = 25.0
ENROL_SECONDS = 60.0
DESCRIBING = (
    "~SerialNumber", "~DeviceName", "~Platform", "~OS", "~OEMVendor", "~ProductTime", "MAC", "~ZKFPVersion", "ZKFaceVersion", "FaceFunOn",
    "~PIN2Width", "~IsABCPinEnable", "AlarmReRec", "LockOn", "IPAddress", "NetMask", "GATEIPAddress", "Language",
)  # fmt: skip
"""Options that describe a terminal, in words of the pull protocol."""
LEFT = "the terminal was taken away from this edge meanwhile"
_ENROLLED = {
    Enrolment.POOR: "poor quality: clean the finger and the glass, and try again",
    Enrolment.DUPLICATE: "this finger is enrolled already",
    Enrolment.CANCELLED: "cancelled at the terminal, or nobody put a finger there in time",
    Enrolment.NOBODY: "the terminal does not know this user: bring the user there first",
}


class TerminalOrders:
    """Handlers of orders that name a terminal."""

    def __init__(self, crew: Crew, outbox: Outbox, carriers: Carriers, comparing: Comparing) -> None:
        self._crew, self._outbox, self._carriers, self._comparing = crew, outbox, carriers, comparing

    def handlers(self) -> Mapping[OrderKind, Handler]:
        return {
            OrderKind.RE_READ: self.read_again,
            OrderKind.SET_CLOCK: self.set_clock,
            OrderKind.REBOOT: self.reboot,
            OrderKind.CLEAR_LOG: self.clear_log,
            OrderKind.UNLOCK: self.unlock,
            OrderKind.ENROL: self.enrol,
            OrderKind.READ_USERS: self.read_users,
            OrderKind.READ_OPTIONS: self.read_options,
            OrderKind.PROVE: self.prove,
        }

    async def read_again(self, ordered: Ordered) -> Answer:
        """Everything of a terminal (or of all, or of some days) is appended and sent again; identity at the server absorbs what it has."""
        if "dates" in ordered.order.parameters:
            return await self._days_again(ordered.terminal, ordered.dates())
        done = await asyncio.to_thread(self._outbox.order_done, ordered.order.order)
        if done:  # in the transaction that forgot what was read
            return Answer(OrderOutcome(done[0]), done[1])
        named = ordered.order.parameters.get("terminal")
        serial = TerminalSerial(named) if named else None
        if serial is not None and serial not in self._outbox.terminals():
            raise RefusedOrderError("no such terminal here")
        found = await asyncio.to_thread(self._outbox.forget, serial, ordered.order.order)
        self._crew.read_now(serial)
        return Answer(detail=f"terminals: {len(found)}")

    async def _days_again(self, serial: TerminalSerial, days: Collection[date]) -> Answer:
        """What the outbox still keeps goes at once, the rest when the terminal has been read; the days are listed before and each time."""
        await self._comparing.at_once(serial, days)
        kept = await asyncio.to_thread(owe_again, self._outbox, serial, days)
        self._comparing.soon(serial, days)
        way = self._find_way(serial)
        if isinstance(way, Owner):
            await self._pull(way, serial, way.read)
        elif way is not None:
            for text in _queries(way.dialect_of(serial), days):
                await self._ask(way, serial, text)
        self._comparing.soon(serial, days)
        return Answer(detail=f"rows: {kept}")

    async def set_clock(self, ordered: Ordered) -> Answer:
        if not await asyncio.to_thread(self._crew.trust.now):
            raise RefusedOrderError("this edge has reason to doubt its own clock: mend that first")
        serial = ordered.terminal
        way = self._way(serial)
        if isinstance(way, Owner):
            await self._pull(way, serial, lambda driver: set_clock(driver, self._crew.rules.zone))
            await self._pull(way, serial, way.look_at_clock)
            return Answer(detail=f"drift_ms={way.report.drift_ms}")
        return await self._set_pushed_clock(way, serial, ordered)

    async def _set_pushed_clock(self, desk: PushDesk, serial: TerminalSerial, ordered: Ordered) -> Answer:
        zone = self._crew.rules.zone
        if _dialect(desk, serial) is Dialect.ATTENDANCE:
            if not desk.tells_time:
                raise RefusedOrderError(NO_TIME_TOLD)
            for text in commands.set_zone(zone_value(zone, datetime.now(UTC))):
                result = await self._push(desk, serial, text, ordered)
                if not result.done:
                    return _answer(result)
            return Answer(detail="its zone was told again; it takes the time from each answer of the edge")
        wall = datetime.now(zone).replace(tzinfo=None)
        result = await self._push(desk, serial, commands.set_clock(packed_seconds(wall)), ordered)
        if not result.done:
            return _answer(result)
        bounds = await self._clock_of(desk, serial)
        if bounds is None:
            return Answer(detail="the terminal said that it did; it has not shown its time since")
        off = bounds.least_ms > self._crew.rules.clock.tolerance_ms
        return Answer(OrderOutcome.FAILED if off else OrderOutcome.DONE, f"drift_ms={bounds.drift_ms}")

    async def _clock_of(self, desk: PushDesk, serial: TerminalSerial) -> Bounds | None:
        """What is known of a clock that was set just now, as soon as the terminal shows it; None where it does not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOCK_SECONDS):
                while desk.clock_of(serial) is None:  # noqa: ASYNC110 - the terminal tells it of its own accord
                    await asyncio.sleep(LOOK_SECONDS)
        return desk.clock_of(serial)

    async def reboot(self, ordered: Ordered) -> Answer:
        serial = ordered.terminal
        way = self._way(serial)
        if isinstance(way, PushDesk):
            return _answer(await self._push(way, serial, commands.reboot(_dialect(way, serial)), ordered))

        async def restart(driver: Driver) -> None:
            await ordered.begin()
            await writer_of(driver).restart()

        await self._pull(way, serial, restart)
        return Answer()

    async def unlock(self, ordered: Ordered) -> Answer:
        serial, seconds = ordered.terminal, ordered.number("seconds", 0.1, LONGEST_UNLOCK)
        way = self._way(serial)
        if isinstance(way, PushDesk):
            text = commands.unlock(_dialect(way, serial), max(round(seconds), 1))
            return _answer(await self._push(way, serial, text, ordered))

        async def open_door(driver: Driver) -> None:
            await ordered.begin()
            await writer_of(driver).unlock(seconds)

        await self._pull(way, serial, open_door)
        return Answer()

    async def enrol(self, ordered: Ordered) -> Answer:
        serial, user, finger = ordered.terminal, ordered.text("user"), int(ordered.number("finger", 0, 9))
        way = self._way(serial)
        await self._require_consent(ordered, serial, user)
        if isinstance(way, PushDesk):
            if _dialect(way, serial) is Dialect.SECURITY:
                raise RefusedOrderError("how terminals of the security dialect are asked for a finger is not known: enrol at the terminal")
            return _answer(await self._push(way, serial, commands.enrol_finger(user, finger), ordered))

        async def ask(driver: Driver) -> Enrolment:
            await ordered.begin()
            return await writer_of(driver).enrol(user, finger, ENROL_SECONDS)

        ended = await self._pull(way, serial, ask)
        await self._carriers.look_at_user(serial, user)
        return Answer() if ended is Enrolment.DONE else Answer(OrderOutcome.FAILED, _ENROLLED[ended])

    async def _require_consent(self, ordered: Ordered, serial: TerminalSerial, user: str) -> None:
        """The server vouches for the consent when it gives the order; what it wanted of this user since then may have taken it back."""
        if ordered.order.parameters.get("consent") != CONSENT_GIVEN:
            raise RefusedOrderError("the server does not say that this person has consented to being enrolled")
        wanted = await asyncio.to_thread(self._carriers.book.find, serial, user)
        if wanted is not None and (wanted.biometrics is Biometrics.ERASE or not wanted.present):
            raise RefusedOrderError("this person has withdrawn the consent, or has left this terminal")

    async def read_users(self, ordered: Ordered) -> Answer:
        """What is known of its users is told again, and who is a stranger there; numbers only."""
        serial = ordered.terminal
        self._way(serial)
        try:
            return Answer(detail=f"users: {await self._carriers.look(serial)}")
        except TerminalLeftError:
            raise FailedOrderError(LEFT) from None
        except NotListedError as error:
            raise FailedOrderError(str(error)) from None

    async def read_options(self, ordered: Ordered) -> Answer:
        serial = ordered.terminal
        named = [name.strip() for name in ordered.order.parameters.get("names", "").split(",") if name.strip()]
        way = self._way(serial)
        if isinstance(way, Owner):
            found = await self._pull(way, serial, lambda driver: writer_of(driver).read_options(named or DESCRIBING))
        else:
            if _dialect(way, serial) is Dialect.SECURITY:
                await self._push(way, serial, commands.get_options(named or DESCRIBING), ordered)
            told = way.options_of(serial)
            found = {name: told[name.lstrip("~").lower()] for name in named if name.lstrip("~").lower() in told} if named else dict(told)
        return Answer(found={name[:200]: value[:2000] for name, value in found.items()})

    async def clear_log(self, ordered: Ordered) -> Answer:
        """Read it, wait for the server's receipt of all of it, and clear it if it still holds just that."""
        serial = ordered.terminal
        way = self._way(serial)
        if isinstance(way, PushDesk):
            raise RefusedOrderError("a terminal that pushes cannot be cleared safely: who punches in between would be lost")
        for _ in range(CLEAR_TRIES):
            log, taken = await self._pull(way, serial, way.read)
            if not log.receipt.complete:
                raise FailedOrderError(f"the log could not be read whole ({log.receipt.reason}): nothing was cleared")
            while self._outbox.mark < taken.high:  # noqa: ASYNC110 - the server's receipt; the order's time is the limit
                await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._pull(way, serial, _clearing(log, ordered))
            except TerminalRefusedError:  # somebody has punched meanwhile
                continue
            way.read_now()
            return Answer(detail=f"punches: {len(log.punches)}")
        raise FailedOrderError("people punched each time it was about to be cleared: order it at a quiet hour")

    async def prove(self, ordered: Ordered) -> Answer:
        """Per day, where the terminal's own count differs from what the edge ever took. What the server has of that is compared next."""
        serial = ordered.terminal
        way = self._way(serial)
        found = await (self._prove_pull(way, serial) if isinstance(way, Owner) else self._prove_push(way, serial))
        self._comparing.soon(serial)
        return found

    async def _prove_pull(self, way: Owner, serial: TerminalSerial) -> Answer:
        log, _ = await self._pull(way, serial, way.read)
        found = await asyncio.to_thread(_differences, self._outbox, serial, log)
        return Answer(detail=f"punches: {len(log.punches)}", found=found)

    async def _prove_push(self, way: PushDesk, serial: TerminalSerial) -> Answer:
        _dialect(way, serial)
        await way.prove(serial, PROOF_DAYS)
        while await asyncio.to_thread(way.is_proving, serial):  # noqa: ASYNC110 - the terminal comes when it comes
            await asyncio.sleep(LOOK_SECONDS)
        standing = await asyncio.to_thread(way.standing_of, serial)
        return Answer(detail=f"days: {standing.days}", found={day: f"missing: {count}" for day, count in standing.gaps})

    # Ways ----------------------------------------------------------------------------------------------------------------------------

    def _way(self, serial: TerminalSerial) -> Owner | PushDesk:
        """Whoever talks to this terminal; raises RefusedOrderError where nobody does."""
        way = self._find_way(serial)
        if way is None:
            raise RefusedOrderError("no such terminal here")
        return way

    def _find_way(self, serial: TerminalSerial) -> Owner | PushDesk | None:
        """Pull first, because it answers at once; None also for stations and terminals whose log comes as a file."""
        owner, desk = self._crew.owner_of(serial), self._crew.desk
        if owner is not None:
            return owner
        return desk if desk is not None and desk.approvals.find(serial) is not None else None

    async def _pull(self, owner: Owner, serial: TerminalSerial, work: Callable[[Driver], Awaitable[T]]) -> T:
        try:
            return await owner.do(serial, work)
        except TerminalLeftError:
            raise FailedOrderError(LEFT) from None

    async def _push(self, desk: PushDesk, serial: TerminalSerial, text: str, ordered: Ordered) -> CommandResult:
        _dialect(desk, serial)
        await ordered.begin()
        return await self._ask(desk, serial, text)

    async def _ask(self, desk: PushDesk, serial: TerminalSerial, text: str) -> CommandResult:
        """As `_push`, for what may happen twice."""
        try:
            return await desk.have_done(serial, text, COMMAND_SECONDS)
        except CommandError as error:
            raise FailedOrderError(str(error)) from error


def _dialect(desk: PushDesk, serial: TerminalSerial) -> Dialect:
    dialect = desk.dialect_of(serial)
    if dialect is None:
        raise RefusedOrderError(UNHEARD)
    return dialect


def _queries(dialect: Dialect | None, days: Collection[date]) -> list[str]:
    """Commands that make a terminal send these days again; the security dialect knows only all of it, one that was never heard none."""
    if dialect is Dialect.ATTENDANCE:
        return [commands.query_punches(*bounds_of(day)) for day in sorted(days)]
    return [commands.ALL_TRANSACTIONS] if dialect is Dialect.SECURITY else []


def _answer(result: CommandResult) -> Answer:
    return Answer() if result.done else Answer(OrderOutcome.FAILED, result.meaning)


def _clearing(log: LogRead, ordered: Ordered) -> Callable[[Driver], Awaitable[None]]:
    async def clear(driver: Driver) -> None:
        await ordered.begin()
        await writer_of(driver).clear_log(log)

    return clear


def _differences(outbox: Outbox, serial: TerminalSerial, log: LogRead) -> dict[str, str]:
    held: dict[date, set[tuple[int, str]]] = {}
    for punch in log.punches:
        if day := day_of(show_wall(punch.wall)):
            held.setdefault(day, set()).add((punch.wall, punch.user))
    found = {}
    for day in sorted(held, reverse=True)[:PROOF_DAYS]:
        has = outbox.count_between(serial, *span_of(day, day))
        if has < len(held[day]):
            found[str(day)] = f"missing: {len(held[day]) - has}"
    return found
