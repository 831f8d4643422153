"""What is wanted of the users of terminals, and what was reported of them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Text, and_, bindparam, cast, func, or_, select, update

from protocol.messages import UserState
from protocol.wanted import Biometrics
from server.directory.tables import enrolment
from server.dispatch.areas.model import Stranger, Want, WantedRow
from server.dispatch.areas.tables import terminal_stranger, wanted_user
from server.fleet.tables import terminal
from server.storage import UnitOfWork, portions, upsert

_c = wanted_user.c
KEY = ("terminal_id", "terminal_user")
_HOLDS_A_FACE = cast(_c.there, Text).contains('"face')


def rows_of_people(uow: UnitOfWork, ids: Collection[int]) -> dict[tuple[int, str], WantedRow]:
    """All rows of these people, by terminal and user, also of numbers that they had."""
    return {key: row for keys in portions(ids) for key, row in _rows(uow, _c.person_id.in_(keys))}


def rows_with_users(uow: UnitOfWork, terminals: Collection[int], users: Collection[str]) -> dict[tuple[int, str], WantedRow]:
    """Whosever they are."""
    return {
        key: row
        for keys in portions(users)
        for key, row in _rows(uow, and_(_c.terminal_id.in_(list(terminals)), _c.terminal_user.in_(keys)))
    }


def rows_of_terminal(uow: UnitOfWork, terminal_id: int) -> list[WantedRow]:
    """All of a terminal, by user."""
    return sorted((row for _, row in _rows(uow, _c.terminal_id == terminal_id)), key=lambda row: (len(row.user), row.user))


def people_with_rows(uow: UnitOfWork) -> set[int]:
    """Everybody who should be on a terminal, or gone from one."""
    query = select(_c.person_id).where(_c.person_id.is_not(None)).distinct()
    return {row.person_id for row in uow.fetch_all(query)}


def people_at(uow: UnitOfWork, terminal_id: int) -> set[int]:
    """Whose numbers a terminal should hold."""
    query = select(_c.person_id).where(_c.terminal_id == terminal_id, _c.present.is_(True))
    return {row.person_id for row in uow.fetch_all(query)}


def holders_of_number(uow: UnitOfWork, terminal_id: int, user: str) -> set[int]:
    """Whose number it is or was in the zone of a terminal."""
    joined = enrolment.join(terminal, terminal.c.zone_id == enrolment.c.zone_id)
    query = select(enrolment.c.person_id).select_from(joined)
    return {row.person_id for row in uow.fetch_all(query.where(terminal.c.id == terminal_id, enrolment.c.terminal_user == user))}


def holders_on(uow: UnitOfWork, terminals: Collection[int], user: str, day: date) -> dict[int, int]:
    """Whose number it is on a date in the zones of these terminals, by terminal."""
    joined = enrolment.join(terminal, terminal.c.zone_id == enrolment.c.zone_id)
    good = (enrolment.c.valid_from <= day, or_(enrolment.c.valid_until.is_(None), enrolment.c.valid_until >= day))
    query = select(terminal.c.id, enrolment.c.person_id).select_from(joined)
    rows = uow.fetch_all(query.where(terminal.c.id.in_(list(terminals)), enrolment.c.terminal_user == user, *good))
    return {row.id: row.person_id for row in rows}


def waiting(uow: UnitOfWork, edges: Collection[int], most: int) -> list[tuple[int, int, str, int]]:
    """(edge, terminal, user, revision) that these edges are not known to have yet, at most so many of each terminal."""
    place = func.row_number().over(partition_by=_c.terminal_id, order_by=_c.terminal_user).label("place")
    query = select(terminal.c.edge_id, _c.terminal_id, _c.terminal_user, _c.revision, place)
    query = query.join(terminal, terminal.c.id == _c.terminal_id).where(_c.taken < _c.revision, terminal.c.edge_id.in_(list(edges)))
    each = query.subquery()
    rows = uow.fetch_all(select(each).where(each.c.place <= most).order_by(each.c.place, each.c.terminal_id))
    return [(row.edge_id, row.terminal_id, row.terminal_user, row.revision) for row in rows]


def any_waiting(uow: UnitOfWork) -> bool:
    """Whether there is anything that an edge is not known to have."""
    return uow.fetch_one(select(_c.terminal_id).where(_c.taken < _c.revision).limit(1)) is not None


def terminals_waiting(uow: UnitOfWork) -> set[int]:
    """Terminals with users that their edge is not known to have."""
    return {row.terminal_id for row in uow.fetch_all(select(_c.terminal_id).where(_c.taken < _c.revision).distinct())}


def write(uow: UnitOfWork, rows: Iterable[WantedRow]) -> None:
    """Insert these rows, or bring those that are there to them: what is wanted only, not what was reported."""
    values = [_values(row) for row in sorted(rows, key=lambda one: (one.terminal_id, one.user))]
    upsert(uow, wanted_user, values, KEY)


def note_reported(uow: UnitOfWork, rows: Sequence[WantedRow]) -> None:
    """Keep what these rows say was reported."""
    values = [
        {
            "of": row.terminal_id,
            "whom": row.user,
            "new_taken": row.taken,
            "new_reported": row.reported,
            "new_state": row.state.value,
            "new_reason": row.reason,
            "new_there": list(row.there),
            "new_at": row.reported_at,
        }
        for row in sorted(rows, key=lambda one: one.user)
    ]
    if values:
        where = and_(_c.terminal_id == bindparam("of"), _c.terminal_user == bindparam("whom"))
        new = {
            "taken": bindparam("new_taken"),
            "reported": bindparam("new_reported"),
            "state": bindparam("new_state"),
            "reason": bindparam("new_reason"),
            "there": bindparam("new_there", type_=_c.there.type),
            "reported_at": bindparam("new_at", type_=_c.reported_at.type),
        }
        uow.execute(update(wanted_user).where(where).values(**new), values)


def note_taken(uow: UnitOfWork, terminal_id: int) -> None:
    """Its edge has all of it as it is now."""
    uow.execute(update(wanted_user).where(_c.terminal_id == terminal_id, _c.taken < _c.revision).values(taken=_c.revision))


def send_again(uow: UnitOfWork, terminal_id: int) -> None:
    """Nothing of it is known to be at its edge."""
    uow.execute(update(wanted_user).where(_c.terminal_id == terminal_id).values(taken=0))


def count_failed(uow: UnitOfWork) -> int:
    """How many edges tried in vain, or must not."""
    where = and_(_c.reported >= _c.revision, _c.state.in_([UserState.FAILED.value, UserState.REFUSED.value]))
    return int(uow.scalar(select(func.count()).select_from(wanted_user).where(where)))


def people_with_faces(uow: UnitOfWork) -> set[int]:
    """Whose face a terminal said it holds."""
    query = select(_c.person_id).where(_c.person_id.is_not(None), _HOLDS_A_FACE).distinct()
    return {row.person_id for row in uow.fetch_all(query)}


def users_with_faces(uow: UnitOfWork) -> dict[int, int]:
    """How many of its users a terminal said it holds a face of, by terminal."""
    query = select(_c.terminal_id, func.count().label("n")).where(_HOLDS_A_FACE).group_by(_c.terminal_id)
    return {row.terminal_id: row.n for row in uow.fetch_all(query)}


def people_on(uow: UnitOfWork, terminals: Collection[int]) -> set[int]:
    """Whose numbers any of these terminals should hold."""
    query = select(_c.person_id).where(_c.present.is_(True), _c.person_id.is_not(None)).distinct()
    return {row.person_id for keys in portions(terminals) for row in uow.fetch_all(query.where(_c.terminal_id.in_(keys)))}


def counts(uow: UnitOfWork, terminals: Collection[int] | None = None) -> dict[int, tuple[int, int, int, int]]:
    """By terminal: how many users should be there, how many of them are, how many should be gone and are not, how many failed."""
    present = _c.present.is_(True)
    there = and_(present, _c.reported >= _c.revision, _c.state == UserState.THERE.value)
    lingering = and_(_c.present.is_(False), ~and_(_c.reported >= _c.revision, _c.state == UserState.GONE.value))
    failed = and_(_c.reported >= _c.revision, _c.state.in_([UserState.FAILED.value, UserState.REFUSED.value]))
    each = [func.count().filter(one).label(name) for name, one in (("p", present), ("t", there), ("l", lingering), ("f", failed))]
    query = select(_c.terminal_id, *each).group_by(_c.terminal_id)
    if terminals is not None:
        query = query.where(_c.terminal_id.in_(list(terminals)))
    return {key: (present, there, lingering, failed) for key, present, there, lingering, failed in map(tuple, uow.fetch_all(query))}


def strangers(uow: UnitOfWork, terminal_id: int) -> list[Stranger]:
    """Users on a terminal who are nobody here, by user."""
    query = select(terminal_stranger).where(terminal_stranger.c.terminal_id == terminal_id)
    found = [
        Stranger(row.terminal_id, row.terminal_user, tuple(row.templates), row.reason, row.reported_at) for row in uow.fetch_all(query)
    ]
    return sorted(found, key=lambda one: (len(one.user), one.user))


def forget_strangers(uow: UnitOfWork, terminal_id: int, users: Collection[str]) -> None:
    column = terminal_stranger.c
    for keys in portions(users):
        uow.execute(terminal_stranger.delete().where(column.terminal_id == terminal_id, column.terminal_user.in_(keys)))


def write_strangers(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    upsert(uow, terminal_stranger, sorted(rows, key=lambda one: one["terminal_user"]), KEY)


def _rows(uow: UnitOfWork, where: Any) -> list[tuple[tuple[int, str], WantedRow]]:
    return [((row.terminal_id, row.terminal_user), _row(row)) for row in uow.fetch_all(select(wanted_user).where(where))]


def _row(row: Row[Any]) -> WantedRow:
    want = Want(
        person_id=row.person_id,
        name=row.name,
        card=row.card,
        privilege=row.privilege,
        password_version=row.password_version,
        group=row.access_group,
        verify=row.verify,
        biometrics=Biometrics(row.biometrics),
        templates=tuple(row.templates),
        faces=row.faces,
    )
    return WantedRow(
        terminal_id=row.terminal_id,
        user=row.terminal_user,
        person_id=row.person_id,
        want=want if row.present else None,
        revision=row.revision,
        taken=row.taken,
        reported=row.reported,
        state=UserState(row.state),
        reason=row.reason,
        there=tuple(row.there),
        reported_at=row.reported_at,
    )


_GONE = Want(person_id=0, name="", biometrics=Biometrics.ERASE)


def _values(row: WantedRow) -> dict[str, Any]:
    want = row.want or _GONE
    return {
        "terminal_id": row.terminal_id,
        "terminal_user": row.user,
        "person_id": row.person_id,
        "present": row.want is not None,
        "name": want.name,
        "card": want.card,
        "privilege": want.privilege,
        "password_version": want.password_version,
        "access_group": want.group,
        "verify": want.verify,
        "biometrics": want.biometrics.value,
        "templates": list(want.templates),
        "faces": want.faces,
        "revision": row.revision,
        "taken": row.taken,
        "reported": row.reported,
        "state": row.state.value,
        "reason": row.reason,
        "there": list(row.there),
        "reported_at": row.reported_at,
    }
