"""Orders for one terminal, carried out on simulated ones over real sockets."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from edge.devices.iclock.simulator.options import PushOptions
from edge.devices.iclock.simulator.runner import PushSimulator
from edge.devices.zkteco.frames import Command
from edge.settings import PushTerminal
from protocol.messages import OrderKind, OrderOutcome, Scanned
from protocol.wanted import Biometrics, ClockRule, WantedUser
from tests.edge.collect.conftest import decoded, terminal_at, until
from tests.edge.downlink.conftest import edge_setup, order, running_site
from tests.edge.downlink.test_users_pull import want
from tests.support.pull_writer import fingers_of

SN = "CBSIM0001"
ZONE = "Asia/Shanghai"


def run(work):
    return asyncio.run(work)


def held_by(terminal, **more):
    return terminal_at(terminal.port, expected_serial=SN, **more)


@pytest.mark.usefixtures("still_time")
def test_given_a_terminal_by_pull_when_ordered_then_clock_options_counts_and_restart_come_out_right(
    tmp_path, outbox, new_terminal, certificate, heard
):
    terminal = new_terminal(users=3, punches=12, clock_drift=-300, zone=ZONE, restart_seconds=0.2)

    async def live():
        async with running_site(tmp_path, outbox, held_by(terminal), certificate=certificate) as site:
            await until(lambda: site.crew.owner_of(SN).here)
            assert site.report().drift_ms < -290_000
            clock = await site.obey(order(OrderKind.SET_CLOCK, terminal=SN))
            assert clock.outcome is OrderOutcome.DONE, clock
            assert abs(site.report().drift_ms) < 3_000
            options = await site.obey(order(OrderKind.READ_OPTIONS, terminal=SN, names="~SerialNumber, NoSuchOption"))
            assert options.found == {"~SerialNumber": SN}
            proof = await site.obey(order(OrderKind.PROVE, terminal=SN))
            assert (proof.outcome, proof.found, proof.detail) == (OrderOutcome.DONE, {}, "punches: 12")
            said = await site.obey(order(OrderKind.PROTOCOL_LOG, terminal=SN))
            assert b"out  prepare-buffer 1503" in said.body
            assert (await site.obey(order(OrderKind.PROTOCOL_LOG, terminal="OTHER"))).outcome is OrderOutcome.REFUSED
            assert (await site.obey(order(OrderKind.SUPPORT_BUNDLE))).body.startswith(b"PK")
            again = await site.obey(order(OrderKind.REBOOT, "boot", terminal=SN))
            assert again.outcome is OrderOutcome.DONE
            await until(lambda: heard.count(Command.CONNECT) == 2 and site.crew.owner_of(SN).here)
            assert (await site.obey(order(OrderKind.REBOOT, "boot", terminal=SN))) == again, "it runs once"

    run(live())


def test_given_a_finger_that_is_asked_for_when_nobody_vouches_for_the_consent_or_it_has_ended_then_the_terminal_asks_for_none(
    tmp_path, outbox, new_terminal
):
    terminal = new_terminal(users=3, punches=0, zone=ZONE)

    async def live():
        async with running_site(tmp_path, outbox, held_by(terminal)) as site:
            await until(lambda: site.crew.owner_of(SN).here)
            asked = {"terminal": SN, "user": "1001", "finger": "6"}
            unsaid = await site.obey(order(OrderKind.ENROL, "unsaid", **asked))
            want(site, WantedUser("1001", 1, biometrics=Biometrics.ERASE))
            await until(lambda: site.downlink._carriers.book.standing(SN)[0])
            ended = await site.obey(order(OrderKind.ENROL, "ended", consent="given", **asked))
            before = terminal.do(fingers_of)
            want(site, WantedUser("1001", 2, biometrics=Biometrics.CARRY))
            await until(lambda: site.downlink._carriers.book.find(SN, "1001").revision == 2)
            good = await site.obey(order(OrderKind.ENROL, "good", consent="given", **asked))
            return unsaid, ended, before, good, terminal.do(fingers_of)

    unsaid, ended, before, good, after = run(live())
    assert (unsaid.outcome, unsaid.detail) == (
        OrderOutcome.REFUSED,
        "the server does not say that this person has consented to being enrolled",
    )
    assert (ended.outcome, before) == (OrderOutcome.REFUSED, {})
    assert good.outcome is OrderOutcome.DONE, good
    assert list(after) == [("1001", 6)]


@pytest.mark.usefixtures("still_time")  # else it may be over before it is taken
def test_given_an_order_for_a_terminal_that_is_away_then_it_is_taken_and_ends_when_its_time_is_over(tmp_path, outbox, monkeypatch):
    monkeypatch.setattr("edge.downlink.orders.desk.QUICK_SECONDS", 0)

    async def live():
        async with running_site(tmp_path, outbox, terminal_at(1, expected_serial=SN)) as site:
            one = order(OrderKind.UNLOCK, "o", within=timedelta(seconds=3), terminal=SN, seconds="2")
            assert (await site.obey(one)).outcome is OrderOutcome.EXPIRED
            assert [result.outcome for result in site.results("o")] == [OrderOutcome.TAKEN, OrderOutcome.EXPIRED]

    run(live())


def test_given_a_log_when_its_clearing_is_ordered_then_it_waits_for_the_server_and_loses_no_punch(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=3, punches=9, zone=ZONE)

    async def live():
        async with running_site(tmp_path, outbox, held_by(terminal)) as site:
            await until(lambda: outbox.high == 9)
            site.say(order(OrderKind.CLEAR_LOG, "o", terminal=SN))
            await until(lambda: site.results("o"))
            assert site.results("o")[0].outcome is OrderOutcome.TAKEN
            assert len(terminal.punches()) == 9, "no receipt, no clearing"
            terminal.punch("1001")
            await until(lambda: outbox.high == 10)
            outbox.release(9)
            await asyncio.sleep(1)
            assert len(terminal.punches()) == 10, "the last punch has no receipt yet"
            outbox.release(10)
            await until(lambda: site.results("o")[-1].outcome is not OrderOutcome.TAKEN)
            assert site.results("o")[-1].outcome is OrderOutcome.DONE, site.results("o")[-1]
            assert terminal.punches() == []
            terminal.punch("1002")
            await until(lambda: outbox.high == 11)

    run(live())


@pytest.mark.usefixtures("still_time")
def test_given_a_clock_rule_when_a_clock_is_off_then_it_is_set_within_limits_and_punches_tell_the_drift_they_were_made_with(
    tmp_path, outbox, new_terminal, certificate
):
    slow = new_terminal(users=3, punches=2, clock_drift=-120, zone=ZONE, serial="SLOW")
    far = new_terminal(users=3, punches=2, clock_drift=-7200, zone=ZONE, serial="FAR")

    async def live():
        terminals = [terminal_at(one.port, expected_serial=serial) for one, serial in ((slow, "SLOW"), (far, "FAR"))]
        async with running_site(tmp_path, outbox, *terminals, certificate=certificate) as site:
            await site.in_force(1, edge_setup(clock=ClockRule(corrects=True, tolerance_ms=2_000, most_ms=600_000)))
            await until(lambda: site.crew.owner_of("FAR").here and "clock-set" in site.report("SLOW").stages)
            await until(lambda: abs(site.report("SLOW").drift_ms) < 3_000)
            slow.punch("1003")
            await until(lambda: outbox.high == 5)
            assert site.report("FAR").drift_ms < -7_000_000, "beyond the limit a person must set it"
            assert [alarm.partition(":")[0] for alarm in site.alarms()] == ["clock-off-FAR"]

    run(live())
    drifts = [row.drift_ms for row in decoded(outbox) if row.terminal == "SLOW"]
    assert drifts[:2] == pytest.approx([-120_000] * 2, abs=2_500)
    assert abs(drifts[2]) < 3_000


def test_given_a_subnet_when_scanned_then_terminals_and_what_keeps_one_silent_are_told_and_large_or_foreign_ones_refused(
    tmp_path, outbox, new_terminal
):
    terminal = new_terminal(users=3, punches=1, serial="NEW-1")

    async def live():
        async with running_site(tmp_path, outbox) as site:
            port = str(terminal.port)
            good = await site.obey(order(OrderKind.SCAN, subnet="127.0.0.1/32", port=port))
            terminal.do(lambda simulator: simulator.faults.switch_on("key-required"))
            shut = await site.obey(order(OrderKind.SCAN, subnet="127.0.0.1/32", port=port))
            none = await site.obey(order(OrderKind.SCAN, subnet="127.0.0.1/32", port="1"))
            refused = [await site.obey(order(OrderKind.SCAN, subnet=one)) for one in ("10.0.0.0/8", "8.8.8.0/24", "home")]
            return good, shut, none, refused

    good, shut, none, refused = run(live())
    found = msgspec.json.decode(good.found["127.0.0.1"], type=Scanned)
    assert (found.serial, found.port, found.facts["model"]) == ("NEW-1", terminal.port, "Clockbridge simulator")
    assert "wrong-key" in msgspec.json.decode(shut.found["127.0.0.1"], type=Scanned).trouble
    assert (none.outcome, none.found) == (OrderOutcome.DONE, {})
    assert {one.outcome for one in refused} == {OrderOutcome.REFUSED}


@pytest.mark.parametrize("dialect", ["attendance", "security"])
def test_given_a_terminal_that_pushes_when_ordered_then_commands_go_out_and_what_is_not_safe_is_refused(
    tmp_path, outbox, certificate, dialect, monkeypatch
):
    woken = []
    monkeypatch.setattr("edge.collect.push.desk.wake", woken.append)

    async def live():
        push = {"host": "127.0.0.1", "port": 0, "terminals": [PushTerminal(serial="CBPUSH001")]}
        async with running_site(tmp_path, outbox, push=push, certificate=certificate) as site:
            await until(lambda: site.crew.desk.port)
            early = await site.obey(order(OrderKind.REBOOT, terminal="CBPUSH001"))
            assert early.outcome is OrderOutcome.REFUSED
            options = PushOptions(port=site.crew.desk.port, users=3, punches=4, poll_seconds=0.1, dialect=dialect)
            async with PushSimulator(options) as terminal:
                await until(lambda: outbox.high == 4)
                results = {
                    kind: await site.obey(order(kind, terminal="CBPUSH001", seconds="3", user="1001", finger="6"))
                    for kind in (OrderKind.UNLOCK, OrderKind.SET_CLOCK, OrderKind.CLEAR_LOG, OrderKind.READ_OPTIONS, OrderKind.PROVE)
                }
                return results, [text for _, text in terminal.unit.seen]

    results, seen = run(live())
    assert set(woken) == {"127.0.0.1"}, "it is asked to come at once"
    outcomes = {kind: one.outcome for kind, one in results.items()}
    assert outcomes.pop(OrderKind.CLEAR_LOG) is OrderOutcome.REFUSED
    assert ("AC_UNLOCK" if dialect == "attendance" else "CONTROL DEVICE 01010103") in seen
    if dialect == "security":
        outcomes.pop(OrderKind.UNLOCK)  # what the simulator makes of it is not the point
    assert set(outcomes.values()) == {OrderOutcome.DONE}, results
