"""The sample company and its past: plausible enough that a person recognises a working day."""

import re
from collections import defaultdict
from datetime import date, datetime, time, timedelta

import pytest

from clockbridge.demo.company import DEPARTMENTS, SITES, Duty, hire
from clockbridge.demo.duties import ROTATION_STARTS, DaysOff, turn_of, week_of
from clockbridge.demo.history import IN, OUT, punches_of
from clockbridge.demo.terminals import TERMINALS, users_of

UNTIL = datetime(2026, 11, 26, 10, 30)
NATIONAL_DAY, MADE_UP = date(2026, 10, 1), date(2026, 10, 10)
CALENDAR = DaysOff(frozenset({NATIONAL_DAY}), frozenset({MADE_UP}))
CHINESE = re.compile(r"^[一-鿿]{2,4}$")


@pytest.fixture(scope="module")
def people():
    return hire()


@pytest.fixture(scope="module")
def past(people):
    return punches_of(people, UNTIL, CALENDAR)


def days_of(past, people, duty):
    """Punches by person and date, of people with this duty."""
    users = {person.user for person in people if person.department.duty is duty}
    found = defaultdict(list)
    for punch in past:
        if punch.user in users:
            found[punch.user, punch.at.date()].append(punch)
    return found


def test_given_the_company_then_two_hundred_people_with_chinese_names_work_in_departments_of_two_sites(people):
    assert len(people) == len({person.name for person in people}) == len({person.user for person in people}) == 200
    assert all(CHINESE.match(person.name) for person in people)
    assert {person.department for person in people} == set(DEPARTMENTS)
    assert {person.site for person in people} == {site.code for site in SITES}


def test_given_the_terminals_then_everybody_punches_at_exactly_one(people):
    users = [person.user for terminal in TERMINALS for person in users_of(terminal, people)]

    assert sorted(users) == sorted(person.user for person in people)


def test_given_the_terminals_then_they_differ_as_real_ones_do():
    assert {terminal.transport for terminal in TERMINALS} == {"tcp", "udp"}
    assert any(terminal.transport == "tcp" and terminal.key for terminal in TERMINALS)
    assert len({terminal.record_size for terminal in TERMINALS}) == 3
    assert [terminal.drift for terminal in TERMINALS if terminal.drift] == [-180]


def test_given_the_past_then_it_is_three_months_in_order_and_nothing_lies_ahead(past):
    times = [punch.at for punch in past]

    assert times == sorted(times)
    assert UNTIL - timedelta(days=91) < times[0] < UNTIL - timedelta(days=88)
    assert UNTIL - timedelta(hours=2) < times[-1] <= UNTIL


def test_given_office_days_then_most_are_on_time_some_late_and_some_forgotten(past, people):
    days = [punches for punches in days_of(past, people, Duty.OFFICE).values() if punches[0].at.date() < UNTIL.date()]
    firsts = [min(punch.at for punch in punches if punch.state == IN) for punches in days if any(p.state == IN for p in punches)]
    late = sum(first.time() > time(9) for first in firsts) / len(firsts)
    forgotten = sum(len({punch.state for punch in punches}) == 1 for punches in days) / len(days)

    assert 0.02 < late < 0.1
    assert 0.01 < forgotten < 0.06
    assert {punches[0].at.date() for punches in days if punches[0].at.weekday() >= 5} == {MADE_UP}
    assert NATIONAL_DAY not in {punches[0].at.date() for punches in days}


def test_given_three_shifts_then_a_night_ends_on_the_next_date(past, people):
    users = {person.user for person in people if person.department.duty is Duty.THREE_SHIFTS}
    nights = [punch for punch in past if punch.user in users and punch.state == IN and punch.at.hour in (21, 22)]
    ended = {(punch.user, punch.at.date()) for punch in past if punch.state == OUT and punch.at.hour in (6, 7)}
    finished = [punch for punch in nights if (punch.user, punch.at.date() + timedelta(days=1)) in ended]

    assert len(nights) > 1000
    assert len(finished) > 0.9 * len(nights)


def test_given_the_rotation_then_it_begins_on_a_monday_with_the_first_shift():
    assert ROTATION_STARTS.weekday() == 0
    assert week_of(ROTATION_STARTS) % 3 == turn_of("0", ROTATION_STARTS) == 0
    assert [turn_of("1", ROTATION_STARTS + timedelta(days=7 * week)) for week in range(4)] == [1, 2, 0, 1]


def test_given_the_same_seed_when_made_again_then_the_same_people_and_punches(people, past):
    assert hire() == people
    assert punches_of(people, UNTIL, CALENDAR) == past
