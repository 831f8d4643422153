"""What a file of people says of their employments, planned as events before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update

from server.audit.model import Actor
from server.directory import store
from server.directory.actions.employments import MAY_SET, NewEvent, event_row
from server.directory.actions.imports.circles import in_circles
from server.directory.actions.imports.work import Work
from server.directory.engine import SheetRow, check_day, check_event, check_hire, check_hire_date, employment_on, read_day, terms_on
from server.directory.model import Employment, EmploymentEvent, EventKind, Person
from server.directory.tables import employment, employment_event
from server.errors import RefusedError, ServerError
from server.storage import UnitOfWork

DAY = timedelta(days=1)
MANAGER = "manager_id"
"""In planned events it holds an employee number, because the manager may be new in the same file."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """An event to write. employment_id: None for the employment that the same file begins."""

    number: str
    employment_id: int | None
    event: NewEvent


class Employments:
    """The employments of the people of a file."""

    def __init__(self, uow: UnitOfWork, work: Work, known: Mapping[str, Person], today: date) -> None:
        self._work, self._today = work, today
        keys = [one.id for one in known.values()]
        self._there = store.employments_of(uow, keys)
        self._spans = store.spans(uow, keys)
        self._numbers = {one.id: number for number, one in known.items()}
        self._planned: list[_Planned] = []
        self._cancelled: list[EmploymentEvent] = []
        self._certain: list[int] = []
        self._managers = {number: self._manager_on(one.id, today) for number, one in known.items()}
        self._rows: dict[str, SheetRow] = {}

    def terms_now(self, who: Person) -> dict[str, Any]:
        """What holds for somebody today, or held last, or will hold first; a manager by number."""
        spans = self._spans[who.id]
        day = next((span.first_day for span in reversed(spans) if span.first_day <= self._today), self._today)
        terms = terms_on(spans, self._today) or terms_on(spans, day) or (spans[0].terms if spans else None)
        names = MAY_SET[EventKind.TRANSFER] | {"kind", "hours_system"}
        found = {name: getattr(terms, name) if terms else None for name in names}
        return found | {MANAGER: self._numbers.get(found[MANAGER] or 0)}

    def take(self, row: SheetRow, who: Person | None, sets: dict[str, Any], employed: bool | None, seen: date | None) -> dict[str, object]:
        """Plan what a row says; `sets` as events set it, `seen` a day on which the person was here. Returns the days for the trail."""
        number = row.cells["employee_number"]
        self._rows[number] = row
        if sets.get(MANAGER) is not None:
            self._managers[number] = sets[MANAGER]
        days = {name: self._day(row, name) for name in ("hire_date", "leaving_date", "change_date")}
        hired, left, changed = days.values()
        if not self._agree(row, employed, left):
            return {}
        try:
            if who is None:
                self._hire(row, [], sets, hired, left, employed, seen, changed)
            elif terms_on(self._spans[who.id], self._today) is None and not self._to_come(who):
                self._hire_again(row, who, sets, hired, left, employed, seen)
            else:
                self._change(row, who, sets, days, employed)
        except ServerError as error:
            facts = dict(error.facts)
            facts.pop("field", None)
            column = next((name for name in ("change_date", "leaving_date", "hire_date") if row.get(name)), "leaving_date")
            remedy = "change this cell, or enter it on the person's page"
            self._work.find(row, column, str(facts.pop("reason", error.message)), remedy, **facts)
        return {name: day for name, day in days.items() if day and self._planned and self._planned[-1].number == number}

    def close(self) -> None:
        """Look at the file as a whole: nobody may be their own manager's manager."""
        for number in in_circles({number: manager or "" for number, manager in self._managers.items()}):
            if number in self._rows:
                problem, remedy = "people manage each other in a circle", "leave the manager out"
                self._work.find(self._rows[number], "manager", problem, remedy)

    def store(self, uow: UnitOfWork, ids: Mapping[str, int], by: Actor, now: datetime) -> set[int]:
        """Write the events; returns whose employments have others now."""
        begun = {
            one.number: one.event.hired_on_known for one in self._planned if one.event.kind is EventKind.HIRE and not one.employment_id
        }
        new = store.add_employments(uow, {ids[number]: known for number, known in begun.items()})
        if self._cancelled:
            values = {"cancelled_at": now, "cancelled_by": by.name, "cancel_reason": "import"}
            statement = update(employment_event).where(employment_event.c.id == bindparam("key")).values(**values)
            uow.execute(statement, [{"key": one.id} for one in self._cancelled])
        if self._certain:
            certain = update(employment).where(employment.c.id == bindparam("key")).values(hired_on_known=True)
            uow.execute(certain, [{"key": key} for key in self._certain])
        rows = []
        for one in self._planned:
            sets = {name: _plain(name, value, ids) for name, value in one.event.sets.items()}
            rows.append(event_row(one.employment_id or new[ids[one.number]], replace(one.event, reason="import"), sets, by, now))
        if rows:
            uow.execute(employment_event.insert(), rows)
        return {ids[one.number] for one in self._planned}

    def _hire(
        self,
        row: SheetRow,
        there: list[Employment],
        sets: dict[str, Any],
        hired: date | None,
        left: date | None,
        employed: bool | None,
        seen: date | None,
        changed: date | None = None,
    ) -> None:
        number = row.cells["employee_number"]
        if changed:
            problem, remedy = "a day of change is there, but the person is new", "write the hire date, or empty this cell"
            self._work.find(row, "change_date", problem, remedy)
        if employed is False:
            left = left or max(hired or date.min, self._today - DAY)
        first = hired or min(day for day in (seen, left, self._today) if day)
        check_hire(there, first)
        if left and left < first:
            problem, remedy = "the last day of work lies before the first, {first}", "write a later day"
            self._work.find(row, "leaving_date" if row.get("leaving_date") else "hire_date", problem, remedy, first=first)
        said = {name: value for name, value in sets.items() if value is not None}
        self._planned.append(_Planned(number, None, NewEvent(EventKind.HIRE, first, said, hired_on_known=hired is not None)))
        if left:
            self._planned.append(_Planned(number, None, NewEvent(EventKind.LEAVING, left)))

    def _hire_again(
        self,
        row: SheetRow,
        who: Person,
        sets: dict[str, Any],
        hired: date | None,
        left: date | None,
        employed: bool | None,
        seen: date | None,
    ) -> None:
        """Somebody who is not employed now: as before, or a second employment."""
        there, present = self._there[who.id], self.terms_now(who)
        ended = max((one.left_on for one in there if one.left_on), default=date.min)
        if (hired and hired > ended) or (employed and not hired):
            self._hire(row, there, present | sets, hired, left, None, seen if seen and seen > ended else None)
        elif any(present[name] != value for name, value in sets.items()):
            column = next(name for name, value in sets.items() if present[name] != value).removesuffix("_id")
            problem, remedy = "this person is not employed now: no day is there on which a change could begin", "empty this cell"
            self._work.find(row, column, problem, remedy)

    def _change(self, row: SheetRow, who: Person, sets: dict[str, Any], days: dict[str, date | None], employed: bool | None) -> None:
        there, number = self._there[who.id], row.cells["employee_number"]
        held = there[-1] if self._to_come(who) else employment_on(there, self._today)
        self._set_hire_date(row, there, held, days["hire_date"])
        first = held.hired_on or self._today
        left = days["leaving_date"]
        if employed is False and left is None and held.left_on is None:
            left = max(first, self._today - DAY)
        day = days["change_date"] or min(max(first, self._today), left or date.max)
        check_day(day, "effective_on")
        self._set_terms(who, employment_on(there, day), day, sets)
        if left and left != held.left_on:
            check_event(employment_on(there, left), EventKind.LEAVING, left, None, {})
            self._planned.append(_Planned(number, held.id, NewEvent(EventKind.LEAVING, left)))
            if day > left:
                told = "There is an event on {day}, after the last day of work: cancel it first."
                raise RefusedError(reason=told, day=day)

    def _set_hire_date(self, row: SheetRow, there: list[Employment], held: Employment, hired: date | None) -> None:
        if hired is None or (hired == held.hired_on and held.hired_on_known):
            return
        check_hire_date(there, held, hired)
        self._certain.append(held.id)
        hire = next(one for one in held.events if one.in_force and one.kind is EventKind.HIRE)
        if hired != held.hired_on:
            self._cancelled.append(hire)
            self._planned.append(
                _Planned(row.cells["employee_number"], held.id, NewEvent(EventKind.HIRE, hired, self._by_number(hire.sets)))
            )

    def _set_terms(self, who: Person, held: Employment, day: date, sets: dict[str, Any]) -> None:
        """Events for what the file says otherwise; an event of the same day that says so, too, is entered again with the new values."""
        terms = terms_on(self._spans[who.id], day)
        present = {name: getattr(terms, name) for name in sets}
        present |= {MANAGER: self._numbers.get(present[MANAGER] or 0)} if MANAGER in present else {}
        other = {name: value for name, value in sets.items() if value != present[name]}
        for one in held.events:
            if one.in_force and one.effective_on == day and one not in self._cancelled and (one.sets.keys() & other):
                self._cancelled.append(one)
                own = {name: other.pop(name) for name in list(other) if name in one.sets or name in MAY_SET[one.kind]}
                known = held.hired_on_known
                event = NewEvent(one.kind, day, self._by_number(one.sets) | own, one.until, hired_on_known=known)
                self._planned.append(_Planned(self._numbers[who.id], held.id, event))
        for kind in (EventKind.TRANSFER, EventKind.KIND, EventKind.HOURS):
            own = {name: value for name, value in other.items() if name in MAY_SET[kind]}
            if own:
                self._planned.append(_Planned(self._numbers[who.id], held.id, NewEvent(kind, day, own)))

    def _by_number(self, sets: Mapping[str, Any]) -> dict[str, Any]:
        return dict(sets) | ({MANAGER: self._numbers.get(sets[MANAGER] or 0)} if MANAGER in sets else {})

    def _agree(self, row: SheetRow, employed: bool | None, left: date | None) -> bool:
        if employed and left and left < self._today:
            self._work.find(row, "leaving_date", "the person is employed, but the last day of work is over", "write no, or empty this cell")
        elif employed is False and left and left >= self._today:
            self._work.find(
                row, "leaving_date", "the person is not employed, but the last day of work is to come", "write yes, or another day"
            )
        else:
            return True
        return False

    def _to_come(self, who: Person) -> bool:
        there = self._there[who.id]
        return bool(there) and there[-1].hired_on is not None and there[-1].hired_on > self._today

    def _manager_on(self, person_id: int, day: date) -> str | None:
        terms = terms_on(self._spans[person_id], day)
        return self._numbers.get(terms.manager_id) if terms and terms.manager_id else None

    def _day(self, row: SheetRow, column: str) -> date | None:
        word = row.get(column)
        found = read_day(word) if word else None
        if word and found is None:
            self._work.find(row, column, "{cell} is no date", "write it as 2026-11-23", cell=word)
        return found


def _plain(name: str, value: Any, ids: Mapping[str, int]) -> Any:
    return ids[value] if name == MANAGER and value is not None else value
