"""The company's settings of the roster, as a browser and a program see them."""

import json

import pytest

from server.access.model import Permission, Role
from server.audit import store as trail
from server.roster import pages, routes
from server.roster.actions import roster_settings_now
from server.storage import waiting_changes
from tests.support.pages import browse, said

PAGE, API = "/roster/settings", "/api/v1/roster/settings"
AS_BEGUN = (660, 6)


@pytest.fixture
def browse_as(database, company):
    return lambda who: browse(database, (pages.router, routes.router), who)


@pytest.fixture
def held(database):
    def now():
        with database.reading() as uow:
            found = roster_settings_now(uow)
        return found.minimum_rest_minutes, found.most_days_in_row

    return now


class TestPage:
    @pytest.mark.parametrize(
        ("rest", "days", "then"), [("12", "5", (720, 5)), ("10：30", " 6 ", (630, 6)), ("", "", (None, None)), ("24:00", "31", (1440, 31))]
    )
    def test_given_hours_and_days_when_saved_then_they_hold_and_stand_in_the_form(self, browse_as, held, rest, days, then):
        hr = browse_as(Role.HR)

        answer = hr.post(PAGE, {"minimum_rest": rest, "most_days_in_row": days, "reason": "works council"})

        assert answer.status_code == 303
        assert held() == then
        assert "Saved. The roster warns by it from now on" in hr.get(answer.headers["location"]).text

    @pytest.mark.parametrize(
        ("rest", "days", "told"),
        [
            ("soon", "6", "write hours, such as 11 or 11:30"),
            ("11:75", "6", "write hours, such as 11 or 11:30"),
            ("25", "6", "use 1 minute to 24 hours, or nothing"),
            ("11", "0", "use 1 to 31 days, or nothing"),
            ("11", "six", "give a whole number"),
        ],
    )
    def test_given_something_that_cannot_be_then_the_mend_is_told_and_what_was_typed_stays(self, browse_as, held, rest, days, told):
        answer = browse_as(Role.HR).post(PAGE, {"minimum_rest": rest, "most_days_in_row": days})

        assert answer.status_code == 422
        assert told in answer.text
        assert f'value="{rest}"' in answer.text
        assert held() == AS_BEGUN

    def test_given_a_change_then_it_is_on_the_trail_once_and_no_day_is_worked_out_again(self, browse_as, database):
        admin = browse_as(Role.ADMINISTRATOR)
        with database.reading() as uow:
            waiting = len(waiting_changes(uow, 1000))

        for _ in range(2):  # the same again changes nothing
            admin.post(PAGE, {"minimum_rest": "12", "most_days_in_row": "6", "reason": "works council"})

        with database.reading() as uow:
            rows = trail.newest(uow, subject=("roster", "settings"), limit=10)
            assert len(waiting_changes(uow, 1000)) == waiting
        assert [(one.before["minimum_rest_minutes"], one.after["minimum_rest_minutes"], one.reason) for one in rows] == [
            (660, 720, "works council")
        ]
        assert "works council" in admin.get(PAGE).text

    def test_given_a_reader_then_the_settings_are_read_and_not_offered(self, browse_as):
        reader = browse_as({Permission.SEE_ROSTER})

        page = reader.get(PAGE).text
        assert "11:00" in page
        assert "<form method=" not in said(page).split("<main")[1]
        assert reader.post(PAGE, {"minimum_rest": "1"}).status_code == 403


class TestApi:
    def test_given_a_program_then_it_reads_and_changes_the_settings(self, browse_as, held):
        hr = browse_as(Role.HR)

        answer = hr.client.post(API, content=json.dumps({"minimum_rest_minutes": None, "most_days_in_row": 7}))

        assert answer.json() | {"calendar_id": 0} == {"calendar_id": 0, "minimum_rest_minutes": None, "most_days_in_row": 7}
        assert hr.get(API).json() == answer.json()
        assert held() == (None, 7)

    @pytest.mark.parametrize(
        ("body", "field"),
        [({"minimum_rest_minutes": 660}, "most_days_in_row"), ({"minimum_rest_minutes": 0, "most_days_in_row": 6}, "minimum_rest_minutes")],
    )
    def test_given_a_body_that_cannot_be_then_the_answer_names_the_field(self, browse_as, held, body, field):
        answer = browse_as(Role.HR).client.post(API, content=json.dumps(body), headers={"accept-language": "en"})

        assert answer.status_code == 422
        assert field in answer.text
        assert held() == AS_BEGUN
