"""Deciding what becomes of rows in quarantine: replay, dismiss, reopen, say who a terminal user is.

A row that is replayed becomes a punch under its own (edge, epoch, sequence) and with its own bytes, in the transaction that also marks it,
so it is recorded exactly once whatever happens between. What still cannot become one stays open with its present reason.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace as changed
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import select, update

from protocol import codec
from protocol.errors import DecodeError
from protocol.instants import pack_wall
from server.attendance import actions as attendance
from server.attendance.model import NewPunch
from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import TemplateKind
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet
from server.ingest.actions.listing import QuarantineFilter, QuarantineGroup, QuarantineState, conditions, list_groups
from server.ingest.provisioned import load_known
from server.ingest.sift import Doubted, Known, Limits, Origin, Reason, Sieve
from server.ingest.tables import quarantine
from server.storage import UnitOfWork

AT_ONCE = 2000
"""Rows of one decision: a transaction that others do not have to wait for long. `Resolved.more` says when there are others."""
MOST_GROUPS = 20_000
"""Terminal users that are looked at when many people are enrolled at once."""
UID_UNRESOLVED = "uid-unresolved"
"""The edge's doubt about a user whose number the terminal's user list does not name; the user is then written `uid:<n>`."""
NOTE_CHARACTERS = 500
ANY_TIME = Limits(future=timedelta(days=36_500), past=timedelta(days=36_500))
"""For rows whose time a person has accepted: a hundred years to both sides, but still only moments that a calendar has."""

Selection = Sequence[int] | QuarantineFilter
"""Rows by their ids, or those that a filter finds; a decision takes only rows of the state that it starts from."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a decision did. known: were punches already. left: stay open. more: others wait behind AT_ONCE."""

    replayed: int = 0
    known: int = 0
    dismissed: int = 0
    left: int = 0
    more: bool = False


def replay(
    uow: UnitOfWork, chosen: Selection, limits: Limits, by: Actor, now: datetime, *, accept: bool = False, reason: str = ""
) -> Resolved:
    """Sift open rows again with what is provisioned now, and record what passes.

    accept: a person vouches for them, so no far time, doubt of the edge or terminal out of service stops them; then `reason` must say why.
    Raises InvalidInputError when it does not.
    """
    reason = _checked_note("reason", reason) if accept else reason.strip()[:NOTE_CHARACTERS]
    rows, more = _locked(uow, chosen, QuarantineState.OPEN)
    if not rows:
        return Resolved()
    good, doubted = _sift_again(uow, rows, ANY_TIME if accept else limits, accept=accept)
    punches = [_own(rows[one.sequence], one) for one in good]
    duplicates = attendance.record_punches(uow, punches, now).duplicates
    known = {rows[one.sequence].id for place, one in enumerate(good) if place in duplicates}
    passed = {rows[one.sequence].id for one in good}
    _mark(uow, passed - known, QuarantineState.REPLAYED, by, now, reason)
    _mark(uow, known, QuarantineState.REPLAYED, by, now, reason or "this punch was recorded already")
    _tell_new_reasons(uow, rows, doubted)
    resolved = Resolved(len(passed - known), len(known), 0, len(doubted), more)
    done = {"replayed": sorted(passed - known), "known": sorted(known), "left": resolved.left, "accepted": accept}
    record(uow, by, "quarantine.replay", "quarantine", _subject(rows), at=now, after=done, reason=reason)
    return resolved


def dismiss(uow: UnitOfWork, chosen: Selection, note: str, by: Actor, now: datetime) -> Resolved:
    """Decide that open rows are no punches. They are kept, and `reopen` undoes it. Raises InvalidInputError without a note."""
    note = _checked_note("note", note)
    rows, more = _locked(uow, chosen, QuarantineState.OPEN)
    if not rows:
        return Resolved()
    ids = {row.id for row in rows}
    _mark(uow, ids, QuarantineState.DISMISSED, by, now, note)
    record(uow, by, "quarantine.dismiss", "quarantine", _subject(rows), at=now, after={"dismissed": sorted(ids)}, reason=note)
    return Resolved(dismissed=len(ids), more=more)


def reopen(uow: UnitOfWork, chosen: Selection, by: Actor, now: datetime) -> int:
    """Undo `dismiss`; returns how many are open again."""
    rows, _ = _locked(uow, chosen, QuarantineState.DISMISSED)
    if not rows:
        return 0
    found = sorted(row.id for row in rows)
    cleared = {"state": QuarantineState.OPEN, "resolved_at": None, "resolved_by": None, "note": ""}
    uow.execute(update(quarantine).where(quarantine.c.id.in_(found)).values(cleared))
    before = {"state": QuarantineState.DISMISSED, "notes": sorted({row.note for row in rows})}
    record(uow, by, "quarantine.reopen", "quarantine", _subject(rows), at=now, before=before, after={"open": found})
    return len(found)


def map_user(
    uow: UnitOfWork, serial: str, terminal_user: str, person_id: int, since: date, limits: Limits, by: Actor, now: datetime
) -> Resolved:
    """Enrol a person as this terminal user in the terminal's zone from a day on, and replay that user's rows of the whole zone.

    Raises NotFoundError for an unknown terminal or person, RefusedError when somebody is that user already.
    """
    return enrol_and_replay(
        uow, person_id, zone_of(uow, serial), terminal_user, since, None, limits, by, now, reason=f"from quarantine: {serial}"
    )


def enrol_and_replay(
    uow: UnitOfWork,
    person_id: int,
    zone_id: int,
    terminal_user: str,
    since: date,
    until: date | None,
    limits: Limits,
    by: Actor,
    now: datetime,
    *,
    reason: str,
    card: str = "",
    templates: Collection[TemplateKind] | None = None,
) -> Resolved:
    """Enrol a person, and replay what was kept back because nobody was that user. Raises as `directory.enrol`."""
    directory.enrol(
        uow, person_id, zone_id, terminal_user, since, by, now, valid_until=until, reason=reason, card=card, templates=templates
    )
    total = Resolved()
    for name, terminal in fleet.serving_terminals(uow).items():
        if terminal.zone_id == zone_id:
            wanted = QuarantineFilter(terminal=name, user=terminal_user.strip())
            total = _added(total, replay(uow, wanted, limits, by, now, reason=reason))
    return total


def replay_enrolled(uow: UnitOfWork, limits: Limits, by: Actor, now: datetime) -> Resolved:
    """Replay what was kept back because nobody was its terminal user, of those who are somebody now."""
    known, total = load_known(uow), Resolved()
    for group in list_groups(uow, QuarantineFilter(), limit=MOST_GROUPS):
        if group.reason in {Reason.UNKNOWN_USER, UID_UNRESOLVED} and may_pass(known, group):
            wanted = QuarantineFilter(group.reason, group.terminal, group.user)
            total = _added(total, replay(uow, wanted, limits, by, now, reason="from enrolments"))
    return total


def zone_of(uow: UnitOfWork, serial: str) -> int:
    """The zone in which this terminal's user numbers mean one person; raises NotFoundError."""
    found = {str(name): terminal for name, terminal in fleet.serving_terminals(uow).items()}.get(serial)
    if found is None:
        raise NotFoundError(what="terminal", name=serial)
    return found.zone_id


def may_pass(known: Known, group: QuarantineGroup) -> bool:
    """Whether the cause of a group seems to be gone, at least for its first or last row: a hint for lists, `replay` decides."""
    terminal = known.terminals.get(group.terminal)
    if terminal is None or group.reason not in {Reason.UNKNOWN_TERMINAL, Reason.UNKNOWN_USER, UID_UNRESOLVED}:
        return False
    spans = known.enrolments.get((terminal.group, group.user), ())
    days = [day for day in map(_packed_day, (group.first, group.last)) if day is not None]
    return any(first <= day <= last for first, last in spans for day in days)


@dataclass(frozen=True, slots=True)
class _Open:
    id: int
    reason: str
    edge_id: int
    epoch_id: int
    sequence: int
    terminal: str
    user: str
    body: bytes
    note: str


def _locked(uow: UnitOfWork, chosen: Selection, state: QuarantineState) -> tuple[list[_Open], bool]:
    """Rows of this state in the order they came, for this transaction alone, and whether there are more than AT_ONCE."""
    wanted = conditions(chosen) if isinstance(chosen, QuarantineFilter) else [quarantine.c.id.in_(list(chosen)[: AT_ONCE + 1])]
    columns = (
        quarantine.c.id, quarantine.c.reason, quarantine.c.edge_id, quarantine.c.epoch_id, quarantine.c.sequence,
        quarantine.c.terminal_serial, quarantine.c.terminal_user, quarantine.c.body, quarantine.c.note,
    )  # fmt: skip
    query = select(*columns).where(quarantine.c.state == state, *wanted).order_by(quarantine.c.id).limit(AT_ONCE + 1)
    if uow.dialect == "postgresql":
        query = query.with_for_update()
    rows = [_Open(*tuple(row)) for row in uow.fetch_all(query)]
    return rows[:AT_ONCE], len(rows) > AT_ONCE


def _sift_again(uow: UnitOfWork, rows: Sequence[_Open], limits: Limits, *, accept: bool) -> tuple[list[NewPunch], list[Doubted]]:
    """A punch's sequence is its row's place in `rows`."""
    known = load_known(uow)
    if accept:  # a person who vouches for a punch knows of the terminal's state too
        known = changed(known, terminals={serial: changed(one, out_from=None, out_until=None) for serial, one in known.terminals.items()})
    sieve = Sieve(known, limits)
    return sieve.sift([_without_settled_doubt(row.body, accept=accept) for row in rows], Origin(0, 0, 0))


def _without_settled_doubt(body: bytes, *, accept: bool) -> bytes:
    """The row as it is to be judged now: an unresolved user is judged by enrolments, and what a person accepted is no doubt any more."""
    try:
        row = codec.decode_row(body)
    except DecodeError:
        return body
    if row.doubt and (accept or row.doubt == UID_UNRESOLVED):
        return codec.encode_row(msgspec.structs.replace(row, doubt=None))
    return body


def _own(row: _Open, sifted: NewPunch) -> NewPunch:
    """With its own place in its own edge's chain, and its bytes as they were sealed."""
    return sifted._replace(edge_id=row.edge_id, epoch_id=row.epoch_id, sequence=row.sequence, body=row.body)


def _mark(uow: UnitOfWork, ids: set[int], state: QuarantineState, by: Actor, now: datetime, note: str) -> None:
    if ids:
        values = {"state": state, "resolved_at": now, "resolved_by": by.name, "note": note}
        uow.execute(update(quarantine).where(quarantine.c.id.in_(sorted(ids))).values(values))


def _tell_new_reasons(uow: UnitOfWork, rows: Sequence[_Open], doubted: Sequence[Doubted]) -> None:
    """Rows that stay open say why they cannot pass today."""
    new: dict[str, list[int]] = {}
    for one in doubted:
        row = rows[one.position]
        unresolved = one.reason == Reason.UNKNOWN_USER and one.row is not None and one.row.user.startswith("uid:")
        reason = UID_UNRESOLVED if unresolved else str(one.reason)
        if reason != row.reason:
            new.setdefault(reason, []).append(row.id)
    for reason, ids in new.items():
        uow.execute(update(quarantine).where(quarantine.c.id.in_(ids)).values(reason=reason))


def _packed_day(wall: str) -> int | None:
    try:
        return pack_wall(wall) // 1_000_000
    except DecodeError:
        return None


def _subject(rows: Sequence[_Open]) -> str:
    """How people call these rows in the trail: by terminal and user where those are the same."""
    terminals, users = {row.terminal for row in rows}, {row.user for row in rows}
    if len(rows) == 1:
        return f"row {rows[0].id}"
    if len(terminals) > 1:
        return "several terminals"
    terminal = next(iter(terminals)) or "undecodable"
    return f"{terminal} / {next(iter(users))}" if len(users) == 1 and users != {""} else terminal


def _checked_note(field: str, note: str) -> str:
    note = note.strip()
    if not note:
        raise InvalidInputError(field=field, reason="say in a few words why, for whoever asks later")
    if len(note) > NOTE_CHARACTERS:
        raise InvalidInputError(field=field, reason="use at most 500 characters")
    return note


def _added(one: Resolved, other: Resolved) -> Resolved:
    return Resolved(one.replayed + other.replayed, one.known + other.known, 0, one.left + other.left, one.more or other.more)
