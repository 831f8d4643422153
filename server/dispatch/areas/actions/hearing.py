"""What edges report of the users on their terminals, and templates that they read there."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import structlog

from protocol.errors import ProtocolError
from protocol.messages import Captured, Reported, TerminalHealth, UserReport, UserState
from protocol.sealing import Opener
from protocol.wanted import Biometrics, Kind, Template, Templates, unwrap
from server.dispatch.areas.model import Book, WantedRow
from server.dispatch.areas.store import books, marks, rows as store, templates
from server.fleet import actions as fleet
from server.storage import UnitOfWork

Erased = Callable[[UnitOfWork, int, str, datetime], None]
"""Told (terminal, user, when) that no template of a user is on a terminal any more: the register of consents, wired at the rim."""
RESEND_AFTER = timedelta(minutes=1)
"""After all of a terminal's users were sent again; doubled each time, up to an hour."""
LONGEST_PAUSE = timedelta(hours=1)
NO_DIGEST = f"{0:016x}"

log = structlog.get_logger()


def hear_reported(uow: UnitOfWork, edge_id: int, message: Reported, erased: Erased, at: datetime) -> None:
    """Keep what an edge says of users; of terminals that are not its own it is not heard."""
    terminal_id = fleet.terminal_of_edge(uow, edge_id, message.terminal)
    if terminal_id is None:
        return
    known = store.rows_with_users(uow, [terminal_id], [one.user for one in message.users])
    told = {one.user: one for one in message.users}
    heard = [_reported(row, told[row.user], message.at) for row in known.values()]
    store.note_reported(uow, [row for row in heard if row is not None])
    _note_strangers(uow, terminal_id, [one for one in message.users if (terminal_id, one.user) not in known], message.at)
    for row in heard:
        if row is None:
            continue
        if row.holds_no_templates:
            erased(uow, terminal_id, row.user, at)
        if row.want is None and row.is_done:
            marks.mark(uow, store.holders_of_number(uow, terminal_id, row.user), at)


def hear_health(uow: UnitOfWork, edge_id: int, terminals: Sequence[TerminalHealth], at: datetime) -> None:
    """Note which templates terminals take; send all users of one again where its edge holds others than are wanted.

    An edge of a thousand terminals says this every few seconds, so what is as it was costs three queries for all of them.
    """
    own = fleet.terminals_of_edge(uow, edge_id)
    known = books.books(uow, list(own.values()))
    waiting = store.terminals_waiting(uow)
    for one in terminals:
        if one.serial in own:
            _hear_terminal(uow, own[one.serial], one, known.get(own[one.serial]), waiting, at)


def _hear_terminal(uow: UnitOfWork, terminal_id: int, said: TerminalHealth, book: Book | None, waiting: set[int], at: datetime) -> None:
    finger, face = said.facts.get("algorithm", ""), said.facts.get("face_algorithm", "")
    if book is None and not finger and not face:
        return
    if book is None or ((finger or face) and (book.finger_algorithm, book.face_algorithm) != (finger, face)):
        books.ensure(uow, [terminal_id])
        books.change(uow, terminal_id, finger_algorithm=finger, face_algorithm=face)
        marks.mark(uow, store.people_at(uow, terminal_id), at)
    if book is None or not book.wanted:
        return
    if (said.wanted_digest or NO_DIGEST) == f"{book.digest:016x}":
        if terminal_id in waiting:
            store.note_taken(uow, terminal_id)
        if book.resent:
            books.change(uow, terminal_id, resent=0, resent_at=None)
    elif terminal_id not in waiting and _may_resend(book.resent, book.resent_at, at):
        log.warning("an edge holds other users than are wanted; all are sent again", terminal=said.serial)
        store.send_again(uow, terminal_id)
        books.change(uow, terminal_id, resent=book.resent + 1, resent_at=at)


def hear_captured(uow: UnitOfWork, edge_id: int, message: Captured, opener: Opener, at: datetime) -> None:
    """Keep templates of people who agreed to it, sealed; what comes of anybody else is dropped at once. Raises VaultError without a key."""
    terminal_id = fleet.terminal_of_edge(uow, edge_id, message.terminal)
    if terminal_id is None:
        return
    try:
        found = unwrap(Templates, message.sealed, opener, "captured", message.edge, message.terminal)
    except ProtocolError as error:
        log.warning("templates that an edge sent cannot be opened", edge=message.edge, terminal=message.terminal, reason=str(error))
        return
    known = store.rows_with_users(uow, [terminal_id], [one.user for one in found.users])
    for one in found.users:
        row = known.get((terminal_id, one.user))
        if row is None or row.want is None or row.want.biometrics is not Biometrics.CARRY:
            continue
        carried = [each for each in one.templates if _is_carried(each, faces=row.want.faces)]
        if templates.keep(uow, row.want.person_id, carried, terminal_id, at):
            marks.mark(uow, [row.want.person_id], at)


def without_templates(uow: UnitOfWork, users: Collection[tuple[int, str]]) -> list[tuple[int, str]]:
    """Of these (terminal, user) those of whom it was reported that no template is there, and none may be."""
    known = store.rows_with_users(uow, {key for key, _ in users}, {user for _, user in users}) if users else {}
    return [key for key in users if key in known and known[key].holds_no_templates]


def _is_carried(one: Template, *, faces: bool) -> bool:
    return one.kind is Kind.FINGER or (faces and one.kind is Kind.FACE)


def _reported(row: WantedRow, said: UserReport, at: datetime) -> WantedRow | None:
    """The row with what was said; None for what is older than what is known."""
    if said.revision < row.reported:
        return None
    return row.heard(said.revision, said.state, said.reason, tuple(said.templates), at)


def _note_strangers(uow: UnitOfWork, terminal_id: int, users: list[UserReport], at: datetime) -> None:
    strangers = [one for one in users if one.state is UserState.STRANGER]
    rows = [
        {"terminal_id": terminal_id, "terminal_user": one.user, "templates": one.templates, "reason": one.reason, "reported_at": at}
        for one in strangers
    ]
    store.write_strangers(uow, rows)
    store.forget_strangers(uow, terminal_id, [one.user for one in users if one.state is not UserState.STRANGER])


def _may_resend(times: int, last: datetime | None, at: datetime) -> bool:
    return last is None or at - last >= min(RESEND_AFTER * 2**times, LONGEST_PAUSE)
