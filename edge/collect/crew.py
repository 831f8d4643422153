"""All owners of an edge: one task for each terminal and each drop folder, and the desk of terminals that push.

What stands in the settings file stays. What the server's set-up adds comes, changes and goes while everything else works on: an owner
that is ended says goodbye to its terminal, which keeps what nobody has read yet.
"""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from edge.collect.duty import Duty, Rules
from edge.collect.files.desk import FileDesk
from edge.collect.folder import FolderOwner
from edge.collect.log_room import LogRoom
from edge.collect.owner import Claims, Owner
from edge.collect.push import PushDesk
from edge.collect.trust import ClockTrust
from edge.health import HealthBook, TerminalReport
from edge.outbox import Outbox
from edge.settings import EdgeSettings, PushSettings, TerminalSettings
from protocol.identifiers import TerminalSerial
from protocol.wanted import ClockRule

RESTART_SECONDS = 10.0
READERS = 4
"""Logs that are appended at once. They have threads of their own: dozens of long ones on the first day keep neither live punches nor the
uplink waiting for a thread."""

_Keeps = Owner | FolderOwner | FileDesk | PushDesk
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Member:
    """An owner, what it was made from, and its task while the crew is at work."""

    terminal: TerminalSettings
    owner: Owner
    task: asyncio.Task[None] | None = None


class Crew:
    """Owns every terminal while `run` runs."""

    def __init__(self, settings: EdgeSettings, outbox: Outbox, book: HealthBook) -> None:
        self._settings, self._outbox, self._book = settings, outbox, book
        self._claims = Claims()
        self._readers, self._room = ThreadPoolExecutor(READERS, thread_name_prefix="read"), LogRoom()
        self.trust = ClockTrust(outbox, settings.server.certificate)
        self.rules = Rules(settings.zone, ClockRule(), self.trust.now)
        self._members: dict[str, _Member] = {}
        self._group: asyncio.TaskGroup | None = None
        for terminal in settings.terminals:
            self._add(terminal)
        self.desk = self._new_desk(settings.push) if settings.push else None
        """Of the terminals that push; None where there are none."""
        self._folders = [FolderOwner(drop, settings, outbox, book, self._readers) for drop in settings.drop_folders]
        self.files = FileDesk(settings, outbox, self._readers)

    async def run(self) -> None:
        """Own everything until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for member in self._members.values():
                    self._begin(member)
                others: list[_Keeps] = [*self._folders, self.files, *([self.desk] if self.desk else [])]
                for one in others:
                    group.create_task(self._keep(one))
                await asyncio.Event().wait()
        finally:
            self._group = None
            self._readers.shutdown(wait=False, cancel_futures=True)

    async def assign(self, duty: Duty) -> None:
        """From now on this is what the server's set-up adds."""
        self.rules.zone, self.rules.clock = duty.zone, duty.clock
        wanted = {one.name: one for one in [*self._settings.terminals, *self._added(duty.terminals)]}
        leaving = [name for name, member in self._members.items() if wanted.get(name) != member.terminal]
        await asyncio.gather(*(self._end(self._members.pop(name)) for name in leaving))
        for name in wanted.keys() - self._members.keys():
            self._begin(self._add(wanted[name]))
        if self.desk is None and duty.pushing:
            self.desk = self._new_desk(PushSettings())
            if self._group is not None:
                self._group.create_task(self._keep(self.desk))
        if self.desk is not None:
            self.desk.admit(duty.pushing)

    def owner_of(self, serial: TerminalSerial) -> Owner | None:
        """Whoever reads this terminal, or waits for it; None where nobody does."""
        owners = [member.owner for member in self._members.values() if member.owner.serial == serial]
        return next((owner for owner in owners if owner.here), owners[0] if owners else None)

    def found_at(self, host: str, port: int) -> TerminalReport | None:
        """The report of a terminal that is read there just now."""
        here = [one for one in self._members.values() if one.owner.here and (one.terminal.host, one.terminal.port) == (host, port)]
        return here[0].owner.report if here else None

    def serials(self) -> set[TerminalSerial]:
        """Terminals that are read, and those that may push."""
        pushing = {TerminalSerial(one.serial) for one in self.desk.approvals.all()} if self.desk else set()
        return pushing | {member.owner.serial for member in self._members.values() if member.owner.serial}

    def keys(self) -> list[str]:
        """Communication keys of all terminals, as what must not get out."""
        return [str(member.terminal.key) for member in self._members.values()]

    def read_now(self, serial: TerminalSerial | None) -> int:
        """Have a terminal read again, or all of them; gives how many that concerns."""
        wanted = [member.owner for member in self._members.values() if serial in (None, member.owner.serial)]
        for owner in wanted:
            owner.read_now()
        return len(wanted) + (self.desk.read_now(serial) if self.desk else 0)

    def _added(self, terminals: Iterable[TerminalSettings]) -> list[TerminalSettings]:
        """Those of the set-up that the settings file does not have, each under a name of its own."""
        own = self._settings.terminals
        serials, addresses = {one.expected_serial for one in own}, {(one.host, one.port) for one in own}
        names = {one.name for one in own}
        added = []
        for one in terminals:
            if one.expected_serial in serials or (one.host, one.port) in addresses:
                continue
            named = one.model_copy(update={"name": f"{one.name} ({one.expected_serial})"}) if one.name in names else one
            names.add(named.name)
            added.append(named)
        return added

    def _add(self, terminal: TerminalSettings) -> _Member:
        owner = Owner(terminal, self.rules, self._outbox, self._book, self._claims, self._readers, self._room)
        member = self._members[terminal.name] = _Member(terminal, owner)
        return member

    def _begin(self, member: _Member) -> None:
        if self._group is not None:
            member.task = self._group.create_task(self._keep(member.owner))

    async def _end(self, member: _Member) -> None:
        """End an owner; when this returns it has left its terminal."""
        if member.task is not None:
            member.task.cancel()
            await asyncio.wait([member.task])
        member.owner.leave()
        self._book.forget(member.owner.report)

    def _new_desk(self, push: PushSettings) -> PushDesk:
        return PushDesk(self._settings, push, self.rules, self.trust, self._outbox, self._book)

    async def _keep(self, owner: _Keeps) -> None:
        """A fault of ours in one owner stops neither the others nor, for longer than a moment, itself."""
        while True:
            try:
                await owner.run()
            except Exception as error:
                log.exception("owner_failed")
                self._book.alarm("owner-failed", type(error).__name__, 3600.0)
            await asyncio.sleep(RESTART_SECONDS)
