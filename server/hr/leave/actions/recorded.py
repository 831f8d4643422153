"""Leave that HR recorded as a grant by hand, in bulk or by an import: it takes from the balance as a request would, and gives back when it
is withdrawn.

Attendance knows nothing of balances, so the ledger looks for what it lacks: every grant of leave that holds has its movements, once, with
the length that it had when they were written; one that is withdrawn has none left. What is not written yet counts already. A grant that
came from a request is booked by the request, and only looked at when somebody withdraws it without the request.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from server.attendance import actions as attendance
from server.attendance.model import GrantOrigin, StoredGrant
from server.hr.leave.actions.facts import AHEAD, Known, load_written
from server.hr.leave.actions.types import version_on
from server.hr.leave.engine.measuring import measured
from server.hr.leave.model import Basis, LeaveType, Movement, MovementKind, TypeVersion
from server.hr.leave.model.ledger import OUT, out_by_day
from server.storage import UnitOfWork

CAUSE = "recorded:"
"""Of movements, before the number of the grant."""


def load(uow: UnitOfWork, person_ids: Collection[int], kinds: Sequence[LeaveType], day: date) -> Known:
    """What is known of these people and kinds, with what the ledger lacks of recorded leave. day: as of `load_written`."""
    known = load_written(uow, person_ids, kinds, day)
    lacking = _lacking(uow, known, person_ids, kinds, day + AHEAD)
    if not lacking:
        return known
    together = dict(known.movements)
    for key, rows in lacking.items():
        together[key] = [*together.get(key, ()), *rows]
    return replace(known, movements=together, unwritten=lacking)


def _lacking(
    uow: UnitOfWork, known: Known, person_ids: Collection[int], kinds: Sequence[LeaveType], until: date
) -> dict[tuple[int, int], list[Movement]]:
    limited = {kind.id: kind for kind in kinds if kind.limited}
    granted = attendance.leave_granted(uow, person_ids, known.begins, until) if limited else []
    found: dict[tuple[int, int], list[Movement]] = defaultdict(list)
    for grant in granted:
        kind = limited.get(_type_of(grant, known.versions) or 0)
        if kind is not None:
            found[grant.person_id, kind.id] += _rows(uow, known, grant, kind)
    return {key: rows for key, rows in found.items() if rows}


def _type_of(grant: StoredGrant, versions: Mapping[int, Sequence[TypeVersion]]) -> int | None:
    """The kind of leave whose balance a grant takes from: of those that attendance knows as its kind, the first that was made."""
    for type_id in sorted(versions):
        held = version_on(versions[type_id], grant.from_day) or versions[type_id][0]
        if held.terms.kind is grant.grant.leave and held.terms.entitlement.basis is not Basis.NOTHING:
            return type_id
    return None


def _rows(uow: UnitOfWork, known: Known, grant: StoredGrant, kind: LeaveType) -> list[Movement]:
    written = [one for one in known.movements.get((grant.person_id, kind.id), ()) if _is_of(one, grant)]
    begins = known.kept_from(grant.person_id, kind)
    if grant.withdrawn_at is not None:
        out = {day: minutes for day, minutes in out_by_day(written, OUT).items() if day >= begins}
        return [_movement(grant, kind, MovementKind.GIVEN_BACK, day, minutes) for day, minutes in out.items()]
    if written or grant.origin is GrantOrigin.REQUEST:
        return []
    covered = attendance.covered_days(uow, grant.person_id, grant.grant, grant.from_day, grant.until_day)
    length = measured(kind.terms, covered, grant.grant.part if grant.grant.first_day is not None else None)
    wanted = {day: minutes for day, minutes in length.by_day.items() if minutes and day >= begins}
    if not wanted:
        return []
    stretches = known.stretches(grant.person_id, kind, wanted)
    return [_movement(grant, kind, MovementKind.TAKEN, day, -minutes, last) for day, last, minutes in stretches]


def _is_of(one: Movement, grant: StoredGrant) -> bool:
    """Whether a movement was written for this grant."""
    if grant.origin is GrantOrigin.REQUEST:
        return one.kind in OUT and one.reference == grant.origin_reference
    return one.cause == f"{CAUSE}{grant.grant.id}"


def _movement(grant: StoredGrant, kind: LeaveType, what: MovementKind, day: date, minutes: int, last_day: date | None = None) -> Movement:
    """As it will be written; its number comes with that."""
    by_request = grant.origin is GrantOrigin.REQUEST
    facts = {"code": "recorded" if what is MovementKind.TAKEN else "recorded-back", "grant": grant.grant.id}
    return Movement(
        id=0,
        person_id=grant.person_id,
        type_id=kind.id,
        kind=what,
        minutes=minutes,
        day=day,
        cause="" if by_request else f"{CAUSE}{grant.grant.id}",
        lot="",
        last_day=None,
        reference=grant.origin_reference if by_request else "",
        reason=grant.withdrawn_reason if what is MovementKind.GIVEN_BACK else grant.reason,
        facts=facts | ({"last_day": last_day.isoformat()} if last_day else {}),
        author=grant.author,
        recorded_at=grant.withdrawn_at or grant.recorded_at,
    )
