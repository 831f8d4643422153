"""What entitlements go by, for many people in a few queries: employments, service, grounds, waivers, time earned, and the ledger."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from server.attendance import actions as attendance
from server.directory import actions as directory
from server.directory.model import TermsSpan
from server.hr.leave.actions.types import version_on
from server.hr.leave.engine.calendar import DAY, year_with
from server.hr.leave.engine.entitling import Stint
from server.hr.leave.engine.running import Course, Entries, Entry, PersonFacts, run
from server.hr.leave.model import Basis, Ground, LeaveTerms, LeaveType, Movement, MovementKind, TypeVersion, Waiver
from server.hr.leave.model.ledger import USES
from server.hr.leave.store import grounds, ledger, types as type_store
from server.hr.staff import actions as staff
from server.storage import UnitOfWork

LONG_AGO, FAR = date(1900, 1, 1), date.max
AHEAD = timedelta(days=800)
"""How far beyond a day a course is run, so that it shows what lapses and comes, and what later leave takes."""
OPENING, UNDO = "opening", "undo:"
"""Causes of adjustments."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything about some people that courses are worked out from. unwritten: those of the movements that the ledger lacks still."""

    begins: date
    versions: Mapping[int, Sequence[TypeVersion]]
    spans: Mapping[int, Sequence[TermsSpan]]
    service: Mapping[int, date | None]
    grounds: Mapping[tuple[int, int], Sequence[Ground]]
    waivers: Mapping[tuple[int, int], Sequence[Waiver]]
    earned: Mapping[int, Mapping[date, int]]
    movements: Mapping[tuple[int, int], Sequence[Movement]]
    unwritten: Mapping[tuple[int, int], Sequence[Movement]] = field(default_factory=dict)

    def course(self, person_id: int, kind: LeaveType, until: date) -> Course:
        """The course of one person's leave of a kind up to a day."""
        if not kind.limited:
            return Course((), ())
        own = self.movements.get((person_id, kind.id), ())
        earned = self.earned.get(person_id, {}) if kind.terms.entitlement.basis is Basis.EARNED else {}
        of_its_own = not kind.terms.entitlement.per_ground and kind.terms.entitlement.basis is not Basis.EARNED
        if not (of_its_own or own or earned or self.grounds.get((person_id, kind.id))):
            return Course((), ())  # most people have neither children under three nor hours in lieu
        facts = PersonFacts(
            stints=tuple(stints_of(self.spans.get(person_id, ()), kind.terms)),
            service_from=self.service.get(person_id),
            grounds=tuple(self.grounds.get((person_id, kind.id), ())),
            waivers=tuple(self.waivers.get((person_id, kind.id), ())),
        )
        return run(self._terms_on(kind), facts, entries_of(own, earned), self.begins, until)

    def hired_on(self, person_id: int, kind: LeaveType, day: date) -> date | None:
        """The first day of the stint that a day is in."""
        stints = stints_of(self.spans.get(person_id, ()), kind.terms)
        return next((one.first for one in stints if one.first <= day <= (one.last or day)), None)

    def kept_from(self, person_id: int, kind: LeaveType) -> date:
        """From which day on the ledger is kept: an opening balance stands for all up to its day."""
        openings = [one.day for one in self.movements.get((person_id, kind.id), ()) if one.cause == OPENING]
        return max([self.begins, *(day + DAY for day in openings)])

    def stretches(self, person_id: int, kind: LeaveType, wanted: Mapping[date, int]) -> list[tuple[date, date, int]]:
        """(first day, last day, minutes) of stretches in which the same grants can be used, so that a leave is few rows."""
        ends = sorted({lot.last_day for lot in self.course(person_id, kind, max(wanted)).lots})
        groups: dict[tuple[date, int], list[date]] = defaultdict(list)
        for day in sorted(wanted):
            year = year_with(kind.terms.entitlement, self.hired_on(person_id, kind, day), day)
            groups[year[0], bisect_left(ends, day)].append(day)
        return [(days[0], days[-1], sum(wanted[day] for day in days)) for days in groups.values()]

    def _terms_on(self, kind: LeaveType) -> "_TermsOn":
        return _TermsOn(kind, self.versions.get(kind.id, ()))


class _TermsOn:
    """The terms of a kind by day; before its first version those of that."""

    def __init__(self, kind: LeaveType, versions: Sequence[TypeVersion]) -> None:
        self._versions = [one for one in versions if not one.withdrawn]
        self._only = self._versions[0].terms if len(self._versions) == 1 else kind.terms if not self._versions else None

    def __call__(self, day: date) -> LeaveTerms:
        if self._only is not None:
            return self._only
        held = version_on(self._versions, day) or self._versions[0]
        return held.terms


def load_written(uow: UnitOfWork, person_ids: Collection[int], kinds: Sequence[LeaveType], day: date) -> Known:
    """What is known of these people and kinds. day: of the question; says where the ledger begins while nobody did."""
    begins = grounds.begins_on(uow) or date(day.year, 1, 1)
    spans = directory.terms_of(uow, person_ids, LONG_AGO, FAR)
    is_earned = any(kind.terms.entitlement.basis is Basis.EARNED for kind in kinds)
    return Known(
        begins=begins,
        versions=type_store.versions(uow),
        spans=spans,
        service=staff.service_counted_from(uow, person_ids, day),
        grounds=grounds.grounds_of(uow, person_ids),
        waivers=grounds.waivers_of(uow, person_ids),
        earned=attendance.time_off_earned(uow, person_ids, begins, day + AHEAD) if is_earned else {},
        movements=ledger.movements_of(uow, person_ids, [kind.id for kind in kinds]),
    )


def stints_of(spans: Sequence[TermsSpan], terms: LeaveTerms) -> list[Stint]:
    """The spans in which somebody is employed as one whom the leave is for, put together where they follow each other."""
    found: list[Stint] = []
    for span in spans:
        if terms.employment_kinds and span.terms.kind not in terms.employment_kinds:
            continue
        last = None if span.last_day is None or span.last_day == FAR else span.last_day
        if found and found[-1].last is not None and found[-1].last + DAY == span.first_day:
            found[-1] = Stint(found[-1].first, last)
        else:
            found.append(Stint(span.first_day, last))
    return found


def entries_of(movements: Iterable[Movement], earned: Mapping[date, int]) -> Entries:
    """What people did, as courses take it: leave by its days, whatever the order in which it was written down."""
    movements = list(movements)
    undone = {one.facts["movement"] for one in movements if one.cause.startswith(UNDO)}
    uses: dict[date, int] = defaultdict(int)
    adjustments = []
    for one in movements:
        if one.kind in USES:
            uses[one.day] -= one.minutes
        elif one.kind is MovementKind.ADJUSTED and not one.cause.startswith(UNDO) and one.id not in undone:
            is_opening = one.cause == OPENING
            minutes = one.facts["balance"] if is_opening else one.minutes
            adjustments.append(Entry(one.day, minutes, one.last_day, opening=is_opening, key=str(one.id)))
    return Entries(
        uses=tuple(Entry(day, minutes) for day, minutes in sorted(uses.items()) if minutes > 0),
        adjustments=tuple(adjustments),
        earned=tuple(Entry(day, minutes) for day, minutes in sorted(earned.items())),
    )
