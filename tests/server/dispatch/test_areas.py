"""Areas: who belongs, what terminals should hold, what edges are sent and report, templates only by consent, nothing lost."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import event

from protocol.messages import Reported, UserReport, UserState
from protocol.wanted import Biometrics, Kind, Template
from server.access.model import Role
from server.audit import actions as audit
from server.audit.model import TrailFilter
from server.directory import actions as directory
from server.directory.model import EventKind
from server.dispatch.areas import actions as areas
from server.dispatch.areas.model import ADMINISTRATOR, Rule
from server.dispatch.areas.store import books, rows, templates
from server.dispatch.areas.tables import user_template, wanted_user
from server.errors import InvalidInputError, RefusedError
from server.fleet import actions as fleet
from server.hr.privacy import actions as privacy
from server.hr.privacy.model import Purpose, TextTerms, Way
from server.hr.privacy.pages import router as privacy_router
from server.wiring import note_templates_gone
from tests.support.areas import EDGE, DutifulEdge, area_of, happen, settle, waiting_people, wanted_of
from tests.support.company import NOW, TESTER
from tests.support.pages import browse

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
FINGER = Template(Kind.FINGER, 6, "zk-10", b"the ridges of a thumb")
FACE = Template(Kind.FACE, 0, "zk-face-7", b"a face")
LONG_AGO = date(2019, 1, 1)


@pytest.fixture
def edge(database, company):
    made = DutifulEdge(database, company.edge)
    made.connect()
    return made


def add(database, area):
    with database.writing() as uow:
        return areas.add_area(uow, area, TESTER, NOW)


def change(database, area):
    with database.writing() as uow:
        return areas.change_area(uow, area, TESTER, NOW)


def agree(database, person_id, now=NOW):
    with database.writing() as uow:
        text = privacy.latest_texts(uow).get(Purpose.BIOMETRICS)
        text = text or privacy.publish_text(uow, Purpose.BIOMETRICS, TextTerms("一", "二", "三", "四", "五"), TESTER, NOW)
        return privacy.agree(uow, person_id, text.id, Way.PAPER, TESTER, now)


def withdraw(database, consent, now=NOW):
    with database.writing() as uow:
        privacy.withdraw(uow, consent.id, TESTER, now)


def names_at(database, company, terminal="T1"):
    return {row.want.name for row in wanted_of(database, company.terminals[terminal]).values()}


class TestBelonging:
    def test_people_come_by_department_and_name_and_go_with_their_last_day(self, database, company):
        rnd = Rule(department_id=company.departments["RND"])
        add(database, area_of(company, rnd, Rule(person_id=company.people["A2"])))
        settle(database)
        assert names_at(database, company) == names_at(database, company, "T2") == {"王伟", "李娜", "张敏"}

        happen(database, company.people["A1"], EventKind.LEAVING, date(2026, 11, 24), {"ground": "resigned"})
        settle(database, NOW + DAY)
        assert "王伟" in names_at(database, company)

        settle(database, NOW + 2 * DAY)
        assert names_at(database, company) == {"李娜", "张敏"}

    def test_all_that_a_line_says_must_be_true_and_a_department_counts_with_those_below(self, database, company):
        with database.writing() as uow:
            lab = directory.add_department(uow, "LAB", "实验室", TESTER, NOW, parent_id=company.departments["RND"])
            other = fleet.add_site(uow, "sz", "深圳", "Asia/Shanghai", TESTER, NOW)
        both = Rule(site_id=company.site, department_id=company.departments["RND"])
        add(database, area_of(company, both, Rule(site_id=other.id)))
        happen(database, company.people["A2"], EventKind.TRANSFER, date(2026, 11, 23), {"department_id": lab.id})
        happen(database, company.people["A3"], EventKind.TRANSFER, date(2026, 11, 23), {"department_id": company.departments["PROD"]})
        settle(database)
        assert names_at(database, company) == {"王伟", "李娜"}

        with database.writing() as uow:
            directory.move_department(uow, lab.id, None, TESTER, NOW)
        settle(database)
        assert names_at(database, company) == {"王伟"}

    def test_looking_first_tells_who_would_come_and_go_and_changes_nothing(self, database, company):
        made = add(database, area_of(company, Rule(department_id=company.departments["RND"]), terminals=["T1"]))
        settle(database)
        wanted = replace(made, rules=(Rule(department_id=company.departments["PROD"]),))

        with database.reading() as uow:
            told = areas.preview(uow, wanted, NOW)

        t1 = company.terminals["T1"]
        assert told.come == {t1: {company.people["A2"]}}
        assert told.go == {t1: {company.people["A1"], company.people["A3"]}}
        assert names_at(database, company) == {"王伟", "张敏"}

    def test_the_last_change_is_taken_back_and_a_removal_too(self, database, company):
        made = add(database, area_of(company, Rule(site_id=company.site)))
        change(database, replace(made, rules=(Rule(person_id=company.people["A2"]),), terminals=frozenset()))
        settle(database)
        assert names_at(database, company) == set()

        with database.writing() as uow:
            assert areas.undo_change(uow, made.id, TESTER, NOW) == made
        settle(database)
        assert len(names_at(database, company)) == 3

        with database.writing() as uow:
            areas.remove_area(uow, made.id, TESTER, NOW)
        settle(database)
        assert names_at(database, company) == set()
        with database.writing() as uow:
            areas.undo_change(uow, made.id, TESTER, NOW)
        settle(database)
        assert len(names_at(database, company)) == 3

    @pytest.mark.parametrize(
        ("wanted", "field"),
        [({"name": " "}, "name"), ({"rules": (Rule(),)}, "rules"), ({"rules": (Rule(site_id=999),)}, "rules"), ({"group": "x"}, "group"),
         ({"terminals": frozenset({999})}, "terminals"), ({"code": "a b"}, "code")],
    )  # fmt: skip
    def test_what_cannot_be_names_its_field_and_leaves_nothing(self, database, company, wanted, field):
        with database.writing() as uow, pytest.raises(InvalidInputError) as refused:
            areas.add_area(uow, replace(area_of(company), **wanted), TESTER, NOW)

        assert refused.value.facts["field"] == field
        with database.reading() as uow:
            assert areas.list_areas(uow) == []

    def test_a_code_is_given_once(self, database, company):
        add(database, area_of(company))
        with pytest.raises(RefusedError):
            add(database, area_of(company))


class TestNumbers:
    def test_whoever_has_none_gets_the_employee_number_where_terminals_take_it_else_the_next_free_one(self, database, company):
        with database.writing() as uow:
            for number, name in (("7001", "赵六"), ("B-12", "钱七"), ("007", "孙八")):
                directory.add_person(uow, number, name, TESTER, NOW, site_id=company.site)
        add(database, area_of(company, Rule(site_id=company.site), terminals=["T1"]))

        settle(database)

        by_user = {row.want.name: user for user, row in wanted_of(database, company.terminals["T1"]).items()}
        assert by_user == {"王伟": "1", "李娜": "2", "张敏": "3", "赵六": "7001", "钱七": "7002", "孙八": "7003"}
        with database.reading() as uow:
            assert len(directory.enrolled_users(uow)) == 6

    def test_a_number_of_somebody_who_left_is_not_given_again(self, database, company):
        with database.writing() as uow:
            held = directory.enrolments_at(uow, company.zone, "3")[0]
            directory.end_enrolment(uow, held.id, date(2026, 11, 1), TESTER, NOW)
            new = directory.add_person(uow, "3", "周九", TESTER, NOW, site_id=company.site)
        add(database, area_of(company, Rule(person_id=new.id), terminals=["T1"]))

        settle(database)

        assert set(wanted_of(database, company.terminals["T1"])) == {"4"}

    def test_a_number_that_passes_to_somebody_else_is_cleared_on_the_terminal_first(self, database, company, edge):
        add(database, area_of(company, Rule(site_id=company.site), terminals=["T1"]))
        settle(database)
        edge.all_rounds()
        with database.writing() as uow:
            held = directory.enrolments_at(uow, company.zone, "1")[0]
            directory.end_enrolment(uow, held.id, date(2026, 11, 22), TESTER, NOW)
            new = directory.add_person(uow, "N1", "吴十", TESTER, NOW, site_id=company.site)
            directory.enrol(uow, new.id, company.zone, "1", date(2026, 11, 23), TESTER, NOW)

        settle(database)
        assert "1" not in wanted_of(database, company.terminals["T1"])
        edge.all_rounds()
        assert not edge.book["T1"]["1"].present

        settle(database)
        edge.all_rounds()
        assert edge.book["T1"]["1"].name == "吴十"


class TestTheWayDown:
    def test_wanted_users_reach_the_terminals_and_what_is_reported_is_kept(self, database, company, edge):
        with database.writing() as uow:
            enrolment = directory.enrolments_at(uow, company.zone, "2")[0]
            directory.note_known_by(uow, enrolment.id, "00123456", None, TESTER, NOW)
            areas.set_right(
                uow, company.people["A2"], administrator=True, verify="4", group="", password="2468", by=TESTER, now=NOW
            )  # fmt: skip
        add(database, area_of(company, Rule(site_id=company.site), group="3", verify="1"))
        settle(database)

        assert edge.all_rounds() == 6
        held = edge.book["T2"]["2"]
        assert (held.name, held.card, held.privilege, held.password, held.group, held.verify) == (
            "李娜", "00123456", ADMINISTRATOR, "2468", "3", "4",
        )  # fmt: skip
        assert edge.book["T1"]["1"].verify == "1"
        assert all(row.is_done for row in wanted_of(database, company.terminals["T1"]).values())
        with database.reading() as uow:
            assert rows.counts(uow)[company.terminals["T1"]] == (3, 3, 0, 0)
            assert b"2468" not in bytes(uow.scalar(areas_right_password()))
            assert "2468" not in str([row.after for row in audit.search(uow, TrailFilter(), None, below=None, limit=50, see_pay=True).rows])

    def test_a_site_that_is_away_gets_it_when_it_comes_back_and_a_lost_message_comes_again(self, database, company):
        edge = DutifulEdge(database, company.edge)
        add(database, area_of(company, Rule(site_id=company.site)))
        settle(database)
        assert edge.round() == 0

        edge.connect()
        edge.deaf = True
        edge.round()
        edge.deaf = False
        assert edge.round() == 0
        assert edge.all_rounds(NOW + MINUTE) == 6

    def test_an_edge_that_lost_its_book_and_one_that_knows_more_than_the_server_are_brought_back(self, database, company, edge):
        add(database, area_of(company, Rule(site_id=company.site), terminals=["T1"]))
        settle(database)
        edge.all_rounds()
        edge.tell_health()
        assert edge.all_rounds() == 0

        edge.book["T1"] = {}
        edge.tell_health(NOW + MINUTE)
        assert edge.all_rounds(NOW + MINUTE) == 3

        edge.book["T1"]["1"] = replace_user(edge.book["T1"]["1"], revision=77)
        for minutes in (2, 6, 20):
            edge.tell_health(NOW + minutes * MINUTE)
            edge.all_rounds(NOW + minutes * MINUTE)
            areas.raise_revisions(database, NOW + minutes * MINUTE)
        edge.all_rounds(NOW + 30 * MINUTE)
        edge.tell_health(NOW + 31 * MINUTE)
        with database.reading() as uow:
            book = books.books(uow)[company.terminals["T1"]]
        assert edge.book["T1"]["1"].revision > 77
        assert book.resent == 0

    def test_no_more_of_a_terminal_are_on_their_way_than_it_can_report(self, database, company, edge):
        with database.writing() as uow:
            for number in range(4, 460):
                directory.add_person(uow, str(number), f"员工{number}", TESTER, NOW, site_id=company.site)
        add(database, area_of(company, Rule(site_id=company.site), terminals=["T1"]))
        settle(database)

        assert edge.round(report=False) == 400
        assert edge.messages == 2
        assert edge.round(report=False) == 0
        edge.hear(Reported(edge=EDGE, terminal="T1", at=NOW, users=[UserReport(one, UserState.WAITING, 1) for one in edge.book["T1"]]))
        assert edge.round() == 59

    def test_a_report_of_another_edge_s_terminal_and_an_older_one_change_nothing(self, database, company, edge):
        add(database, area_of(company, Rule(site_id=company.site), terminals=["T1"]))
        settle(database)
        edge.all_rounds()
        gone = Reported(edge=EDGE, terminal="T1", at=NOW, users=[UserReport("1", UserState.GONE, 0), UserReport("99", UserState.STRANGER)])
        edge.hear(gone)
        edge.edge_id += 1
        edge.hear(Reported(edge=EDGE, terminal="T1", at=NOW, users=[UserReport("2", UserState.GONE, 5)]))

        assert all(row.is_done for row in wanted_of(database, company.terminals["T1"]).values())
        with database.reading() as uow:
            assert [one.user for one in rows.strangers(uow, company.terminals["T1"])] == ["99"]


class TestTemplates:
    @pytest.fixture
    def gate(self, database, company, edge):
        add(database, area_of(company, Rule(site_id=company.site)))
        edge.tell_health(algorithm="zk-10", face_algorithm="zk-face-7")
        settle(database)
        edge.all_rounds()

    def test_nothing_is_kept_or_carried_without_consent(self, database, company, edge, gate):
        edge.capture("T1", "1", FINGER, FACE)

        assert edge.book["T1"]["1"].biometrics is Biometrics.LEAVE
        with database.reading() as uow:
            assert templates.counts_of(uow, [company.people["A1"]]) == {}

    def test_with_consent_a_finger_goes_to_terminals_of_its_algorithm_and_a_face_stays(self, database, company, edge, gate):
        agree(database, company.people["A1"])
        settle(database)
        edge.all_rounds()
        assert edge.book["T2"]["1"].biometrics is Biometrics.CARRY

        edge.capture("T1", "1", FINGER, FACE)
        settle(database)
        edge.all_rounds()

        assert edge.book["T2"]["1"].templates == [FINGER]
        assert wanted_of(database, company.terminals["T2"])["1"].there == ("finger-6",)
        with database.reading() as uow:
            assert FINGER.data not in bytes(uow.scalar(user_template.select().with_only_columns(user_template.c.sealed)))
        edge.tell_health(NOW + MINUTE, algorithm="zk-9")
        settle(database, NOW + MINUTE)
        edge.all_rounds(NOW + MINUTE)
        assert edge.book["T2"]["1"].templates == []

    def test_an_area_that_carries_faces_brings_them_too(self, database, company, edge, gate):
        with database.writing() as uow:
            (held,) = areas.list_areas(uow)
            areas.change_area(uow, replace(held, carries_faces=True), TESTER, NOW)
        agree(database, company.people["A1"])
        settle(database)
        edge.all_rounds()
        edge.capture("T1", "1", FINGER, FACE)
        settle(database)
        edge.all_rounds()

        assert edge.book["T2"]["1"].templates == [FACE, FINGER]
        assert edge.book["T2"]["1"].faces

        with database.writing() as uow:
            areas.change_area(uow, replace(areas.list_areas(uow)[0], carries_faces=False), TESTER, NOW)
        settle(database)
        edge.all_rounds()
        edge.capture("T1", "1", FACE)

        assert (edge.book["T2"]["1"].templates, edge.book["T2"]["1"].faces) == ([FINGER], False)
        with database.reading() as uow:
            assert templates.people_with_faces(uow) == set(), "a face that no area carries stays where it was enrolled"
            assert templates.counts_of(uow, [company.people["A1"]]) == {company.people["A1"]: 1}

    def test_withdrawing_erases_at_the_server_and_everywhere_and_tells_when_the_last_terminal_reported(self, database, company, gate, edge):
        told = []
        edge.courier._erased = lambda _uow, terminal, user, _at: told.append((terminal, user))
        consent = agree(database, company.people["A1"])
        settle(database)
        edge.all_rounds()
        edge.capture("T1", "1", FINGER)
        settle(database)
        edge.all_rounds()

        withdraw(database, consent)
        settle(database)
        with database.reading() as uow:
            assert templates.counts_of(uow, [company.people["A1"]]) == {}
        assert told == []
        edge.all_rounds()
        assert edge.book["T1"]["1"].present
        assert edge.book["T1"]["1"].biometrics is Biometrics.ERASE
        assert set(told) == {(company.terminals["T1"], "1"), (company.terminals["T2"], "1")}

    def test_a_withdrawal_is_carried_out_by_what_terminals_report_without_anybody_s_hand(self, database, company, gate, edge):
        edge.courier._erased = privacy.note_templates_gone
        consent = agree(database, company.people["A1"])
        settle(database)
        edge.all_rounds()
        withdraw(database, consent)
        settle(database)
        edge.all_rounds()

        with database.reading() as uow:
            assert privacy.open_templates(uow) == []
            gone = audit.search(uow, TrailFilter(action="consent.templates-gone"), None, below=None, limit=5, see_pay=True).rows
        assert [row.after for row in gone] == [{"terminals": 2}]
        page = browse(database, [privacy_router], Role.HR).get(f"/privacy/people/{company.people['A1']}")
        assert "gone from every terminal" in page.text

    def test_templates_of_a_leaver_that_went_before_the_night_listed_them_are_noted_afterwards(self, database, company, gate, edge):
        agree(database, company.people["A1"])
        happen(database, company.people["A1"], EventKind.LEAVING, date(2026, 11, 23), {"ground": "resigned"})
        settle(database, NOW + DAY)
        edge.all_rounds(NOW + DAY)
        with database.writing() as uow:
            privacy.begin_for_leavers(uow, date(2026, 11, 24), NOW + DAY)
            assert len(privacy.open_templates(uow)) == 2
            note_templates_gone(uow, NOW + DAY)
            assert privacy.open_templates(uow) == []

    def test_leaving_erases_what_the_server_keeps_and_takes_the_user_away(self, database, company, edge, gate):
        agree(database, company.people["A1"])
        settle(database)
        edge.all_rounds()
        edge.capture("T1", "1", FINGER)
        happen(database, company.people["A1"], EventKind.LEAVING, date(2026, 11, 23), {"ground": "resigned"})

        settle(database, NOW + DAY)
        edge.all_rounds(NOW + DAY)

        assert not edge.book["T1"]["1"].present
        with database.reading() as uow:
            assert templates.counts_of(uow, [company.people["A1"]]) == {}
            rows_of_trail = audit.search(uow, TrailFilter(action="template.erase"), None, below=None, limit=5, see_pay=True).rows
        assert [row.subject for row in rows_of_trail] == ["A1"]


class TestNothingIsLost:
    def test_a_death_between_change_and_working_out_loses_nothing(self, database, company):
        add(database, area_of(company, Rule(site_id=company.site), terminals=["T1"]))
        settle(database)
        happen(database, company.people["A1"], EventKind.LEAVING, date(2026, 11, 20), {"ground": "resigned"})

        def dies(*_):
            raise KeyboardInterrupt

        areas.follow_changes(database, NOW)
        assert waiting_people(database) == 1
        with pytest.raises(KeyboardInterrupt):
            areas.derive_marked(database, dies, NOW)
        assert waiting_people(database) == 1
        assert len(wanted_of(database, company.terminals["T1"])) == 3

        settle(database)
        assert len(wanted_of(database, company.terminals["T1"])) == 2

    def test_one_who_cannot_be_worked_out_holds_nobody_up(self, database, company):
        add(database, area_of(company, Rule(site_id=company.site), terminals=["T1"]))

        def consents(_uow, people):
            if company.people["A1"] in people:
                raise ValueError("a fault")
            return {}

        for _ in range(6):
            areas.derive_marked(database, consents, NOW)

        assert names_at(database, company) == {"李娜", "张敏"}
        assert waiting_people(database) == 1

    def test_erasing_somebody_names_nobody_and_the_edge_still_agrees(self, database, company, edge):
        add(database, area_of(company, Rule(site_id=company.site), terminals=["T1"]))
        settle(database)
        edge.all_rounds()
        from server.dispatch.areas.actions.personal import HOLDINGS

        with database.writing() as uow:
            subject = privacy.subject_of(uow, company.people["A1"])
            assert sum(one.erase(uow, subject, NOW) for one in HOLDINGS) == 1
        edge.all_rounds()
        edge.tell_health()

        assert not edge.book["T1"]["1"].present
        with database.reading() as uow:
            (row,) = [one for one in rows.rows_of_terminal(uow, company.terminals["T1"]) if one.user == "1"]
            assert (row.person_id, row.is_done) == (None, True)
            assert uow.fetch_one(wanted_user.select().where(wanted_user.c.name == "王伟")) is None
            assert books.books(uow)[company.terminals["T1"]].resent == 0

    def test_a_health_of_many_terminals_costs_no_more_questions_than_one_of_few(self, database, company, edge):
        add(database, area_of(company, Rule(site_id=company.site), terminals=["T1", "T2"]))
        settle(database)
        edge.all_rounds()

        with database.writing() as uow:
            one, two = (
                questions_of(uow, partial(edge.courier.hear, uow, edge.edge_id, edge.health(*some), NOW)) for some in (["T1"], ["T1", "T2"])
            )

        assert one == two > 0


def areas_right_password():
    from server.dispatch.areas.tables import terminal_right

    return terminal_right.select().with_only_columns(terminal_right.c.password)


def replace_user(user, **values):
    from msgspec.structs import replace as changed

    return changed(user, **values)


def questions_of(uow, work) -> int:
    """How many statements go to the database meanwhile."""
    asked = []

    def count(*said):
        asked.append(said[2])

    event.listen(uow.connection, "before_cursor_execute", count)
    work()
    event.remove(uow.connection, "before_cursor_execute", count)
    return len(asked)
