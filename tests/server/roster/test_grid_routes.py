"""What the grid asks of the server, and what it gets for bad input: words, and nothing half saved."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from server.access.model import Role
from server.directory.actions import NewEvent, add_event
from server.directory.model import EventKind
from server.roster import actions as roster, pages, routes
from server.roster.engine.warnings import ApprovedLeave
from server.roster.model import ShiftPart, ShiftTerms
from server.roster.tables import roster_edit, roster_entry
from tests.support.company import NOW, TESTER
from tests.support.pages import browse
from tests.support.rosters import make_shifts, make_week

MONDAY = date(2026, 11, 23)
WEEK = "first=2026-11-23&last=2026-11-29"
PAGE = "first=2026-11-23&span=week"


@pytest.fixture
def shifts(database, company):
    with database.writing() as uow:
        made = make_shifts(uow)
        make_week(uow, made["常"])
    return made


@pytest.fixture
def hr(database, shifts):
    return browse(database, (pages.router, routes.router), Role.HR)


@pytest.fixture
def send(hr, company):
    """Send cells (number, weekday, to, was) as an edit."""
    keys = iter(range(1_000))

    def send_now(*cells):
        rows = [[company.people.get(number, number), str(MONDAY + timedelta(days=weekday)), to, was] for number, weekday, to, was in cells]
        return hr.post("/api/v1/roster/edits", json={"key": f"edit-{next(keys):04}", "cells": rows})

    return send_now


def kept(database):
    with database.reading() as uow:
        return [uow.scalar(select(func.count()).select_from(table)) for table in (roster_entry, roster_edit)]


class TestReading:
    def test_the_grid_has_marks_by_day_and_only_what_is_not_from_the_pattern_twice(self, hr, send, shifts):
        send(("A1", 0, shifts["夜"], -1), ("A1", 6, 0, -1))

        told = hr.get(f"/api/v1/roster?{WEEK}").json()

        row = next(one for one in told["people"] if one["number"] == "A1")
        assert row["pattern"] == [shifts["常"]] * 5 + [0, 0]
        assert (row["drafts"], row["entries"]) == ({"0": shifts["夜"], "6": 0}, {})
        assert (told["undo"], told["redo"], len(told["days"])) == (1, 0, 7)
        night = next(one for one in told["shifts"] if one["sign"] == "夜")
        assert night["versions"] == [{"from": "2026-01-01", "hours": "22:00–30:00", "minutes": 480}]

    def test_the_head_names_holidays_and_make_up_days_and_says_what_is_not_announced(self, hr):
        october = {one["date"]: one for one in hr.get("/api/v1/roster?first=2026-10-01&last=2026-10-10", "zh").json()["days"]}
        assert (october["2026-10-01"]["kind"], october["2026-10-01"]["known"]) == ("statutory", True)
        assert october["2026-10-01"]["name"] == "国庆节"
        assert october["2026-10-10"]["kind"] == "make-up"

        assert not hr.get("/api/v1/roster?first=2027-05-01&last=2027-05-01").json()["days"][0]["known"]

    def test_filters_choose_people_and_what_is_doubtful_is_theirs(self, hr, send, shifts, company):
        send(("A1", 0, shifts["夜"], -1), ("A2", 0, shifts["夜"], -1))

        rows = hr.get(f"/api/v1/roster?{WEEK}&department={company.departments['PROD']}").json()["people"]
        assert [one["number"] for one in rows] == ["A2"]
        said = hr.get(f"/api/v1/roster/warnings?{WEEK}&people={company.people['A1']}").json()["warnings"]
        assert {one["person"] for one in said} == {company.people["A1"]}
        assert {one["date"] for one in said} == {"2026-11-24"}
        assert hr.get(f"/api/v1/roster?{WEEK}&text=nobody").json()["people"] == []

    def test_given_approved_leave_then_the_grid_shows_it_and_warns(self, hr, company):
        day = {company.people["A1"]: {MONDAY: ApprovedLeave(name="sick leave")}}
        hr.client.app.state.roster_leave = lambda _uow, ids, first, last: day

        (row, *_) = [one for one in hr.get(f"/api/v1/roster?{WEEK}").json()["people"] if one["number"] == "A1"]
        (said,) = hr.get(f"/api/v1/roster/warnings?{WEEK}").json()["warnings"]

        assert row["leave"] == {"0": "sick leave"}
        assert said == {
            "person": company.people["A1"], "date": "2026-11-23", "words": "Approved leave on this day (sick leave).", "blocks": False
        }  # fmt: skip

    @pytest.mark.parametrize(
        "asked",
        [
            "first=2026-11-29&last=2026-11-23", "first=2026-11-23", "first=x&last=2026-11-23", "first=2020-01-01&last=2026-01-01",
            "first=0001-01-01&last=0001-01-07", "first=9999-12-20&last=9999-12-31", f"{WEEK}&department=99999999999999999999",
            f"{WEEK}&site=x",
        ],
    )  # fmt: skip
    def test_given_a_question_that_cannot_be_then_it_names_the_field(self, hr, asked):
        for address in ("/api/v1/roster", "/api/v1/roster/warnings"):
            answer = hr.get(f"{address}?{asked}")
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")

    @pytest.mark.parametrize(
        "asked", ["span=year", "first=x", "first=0001-01-01&span=week", "first=9998-12-31", "department=x", "published=x"]
    )
    def test_given_a_page_that_cannot_be_then_it_says_so(self, hr, asked):
        assert hr.get(f"/roster?{asked}").status_code == 422

    def test_given_a_publication_that_there_is_not_then_it_says_so(self, hr):
        assert hr.get("/roster?published=77").status_code == 404
        assert hr.post("/roster/publications/77/withdraw").status_code == 404


class TestBadEdits:
    @pytest.mark.parametrize(
        ("cell", "status"),
        [
            (("A2", 0, 999, -1), 422), (("A2", 0, -2, -1), 422), (("A2", 0, 0, 1), 409), ((777, 0, 0, -1), 404), ((0, 0, 0, -1), 404),
            ((2**70, 0, 0, -1), 404),
        ],
    )  # fmt: skip
    def test_given_one_bad_cell_among_good_ones_then_nothing_is_kept_and_the_words_are_both_languages(
        self, database, hr, send, shifts, cell, status
    ):
        answer = send(("A1", 0, shifts["早"], -1), cell)
        hr.language = "zh"
        chinese = send(("A1", 0, shifts["早"], -1), cell)

        assert (answer.status_code, chinese.status_code) == (status, status)
        assert answer.json()["message"] != chinese.json()["message"]
        assert kept(database) == [0, 0]

    def test_given_two_marks_for_one_day_then_it_is_refused(self, database, send, shifts):
        answer = send(("A1", 0, shifts["早"], -1), ("A1", 0, 0, -1))

        assert "two rosters" in answer.json()["message"]
        assert kept(database) == [0, 0]

    @pytest.mark.parametrize(
        "body", [b"", b"{}", b'{"key":"edit-1234","cells":[[1,"2026-13-01",0,-1]]}', b'{"key":"x","cells":[]}', b"\xff"]
    )
    def test_given_no_edit_at_all_then_it_says_what_to_send(self, database, hr, body):
        answer = hr.post("/api/v1/roster/edits", content=body)

        assert answer.status_code == 422
        assert kept(database) == [0, 0]

    def test_given_more_than_can_be_taken_then_it_is_refused(self, database, hr, company):
        cells = [[company.people["A1"], "2026-11-23", 0, -1]] * 20_001
        assert hr.post("/api/v1/roster/edits", json={"key": "edit-1234", "cells": cells}).status_code == 422
        assert hr.post("/api/v1/roster/edits", content=b"[" * 2_000_000).status_code == 413
        assert kept(database) == [0, 0]

    def test_given_nothing_to_undo_or_redo_then_it_says_so(self, hr):
        assert (hr.post("/api/v1/roster/undo").status_code, hr.post("/api/v1/roster/redo").status_code) == (409, 409)


class TestPublishing:
    def test_given_drafts_when_published_then_the_page_tells_and_offers_to_withdraw(self, hr, send, shifts):
        send(("A1", 0, shifts["夜"], -1), ("A1", 5, shifts["夜"], -1))
        assert "2026-11-28" in hr.get(f"/roster/publish?{PAGE}").text

        answer = hr.post(f"/roster/publish?{PAGE}")
        page = hr.get(answer.headers["location"]).text
        assert "Published: 2 days of 1 person." in page
        assert hr.get(f"/api/v1/roster?{WEEK}").json()["people"][0]["drafts"] == {}

        withdrawn = hr.post(f"/roster/publications/1/withdraw?{PAGE}")
        assert "Withdrawn" in hr.get(withdrawn.headers["location"]).text
        assert hr.post(f"/roster/publications/1/withdraw?{PAGE}").status_code == 409

    def test_given_a_shift_without_hours_on_the_day_then_it_may_be_drafted_but_not_published(self, database, hr, company):
        with database.writing() as uow:
            late = make_late(uow)
        cells = [[company.people["A1"], "2026-11-23", late, -1], [company.people["A2"], "2026-11-23", 0, -1]]
        assert hr.post("/api/v1/roster/edits", json={"key": "edit-1234", "cells": cells}).status_code == 200

        assert "cannot be published" in hr.get(f"/roster/publish?{PAGE}").text
        answer = hr.post(f"/roster/publish?{PAGE}")

        assert answer.status_code == 409
        assert "王伟 on 2026-11-23 cannot be published" in answer.text
        assert all(one["entries"] == {} for one in hr.get(f"/api/v1/roster?{WEEK}").json()["people"])

    def test_given_somebody_who_leaves_then_a_shift_on_the_day_after_may_be_drafted_but_not_published(
        self, database, hr, send, shifts, company
    ):
        with database.writing() as uow:
            leaving = NewEvent(EventKind.LEAVING, MONDAY + timedelta(days=1), reason="moves away")
            add_event(uow, company.people["A1"], leaving, TESTER, NOW)
        assert send(("A1", 2, shifts["早"], -1)).status_code == 200

        row = next(one for one in hr.get(f"/api/v1/roster?{WEEK}").json()["people"] if one["number"] == "A1")
        assert row["kinds"] == "wwxxxxx"
        assert "Not employed on this day" in hr.get(f"/roster/publish?{PAGE}").text
        answer = hr.post(f"/roster/publish?{PAGE}")
        assert answer.status_code == 409
        assert "王伟 on 2026-11-25 cannot be published" in answer.text

    def test_given_somebody_protected_then_a_night_shift_is_warned_of_and_published_all_the_same(self, database, hr, send, shifts, company):
        with database.writing() as uow:
            pregnant = NewEvent(
                EventKind.PROTECTION, MONDAY, {"protection": "pregnancy"}, until=MONDAY + timedelta(days=60), reason="7th month"
            )
            add_event(uow, company.people["A2"], pregnant, TESTER, NOW)
        send(("A2", 0, shifts["夜"], -1))

        (said, *_) = hr.get(f"/api/v1/roster/warnings?{WEEK}").json()["warnings"]
        assert said["words"].startswith("Night work (8:00")
        assert hr.post(f"/roster/publish?{PAGE}").status_code == 303

    def test_given_drafts_of_others_departments_then_only_what_is_shown_is_published(self, hr, send, shifts, company):
        send(("A1", 0, 0, -1), ("A2", 0, 0, -1))

        hr.post(f"/roster/publish?{PAGE}&department={company.departments['PROD']}")

        found = {one["number"]: bool(one["entries"]) for one in hr.get(f"/api/v1/roster?{WEEK}").json()["people"]}
        assert found == {"A1": False, "A2": True, "A3": False}

    def test_given_no_drafts_then_publishing_and_dropping_say_so(self, hr):
        assert "There are no drafts" in hr.get(f"/roster/publish?{PAGE}").text
        assert hr.post(f"/roster/publish?{PAGE}").status_code == 409
        assert hr.post(f"/roster/drop?{PAGE}").status_code == 409


class TestOtherForms:
    def test_the_plain_table_says_in_words_what_the_grid_shows_by_signs(self, hr, send, shifts):
        send(("A1", 0, shifts["夜"], -1))

        page = hr.get(f"/roster/plain?{PAGE}", "zh").text

        for words in ("夜班", "常日班", "休息", "草稿", "王伟"):
            assert words in page

    def test_the_file_has_a_row_for_each_person_with_signs_and_sums(self, hr, send, shifts):
        send(("A1", 0, shifts["夜"], -1))

        answer = hr.get(f"/roster.xlsx?{PAGE}", "zh")

        words = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/sharedStrings.xml").decode()
        for word in ("A1", "王伟", "夜", "常", "2026-11-23", "工时"):
            assert word in words

    def test_given_no_people_or_no_shifts_then_the_page_says_what_comes_first(self, hr, database):
        assert "Nobody fits" in hr.get("/roster?text=nobody").text

    def test_given_an_empty_company_then_the_page_says_what_comes_first(self, database):
        hr = browse(database, (pages.router, routes.router), Role.HR)

        assert "There are no shifts yet" in hr.get("/roster").text
        assert hr.get(f"/api/v1/roster?{WEEK}").json()["people"] == []


def make_late(uow):
    return roster.add_shift(uow, "新班", "新", ShiftTerms(parts=(ShiftPart(start=540, end=1080),)), date(2026, 12, 1), TESTER, NOW).id
