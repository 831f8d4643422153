"""The users of a terminal: read, written one by one or in bulk, deleted; what was written is read back."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from edge.devices.driver import (
    CannotError,
    DriverError,
    NotKeptError,
    TerminalFullError,
    TerminalRefusedError,
    TerminalUserRecord,
    WriteProblem,
)
from edge.devices.zkteco.frames import Command
from edge.devices.zkteco.records import TerminalUserRow
from edge.devices.zkteco.talk import Talk
from edge.devices.zkteco.users import UserTable, free_uids, record_of, table_of, wanted_row
from edge.devices.zkteco.writing import expect_ok, write_bulk

BULK_FROM = 10
BULK_USERS = 200
"""In one buffer: 14 KB, which the smallest terminal takes."""
TEXT_PLATFORM = "_TFT"
"""In the platform's name of terminals with a colour display: rows of 72 bytes, names in UTF-8."""


class People:
    """Users of the terminal that `talk` talks to. used: uids that no new user may get."""

    def __init__(self, talk: Talk, used: Collection[int]) -> None:
        self._talk, self._used = talk, used
        self._takes_bulk = True

    async def read(self) -> list[TerminalUserRecord]:
        table = await self.table()
        return [record_of(row, table.encoding) for row in table.rows.values()]

    async def table(self) -> UserTable:
        """The user table of this moment; raises TerminalRefusedError where it cannot be made sense of."""
        sizes = await self._talk.sizes()
        read = await self._talk.read_table(Command.READ_USERS, 5)
        shows_text = TEXT_PLATFORM in (await self._talk.option("~Platform") or "")
        usual = (72, "utf-8") if shows_text else (28, "gb18030")
        table = table_of(read.records, sizes.users if sizes else None, *usual) if read.complete else None
        if table is None:
            raise TerminalRefusedError(WriteProblem.TABLE_UNCLEAR)
        return table

    async def write(self, users: Iterable[TerminalUserRecord]) -> dict[str, DriverError]:
        """Those that are not as wanted yet: in bulk when they are many, and one by one what is then still missing. Who failed, and why."""
        wanted = {user.user: user for user in users}
        table = await self.table()
        rows, failed = await self._rows(wanted, table)
        missing = _missing(rows, table)
        if missing and len(missing) >= BULK_FROM and self._takes_bulk:
            await self._write_bulk(missing)
            table = await self.table()
            missing = _missing(rows, table)
        for row in missing:
            try:
                expect_ok(await self._talk.insist(Command.WRITE_USER, row.raw))
            except (TerminalRefusedError, CannotError) as error:
                failed[row.number] = await self._why(row, table, error)
        if missing:
            await self._talk.insist(Command.REFRESH_DATA)
            for row in _missing(rows, await self.table()):
                failed.setdefault(row.number, NotKeptError(WriteProblem.NOT_KEPT))
        for number, row in rows.items():
            if wanted[number].verify and number not in failed:
                await self._set_style(row, int(wanted[number].verify), failed)
        return failed

    async def delete(self, users: Iterable[str]) -> dict[str, DriverError]:
        """Those that are there; who still is, and why."""
        table = await self.table()
        leaving = {user: row for user in users if (row := table.row_of(user))}
        failed: dict[str, DriverError] = {}
        for user, row in leaving.items():
            try:
                expect_ok(await self._talk.insist(Command.DELETE_USER, row.uid.to_bytes(2, "little")))
            except (TerminalRefusedError, CannotError) as error:
                failed[user] = error
        if leaving:
            await self._talk.insist(Command.REFRESH_DATA)
            there = (await self.table()).rows
            failed = {user: failed.get(user, NotKeptError(WriteProblem.NOT_KEPT)) for user in leaving if user in there}
        return failed

    async def _rows(
        self, wanted: Mapping[str, TerminalUserRecord], table: UserTable
    ) -> tuple[dict[str, TerminalUserRow], dict[str, DriverError]]:
        """The row each should have, and whom the terminal has no room for or cannot hold as wanted."""
        uids = free_uids(table, list(wanted), self._used)
        width = await self._number_width()
        rows: dict[str, TerminalUserRow] = {}
        failed: dict[str, DriverError] = {number: TerminalFullError(WriteProblem.FULL) for number in wanted if number not in uids}
        for number, uid in uids.items():
            try:
                rows[number] = wanted_row(wanted[number], table, uid, width)
            except CannotError as error:
                failed[number] = error
        return rows, failed

    async def _number_width(self) -> int | None:
        width = await self._talk.option("~PIN2Width") or ""
        return int(width) if width.isascii() and width.isdigit() and int(width) else None

    async def _write_bulk(self, rows: Sequence[TerminalUserRow]) -> None:
        """As many as the terminal takes; which those are is read back."""
        for start in range(0, len(rows), BULK_USERS):
            some = [row.raw for row in rows[start : start + BULK_USERS]]
            try:
                await self._talk.persist(lambda _, some=some: write_bulk(self._talk.session, some, ()))  # type: ignore[misc]
            except CannotError:
                self._takes_bulk = False
                break
            except TerminalRefusedError:
                break
        await self._talk.insist(Command.REFRESH_DATA)

    async def _why(self, row: TerminalUserRow, table: UserTable, error: DriverError) -> DriverError:
        """A terminal refuses one who is new with the same answer whether it is full or has another reason; its own counts tell."""
        sizes = await self._talk.sizes()
        if table.row_of(row.number) is None and sizes and sizes.no_room_for_users:
            return TerminalFullError(WriteProblem.FULL)
        return error

    async def _set_style(self, row: TerminalUserRow, style: int, failed: dict[str, DriverError]) -> None:
        uid = row.uid.to_bytes(2, "little")
        try:
            if await self._style(uid) != style:
                expect_ok(await self._talk.insist(Command.WRITE_VERIFY, (uid + bytes((style,))).ljust(24, b"\0")))
                if await self._style(uid) != style:
                    failed[row.number] = NotKeptError(WriteProblem.NOT_KEPT)
        except (TerminalRefusedError, CannotError) as error:
            failed[row.number] = error

    async def _style(self, uid: bytes) -> int | None:
        answer = expect_ok(await self._talk.insist(Command.READ_VERIFY, uid))
        return answer.data[2] if len(answer.data) > 2 else None


def _missing(rows: Mapping[str, TerminalUserRow], table: UserTable) -> list[TerminalUserRow]:
    """Those that the terminal does not hold as wanted; `raw` takes no part in the comparison."""
    return [row for number, row in rows.items() if table.row_of(number) != row]
