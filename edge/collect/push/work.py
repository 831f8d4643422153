"""What becomes of a request of an approved terminal. Blocks until everything is on the disk, and belongs into a thread.

The outbox comes first: what is remembered beside it may be lost, a punch may not.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import msgspec

from edge.collect.duty import Rules
from edge.collect.intake import take_pushed
from edge.collect.push.clocks import Clocks, Said, ask_to_set
from edge.collect.push.memory import Memory, Remembered, known_of, with_code
from edge.collect.push.proof import Proof, Standing, ask_counts, last_days
from edge.collect.push.queue import DAY, Ended, Queue
from edge.collect.push.receipts import Receipts
from edge.collect.rows import Origin
from edge.collect.trust import ClockTrust
from edge.devices.iclock.protocol.answers import House
from edge.devices.iclock.protocol.commands import Command, all_punches, is_dangerous
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.react import Reaction, react
from edge.devices.iclock.protocol.request import Request
from edge.devices.iclock.protocol.zone import zone_value
from edge.outbox import Outbox
from edge.outbox.file import full
from edge.settings import PushSettings, PushTerminal
from protocol.identifiers import TerminalSerial
from protocol.messages import Source

NIGHT_HOUR = 2
UNWRITTEN = "UNWRITTEN "
"""Begins what stands in the file for a command whose words are kept in memory."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a request. ended: commands that came to their end. administrators: of the terminal, new ones.

    standing: of the loss proof, where a day was compared. complete_at: the edge has all that the terminal held then.
    clock: what it said of the terminal's clock.
    """

    reaction: Reaction
    ended: Sequence[Ended]
    administrators: int
    standing: Standing | None
    complete_at: datetime | None
    clock: Said


class Worker:
    """Does the work of all terminals; two requests of one terminal never at once."""

    def __init__(
        self,
        rules: Rules,
        push: PushSettings,
        outbox: Outbox,
        memory: Memory,
        queue: Queue,
        proof: Proof,
        trust: ClockTrust,
        clocks: Clocks,
        receipts: Receipts,
    ) -> None:
        self._receipts = receipts
        self._rules, self._push, self._outbox, self._clocks = rules, push, outbox, clocks
        self._memory, self._queue, self._proof, self._trust = memory, queue, proof, trust
        self._told_all: set[TerminalSerial] = set()
        """Units of the security dialect that answered a query with rows: a mere "done" proves nothing."""
        self._counted_at: dict[TerminalSerial, float] = {}
        self.secrets: dict[int, str] = {}
        """Words of commands that hold names or templates: in memory only, by number. After a restart whoever wants them gives them anew."""

    def work(self, request: Request, terminal: PushTerminal, source: str) -> Done:
        """Raises OutboxError; nothing is to be acknowledged then."""
        if self._outbox.full and not self._outbox.make_room():
            raise full()
        serial, now = TerminalSerial(terminal.serial), datetime.now(UTC)
        seconds = int(now.timestamp())
        house = self._house(now)
        before = with_code(self._memory.of(serial))
        known = known_of(serial, before, terminal.dialect)
        self._clocks.meet(serial, before.drifts)
        polls = request.what == "getrequest"
        if polls:
            before = self._keep_up(serial, before, known.dialect, house)
            self._clocks.correct(serial, known.dialect, house)
        reaction = react(request, known, house, self._due(serial, seconds) if polls else ())
        self._clocks.look(serial, reaction, now)
        appended = self._take(serial, request, reaction, now)
        self._memory.keep(serial, self._after(serial, before, reaction, house, source))
        if polls:
            self._clocks.asked(serial, now, given=bool(reaction.sent))
            self._queue.note_sent(reaction.sent, seconds)
        if (reaction.told.users or reaction.options) and self._queue.checks(serial):
            self._queue.see_users(serial, reaction.told.users, seconds)
            if reaction.options:
                self._queue.see_options(serial, reaction.options, seconds)
        ended = self._queue.finish(serial, known.dialect, reaction.results, seconds) if reaction.results else ()
        self._clocks.ended(serial, ended)
        compared = [one for one in ended if self._proof.hear(serial, one, seconds)]
        standing = self._proof.standing(serial) if compared else None
        complete_at = self._complete_at(serial, ended, now)
        self._receipts.took(serial, request, reaction, appended, now)
        return Done(reaction, ended, self._administrators(serial, reaction), standing, complete_at, self._clocks.said(serial))

    def _take(self, serial: TerminalSerial, request: Request, reaction: Reaction, now: datetime) -> int:
        """Append what came, and give how many rows of it were new; what nobody knows is kept to look at."""
        found, appended = reaction.found, 0
        if found.punches or found.doubtful:
            origin = Origin(serial, Source.PUSH, now, partial(self._clocks.drift_at, serial))
            appended = take_pushed(self._outbox, found.punches, found.doubtful, origin, live=reaction.live)
            self._proof.see(serial, request.body, found)
            if request.what == "querydata":
                self._told_all.add(serial)
        if reaction.unknown:
            self._memory.keep_unknown(serial, reaction.unknown, request.body, now)
        return appended

    def _house(self, now: datetime) -> House:
        trusted = self._trust.now()
        return House(self._rules.zone, now, trusted, trusted and self._push.send_date, self._push.delay_seconds)

    def ask_for_proof(self, terminal: PushTerminal) -> None:
        """Have the last two days counted now and then, and the last month once a night."""
        serial, now = TerminalSerial(terminal.serial), datetime.now(UTC)
        remembered, local = self._memory.of(serial), now.astimezone(self._rules.zone)
        if not remembered.greeted:
            return
        dialect, seconds, at = Dialect(terminal.dialect or remembered.dialect), int(now.timestamp()), time.monotonic()
        nightly = remembered.proved_on != str(local.date()) and local.hour >= NIGHT_HOUR
        if nightly:
            ask_counts(self._queue, serial, dialect, last_days(local.date(), self._push.proof_days), seconds)
            self._memory.keep(serial, msgspec.structs.replace(remembered, proved_on=str(local.date())))
        elif dialect is Dialect.SECURITY or at - self._counted_at.get(serial, float("-inf")) < self._push.proof_minutes * 60:
            return
        else:
            ask_counts(self._queue, serial, dialect, last_days(local.date(), 2), seconds)
        self._counted_at[serial] = at

    def _due(self, serial: TerminalSerial, now: int) -> list[Command]:
        """Commands to send; what was allowed when it was queued may be forbidden since."""
        found, secrets = self._queue.due(serial, now), self.secrets.copy()  # whoever gives up takes theirs away meanwhile
        for one in found:
            if one.text.startswith(UNWRITTEN) and one.number not in secrets:
                self._queue.give_up(serial, one.number, now)
        due = [Command(one.number, secrets.get(one.number, one.text)) for one in found]
        due = [one for one in due if not one.text.startswith(UNWRITTEN)]
        return due if self._push.dangerous_commands else [one for one in due if not is_dangerous(one.text)]

    def _complete_at(self, serial: TerminalSerial, ended: Sequence[Ended], now: datetime) -> datetime | None:
        """When the log was last known to be here whole: by a count that was asked for then, or, without counts, by all of it that came."""
        today = now.astimezone(self._rules.zone).date()
        counted = [one.made_at for one in ended if one.done and one.purpose == f"count:{today}"]
        if counted and self._proof.complete(serial, today, int(now.timestamp())):
            return datetime.fromtimestamp(min(counted), UTC)
        whole = [one.made_at for one in ended if one.done and one.purpose == "all"]
        if not whole or serial not in self._told_all:
            return None
        self._told_all.discard(serial)
        return datetime.fromtimestamp(min(whole), UTC)

    def read_again(self, serial: TerminalSerial, dialect: str) -> None:
        """Have the whole log sent again; identity absorbs what is known."""
        remembered = self._memory.of(serial)
        self._memory.keep(serial, msgspec.structs.replace(remembered, stamps={}))
        text = all_punches(Dialect(dialect or remembered.dialect))
        self._queue.add_once(serial, text, int(datetime.now(UTC).timestamp()), 7 * DAY, "all")

    def _keep_up(self, serial: TerminalSerial, remembered: Remembered, dialect: Dialect, house: House) -> Remembered:
        """What has to be told before anything else: another zone, or that the log is wanted again."""
        now = int(house.now.timestamp())
        zone = zone_value(self._rules.zone, house.now)
        if house.trusted and remembered.zone not in ("", zone):
            ask_to_set(self._queue, serial, dialect, house)
            remembered = msgspec.structs.replace(remembered, zone=zone)
        stands = self._outbox.place(serial)
        place = f"{stands.epoch}/{stands.era}"
        if remembered.place not in ("", place):
            self._queue.add_once(serial, all_punches(dialect), now, 7 * DAY, "all")
        return msgspec.structs.replace(remembered, place=place)

    def _after(self, serial: TerminalSerial, before: Remembered, reaction: Reaction, house: House, source: str) -> Remembered:
        after = msgspec.structs.replace(before, source=source, drifts=self._clocks.to_keep(serial, before.drifts))
        if reaction.greeted is not None:
            after = msgspec.structs.replace(
                after,
                dialect=reaction.greeted.dialect.value,
                version=reaction.greeted.version,
                greeted=True,
                zone=zone_value(self._rules.zone, house.now),
            )
        if reaction.registered:
            after = msgspec.structs.replace(after, registered=True)
        if reaction.stamp is not None:
            after = msgspec.structs.replace(after, stamps=after.stamps | dict((reaction.stamp,)))
        if reaction.options:
            after = msgspec.structs.replace(after, options=after.options | reaction.options)
        return after

    def _administrators(self, serial: TerminalSerial, reaction: Reaction) -> int:
        """How many administrators came that were not known; the first ones ever are how it was set up."""
        told = {user.pin for user in reaction.told.users if user.administrator}
        if not told:
            return 0
        known = self._memory.administrators(serial)
        if told <= known:
            return 0
        self._memory.add_administrators(serial, told - known)
        return len(told - known) if known else 0
