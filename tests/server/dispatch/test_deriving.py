"""In whatever order things happen, terminals should hold in the end what is worked out from nothing; lists count by the same rule."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings, strategies as st

from protocol.wanted import Biometrics, Kind
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.dispatch.areas import actions as areas
from server.dispatch.areas.engine import Taken, belongs, number_for, numbers_missing, row_for, row_without, wants
from server.dispatch.areas.model import Area, Consent, Held, Place, Point, Rule, Stored, Want, WantedRow, Who
from server.dispatch.areas.store import areas as store, facts, members, rows
from server.dispatch.areas.tables import user_book, wanted_user
from server.errors import ServerError
from server.hr.privacy import actions as privacy
from server.hr.privacy.model import Purpose, TextTerms, Way
from tests.support.areas import settle
from tests.support.company import NOW, TESTER, found_company

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
PEOPLE = ("A1", "A2", "A3")


POINTS = {1: Point(1, 1, TODAY, "zk-10", "zk-face-7"), 2: Point(2, 1, TODAY + DAY, "zk-9")}
WHO = Who(7, "70", "王伟", (Place(date(2020, 1, 1), TODAY, 1, 1, None, None),), (Held(1, "70", date(2020, 1, 1), date.max, "12"),))
GATE = Area(1, "gate", "大门", frozenset({1, 2}), (Rule(site_id=1),), verify="1")


class TestWanting:
    def test_the_last_day_counts_by_the_date_at_each_terminal(self):
        assert set(wants(WHO, [GATE], POINTS, {})) == {(1, "70")}

    def test_templates_go_where_their_algorithm_is_and_faces_only_where_an_area_carries_them(self):
        who = replace(WHO, consent=Consent.HOLDS, templates=(Stored("a", Kind.FINGER, 6, "zk-10"), Stored("b", Kind.FACE, 0, "zk-face-7")))
        carrying = replace(GATE, id=2, code="z", carries_faces=True)

        assert wants(who, [GATE], POINTS, {})[1, "70"].templates == ("a",)
        assert wants(who, [GATE, carrying], POINTS, {})[1, "70"].templates == ("b", "a")
        assert [wants(who, some, POINTS, {})[1, "70"].faces for some in ([GATE], [GATE, carrying])] == [False, True]
        assert not wants(replace(who, consent=Consent.NEVER), [carrying], POINTS, {})[1, "70"].faces
        ended = replace(who, consent=Consent.ENDED)
        assert wants(ended, [carrying], POINTS, {})[1, "70"] == Want(7, "王伟", "12", verify="1", biometrics=Biometrics.ERASE)

    def test_a_number_that_is_entered_for_a_day_to_come_is_not_given_twice(self):
        who = replace(WHO, held=(Held(1, "70", TODAY + DAY, date.max),))

        assert numbers_missing(who, [GATE], {1: POINTS[1]}, {}) == frozenset()
        assert numbers_missing(replace(who, held=()), [GATE], POINTS, {}) == {1}

    def test_numbers(self):
        taken = Taken(frozenset({"1", "12", "abc"}), 12)

        assert [number_for(one, taken) for one in ("7", "12", "007", "A7", "1234567890")] == ["7", "13", "13", "13", "13"]
        assert number_for("12", Taken(frozenset({"1", "999999999"}), 999_999_999)) == "12"
        assert number_for("x", Taken(frozenset({"1", "999999999"}), 999_999_999)) == "2"


@given(st.lists(st.sampled_from([None, Want(1, "a"), Want(1, "b"), Want(2, "c")])))
def test_revisions_only_rise_and_a_row_comes_to_what_is_wanted_last_unless_it_has_to_be_cleared(course):
    held: WantedRow | None = None
    for want in course:
        row = (row_without(held) if held else None) if want is None else row_for(held, (1, "7"), want)
        assert row is None or held is None or row.revision == held.revision + 1
        held = row or held
    last = course[-1] if course else None
    assert held is None or held.want in (last, None)


DEEDS = st.lists(
    st.tuples(st.sampled_from(["leave", "move", "back", "agree", "withdraw", "area", "card", "settle", "night"]), st.sampled_from(PEOPLE)),
    min_size=1,
    max_size=6,
)


def do(database, company, deed, number, now):
    person = company.people[number]
    with database.writing() as uow:
        match deed:
            case "leave":
                directory.add_event(uow, person, NewEvent(EventKind.LEAVING, now.date(), {"ground": "resigned"}), TESTER, now)
            case "move":
                sets = {"department_id": company.departments["PROD"]}
                directory.add_event(uow, person, NewEvent(EventKind.TRANSFER, now.date(), sets), TESTER, now)
            case "back":
                for one in directory.employments_of(uow, person)[-1].events[-1:]:
                    directory.cancel_event(uow, one.id, "错误", TESTER, now)
            case "agree":
                privacy.agree(uow, person, privacy.latest_texts(uow)[Purpose.BIOMETRICS].id, Way.PAPER, TESTER, now)
            case "withdraw":
                for one in privacy.consents_of(uow, person):
                    privacy.withdraw(uow, one.id, TESTER, now)
            case "area":
                (held,) = areas.list_areas(uow)
                rule = Rule(person_id=person)
                rules = tuple(one for one in held.rules if one != rule) if rule in held.rules else (*held.rules, rule)
                areas.change_area(uow, replace(held, rules=rules), TESTER, now)
            case "card":
                (one,) = directory.see_person(uow, person)[1]
                directory.note_known_by(uow, one.id, "" if one.card else f"C{person}", None, TESTER, now)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_any_order_of_joining_moving_leaving_and_consents_ends_as_worked_out_from_nothing(new_database_url, deeds):
    from server.storage import Database
    from tests.server.conftest import VAULT

    database = Database(new_database_url("sqlite"), VAULT)
    company = found_company(database)
    with database.writing() as uow:
        privacy.publish_text(uow, Purpose.BIOMETRICS, TextTerms("一", "二", "三", "四", "五"), TESTER, NOW)
        rnd = Rule(department_id=company.departments["RND"])
        areas.add_area(uow, Area(0, "gate", "大门", frozenset(company.terminals.values()), (rnd,)), TESTER, NOW)
    now = NOW
    for deed, number in deeds:
        if deed == "settle":
            settle(database, now)
        elif deed == "night":
            now += DAY
        else:
            with suppress(ServerError):  # it contradicts what is there: nothing happened
                do(database, company, deed, number, now)
    settle(database, now)
    step_by_step = state(database)

    with database.writing() as uow:
        for table in (wanted_user, user_book):
            uow.execute(table.delete())
        areas.derive(uow, list(company.people.values()), privacy.biometric_consents, now)
    assert step_by_step == state(database)
    with database.reading() as uow:
        day = directory.today_of(uow, now)
        (held,), below = store.areas(uow), facts.below(uow)
        by_rule = {who.person_id for who in facts.placed(uow, day) if belongs(who, held.rules, day, below)}
        assert members.count(uow, held.rules, day, below) == len(by_rule)
        assert {one[0] for one in members.page(uow, held.rules, day, below, None, after=None, limit=10)} == by_rule
    database.close()


def state(database):
    with database.reading() as uow:
        return {key: row.want for key, row in rows.rows_with_users(uow, [1, 2], [str(n) for n in range(1, 20)]).items() if row.want}
