"""Whatever is asked for, decided, taken back, changed and recorded, in any order: the ledger, the grants and the requests say the same."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from server.attendance import actions as attendance
from server.attendance.model import NewGrant
from server.attendance.model.grants import DayPart, GrantKind, LeaveKind
from server.audit.model import Actor
from server.errors import ServerError
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Verdict
from server.hr.leave import actions as leave
from server.hr.leave.model import MovementKind as M
from server.hr.requests import actions
from server.hr.requests.model import NewRequest, Purpose, RequestFilter, RequestState as S
from server.hr.requests.store import list_requests
from server.storage import Database, UnitOfWork
from tests.server.conftest import VAULT
from tests.server.hr.requests.conftest import HANDLERS, NOW, Office, annual, found_office

TODAY = date(2026, 11, 23)
FIRST = date(2026, 11, 16)
LATER = (TODAY, date(2026, 12, 4), date(2026, 12, 31), date(2027, 1, 31), date(2027, 12, 31))
DEEDS = ("ask", "half", "approve", "refuse", "back", "again", "withdraw", "cancel", "change", "record", "unrecord")


class UndoneError(Exception):
    """So that every example begins with the same company."""


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[Office]:
    from server.migrations import migrate

    database = Database(f"sqlite:///{tmp_path_factory.mktemp('any') / 'any.db'}", VAULT)
    database.make_file()
    migrate(database)
    yield found_office(database)
    database.close()


class Play:
    """One person's leave; every deed takes what it is for out of what is there, or does nothing."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        self.uow, self.office, self.worker, self.number = uow, office, office.people["WORKER"], 0

    def requests(self):
        return [one.request for one in list_requests(self.uow, RequestFilter(person_id=self.worker), None, limit=100)]

    def grants(self):
        return attendance.grants_between(self.uow, [self.worker], FIRST, LATER[-1])[self.worker]

    def do(self, deed: str, which: int) -> None:
        with self.uow.connection.begin_nested():
            getattr(self, deed)(which)

    def _ask(self, content, purpose=Purpose.NEW, target=None) -> None:
        self.number += 1
        new = NewRequest(self.worker, content, "家里有事", f"key-{self.number:08}", purpose, target)
        actions.ask(self.uow, HANDLERS, new, Actor("WORKER"), NOW, in_name=True)

    def _pick(self, state, which):
        found = [one for one in self.requests() if one.state is state and (state is not S.APPROVED or one.purpose is not Purpose.CANCEL)]
        return found[which % len(found)] if found else None

    def _decide(self, which, verdict) -> None:
        held = self._pick(S.WAITING, which)
        if held is not None:
            course = actions.course_of(self.uow, held.id)
            approvals.decide(self.uow, HANDLERS, course.id, verdict, "好", self.office.people["LEAD"], Actor("LEAD"), NOW)

    def ask(self, which):
        first = FIRST + timedelta(days=which)
        self._ask(annual(first, first + timedelta(days=which % 4)))

    def half(self, which):
        self._ask(annual(FIRST + timedelta(days=which), part=DayPart.MORNING))

    def approve(self, which):
        self._decide(which, Verdict.APPROVE)

    def refuse(self, which):
        self._decide(which, Verdict.REFUSE)

    def back(self, which):
        self._decide(which, Verdict.SEND_BACK)

    def again(self, which):
        if held := self._pick(S.SENT_BACK, which):
            actions.submit(self.uow, HANDLERS, held.id, Actor("WORKER"), NOW)

    def withdraw(self, which):
        if held := self._pick(S.WAITING, which):
            actions.withdraw_request(self.uow, HANDLERS, held.id, Actor("WORKER"), NOW)

    def cancel(self, which):
        if held := self._pick(S.APPROVED, which):
            self._ask(held.content, Purpose.CANCEL, held.id)

    def change(self, which):
        if held := self._pick(S.APPROVED, which):
            self._ask(annual(FIRST + timedelta(days=which)), Purpose.CHANGE, held.id)

    def record(self, which):
        first = FIRST + timedelta(days=which)
        new = NewGrant(
            person_id=self.worker, kind=GrantKind.LEAVE, leave=LeaveKind.ANNUAL, first_day=first, last_day=first, reason="电话请假"
        )
        attendance.record_grant(self.uow, new, Actor("HR1"), NOW)

    def unrecord(self, which):
        if found := self.grants():
            attendance.withdraw_grant(self.uow, found[which % len(found)].grant.id, Actor("HR1"), NOW, "弄错了")

    def check(self) -> None:
        kind = leave.find_type(self.uow, "annual", TODAY)
        lengths = [
            leave.minutes_of(self.uow, self.worker, kind, one.grant.first_day, one.grant.last_day, one.grant.part).minutes
            for one in self.grants()
        ]
        waiting = [one.minutes for one in self.requests() if one.state is S.WAITING and one.purpose is Purpose.NEW]
        before = {day: leave.balance_on(self.uow, self.worker, "annual", day) for day in LATER}
        leave.settle(self.uow, [self.worker], TODAY, NOW)
        assert leave.settle(self.uow, [self.worker], TODAY, NOW) == 0
        rows = leave.movements_of(self.uow, self.worker, "annual", TODAY)

        out = {what: -sum(one.minutes for one in rows if one.kind in what) for what in ((M.TAKEN, M.GIVEN_BACK), (M.RESERVED, M.RELEASED))}
        assert out == {(M.TAKEN, M.GIVEN_BACK): sum(lengths), (M.RESERVED, M.RELEASED): sum(waiting)}
        assert {day: leave.balance_on(self.uow, self.worker, "annual", day) for day in LATER} == before, "settling changes no balance"
        assert before[TODAY].minutes == sum(one.minutes for one in rows if one.day <= TODAY)
        for one in before.values():
            assert one.minutes == one.carried + one.granted + one.adjusted - one.taken - one.pending - one.expired - one.paid_out


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 20)), min_size=4, max_size=9))
def test_given_any_deeds_in_any_order_then_ledger_grants_and_requests_agree(office, deeds):
    with pytest.raises(UndoneError), office.database.writing() as uow:
        play = Play(uow, office)
        for deed, which in [("ask", 0), ("approve", 0), *deeds]:
            try:
                play.do(deed, which)
            except ServerError:
                continue
        play.check()
        raise UndoneError
