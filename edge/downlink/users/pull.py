"""Carries out on terminals that are read: in portions, between which live punches are taken, each read back by the driver's writer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from edge.collect.owner import Owner
from edge.devices.driver import CannotError, Driver, DriverError, FrameError, TerminalUnreachableError, TerminalUserRecord, UserTemplate
from edge.devices.registry import writer_of
from edge.downlink.users.book import WantedBook
from edge.downlink.users.outcome import Outcome, good
from edge.downlink.users.reasons import failure, words
from edge.downlink.users.templates import Plan, name_of, plan
from protocol.identifiers import TerminalSerial
from protocol.messages import UserState
from protocol.wanted import Biometrics, Kind, Template, UserTemplates, WantedUser

PORTION = 100
"""Users in one piece of work: a second or two at a terminal with thousands."""

Tell = Callable[[TerminalSerial, Sequence[UserTemplates], datetime], bool]
"""Send templates to the server, for its eyes only; False where that cannot be done now."""


class PullCarrier:
    """Carries out for one terminal at a time; several may be at work for several terminals."""

    def __init__(self, book: WantedBook, tell: Tell) -> None:
        self._book, self._tell = book, tell

    async def carry(self, owner: Owner, serial: TerminalSerial) -> None:
        """One portion of what is due. Raises TerminalUnreachableError, FrameError and TerminalLeftError; nothing is lost by that."""
        due = await asyncio.to_thread(self._book.due, serial, int(time.time()), PORTION)
        leaving = [one for one in due if not one.present]
        staying = [one for one in due if one.present]
        outcomes = await self._leave(owner, serial, leaving)
        await self._settle(serial, outcomes)
        outcomes, written = await self._write(owner, serial, staying)
        await self._settle(serial, outcomes)
        await self._settle(serial, await self._bodies(owner, serial, written))

    async def look(self, owner: Owner, serial: TerminalSerial) -> int:
        """See who is there; gives how many."""
        users = await owner.do(serial, lambda driver: writer_of(driver).read_users())
        await asyncio.to_thread(self._book.see_users, serial, [one.user for one in users], int(time.time()))
        return len(users)

    async def _settle(self, serial: TerminalSerial, outcomes: Sequence[Outcome]) -> None:
        if outcomes:
            await asyncio.to_thread(self._book.settle, serial, outcomes, int(time.time()))

    async def _leave(self, owner: Owner, serial: TerminalSerial, users: Sequence[WantedUser]) -> list[Outcome]:
        if not users:
            return []
        numbers = [one.user for one in users]
        failed = await _tried(owner, serial, users, lambda driver: writer_of(driver).delete_users(numbers))
        for one in users:
            if one.user not in failed:
                await asyncio.to_thread(self._book.note_held, serial, one.user, {})
        return [failure(one, failed[one.user]) if one.user in failed else good(one) for one in users]

    async def _write(self, owner: Owner, serial: TerminalSerial, users: Sequence[WantedUser]) -> tuple[list[Outcome], list[WantedUser]]:
        """What became of those who are settled by that, and who has templates to be looked at besides."""
        if not users:
            return [], []
        records = [record_of(one) for one in users]
        failed = await _tried(owner, serial, users, lambda driver: writer_of(driver).write_users(records))
        there = [one for one in users if one.user not in failed]
        outcomes = [failure(one, failed[one.user]) for one in users if one.user in failed]
        left = [one for one in there if one.biometrics is Biometrics.LEAVE]
        return outcomes + [good(one) for one in left], [one for one in there if one.biometrics is not Biometrics.LEAVE]

    # Templates -----------------------------------------------------------------------------------------------------------------------

    async def _bodies(self, owner: Owner, serial: TerminalSerial, users: Sequence[WantedUser]) -> list[Outcome]:
        """Erase, carry and tell. The whole table is read once; of people whose templates are not carried nothing is kept of it."""
        if not users:
            return []
        try:
            there = _by_user(await owner.do(serial, lambda driver: writer_of(driver).read_templates()))
        except (TerminalUnreachableError, FrameError):
            raise
        except DriverError as error:
            return [failure(one, error) for one in users]
        algorithm = owner.report.facts.get("algorithm", "")
        return [await self._body(owner, serial, one, there.get(one.user, []), algorithm) for one in users]

    async def _body(self, owner: Owner, serial: TerminalSerial, user: WantedUser, there: Sequence[Template], algorithm: str) -> Outcome:
        try:
            if user.biometrics is Biometrics.ERASE:
                if owner.report.facts.get("faces", "0") != "0":
                    await owner.do(serial, lambda driver: _anew(driver, user))
                elif there:
                    await owner.do(serial, lambda driver: writer_of(driver).delete_templates(user.user))
                await asyncio.to_thread(self._book.note_held, serial, user.user, {})
                return good(user)
            known = await asyncio.to_thread(self._book.held, serial, user.user)
            chosen = plan(user.templates, there, known, {Kind.FINGER: algorithm} if algorithm else {})
            if chosen.bring:
                fingers = [UserTemplate(user.user, one.place, one.algorithm, one.data) for one in chosen.bring]
                await owner.do(serial, lambda driver: writer_of(driver).write_templates(user.user, fingers))
        except (TerminalUnreachableError, FrameError):
            raise
        except DriverError as error:
            names = tuple(name_of(one) for one in there)
            state = UserState.REFUSED if isinstance(error, CannotError) else UserState.FAILED
            return Outcome(user.user, user.revision, state, names, words(error))
        return await settled(self._book, self._tell, serial, user, there, chosen)


async def settled(
    book: WantedBook, tell: Tell, serial: TerminalSerial, user: WantedUser, there: Sequence[Template], chosen: Plan
) -> Outcome:
    """What became of a user whose templates were brought: others are told to the server, and looked for again where that failed."""
    now = {name_of(one): one.data for one in [*there, *chosen.bring]}
    told = not chosen.tell or tell(serial, [UserTemplates(user.user, chosen.tell)], datetime.now(UTC))
    if told:
        await asyncio.to_thread(book.note_held, serial, user.user, now)
    outcome = good(user, tuple(now), chosen.remark)
    return outcome if told else Outcome(user.user, user.revision, outcome.state, outcome.templates, outcome.reason, again_after=60)


async def _tried(
    owner: Owner,
    serial: TerminalSerial,
    users: Iterable[WantedUser],
    work: Callable[[Driver], Awaitable[Mapping[str, DriverError]]],
) -> Mapping[str, DriverError]:
    """Who failed; all of them where the terminal refused the whole. A line that is lost is raised."""
    try:
        return await owner.do(serial, work)
    except (TerminalUnreachableError, FrameError):
        raise
    except DriverError as error:
        return {one.user: error for one in users}


async def _anew(driver: Driver, user: WantedUser) -> None:
    """Take a user away and bring them again without any template: this protocol has no other way to a face, nor says whose there are."""
    for failed in (await writer_of(driver).delete_users([user.user]), await writer_of(driver).write_users([record_of(user)])):
        if failed:
            raise failed[user.user]


def record_of(user: WantedUser) -> TerminalUserRecord:
    """The same in words of drivers."""
    return TerminalUserRecord(user.user, user.name, user.privilege, user.password, user.card, user.group, user.verify)


def _by_user(found: Iterable[UserTemplate]) -> dict[str, list[Template]]:
    there: dict[str, list[Template]] = {}
    for one in found:
        there.setdefault(one.user, []).append(Template(Kind.FINGER, one.finger, one.algorithm, one.data))
    return there
