"""Carries out on terminals that push: commands for some users at once, then each is asked for and compared with what was wanted.

Words with names and templates are in memory only; what stands in push.db says which kind of command it is, and no more. After a restart
the rows are still due, and the commands are given anew.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from edge.collect.push import PushDesk
from edge.devices.iclock.protocol import people
from edge.devices.iclock.protocol.commands import CommandError
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.faces import (
    BIODATA,
    FaceAlgorithm,
    delete_faces,
    is_palm,
    may_hold_faces,
    palm_types,
    query_faces,
    query_palms,
    read_face,
    update_face,
)
from edge.devices.iclock.protocol.records import Told, UserTold
from edge.devices.iclock.protocol.results import CommandResult
from edge.downlink.users.book import WantedBook
from edge.downlink.users.outcome import Outcome, good
from edge.downlink.users.pull import Tell, record_of, settled
from edge.downlink.users.reasons import FULL, LISTS_NOBODY, NOT_SHOWN, NUMBER, SILENT, STILL_THERE, UNHEARD
from edge.downlink.users.templates import names_of, plan
from protocol.identifiers import TerminalSerial
from protocol.messages import UserState
from protocol.wanted import Biometrics, Kind, Template, WantedUser

PORTION = 20
"""Users at once: with some fingers each they fill an answer or two."""
PATIENCE_SECONDS = 600
"""A terminal that has not answered by then is asked again later."""
FULL_CODE, NO_SUCH_USER = -1001, -10
CANNOT = (-1002, -1004, -629)
"""Not understood, another dialect, no such table."""


class NotListedError(Exception):
    """Who is on a terminal could not be found out; the message says why."""


class _NotDoneError(Exception):
    """A terminal's word that it did not do it."""

    def __init__(self, result: CommandResult) -> None:
        super().__init__(FULL if result.code == FULL_CODE else f"the terminal refused it: {result.meaning}")
        self.state = UserState.REFUSED if result.code in CANNOT else UserState.FAILED


class PushCarrier:
    """Does one thing at a terminal after the other; several may be at work for several terminals."""

    def __init__(self, book: WantedBook, tell: Tell) -> None:
        self._book, self._tell = book, tell
        self._turns: dict[TerminalSerial, asyncio.Lock] = {}

    @asynccontextmanager
    async def _watching(self, desk: PushDesk, serial: TerminalSerial, pins: Collection[str] | None) -> AsyncIterator[Told]:
        """What the terminal tells meanwhile is of this work alone: somebody may order a look while users are being brought."""
        async with self._turns.setdefault(serial, asyncio.Lock()):
            with desk.watching(serial, pins) as told:
                yield told

    async def carry(self, desk: PushDesk, serial: TerminalSerial) -> None:
        """One portion of what is due. What gets no answer in time is due again in a while."""
        due = await asyncio.to_thread(self._book.due, serial, int(time.time()), PORTION)
        dialect = desk.dialect_of(serial)
        if not due or dialect is None:
            return
        async with self._watching(desk, serial, {one.user for one in due}) as told:
            for some in ([one for one in due if not one.present], [one for one in due if one.present]):
                outcomes = await asyncio.gather(*(self._one(desk, dialect, serial, one, told) for one in some))
                await asyncio.to_thread(self._book.settle, serial, outcomes, int(time.time()))

    async def look(self, desk: PushDesk, serial: TerminalSerial) -> int:
        """See who is there, and who is there otherwise than wanted; gives how many. Raises NotListedError: then nothing is concluded."""
        dialect = desk.dialect_of(serial)
        if dialect is None:
            raise NotListedError(UNHEARD)
        async with self._watching(desk, serial, None) as told:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._list(desk, dialect, serial, told)
            except (_NotDoneError, CommandError) as error:
                raise NotListedError(str(error)) from error
            except TimeoutError as error:
                raise NotListedError(SILENT) from error
        shown = {one.pin: one for one in told.users}
        await asyncio.to_thread(self._book.see_users, serial, shown.keys(), int(time.time()), partial(_otherwise, shown))
        return len(shown)

    async def _list(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, told: Told) -> None:
        """Have all users told. One that says "done" and tells nobody may not know the command: it is asked for somebody by number."""
        await _done(desk, serial, people.query_users(dialect), absent_is_well=True)
        somebody = None if told.users else await asyncio.to_thread(self._book.somebody_there, serial)
        if somebody is not None:
            await _done(desk, serial, people.query_user(dialect, somebody), absent_is_well=True)
            if told.users:
                raise NotListedError(LISTS_NOBODY)

    async def _one(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, told: Told) -> Outcome:
        if not people.fits(user.user):
            return Outcome(user.user, user.revision, UserState.REFUSED, reason=NUMBER)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                if not user.present:
                    return await self._leave(desk, dialect, serial, user, told)
                return await self._bring(desk, dialect, serial, user, told)
        except _NotDoneError as error:
            return Outcome(user.user, user.revision, error.state, reason=str(error))
        except CommandError as error:
            return Outcome(user.user, user.revision, UserState.FAILED, reason=str(error))
        except TimeoutError:
            return Outcome(user.user, user.revision, UserState.WAITING, again_after=60)

    async def _leave(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, told: Told) -> Outcome:
        await self._erase_bodies(desk, dialect, serial, user, photos=True)
        for text in people.delete_user(dialect, user.user):
            await _done(desk, serial, text, absent_is_well=True)
        await _done(desk, serial, people.query_user(dialect, user.user), absent_is_well=True)
        if any(one.pin == user.user for one in told.users):
            return Outcome(user.user, user.revision, UserState.FAILED, reason="the user is still there")
        left = names_of(await self._faces(desk, dialect, serial, user, told)) + await self._palms(desk, dialect, serial, user, told)
        if left:
            return Outcome(user.user, user.revision, UserState.FAILED, left, STILL_THERE)
        await asyncio.to_thread(self._book.note_held, serial, user.user, {})
        return good(user)

    async def _bring(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, told: Told) -> Outcome:
        wanted = record_of(user)
        for text in people.update_user(dialect, wanted):
            await _done(desk, serial, "write a user", text)
        await _done(desk, serial, people.query_user(dialect, user.user))
        shown = [one for one in told.users if one.pin == user.user]
        reason = people.differs(wanted, shown[-1]) if shown else NOT_SHOWN
        if reason:
            return Outcome(user.user, user.revision, UserState.FAILED, reason=reason)
        match user.biometrics:
            case Biometrics.LEAVE:
                return good(user)
            case Biometrics.ERASE:
                return await self._erase(desk, dialect, serial, user, told)
            case Biometrics.CARRY:
                return await self._carry(desk, dialect, serial, user, told)

    async def _erase(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, told: Told) -> Outcome:
        await _done(desk, serial, people.delete_fingers(dialect, user.user), absent_is_well=True)
        await self._erase_bodies(desk, dialect, serial, user, photos=False)
        left = names_of(await self._there(desk, dialect, serial, user, told, faces=True))
        left += await self._palms(desk, dialect, serial, user, told)
        await asyncio.to_thread(self._book.note_held, serial, user.user, {})
        return Outcome(user.user, user.revision, UserState.FAILED, left, STILL_THERE) if left else good(user)

    async def _carry(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, told: Told) -> Outcome:
        there = await self._there(desk, dialect, serial, user, told, faces=user.faces)
        algorithm, face = desk.algorithm_of(serial), desk.face_algorithm_of(serial)
        takes = ({Kind.FINGER: algorithm} if algorithm else {}) | ({Kind.FACE: face.name} if face and user.faces else {})
        known = await asyncio.to_thread(self._book.held, serial, user.user)
        chosen = plan(user.templates, there, known, takes)
        for one in chosen.bring:
            for text in _bringing(dialect, user.user, one, face):
                await _done(desk, serial, f"write a {one.kind}", text)
        if chosen.bring:
            there = await self._there(desk, dialect, serial, user, told, faces=user.faces)
            if any(one not in there for one in chosen.bring):
                return Outcome(user.user, user.revision, UserState.FAILED, names_of(there), NOT_SHOWN)
        return await settled(self._book, self._tell, serial, user, there, chosen)

    async def _erase_bodies(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, *, photos: bool) -> None:
        """Face and palm, also where nobody carries any: whoever enrolled theirs at the terminal leaves none behind."""
        face, palms = desk.face_algorithm_of(serial), palm_types(desk.options_of(serial))
        if not palms and not may_hold_faces(desk.options_of(serial)):
            return
        has = ({face.table} if face else set()) | ({BIODATA} if palms else set())
        for table, text in delete_faces(dialect, user.user, photos=photos).items():
            await _done(desk, serial, text, absent_is_well=True, may_not_know=table not in has)

    async def _palms(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, told: Told) -> tuple[str, ...]:
        """What the terminal still holds of a user's palms, as it stands in reports."""
        types, seen = palm_types(desk.options_of(serial)), len(told.faces)
        for text in query_palms(dialect, types, user.user) if types else ():
            await _done(desk, serial, text, absent_is_well=True)
        return (str(Kind.PALM),) if any(is_palm(*row, user.user) for row in told.faces[seen:]) else ()

    async def _there(
        self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, told: Told, *, faces: bool
    ) -> list[Template]:
        """What the terminal holds of a user now; a face is asked for only where that may be."""
        fingers = await self._fingers(desk, dialect, serial, user, told)
        return [*fingers, *(await self._faces(desk, dialect, serial, user, told) if faces else [])]

    async def _faces(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, told: Told) -> list[Template]:
        face, seen = desk.face_algorithm_of(serial), len(told.faces)
        if face is None:
            return []
        await _done(desk, serial, query_faces(dialect, face, user.user), absent_is_well=True)
        data = read_face(told.faces[seen:], user.user, face)
        return [] if data is None else [Template(Kind.FACE, 0, face.name, data)]

    async def _fingers(self, desk: PushDesk, dialect: Dialect, serial: TerminalSerial, user: WantedUser, told: Told) -> Sequence[Template]:
        """The fingers that the terminal tells of now."""
        seen = len(told.fingers)
        await _done(desk, serial, people.query_fingers(dialect, user.user), absent_is_well=True)
        rows = [people.read_finger(rest) for rest in told.fingers[seen:]]
        found = {one.finger: one for one in rows if one is not None and one.pin == user.user}
        return [Template(Kind.FINGER, one.finger, desk.algorithm_of(serial), one.data) for one in found.values()]


def _otherwise(shown: Mapping[str, UserTold], user: WantedUser) -> str:
    """What is wrong with a user as the terminal shows them; empty for nothing."""
    return people.differs(record_of(user), shown[user.user]) or ""


def _bringing(dialect: Dialect, pin: str, template: Template, face: FaceAlgorithm | None) -> list[str]:
    """The commands that bring a template that this terminal takes."""
    if template.kind is Kind.FACE and face is not None:
        return update_face(dialect, face, pin, template.data)
    return [people.update_finger(dialect, pin, template.place, template.data)]


async def _done(
    desk: PushDesk, serial: TerminalSerial, text: str, secret: str = "", *, absent_is_well: bool = False, may_not_know: bool = False
) -> None:
    """Have a command done; raises _NotDoneError with the terminal's word. may_not_know: it need not know such a table."""
    result = await desk.have_done(serial, text, PATIENCE_SECONDS, secret)
    if result.done or (absent_is_well and result.code == NO_SUCH_USER) or (may_not_know and result.code in CANNOT):
        return
    raise _NotDoneError(result)
