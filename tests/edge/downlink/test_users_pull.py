"""Users brought to simulated terminals that are read: over real sockets, through crashes, repeats and refusals."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from edge.devices.zkteco.templates import Fingerprint
from edge.downlink.file import downlink_file
from edge.downlink.users.book import WantedBook
from edge.link import LineUp
from protocol.messages import Captured, OrderKind, OrderOutcome, Reported, UserState, Wanted
from protocol.wanted import Biometrics, Kind, Template, Templates, WantedUser, WantedUsers, digest, unwrap, wrap
from tests.edge.collect.conftest import terminal_at, until
from tests.edge.conftest import EDGE
from tests.edge.downlink.conftest import OPENER, SERVER, VAULT, edge_setup, order, running_site, terminal_setup

SN = "CBSIM0001"


def run(work):
    return asyncio.run(work)


def want(site, *users, serial=SN):
    sealed = wrap(WantedUsers(list(users)), OPENER.public, "wanted", EDGE, serial)
    site.say(Wanted(edge=EDGE, terminal=serial, sealed=sealed))


def told(site, serial=SN):
    """What the server knows of the users of a terminal."""
    found = {}
    for message in site.line.of(Reported):
        if message.terminal == serial:
            found.update({one.user: one for one in message.users})
    return found


def states(site, serial=SN):
    return {user: one.state for user, one in told(site, serial).items()}


def people_on(terminal):
    return {user.number: (user.name, user.card) for user in terminal.do(lambda simulator: list(simulator.terminal.users.values()))}


def owned(terminal, **more):
    return terminal_at(terminal.port, expected_serial=SN, **more)


def test_given_people_who_join_change_and_leave_when_wanted_then_the_terminal_holds_them_and_the_server_is_told(
    tmp_path, outbox, new_terminal
):
    terminal = new_terminal(users=2, punches=3)

    async def live():
        async with running_site(tmp_path, outbox, owned(terminal)) as site:
            want(site, WantedUser("0101", 1, name="王伟", card="1234567", password="99"), WantedUser("0102", 1, name="李娜"))
            await until(lambda: states(site).get("0101") is UserState.THERE and states(site).get("0102") is UserState.THERE)
            assert {"0101", "0102"} <= people_on(terminal).keys()
            assert people_on(terminal)["0101"] == ("王伟", 1234567)
            await until(lambda: states(site).get("1001") is UserState.STRANGER)
            want(site, WantedUser("0101", 2, name="王小伟"), WantedUser("0102", 3, present=False), WantedUser("1001", 1, name="张敏"))
            await until(lambda: told(site)["0101"].revision == 2 and states(site)["0101"] is UserState.THERE)
            await until(lambda: states(site)["0102"] is UserState.GONE and states(site)["1001"] is UserState.THERE)
            assert people_on(terminal)["0101"] == ("王小伟", 0)
            assert "0102" not in people_on(terminal)
            health = (await site.book.health()).terminals[0]
            assert (health.wanted, health.wanted_digest) == (3, digest([("0101", 2), ("0102", 3), ("1001", 1)]))
            terminal.punch("1002")
            await until(lambda: outbox.high == 4)

    run(live())
    book = (tmp_path / "data" / "wanted.sqlite").read_bytes()
    assert "王小伟".encode() not in book
    assert b"1234567" not in book


def test_given_messages_that_are_lost_repeated_or_old_when_they_come_then_the_book_is_the_same_and_repeats_are_told_again(
    tmp_path, outbox, new_terminal
):
    terminal = new_terminal(users=0)

    async def live():
        async with running_site(tmp_path, outbox, owned(terminal)) as site:
            want(site, WantedUser("1", 5, name="new"))
            await until(lambda: states(site).get("1") is UserState.THERE)
            want(site, WantedUser("1", 4, name="old"))
            site.line.sent.clear()
            want(site, WantedUser("1", 5, name="new"))  # a server that was restored asks for everything again
            await until(lambda: states(site).get("1") is UserState.THERE)
            assert people_on(terminal)["1"][0] == "new"
            site.line.sent.clear()
            site.line.tell(LineUp())
            await until(lambda: states(site).get("1") is UserState.THERE)
            site.say(Wanted(edge=EDGE, terminal=SN, sealed=b"nothing"))
            await until(lambda: any(alarm.startswith("wanted-refused") for alarm in site.alarms()))

    run(live())


def test_given_a_line_that_is_cut_when_something_became_of_users_then_it_is_told_after_a_restart(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=0)

    async def live():
        async with running_site(tmp_path, outbox, owned(terminal)) as site:
            site.line.up = False
            want(site, WantedUser("1", 1))
            await until(lambda: "1" in people_on(terminal))
            assert told(site) == {}
        async with running_site(tmp_path, outbox, owned(terminal)) as site:
            await until(lambda: states(site).get("1") is UserState.THERE)

    run(live())


def test_given_a_terminal_that_is_away_when_it_comes_back_then_it_is_carried_out_then(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=0)

    async def live():
        async with running_site(tmp_path, outbox) as site:
            want(site, *(WantedUser(str(number), 1, name=f"n{number}") for number in range(1, 151)))
            await until(lambda: len(told(site)) == 150)
            assert set(states(site).values()) == {UserState.WAITING}, "the server knows that the edge has it"
        async with running_site(tmp_path, outbox) as site:
            await site.in_force(1, edge_setup(terminal_setup(terminal)))
            await until(lambda: len(people_on(terminal)) == 150)
            await until(lambda: list(states(site).values()).count(UserState.THERE) == 150)
            await site.in_force(2, edge_setup())
            await until(lambda: site.downlink._wanted.standing(SN) == (0, ""))

    run(live())
    with closing(sqlite3.connect(tmp_path / "data" / "wanted.sqlite")) as file:
        assert file.execute("SELECT count(*) FROM wanted").fetchone() == (0,), "of a terminal that is not ours nothing stays"


def test_given_what_a_terminal_cannot_hold_or_has_no_room_for_then_the_reason_is_told_and_it_is_not_hammered(
    tmp_path, outbox, new_terminal, monkeypatch
):
    terminal = new_terminal(users=1)

    async def live():
        async with running_site(tmp_path, outbox, owned(terminal)) as site:
            want(site, WantedUser("1", 1, card="no card"), WantedUser("1234567890123456789012345678901234567890", 1), WantedUser("2", 1))
            await until(lambda: states(site).get("2") is UserState.THERE)
            await until(lambda: states(site).get("1") is UserState.REFUSED)
            assert told(site)["1"].reason == "the terminal cannot hold such a card number"
            assert told(site)["1234567890123456789012345678901234567890"].state is UserState.REFUSED

    run(live())
    with closing(sqlite3.connect(tmp_path / "data" / "wanted.sqlite")) as file:
        rows = dict(file.execute("SELECT user, next_at IS NULL FROM wanted").fetchall())
    assert rows == {"1": 0, "2": 1, "1234567890123456789012345678901234567890": 0}


def test_given_a_terminal_that_only_can_be_read_then_its_users_are_refused_with_advice(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=1)

    async def live():
        async with running_site(tmp_path, outbox, owned(terminal, driver="pyzk")) as site:
            want(site, WantedUser("1", 1))
            await until(lambda: states(site).get("1") is UserState.REFUSED)
            assert "choose zkteco" in told(site)["1"].reason

    run(live())


def test_given_changes_made_at_the_terminal_when_its_users_are_read_then_they_are_mended_and_told(tmp_path, outbox, new_terminal):
    terminal = new_terminal(users=1)

    async def live():
        async with running_site(tmp_path, outbox, owned(terminal)) as site:
            want(site, WantedUser("7", 1, name="seven"))
            await until(lambda: states(site) == {"7": UserState.THERE, "1001": UserState.STRANGER})
            terminal.do(lambda simulator: [simulator.terminal.delete_user(uid) for uid in simulator.terminal.uids()])
            result = await site.obey(order(OrderKind.READ_USERS, terminal=SN))
            assert (result.outcome, result.detail) == (OrderOutcome.DONE, "users: 0")
            await until(lambda: "7" in people_on(terminal))
            await until(lambda: states(site) == {"7": UserState.THERE, "1001": UserState.GONE})

    run(live())


def prints_on(terminal):
    """Fingers by user number."""

    def look(simulator):
        held = simulator.terminal
        return {(held.users[uid].number, place): one.data for (uid, place), one in held.prints.items() if uid in held.users}

    return terminal.do(look)


def finger(place, data, algorithm="zk-10"):
    return Template(Kind.FINGER, place, algorithm, data)


def test_given_templates_that_are_carried_or_erased_when_wanted_then_fingers_come_are_told_to_the_server_only_and_go(
    tmp_path, outbox, new_terminal
):
    terminal = new_terminal(users=2)
    terminal.do(lambda simulator: simulator.terminal.put_print(Fingerprint(simulator.terminal.uid_of("1001"), 3, 1, b"enrolled here" * 20)))
    terminal.do(lambda simulator: simulator.terminal.put_print(Fingerprint(simulator.terminal.uid_of("1002"), 1, 1, b"no business" * 20)))

    async def live():
        async with running_site(tmp_path, outbox) as site:
            await site.in_force(1, edge_setup(terminal_setup(terminal)))
            brought = [finger(6, b"brought" * 60), finger(3, b"older" * 60), finger(7, b"other" * 60, "zk-13")]
            want(site, WantedUser("1001", 1, biometrics=Biometrics.CARRY, templates=brought), WantedUser("1002", 1))
            await until(lambda: states(site) == {"1001": UserState.THERE, "1002": UserState.THERE})
            assert prints_on(terminal) == {
                ("1001", 3): b"enrolled here" * 20,
                ("1001", 6): b"brought" * 60,
                ("1002", 1): b"no business" * 20,
            }
            report = told(site)["1001"]
            assert (report.templates, report.reason) == (["finger-3", "finger-6"], "its templates are of another algorithm")
            (captured,) = site.line.of(Captured)
            found = unwrap(Templates, captured.sealed, SERVER, "captured", EDGE, SN)
            assert [(one.user, one.templates) for one in found.users] == [("1001", [finger(3, b"enrolled here" * 20)])]
            newer = [finger(3, b"newer" * 60), finger(6, b"brought" * 60)]
            want(site, WantedUser("1001", 2, biometrics=Biometrics.CARRY, templates=newer))
            await until(lambda: prints_on(terminal).get(("1001", 3)) == b"newer" * 60)
            want(site, WantedUser("1001", 3, biometrics=Biometrics.ERASE))
            await until(lambda: told(site)["1001"].revision == 3 and states(site)["1001"] is UserState.THERE)
            assert set(prints_on(terminal)) == {("1002", 1)}
            assert len(site.line.of(Captured)) == 1

    run(live())


def test_given_a_terminal_with_faces_when_templates_are_erased_then_the_user_is_brought_anew_because_nothing_else_takes_a_face_away(
    tmp_path, outbox, new_terminal
):
    terminal = new_terminal(users=2, fingers=1, faces=1)

    def uids():
        return terminal.do(lambda simulator: {one.number: one.uid for one in simulator.terminal.users.values()})

    async def live():
        before = uids()
        async with running_site(tmp_path, outbox, owned(terminal)) as site:
            want(site, WantedUser("1001", 1, name="王伟", biometrics=Biometrics.ERASE), WantedUser("1002", 1))
            await until(lambda: states(site).get("1001") is UserState.THERE)
            assert people_on(terminal)["1001"][0] == "王伟"
            assert uids()["1001"] != before["1001"], "the row is another one"
            assert uids()["1002"] == before["1002"]
            assert "1001" not in {number for number, _ in prints_on(terminal)}

    run(live())


def test_given_an_edge_that_is_killed_in_the_middle_of_users_and_templates_when_started_again_then_the_terminal_holds_all_of_them(
    tmp_path, new_terminal
):
    terminal = new_terminal(users=0)
    users = [
        WantedUser(
            str(number), 1, name=f"n{number}", biometrics=Biometrics.CARRY, templates=[finger(number % 10, f"{number:03d}".encode() * 300)]
        )
        for number in range(1, 61)
    ]
    with downlink_file(tmp_path / "data") as file:
        WantedBook(file, VAULT).merge(SN, users, 0)
    words = [sys.executable, "-m", "tests.edge.downlink.carrying_process", str(tmp_path), str(terminal.port)]

    kills, held = 0, 0
    end = time.monotonic() + 240
    while len(prints_on(terminal)) < len(users):
        assert time.monotonic() < end, (kills, len(people_on(terminal)), len(prints_on(terminal)))
        with subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and time.monotonic() < end:
                now = len(people_on(terminal)) + len(prints_on(terminal))
                if len(prints_on(terminal)) == len(users) or (kills < 2 and now > held + 15):
                    break
                time.sleep(0.005)
            held = len(people_on(terminal)) + len(prints_on(terminal))
            process.kill()
            kills += 1

    assert kills >= 2, "it was killed in the middle"
    assert prints_on(terminal) == {(one.user, one.templates[0].place): one.templates[0].data for one in users}
    assert people_on(terminal) == {one.user: (one.name, 0) for one in users}
