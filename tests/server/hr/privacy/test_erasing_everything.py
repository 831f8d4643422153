"""Everything about somebody goes when its time is over, and what has to stay still holds: counts, totals, the edges' chain, the trail."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from protocol.identifiers import EdgeId
from server.access import actions as access
from server.access.model import Role, Scope
from server.access.tables import account
from server.attendance import actions as attendance
from server.attendance.store.periods import decode_period
from server.attendance.tables import period_result, punch
from server.audit import actions as audit
from server.audit.tables import audit_row
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.errors import NotFoundError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.hr.privacy import actions as privacy
from server.hr.privacy.model import Keep
from server.hr.staff import actions as staff
from server.hr.staff.model import Fact
from server.ingest.tables import batch, quarantine
from server.wiring import HOLDINGS
from tests.server.hr.requests.conftest import annual, found_office, missing_out
from tests.server.ingest.test_admit import NEXT_NONCE, Worker
from tests.support.closing import close_period
from tests.support.company import NOW, TESTER, Actor, found_company
from tests.support.paper_edge import PaperEdge

HQ = EdgeId("edge-hq")
LEFT, TODAY = date(2026, 11, 30), date(2031, 1, 1)
ORDER = (*(kind for kind in Keep if kind is not Keep.PERSON), Keep.PERSON)
SECOND = Actor("second")


def rows(uow, *columns):
    return [tuple(row) for row in uow.fetch_all(select(*columns))]


def leave(database, person, day=LEFT):
    with database.writing() as uow:
        directory.add_event(uow, person, NewEvent(EventKind.LEAVING, day, {"ground": "resigned"}), TESTER, NOW)


def erase(database, person, kinds=ORDER, today=TODAY):
    """As nights and confirmations would do it one after another; the receipts by kind."""
    made = {}
    for kind in kinds:
        with database.writing() as uow:
            privacy.list_due(uow, HOLDINGS, today, NOW)
            made[kind] = privacy.erase_person(uow, HOLDINGS, kind, person, today, TESTER, NOW)
    return made


@pytest.fixture
def office(database):
    """WORKER asked for leave and a corrected punch, LEAD agreed; days are worked out; then WORKER left."""
    made = found_office(database)
    person = made.people["WORKER"]
    made.approved(annual())
    made.approved(missing_out())
    made.settle()
    with database.writing() as uow:
        staff.change_facts(uow, person, {Fact.MOBILE: "13812345678"}, TESTER, NOW)
        access.create_account(uow, "worker", "王五", "hash", frozenset({Role.EMPLOYEE}), TESTER, NOW)
        uow.execute(update(account).where(account.c.login == "worker").values(person_id=person))
    leave(database, person)
    made.settle()
    return made


def test_given_somebody_gone_for_long_when_erased_then_nothing_names_them_and_the_trail_holds(office, database):
    person = office.people["WORKER"]
    with database.reading() as uow:
        who = privacy.subject_of(uow, person)
        before = len(rows(uow, audit_row.c.id))
        assert privacy.look(uow, HOLDINGS, Keep.REQUESTS, person)["hr_request"] == 2

    receipts = erase(database, person)

    assert all(receipts[kind] for kind in (Keep.ATTENDANCE, Keep.REQUESTS, Keep.RECORD, Keep.PERSON))
    assert receipts[Keep.ATTENDANCE].counts["attendance_day"] > 0
    assert receipts[Keep.REQUESTS].counts["hr_request"] == 2
    with database.reading() as uow:
        assert sum(one.count(uow, privacy.subject_of(uow, person)) for one in HOLDINGS if one.keep) == 0
        for receipt in receipts.values():
            check = receipt and privacy.check_receipt(uow, HOLDINGS, receipt)
            assert check is None or (check.unchanged, check.on_trail, check.gone) == (True, True, True)
        assert len(rows(uow, audit_row.c.id)) > before
        about = select(func.count()).select_from(audit_row).where(audit_row.c.subject == who.employee_number)
        assert uow.scalar(about) == 0
        assert audit.verify(uow).broken is None
        found = directory.see_person(uow, person)[0].person
        assert (found.name, found.employee_number) == ("—", f"#{person}")
        assert directory.names_of(uow, [office.people["LEAD"]])[office.people["LEAD"]] != "—"
    with database.writing() as uow, pytest.raises(RefusedError):
        directory.add_event(uow, person, NewEvent(EventKind.HIRE, date(2031, 2, 1), {}), TESTER, NOW)


def test_given_erased_days_when_recalculated_then_no_absences_come_out_of_them(office, database):
    person = office.people["WORKER"]
    erase(database, person, (Keep.ATTENDANCE,))

    with database.reading() as uow:
        assert attendance.work_out(uow, [person], date(2026, 11, 16), LEFT, NOW) == []
        assert attendance.work_out(uow, [office.people["LEAD"]], date(2026, 11, 16), LEFT, NOW) != []


def test_given_erased_days_in_a_closed_period_then_its_totals_stay_and_it_is_not_opened_again(office, database):
    person, november, today = office.people["WORKER"], date(2026, 11, 1), date(2026, 12, 1)
    with database.writing() as uow:
        group = directory.add_pay_group(uow, "M", "月薪", 21, TESTER, NOW)
        in_group = NewEvent(EventKind.TRANSFER, date(2026, 11, 16), {"pay_group_id": group.id})
        directory.add_event(uow, person, in_group, TESTER, NOW)
    office.settle()
    with database.reading() as uow:
        issues = attendance.check_period(uow, attendance.find_period(uow, "M", november), today).issues
    close_period(database, "M", november, {one.kind: "核对过了" for one in issues}, today)
    before = _frozen(database)

    erase(database, person, (Keep.ATTENDANCE,))

    assert before.steps
    assert _frozen(database) == replace(before, steps=(), days=(), findings=())
    with pytest.raises(RefusedError, match="in this period are erased"), database.writing() as uow:
        attendance.reopen_period(uow, "M", november, "a mistake", TESTER, NOW)


def _frozen(database):
    with database.reading() as uow:
        return decode_period(uow.scalar(select(period_result.c.body)))


def test_given_the_trail_when_its_rows_are_written_over_then_the_database_or_the_check_finds_it(office, database):
    erase(database, office.people["WORKER"])
    row = audit_row.c
    for values in ({"reason": "x"}, {"subject": ""}, {"content_salt": b"", "reason": "x"}, {"hash": bytes(32)}):
        with pytest.raises((DatabaseError, ServerError)), database.writing() as uow:
            uow.execute(update(audit_row).where(row.id == 1).values(**values))
    with database.reading() as uow:
        assert audit.verify(uow).broken is None


class TestPunches:
    @pytest.fixture
    def company(self, database, founded):
        with database.writing() as uow:
            fleet.replace_edge_key(uow, HQ, PaperEdge(HQ, 1).signer.verifier, TESTER, NOW)
        return founded

    def test_given_erased_punches_when_they_are_sent_again_then_they_count_as_known_and_stay_away(self, database, company):
        """The edge begins a new life and sends all it has: five of A1, one of A2, one of nobody."""
        edge, worker = PaperEdge(HQ, 1), Worker(database)
        edge.punches(5)
        edge.punch("2026-11-23 08:30:00", "2")
        edge.punch("2026-11-23 08:31:00", "77")
        worker.take(edge.hello("1" * 32), edge.batch())
        with database.reading() as uow:
            seals = rows(uow, batch.c.digests, batch.c.head)
        person = company.people["A1"]
        leave(database, person)

        erase(database, person)

        with database.reading() as uow:
            assert rows(uow, batch.c.digests, batch.c.head) == seals
            users = [user for (user,) in rows(uow, punch.c.terminal_user)]
            assert len(users) == 6
            assert [user for user in users if not user.startswith("~")] == ["2"]
            assert len(set(users)) == 6
            assert sorted(len(body) > 0 for (body,) in rows(uow, punch.c.body)) == [False] * 5 + [True]
            assert attendance.erased_among(uow, [(20261123080000, company.terminals["T1"], "1")]) == {0}
        worker.later(1)
        edge.begin_epoch("f" * 32)
        edge.punches(6)
        edge.punch("2026-11-23 08:30:00", "2")
        edge.punch("2026-11-23 08:31:00", "77")
        worker.take(edge.hello(NEXT_NONCE), edge.batch())
        with database.reading() as uow:
            # the sixth row of user 1 never came before, and nobody is that user any more
            assert rows(uow, batch.c.outcomes)[-1] == (b"DDDDDQDQ",)
            assert len(rows(uow, punch.c.id)) == 6
            assert sorted(rows(uow, quarantine.c.terminal_user)) == [("1",), ("77",)]

    def test_given_a_row_in_quarantine_when_its_person_is_erased_then_it_stays_away_and_is_counted(self, database, company):
        edge, worker = PaperEdge(HQ, 1), Worker(database)
        edge.punch("2026-11-23 08:30:00", "1", doubt="checksum")
        worker.take(edge.hello("1" * 32), edge.batch())
        leave(database, company.people["A1"])

        erase(database, company.people["A1"])

        worker.later(1)
        edge.begin_epoch("f" * 32)
        edge.punch("2026-11-23 08:30:00", "1", doubt="checksum")
        worker.take(edge.hello(NEXT_NONCE), edge.batch())
        with database.reading() as uow:
            assert rows(uow, quarantine.c.terminal_user, quarantine.c.body, quarantine.c.state) == [("", b"", "dismissed")]

    def test_given_a_punch_when_anything_but_whose_it_was_is_changed_then_the_database_refuses(self, database, company):
        edge, worker = PaperEdge(HQ, 1), Worker(database)
        edge.punches(1)
        worker.take(edge.hello("1" * 32), edge.batch())
        for values in ({"wall": 1}, {"terminal_user": "2"}, {"body": b""}, {"terminal_user": "~x", "body": b"", "sequence": 9}):
            with pytest.raises((DatabaseError, ServerError)), database.writing() as uow:
                uow.execute(update(punch).values(**values))
        with pytest.raises((DatabaseError, ServerError)), database.writing() as uow:
            uow.execute(punch.delete())


class TestBeforeErasing:
    @pytest.fixture
    def gone(self, database):
        person = found_company(database).people["A1"]
        with database.writing() as uow:
            staff.change_facts(uow, person, {Fact.MOBILE: "13812345678"}, TESTER, NOW)
        leave(database, person)
        with database.writing() as uow:
            privacy.list_due(uow, HOLDINGS, TODAY, NOW)
        return person

    def test_given_a_dispute_when_a_person_is_held_then_nothing_is_erased_until_it_is_lifted(self, database, gone):
        with database.writing() as uow:
            held = privacy.hold(uow, gone, "劳动仲裁 2031-7", TESTER, NOW)
            assert privacy.due(uow, Keep.RECORD, None) == []

        assert erase(database, gone, (Keep.RECORD,)) == {Keep.RECORD: None}

        with database.writing() as uow:
            privacy.lift(uow, held.id, TESTER, NOW)
            with pytest.raises(NotFoundError):
                privacy.lift(uow, held.id, TESTER, NOW)
        assert erase(database, gone, (Keep.RECORD,))[Keep.RECORD].counts["personal_fact"] > 0

    def test_given_two_must_agree_when_one_asks_then_only_another_one_begins_it(self, database, gone):
        scope = Scope(everybody=True)
        with database.writing() as uow:
            privacy.set_second_person(uow, True, TESTER, NOW)
            assert privacy.confirm_erasure(uow, Keep.RECORD, 1, scope, TODAY, TESTER, NOW) is None
            with pytest.raises(RefusedError):
                privacy.confirm_erasure(uow, Keep.RECORD, 1, scope, TODAY, TESTER, NOW)
            (order,) = privacy.orders(uow)
            with pytest.raises(RefusedError):
                privacy.answer_order(uow, order.id, scope, TODAY, TESTER, NOW, confirmed=True)
            assert privacy.answer_order(uow, order.id, scope, TODAY, SECOND, NOW, confirmed=True) is not None
            assert privacy.orders(uow) == []
            privacy.confirm_erasure(uow, Keep.RECORD, 1, scope, TODAY, TESTER, NOW)
            assert privacy.answer_order(uow, privacy.orders(uow)[0].id, scope, TODAY, SECOND, NOW, confirmed=False) is None

    def test_given_other_data_of_somebody_when_listed_then_name_and_number_wait(self, database, gone):
        with database.reading() as uow:
            assert privacy.due(uow, Keep.PERSON, None) == []

        erase(database, gone, (Keep.RECORD,))

        with database.writing() as uow:
            privacy.list_due(uow, HOLDINGS, TODAY, NOW + timedelta(days=1))
            assert [one.person_id for one in privacy.due(uow, Keep.PERSON, None)] == [gone]
