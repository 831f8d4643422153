"""A person's month taken out, signed, and checked anywhere: whatever is changed in it is found and named."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import delete

from protocol.signing import Signer
from server.access.model import Role
from server.attendance import actions as attendance
from server.attendance.engine.day.assessing import assess_day
from server.attendance.model import NewGrant, RuleSubject
from server.attendance.model.assessed import Assessed
from server.attendance.model.days import TimedPunch
from server.attendance.model.grants import GrantKind, Heading, LeaveKind
from server.attendance.model.rules import Consequence, DayRules, Direction, OvertimeRule, PeriodRules, Rules, Tier
from server.attendance.store.days import encode_day
from server.attendance.store.writing import write_difference
from server.attendance.tables import day_mark
from server.audit.store import newest
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.errors import InvalidInputError, NotFoundError
from server.ingest import pages
from server.ingest.evidence import export_month, verify_evidence
from server.ingest.evidence.sealing import seals_of, signed_text
from server.roster.model import DayKind
from tests.support.closing import close_period
from tests.support.company import NOW, TESTER, found_company
from tests.support.pages import browse
from tests.support.sending import SendingEdge, row
from tests.support.stored_days import instant, store_days

SIGNER = Signer.from_seed(bytes(range(1, 33)))
NOVEMBER = date(2026, 11, 1)
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 15)
BEFORE = date(2026, 10, 27)
RULES = Rules(
    day=DayRules(
        direction=Direction.FIRST_LAST,
        grace_in_minutes=5,
        late_tiers=(Tier(beyond_minutes=30, consequence=Consequence.SERIOUS),),
        overtime={DayKind.WORKDAY: OvertimeRule(rate=150, minimum_minutes=30)},
    ),
    period=PeriodRules(overtime_limit_minutes=2160),
)
CLOCKS = {2: ("08:58", "18:03"), 3: ("09:20", "20:05"), 4: ("09:45", "18:00"), 5: ("08:50",), 9: ("08:59", "18:01")}
"""In and out by the day of November: on time, late with overtime, seriously late, an OUT missing, and on time."""


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def edge(company, database):
    return SendingEdge(database)


@pytest.fixture
def data(database, company, edge) -> bytes:
    """The evidence of A1's fortnight; the 5th was corrected, the 6th was leave."""
    person = company.people["A1"]
    walls = [f"2026-11-{day:02d} {clock}:00" for day, clocks in CLOCKS.items() for clock in clocks]
    edge.send(*(row(wall=wall, number=number) for number, wall in enumerate(walls)))
    with database.writing() as uow:
        group = directory.add_pay_group(uow, "M", "月薪", 16, TESTER, NOW)
        event = NewEvent(EventKind.TRANSFER, FIRST, {"pay_group_id": group.id})
        directory.add_event(uow, person, event, TESTER, NOW)
        version = attendance.add_rule_set(uow, "Office", RULES, date(2026, 1, 1), TESTER, NOW).versions[0]
        correction = NewGrant(
            person_id=person,
            kind=GrantKind.CORRECTION,
            starts_at=instant(date(2026, 11, 5), "18:10"),
            heading=Heading.OUT,
            reason="忘记打卡",
        )
        leave = NewGrant(
            person_id=person,
            kind=GrantKind.LEAVE,
            leave=LeaveKind.ANNUAL,
            first_day=date(2026, 11, 6),
            last_day=date(2026, 11, 6),
            reason="年假",
        )
        granted = [attendance.record_grant(uow, one, TESTER, NOW).grant for one in (correction, leave)]
        found = attendance.evidence_punches(uow, person, FIRST, LAST)
        punches = [TimedPunch(id=one.id, at=_at(one.wall), terminal_id=one.terminal_id) for one in found]
        store_days(uow, person, version.id, RULES, punches, (BEFORE, LAST), granted)
        return export_month(uow, SIGNER, "A1", FIRST, LAST, NOW)


def _at(wall: int) -> int:
    text = str(wall)
    return instant(date(int(text[:4]), int(text[4:6]), int(text[6:8])), f"{text[8:10]}:{text[10:12]}")


def failures(data: bytes) -> dict[str, str]:
    return {one.row: one.reason for one in verify_evidence(data) if not one.proven}


def test_given_a_month_when_checked_then_all_of_it_is_proven_and_every_day_comes_out_again(data):
    findings = verify_evidence(data)

    assert failures(data) == {}
    assert len([one for one in findings if one.row.startswith("{")]) == 9
    assert [one.row for one in findings if one.row.startswith("day ")][-14:] == [f"day 2026-11-{day:02d}" for day in range(2, 16)]
    assert any("the server's signature" in one.row and SIGNER.key_id in one.row for one in findings)


def test_given_a_month_then_it_tells_who_granted_what_and_why_and_explains_each_day_in_both_languages(data):
    told = json.loads(data)

    grants = {one["grant"]["kind"]: (one["author"], one["reason"]) for one in told["grants"]}
    late = next(one for one in told["days"] if one["day"]["work_date"] == "2026-11-03")
    assert grants == {"correction": (TESTER.name, "忘记打卡"), "leave": (TESTER.name, "年假")}
    assert "迟到" in "".join(late["told"]["zh"])
    assert "ate" in "".join(late["told"]["en"])
    assert told["period"]["period"]["late_times"] == 1
    assert told["period"]["period"]["serious_late_times"] == 1
    assert [(one["state"], one["answer"]) for one in told["period"]["standing"]] == [("open", "")]


def test_given_a_month_then_it_names_nobody_but_by_number(data):
    assert "王伟" not in data.decode()
    assert json.loads(data)["person"] == "A1"


def late_by_less(it):
    it["days"][7]["day"]["late_minutes"] -= 1


CHANGES = {
    "the head": (lambda it: it.update(until="2026-11-14"), "the head of the file"),
    "a punch": (lambda it: it["punches"][1].update(row=it["punches"][1]["row"].replace("18:03", "18:04")), "punch 2"),
    "a batch": (lambda it: it["batches"][0].update(last=it["batches"][0]["last"] + 1), "batch edge-hq, 1 to 10"),
    "a key": (lambda it: it["keys"].update({"0" * 16: "A" * 43 + "="}), "the keys of the edges"),
    "who granted": (lambda it: it["grants"][0].update(author="somebody else"), "grant 1"),
    "why": (lambda it: it["grants"][1].update(reason="病假"), "grant 2"),
    "a rule": (lambda it: it["rules"][0]["rules"]["day"].update(grace_in_minutes=6), "rules 1"),
    "a day": (late_by_less, "day 2026-11-03"),
    "a plan": (lambda it: it["days"][6]["inputs"]["plan"].update(come_late_minutes=1), "day 2026-11-02"),
    "an explanation": (lambda it: it["days"][6]["told"]["zh"].append("。"), "day 2026-11-02"),
    "a total": (lambda it: it["period"]["period"].update(worked_minutes=1), "the totals of the period"),
    "whether it is closed": (lambda it: it["period"]["standing"][0].update(state="closed"), "the totals of the period"),
    "a day taken out": (lambda it: it["days"].pop(), "the days of the file"),
    "a grant taken out": (lambda it: it["grants"].pop(), "the grants of the file"),
    "a seal": (lambda it: it["seals"]["days"].__setitem__(0, "0" * 64), "the server's signature"),
}


@pytest.mark.parametrize(("change", "named"), CHANGES.values(), ids=CHANGES.keys())
def test_given_anything_changed_when_checked_then_it_is_named(data, change, named):
    changed = json.loads(data)
    change(changed)

    found = failures(json.dumps(changed).encode())

    assert any(one.startswith(named) for one in found), found


def test_given_a_day_changed_by_who_has_the_key_when_checked_then_the_engine_does_not_come_to_it(data):
    changed = json.loads(data)
    late_by_less(changed)
    changed["seals"] = seals_of(changed)
    changed["signature"] = msgspec.to_builtins(SIGNER.sign(signed_text(changed["seals"])))

    found = failures(json.dumps(changed).encode())

    assert "comes to something else" in found["day 2026-11-03"]
    assert set(found) <= {"day 2026-11-03", "the totals of the period"}


def test_given_any_single_byte_of_a_day_changed_when_checked_then_it_is_found(data):
    text = data.decode()
    start = text.index('"days"')
    spots = [place for place in range(start, text.index('"period"', start), 97) if text[place].isdigit()]

    assert len(spots) > 50
    for place in spots:
        other = text[:place] + ("1" if text[place] != "1" else "2") + text[place + 1 :]
        with suppress(ValueError):  # no evidence file any more: refused as a whole
            assert failures(other.encode()), text[place - 40 : place + 10]


@pytest.mark.parametrize(("person", "since", "error"), [("Z9", FIRST, NotFoundError), ("A1", date(2024, 1, 1), InvalidInputError)])
def test_given_nobody_or_too_long_a_time_when_asked_then_refused(database, person, since, error):
    found_company(database)

    with database.reading() as uow, pytest.raises(error):
        export_month(uow, SIGNER, person, since, LAST, datetime.now(UTC))


def test_given_the_button_on_a_persons_page_then_hr_gets_the_file_and_the_trail_says_who_took_it(data, database):
    hr = browse(database, [pages.router], Role.HR)
    hr.client.app.state.signer = lambda: SIGNER

    answer = hr.post("/people/1/evidence", {"since": str(FIRST), "until": str(LAST)})

    assert answer.status_code == 200
    assert failures(answer.content) == {}
    with database.reading() as uow:
        last = newest(uow, subject=("person", "A1"), limit=1)[0]
    assert (last.action, last.actor) == ("evidence.export", "tester")
    assert hr.post("/people/1/evidence", {"since": "x", "until": str(LAST)}).status_code == 422
    assert hr.post("/people/99/evidence", {"since": str(FIRST), "until": str(LAST)}).status_code == 404


class TestDecidedDifferences:
    @pytest.fixture
    def decided(self, data, edge, company, database) -> bytes:
        """The same after closing: a punch of the 4th came late and was accepted; that one of the 9th is not his was refused."""
        person = company.people["A1"]
        with database.writing() as uow:
            (rules,) = attendance.list_rule_sets(uow)
            attendance.assign_rules(uow, rules.id, RuleSubject.COMPANY, 0, date(2026, 1, 1), None, TESTER, NOW)
            uow.execute(delete(day_mark))
        close_period(database, "M", NOVEMBER, {}, date(2026, 11, 23))
        edge.send(row(wall="2026-11-04 08:55:00", number=20))
        with database.writing() as uow:
            late = attendance.evidence_punches(uow, person, date(2026, 11, 4), date(2026, 11, 4))[0]
            _beside(uow, person, 4, lambda punches: (TimedPunch(id=late.id, at=_at(late.wall), terminal_id=late.terminal_id), *punches))
            _beside(uow, person, 9, lambda punches: punches[:1])
            for one in attendance.list_differences(uow, attendance.find_period(uow, "M", NOVEMBER)):
                decide = attendance.accept_differences if one.work_date.day == 4 else attendance.refuse_differences
                decide(uow, "M", NOVEMBER, [one.id], "talked about", TESTER, NOW)
            return export_month(uow, SIGNER, "A1", FIRST, LAST, NOW)

    def test_given_decided_differences_then_they_and_what_counts_with_them_are_in_the_file_and_proven(self, decided):
        told = json.loads(decided)

        assert failures(decided) == {}
        assert [(one["day"]["work_date"], one["state"], one["reason"]) for one in told["differences"]] == [
            ("2026-11-04", "accepted", "talked about"),
            ("2026-11-09", "refused", "talked about"),
        ]
        more = told["period"]["counted"]["worked_minutes"] - told["period"]["period"]["worked_minutes"]
        assert more == 50, "in at 08:55 in the place of 09:45"
        (arrears,) = told["period"]["arrears"]
        assert (arrears["due"], arrears["period"]) == ("2026-12", "M 2026-11")
        assert {"name": "worked_minutes", "amount": 50, "kind": "", "rate": None, "settled_by": None} in arrears["items"]

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            (lambda it: it["differences"][0]["day"].update(worked_minutes=1), "difference 2026-11-04, accepted by tester"),
            (lambda it: it["differences"][1].update(state="accepted"), "difference 2026-11-09, accepted by tester"),
            (lambda it: it["differences"].pop(), "the differences of the file"),
            (lambda it: it.pop("differences"), "the differences of the file"),
            (lambda it: it["period"]["counted"].update(worked_minutes=1), "the totals with the accepted differences"),
            (lambda it: it["period"]["arrears"][0].update(due="2027-01"), "the totals of the period"),
        ],
    )
    def test_given_anything_of_them_changed_when_checked_then_it_is_named(self, decided, change, named):
        changed = json.loads(decided)
        change(changed)

        found = failures(json.dumps(changed).encode())

        assert any(one.startswith(named) for one in found), found

    def test_given_a_difference_that_counts_as_another_by_who_has_the_key_then_the_engine_does_not_come_to_it(self, decided):
        changed = json.loads(decided)
        changed["differences"][0]["day"]["worked_minutes"] += 60
        changed["seals"] = seals_of(changed)
        changed["signature"] = msgspec.to_builtins(SIGNER.sign(signed_text(changed["seals"])))

        assert set(failures(json.dumps(changed).encode())) == {
            f"difference 2026-11-04, accepted by tester at {NOW.isoformat()}",
            "the totals with the accepted differences",
        }

    def test_given_a_file_from_before_differences_were_told_then_it_is_still_proven(self, data):
        old = json.loads(data)
        assert "differences" not in old
        del old["seals"]["differences"]
        old["signature"] = msgspec.to_builtins(SIGNER.sign(signed_text(old["seals"])))

        assert failures(json.dumps(old).encode()) == {}


def _beside(uow, person, day, change) -> None:
    """Put a day of November with other punches beside the one that counts, as the worker does."""
    known = attendance.day_of(uow, person, date(2026, 11, day))
    inputs = replace(known.inputs, punches=change(known.inputs.punches))
    made = assess_day(inputs.plan, inputs.punches, inputs.grants, RULES.day, inputs.horizon)
    body, steps = encode_day(made)
    whole = msgspec.json.encode(inputs)
    assessed = Assessed(person, known.work_date, made, inputs, bytes(16), whole, body, steps, None)
    write_difference(uow, assessed, attendance.find_period(uow, "M", NOVEMBER).id, NOW)
