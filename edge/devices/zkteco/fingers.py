"""The fingerprint templates of a terminal: read, written, deleted; what was written is read back."""

from collections.abc import Iterable, Sequence

from edge.devices.driver import (
    CannotError,
    DriverError,
    NotKeptError,
    TerminalFullError,
    TerminalRefusedError,
    UserTemplate,
    WriteProblem,
)
from edge.devices.zkteco.frames import Command
from edge.devices.zkteco.people import People
from edge.devices.zkteco.records import TerminalUserRow
from edge.devices.zkteco.session import TRIES
from edge.devices.zkteco.talk import Talk
from edge.devices.zkteco.templates import (
    DURESS,
    FINGERS,
    LARGEST_TEMPLATE,
    VALID,
    Fingerprint,
    decode_templates,
    is_held,
)
from edge.devices.zkteco.writing import expect_ok, read_template, write_bulk, write_template

TEMPLATES_FUNCTION = 2


class Fingers:
    """Templates of the terminal that `talk` talks to; `people` says whose they are."""

    def __init__(self, talk: Talk, people: People) -> None:
        self._talk, self._people = talk, people

    async def read(self, user: str | None) -> list[UserTemplate]:
        """Those of users who are there, and valid; templates without a user belong to nobody and are not told."""
        names = {row.uid: number for number, row in (await self._people.table()).rows.items() if user in (None, number)}
        algorithm = await self._algorithm()
        return [
            UserTemplate(names[one.uid], one.finger, algorithm, one.data, one.flag == DURESS)
            for one in await self._all()
            if one.uid in names and one.flag in {VALID, DURESS}
        ]

    async def write(self, user: str, templates: Sequence[UserTemplate]) -> None:
        """Several in bulk, and one by one what is then still missing."""
        if templates and {template.algorithm for template in templates} != {await self._algorithm()}:
            raise CannotError(WriteProblem.ALGORITHM)
        if any(template.finger not in FINGERS or not 0 < len(template.data) <= LARGEST_TEMPLATE for template in templates):
            raise CannotError(WriteProblem.TEMPLATE)
        row = (await self._people.table()).row_of(user)
        if row is None:
            raise TerminalRefusedError(WriteProblem.NO_SUCH_USER)
        wanted = [Fingerprint(row.uid, one.finger, DURESS if one.duress else VALID, one.data) for one in templates]
        missing = await self._missing(wanted)
        ordinary = [one for one in missing if one.flag == VALID]  # in bulk no flag is told
        if len(ordinary) > 1 and await self._write_bulk(row, ordinary):
            missing = await self._missing(missing)
        for one in missing:
            await self._write_one(one)
        if missing:
            await self._talk.insist(Command.REFRESH_DATA)
            if await self._missing(missing):
                raise NotKeptError(WriteProblem.NOT_KEPT)

    async def delete_of(self, users: Iterable[str]) -> dict[str, DriverError]:
        """Everything of these; who still has some, and why. Nothing happens to those who are not there."""
        table = await self._people.table()
        uids = {row.uid: user for user in users if (row := table.row_of(user))}
        holders = {one.uid for one in await self._all()} & uids.keys() if uids else set()
        refused: dict[str, DriverError] = {}
        for uid in holders:
            try:
                expect_ok(await self._talk.insist(Command.DELETE_TEMPLATES, uid.to_bytes(2, "little") + b"\0"))
            except (TerminalRefusedError, CannotError) as error:
                refused[uids[uid]] = error
        if not holders:
            return {}
        await self._talk.insist(Command.REFRESH_DATA)
        left = {one.uid for one in await self._all()} & holders
        return {uids[uid]: refused.get(uids[uid], NotKeptError(WriteProblem.NOT_KEPT)) for uid in left}

    async def _algorithm(self) -> str:
        return f"zk-{await self._talk.option('~ZKFPVersion') or ''}"

    async def _all(self) -> list[Fingerprint]:
        read = await self._talk.read_table(Command.READ_TEMPLATES, TEMPLATES_FUNCTION)
        found = decode_templates(read.records) if read.complete else None
        if found is None:
            raise TerminalRefusedError(WriteProblem.TABLE_UNCLEAR)
        return found

    async def _missing(self, wanted: Iterable[Fingerprint]) -> list[Fingerprint]:
        """Those that the terminal does not hold: asked for one by one, or looked for among all where it cannot be asked so."""
        try:
            return [one for one in wanted if not await self._holds(one)]
        except CannotError:
            held = {(one.uid, one.finger, one.data) for one in await self._all()}
            return [one for one in wanted if (one.uid, one.finger, one.data) not in held]

    async def _holds(self, one: Fingerprint) -> bool:
        """Over UDP two pieces may come swapped, so something else is asked for again before it is believed."""
        for _ in range(TRIES):
            read = await self._talk.persist(lambda _: read_template(self._talk.session, one.uid, one.finger))
            if read is None:
                return False
            if is_held(one.data, read):
                return True
        return False

    async def _write_one(self, one: Fingerprint) -> None:
        try:
            await self._talk.persist(lambda _: write_template(self._talk.session, one))
        except TerminalRefusedError as error:
            sizes = await self._talk.sizes()
            if sizes and sizes.no_room_for_fingers:
                raise TerminalFullError(WriteProblem.FULL) from error
            raise

    async def _write_bulk(self, row: TerminalUserRow, prints: Sequence[Fingerprint]) -> bool:
        """With the user's own row, unchanged; False where the terminal does not take it so."""
        try:
            await self._talk.persist(lambda _: write_bulk(self._talk.session, [row.raw], prints))
        except (CannotError, TerminalRefusedError):
            return False
        await self._talk.insist(Command.REFRESH_DATA)
        return True
