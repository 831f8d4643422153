"""Wanted users as messages: sealed for their edge, never more at once than it can report."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import select

from protocol.identifiers import EdgeId
from protocol.messages import Wanted
from protocol.wanted import MOST_USERS, Template, WantedUser, WantedUsers, wrap
from server.dispatch.areas.actions.rights import password_place
from server.dispatch.areas.model import WantedRow
from server.dispatch.areas.store import rows as store, templates
from server.dispatch.areas.tables import terminal_right
from server.fleet.model import OpenLine
from server.fleet.tables import terminal
from server.storage import UnitOfWork

MOST_BYTES = 200 * 1024
USER_BYTES = 400
"""At most, of a user without templates, as JSON."""


def messages(uow: UnitOfWork, chosen: Collection[tuple[int, str]], lines: Mapping[int, OpenLine]) -> Iterator[Wanted]:
    """These (terminal, user) as they should be now, for the edges of their terminals; raises VaultError without the vault's key."""
    by_terminal: dict[int, list[str]] = {}
    for key, user in chosen:
        by_terminal.setdefault(key, []).append(user)
    columns = (terminal.c.id, terminal.c.serial, terminal.c.edge_id)
    for row in uow.fetch_all(select(*columns).where(terminal.c.id.in_(list(by_terminal))).order_by(terminal.c.id)):
        line = lines.get(row.edge_id)
        if line is None or line.sealing_key is None:
            continue
        rows = store.rows_with_users(uow, [row.id], by_terminal[row.id])
        for part in portions_of(_users(uow, list(rows.values()))):
            yield _message(line.edge, row.serial, part, line.sealing_key)


def portions_of(users: Sequence[WantedUser]) -> Iterator[list[WantedUser]]:
    """In messages that are not too long; one user with more templates than that goes alone."""
    part: list[WantedUser] = []
    size = 0
    for one in users:
        own = USER_BYTES + sum(len(each.data) * 4 // 3 + 100 for each in one.templates)
        if part and (len(part) == MOST_USERS or size + own > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(one)
        size += own
    if part:
        yield part


def _message(edge: EdgeId, serial: str, users: list[WantedUser], key: bytes) -> Wanted:
    return Wanted(edge=edge, terminal=serial, sealed=wrap(WantedUsers(users), key, "wanted", edge, serial))


def _users(uow: UnitOfWork, rows: Sequence[WantedRow]) -> list[WantedUser]:
    wants = [row.want for row in rows if row.want is not None]
    passwords = _passwords(uow, {one.person_id for one in wants if one.password_version})
    marks = {mark for one in wants for mark in one.templates}
    found = templates.opened(uow, marks) if marks else {}
    return [_user(row, passwords, found) for row in rows]


def _user(row: WantedRow, passwords: Mapping[int, str], found: Mapping[str, Template]) -> WantedUser:
    want = row.want
    if want is None:
        return WantedUser(row.user, row.revision, present=False)
    return WantedUser(
        user=row.user,
        revision=row.revision,
        name=want.name,
        privilege=want.privilege,
        password=passwords.get(want.person_id, ""),
        card=want.card,
        group=want.group,
        verify=want.verify,
        biometrics=want.biometrics,
        templates=[found[mark] for mark in want.templates if mark in found],
        faces=want.faces,
    )


def _passwords(uow: UnitOfWork, people: Collection[int]) -> dict[int, str]:
    if not people:
        return {}
    query = select(terminal_right.c.person_id, terminal_right.c.password).where(terminal_right.c.person_id.in_(sorted(people)))
    rows = uow.fetch_all(query.where(terminal_right.c.password.is_not(None)))
    return {row.person_id: uow.vault.open(row.password, password_place(row.person_id)) for row in rows}
