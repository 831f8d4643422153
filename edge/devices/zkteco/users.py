"""Users between what is wanted and the rows of a terminal's table. Pure.

A row has a place of its own, the uid (1 to 65535), beside the number that people type. Everybody else knows only the number; uids are
given out here. A changed user keeps theirs, and whatever else stands in their row.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.devices.driver import CannotError, TerminalUserRecord, WriteProblem
from edge.devices.zkteco.layouts import decode_users
from edge.devices.zkteco.records import USER_28, USER_72, TerminalUserRow, text_number

LAST_UID = 65_534
"""One below what two bytes hold, which some firmware takes for nobody."""
NAME_BYTES = {28: 8, 72: 23}
PASSWORD_BYTES = {28: 5, 72: 8}
NUMBER_BYTES = 23
LARGEST_SMALL_NUMBER = 999_999_999
"""Of terminals with rows of 28 bytes: a number of nine digits."""
LARGEST_CARD = 2**32 - 1
LARGEST_GROUP = 255
LARGEST_PRIVILEGE = 15
VERIFY_STYLES = frozenset({0, *range(128, 143)})
"""0: as the group has it. The others say which of finger, number, password and card, one or several."""


@dataclass(frozen=True, slots=True)
class UserTable:
    """The users of a terminal, and how it writes them. encoding: of names, as Python calls it."""

    size: int
    encoding: str
    rows: Mapping[str, TerminalUserRow]

    def row_of(self, user: str) -> TerminalUserRow | None:
        return self.rows.get(user)


def table_of(body: bytes, count: int | None, size_when_empty: int, usual_encoding: str) -> UserTable | None:
    """Make sense of a user table's rows; None where that is not certain, or where two rows have one number or one uid."""
    found = decode_users(body, count)
    if found is None:
        return None
    rows = {row.number: row for row in found}
    if len(rows) != len(found) or len({row.uid for row in found}) != len(found):
        return None
    return UserTable(len(body) // len(found) if found else size_when_empty, encoding_of(found, usual_encoding), rows)


def encoding_of(rows: Iterable[TerminalUserRow], usual: str) -> str:
    """How the names that are there were written; `usual` where none of them tells.

    Names in GB18030 are hardly ever valid UTF-8: one that is valid and not plain ASCII speaks for UTF-8, one that is not, against it.
    """
    telling = [row.name for row in rows if not row.name.isascii()]
    if not telling:
        return usual
    for encoding in ("utf-8", "gb18030"):
        if all(_decodes(name, encoding) for name in telling):
            return encoding
    return usual


def _decodes(name: bytes, encoding: str) -> bool:
    """Whether a name is of this encoding; the last character may have been cut by the length of its field."""
    for cut in range(4):
        try:
            name[: len(name) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def record_of(row: TerminalUserRow, encoding: str) -> TerminalUserRecord:
    """A row as others see it."""
    return TerminalUserRecord(
        user=row.number,
        name=row.name.decode(encoding, "replace"),
        privilege=row.privilege,
        password=row.password.decode("ascii", "replace"),
        card=str(row.card) if row.card else "",
        group=str(row.group),
    )


def wanted_row(wanted: TerminalUserRecord, table: UserTable, uid: int, number_width: int | None) -> TerminalUserRow:
    """The row that a user should have; raises CannotError for what does not fit into one of this terminal."""
    old, size = table.row_of(wanted.user), table.size
    if wanted.verify and _number(wanted.verify, max(VERIFY_STYLES), WriteProblem.VERIFY) not in VERIFY_STYLES:
        raise CannotError(WriteProblem.VERIFY)
    password = _ascii(wanted.password, WriteProblem.PASSWORD)
    if len(password) > PASSWORD_BYTES[size]:
        raise CannotError(WriteProblem.PASSWORD)
    group = _number(wanted.group, LARGEST_GROUP, WriteProblem.GROUP) if wanted.group else old.group if old else 1
    card = _number(wanted.card, LARGEST_CARD, WriteProblem.CARD) if wanted.card else 0
    _check_number(wanted.user, size, number_width)
    name = cut_name(wanted.name, NAME_BYTES[size], table.encoding)
    row = TerminalUserRow(uid, wanted.user, name, wanted.privilege & LARGEST_PRIVILEGE, password, card, group)
    return TerminalUserRow(uid, row.number, name, row.privilege, password, card, group, _packed(row, size, old))


def _packed(row: TerminalUserRow, size: int, old: TerminalUserRow | None) -> bytes:
    """The row's bytes; time zones are those of the row that was there."""
    if size == 28:
        zone = USER_28.unpack(old.raw)[7] if old else 0
        return USER_28.pack(row.uid, row.privilege, row.password, row.name, row.card, 0, row.group, zone, int(row.number))
    zones = USER_72.unpack(old.raw)[6:10] if old else (0, 0, 0, 0)
    return USER_72.pack(row.uid, row.privilege, row.password, row.name, row.card, row.group, *zones, row.number.encode("ascii"))


def _check_number(number: str, size: int, width: int | None) -> None:
    """Rows of 28 bytes hold a number, not text: neither letters nor zeros in front."""
    text = text_number(number.encode("ascii", "replace")) if number.isascii() else None
    fits = text == number and len(number) <= min(NUMBER_BYTES, width or NUMBER_BYTES)
    if size == 28:
        fits = fits and number.isdigit() and str(int(number)) == number and 0 < int(number) <= LARGEST_SMALL_NUMBER
    if not fits:
        raise CannotError(WriteProblem.NUMBER)


def _number(text: str, largest: int, problem: WriteProblem) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > largest:
        raise CannotError(problem)
    return int(text)


def _ascii(text: str, problem: WriteProblem) -> bytes:
    if not text.isascii() or not text.isprintable():
        raise CannotError(problem)
    return text.encode("ascii")


def cut_name(name: str, limit: int, encoding: str) -> bytes:
    """As much of a name as fits, whole characters that can be seen only."""
    name = "".join(character for character in name if character.isprintable())[:limit]
    while len(encoded := name.encode(encoding, "replace")) > limit:
        name = name[:-1]
    return encoded


def free_uids(table: UserTable, wanted: Sequence[str], used: Collection[int]) -> dict[str, int]:
    """A uid for each of these numbers: their own, or one that nobody has, had, or punched with. None left: a number is missing.

    used: uids in a log whose rows name only those. Old punches must not become those of somebody new, so uids are given out above the
    highest, and gaps are filled only when there is nothing above. On terminals with rows of 28 bytes a uid equals the number where that
    is possible, as old firmware expects.
    """
    taken = {row.uid for row in table.rows.values()} | set(used)
    found: dict[str, int] = {}
    highest = max((uid for uid in taken if uid <= LAST_UID), default=0)
    gaps = iter(range(1, LAST_UID + 1))
    for number in wanted:
        row = table.row_of(number)
        if row:
            found[number] = row.uid
            continue
        if table.size == 28 and number.isdigit() and 0 < int(number) <= LAST_UID and int(number) not in taken:
            uid = int(number)
        elif highest < LAST_UID:
            uid = highest + 1
        else:
            uid = next((gap for gap in gaps if gap not in taken), 0)
            if not uid:
                continue
        taken.add(uid)
        highest = max(highest, uid)
        found[number] = uid
    return found
