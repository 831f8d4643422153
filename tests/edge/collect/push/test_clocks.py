"""Clocks of terminals that push, over a real line: measured, told with punches, set by rule, remembered."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from edge.collect.push.clocks import NO_EFFECT, NO_TIME_TOLD, OTHER_ZONE
from edge.devices.iclock.simulator import PushOptions, PushSimulator
from protocol.wanted import ClockRule
from tests.edge.collect.conftest import decoded, until
from tests.edge.collect.push.conftest import SN, alarms, get, greeted, post, running_desk

pytestmark = pytest.mark.usefixtures("still_time")

CORRECTS = ClockRule(corrects=True, tolerance_ms=2_000, most_ms=7_200_000)
ZONE = ZoneInfo("Asia/Shanghai")


def run(work):
    return asyncio.run(work)


def unit_for(desk, **more):
    return PushSimulator(PushOptions(**({"port": desk.port, "serial": SN, "poll_seconds": 0.02} | more)))


def quick(settings, **more):
    return settings(requests_per_minute=100_000, **more)


@pytest.mark.parametrize("dialect", ["attendance", "security"])
def test_given_a_unit_with_a_slow_clock_when_people_punch_then_it_is_measured_told_with_the_punch_and_an_alarm(settings, outbox, dialect):
    async def live():
        async with running_desk(quick(settings), outbox) as (desk, book):
            async with unit_for(desk, dialect=dialect, punches=3, clock_drift=-600, faults=("own-clock",)) as unit:
                await until(lambda: unit.unit.answers > 15 and unit.counts()["waiting"] == 0)
                unit.punch("1001")
                await until(lambda: unit.counts()["waiting"] == 0 and book._reports[0].drift_ms is not None)
                return book._reports[0], alarms(book)

    report, told = run(live())
    *before, last = [row.drift_ms for row in decoded(outbox)]
    assert before == [None] * 3, "what had gathered proves nothing, and came before anything was measured"
    assert last == pytest.approx(-600_000, abs=2_000)
    assert report.drift_ms == pytest.approx(-600_000, abs=2_000)
    assert int(report.facts["drift_within_ms"]) <= 2_000
    assert "clock" in report.stages
    assert told == [f"clock-off-{SN}"]


def test_given_a_security_unit_when_nobody_punches_then_the_state_of_its_door_shows_its_time(settings, outbox):
    async def live():
        async with running_desk(quick(settings), outbox) as (desk, book):
            async with unit_for(desk, dialect="security", clock_drift=90, faults=("own-clock",)):
                await until(lambda: book._reports[0].drift_ms is not None)
                return book._reports[0].drift_ms

    assert run(live()) == pytest.approx(90_000, abs=2_000)


def test_given_a_unit_that_asks_for_the_time_when_it_begins_then_it_has_ours_in_its_own_zone(settings, outbox, certificate):
    async def live():
        async with running_desk(quick(settings), outbox) as (desk, book):
            async with unit_for(desk, dialect="security", clock_drift=4000):
                await until(lambda: book._reports[0].drift_ms is not None)
                drift_ms = book._reports[0].drift_ms
            told = await get(desk, f"rtdata?SN={SN}&type=time")
            await get(desk, f"rtdata?SN={SN}&type=weather")
            unknown = desk._status()["unknown"]
        certificate.write_text("no certificate")
        async with running_desk(quick(settings), outbox) as (desk, _):
            return drift_ms, told, unknown, await get(desk, f"rtdata?SN={SN}&type=time")

    drift_ms, told, unknown, doubted = run(live())
    assert abs(drift_ms) < 2_000
    assert told[2].startswith(b"DateTime=")
    assert told[2].endswith(b",ServerTZ=+0800")
    assert unknown == {"GET rtdata weather": 1}
    assert doubted[0] == 503, "no time is told while our own clock is in doubt"


def test_given_a_rule_when_a_security_unit_is_off_then_it_is_set_behind_its_punches_and_measured_again(settings, outbox):
    async def live():
        async with running_desk(quick(settings), outbox) as (desk, book):
            async with unit_for(desk, dialect="security", clock_drift=-3600, faults=("own-clock",)) as unit:
                await until(lambda: book._reports[0].drift_ms is not None)
                desk._rules.clock = CORRECTS
                unit.punch("1001")
                await until(lambda: "clock-set" in book._reports[0].stages and abs(book._reports[0].drift_ms) < 2_000)
                unit.punch("1002")
                await until(lambda: outbox.high == 2)
                seen = [text for _, text in unit.unit.seen if "DateTime" in text]
                return seen, alarms(book), book._reports[0].stages

    seen, told, stages = run(live())
    first, second = decoded(outbox)
    assert len(seen) == 1
    assert first.drift_ms == pytest.approx(-3_600_000, abs=2_000)
    assert abs(second.drift_ms) < 2_000
    assert told == []
    assert "clock-set" in stages


@pytest.mark.parametrize(("send_date", "dialect", "reason"), [(False, "attendance", NO_TIME_TOLD), (True, "attendance", NO_EFFECT)])
def test_given_a_rule_when_a_unit_cannot_be_set_or_does_not_obey_then_that_is_an_alarm(settings, outbox, send_date, dialect, reason):
    async def live():
        async with running_desk(quick(settings, send_date=send_date), outbox) as (desk, book):
            desk._rules.clock = CORRECTS
            async with unit_for(desk, dialect=dialect, clock_drift=-3600, faults=("own-clock",)) as unit:
                await until(lambda: unit.unit.answers > 15)

                people = count(1001)  # what one person punches twice in a second is no news

                def punch_again():
                    if unit.counts()["waiting"] == 0 and unit.unit.answers % 20 == 0:
                        unit.punch(str(next(people)))
                    return f"clock-not-set-{SN}" in alarms(book)

                await until(punch_again)
                return book._alarm_notes(), [text for _, text in unit.unit.seen]

    told, seen = run(live())
    assert f"clock-not-set-{SN}: {reason}" in told
    assert seen == (["SET OPTION TimeZone=8", "RELOAD OPTIONS"] if send_date else [])


def setting(unit):
    """Commands about its clock that a unit was given, without the time itself."""
    texts = [text for _, text in unit.unit.seen]
    return [text.partition("DateTime=")[0] + "DateTime" if "DateTime=" in text else text for text in texts if "OPTION" in text]


def operation(code, shown):
    return f"OPLOG {code}\t0\t{shown.astimezone(ZONE):%Y-%m-%d %H:%M:%S}\t0\t0\t0\t0\n".encode()


def test_given_a_unit_at_which_nobody_punches_when_something_is_done_at_its_keys_then_that_measures_its_clock(settings, outbox):
    async def live():
        async with running_desk(settings(), outbox) as (desk, book):
            await greeted(desk)
            for _ in range(10):
                await get(desk, f"getrequest?SN={SN}")
            told = operation(4, datetime.now(UTC) - timedelta(seconds=600))
            await post(desk, f"cdata?SN={SN}&table=OPERLOG", told)
            first = desk.clock_of(SN)
            for _ in range(10):
                await get(desk, f"getrequest?SN={SN}")
            await post(desk, f"cdata?SN={SN}&table=OPERLOG", told)
            await post(desk, f"cdata?SN={SN}&table=OPERLOG", b"OPLOG 4\t0\tnever\t0\t0\t0\t0\n")
            return first, desk.clock_of(SN), book._reports[0], alarms(book)

    first, again, report, told = run(live())
    assert first.low_ms <= -599_000 <= first.high_ms
    assert again == first, "what comes a second time is no news"
    assert report.drift_ms == first.drift_ms
    assert int(report.facts["drift_within_ms"]) >= 30_000
    assert told == [f"clock-off-{SN}"]


@pytest.mark.parametrize(
    ("dialect", "commands"),
    [("attendance", ["SET OPTION TimeZone=8", "RELOAD OPTIONS"]), ("security", ["SET OPTIONS DateTime"])],
)
def test_given_a_rule_when_a_unit_has_shown_its_time_to_nobody_for_a_day_then_it_is_set_and_that_is_no_measure(
    settings, outbox, monkeypatch, dialect, commands
):
    monkeypatch.setattr("edge.collect.push.clocks.UNSEEN_SECONDS", 0.0)
    monkeypatch.setattr("edge.devices.iclock.simulator.unit.POLLS_BETWEEN_STATES", 10**9)

    async def live():
        async with running_desk(quick(settings), outbox) as (desk, book):
            async with unit_for(desk, dialect=dialect) as unit:
                await until(lambda: unit.unit.answers > 5)
                without_rule = setting(unit)
                desk._rules.clock = CORRECTS
                await until(lambda: "clock-set" in book._reports[0].stages)
                return without_rule, setting(unit), book, alarms(book)

    without_rule, seen, book, told = run(live())
    assert without_rule == []
    assert seen[: len(commands)] == commands
    assert "clock" not in book._reports[0].stages
    assert book._reports[0].drift_ms is None
    assert told == []


@pytest.mark.parametrize(("shown", "told"), [("480", False), ("8", False), ("GMT+8", False), ("0", True)])
def test_given_a_zone_that_was_set_when_the_unit_shows_another_then_that_is_an_alarm(settings, outbox, monkeypatch, shown, told):
    monkeypatch.setattr("edge.collect.push.clocks.UNSEEN_SECONDS", 0.0)

    async def live():
        async with running_desk(settings(), outbox) as (desk, book):
            desk._rules.clock = CORRECTS
            await greeted(desk)
            given = await get(desk, f"getrequest?SN={SN}")
            assert b"SET OPTION TimeZone=8\n" in given[2]
            await post(desk, f"cdata?SN={SN}&table=options", f"~DeviceName=X,TimeZone={shown}".encode())
            return book._alarm_notes()

    assert run(live()) == ([f"clock-not-set-{SN}: {OTHER_ZONE}"] if told else [])


def test_given_a_clock_that_is_off_beyond_the_rule_when_a_day_passes_then_a_person_must_look(settings, outbox, monkeypatch):
    monkeypatch.setattr("edge.collect.push.clocks.UNSEEN_SECONDS", 0.0)

    async def live():
        async with running_desk(settings(), outbox) as (desk, _):
            await greeted(desk)
            for _ in range(10):
                await get(desk, f"getrequest?SN={SN}")
            await post(desk, f"cdata?SN={SN}&table=OPERLOG", operation(4, datetime.now(UTC) - timedelta(days=1)))
            desk._rules.clock = CORRECTS
            return await get(desk, f"getrequest?SN={SN}")

    assert run(live())[2] == b"OK"


def test_given_times_at_the_ends_of_all_time_when_told_by_a_quiet_unit_then_they_are_taken_like_any_other(settings, outbox):
    ends = ("0001-01-01 00:00:00", "9999-12-31 23:59:59", "2026-02-30 00:00:00", "0001-01-01 00:00:01")

    async def live():
        async with running_desk(settings(), outbox) as (desk, _):
            await greeted(desk)
            for place, shown in enumerate(ends):
                for _ in range(10):
                    await get(desk, f"getrequest?SN={SN}")
                desk._clocks._clocks[SN].drifts.measured(datetime.now(UTC), 10_000 * place)
                answer = await post(desk, f"cdata?SN={SN}&table=ATTLOG", f"1001\t{shown}\t0\t1\n".encode())
                assert answer[0] == 200, shown

    run(live())
    assert [row.wall for row in decoded(outbox)] == list(ends)


def test_given_a_measure_when_the_edge_was_restarted_then_what_was_punched_meanwhile_is_told_with_it(settings, outbox):
    slow = timedelta(seconds=300)

    def row(back):
        shown = datetime.now(UTC).astimezone(ZONE) - slow - timedelta(seconds=back)
        return f"1001\t{shown:%Y-%m-%d %H:%M:%S}\t0\t1\n".encode()

    async def live():
        async with running_desk(settings(), outbox) as (desk, book):
            await greeted(desk)
            for _ in range(10):
                await get(desk, f"getrequest?SN={SN}")
            await post(desk, f"cdata?SN={SN}&table=ATTLOG", row(0))
            await post(desk, f"cdata?SN={SN}&table=OPERLOG", b"OPLOG 21\t0\t2026-11-27 08:00:00\t0\t0\t0\t0\n")
            tampered = desk._clocks._clocks[SN].watch.bounds
        async with running_desk(settings(), outbox) as (desk, book):
            await post(desk, f"cdata?SN={SN}&table=ATTLOG", row(-60))
            return tampered, book._reports[0].drift_ms

    tampered, drift_ms = run(live())
    first, second = [one.drift_ms for one in decoded(outbox)]
    assert first == second == pytest.approx(-300_000, abs=2_000)
    assert tampered is None, "somebody set the clock at the terminal"
    assert drift_ms is None, "it is not told as measured until it is measured again"
