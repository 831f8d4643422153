"""The book of wanted users: whatever order messages come in, and however often, the same stands in it."""

import asyncio
import tempfile
from concurrent.futures import wait
from pathlib import Path

from hypothesis import given, settings, strategies as st

from edge.downlink.file import downlink_file
from edge.downlink.users.book import WantedBook
from edge.downlink.users.merge import latest
from edge.downlink.users.outcome import LONGEST, SHORTEST, Outcome, good, next_look
from edge.downlink.users.teller import Teller
from edge.downlink.users.templates import plan
from edge.vault import Vault
from protocol.messages import Reported, UserState
from protocol.wanted import Biometrics, Kind, Template, WantedUser, digest
from tests.edge.collect.conftest import until
from tests.edge.conftest import EDGE
from tests.edge.downlink.conftest import VAULT
from tests.edge.uplink.test_agent import PaperLine

SN = "T-1"
USERS = st.builds(
    lambda user, revision: WantedUser(user, revision, present=revision % 3 != 0, name=f"{user}-{revision}"),
    st.sampled_from("abcde"),
    st.integers(0, 6),
)
MESSAGES = st.lists(st.lists(USERS, max_size=4), max_size=8)


def opened(folder, work, vault=VAULT):
    with downlink_file(Path(folder)) as file:
        book = WantedBook(file, vault)
        book.load()
        return work(book)


@settings(max_examples=40)
@given(MESSAGES, st.randoms(use_true_random=False))
def test_given_any_messages_when_shuffled_repeated_and_cut_by_restarts_then_the_book_is_the_same(messages, chance):
    shuffled = [*messages, *messages[::2]]
    chance.shuffle(shuffled)
    expected = latest(user for message in messages for user in message)

    with tempfile.TemporaryDirectory() as folder:
        for message in shuffled:
            opened(folder, lambda book, message=message: book.merge(SN, message, 100))
        standing, due = opened(folder, lambda book: (book.standing(SN), book.due(SN, 100, 100)))

    assert {user.user: user for user in due} == dict(expected)
    assert standing == ((len(expected), digest((one.user, one.revision) for one in expected.values())) if expected else (0, ""))


def test_given_an_outcome_of_an_earlier_revision_when_settled_then_it_says_nothing_of_the_present_one(tmp_path):
    def work(book):
        book.merge(SN, [WantedUser("1", 1), WantedUser("2", 1)], 100)
        book.merge(SN, [WantedUser("1", 2)], 100)
        book.settle(SN, [good(WantedUser("1", 1)), good(WantedUser("2", 1))], 100)
        return {one.report.user: one.report.state for one in book.untold(10)}, [one.user for one in book.due(SN, 1000, 10)]

    assert opened(tmp_path, work) == ({"1": UserState.WAITING, "2": UserState.THERE}, ["1"])


def test_given_failures_when_settled_then_it_is_tried_later_and_later_and_at_once_where_room_was_made(tmp_path):
    full = Outcome("1", 1, UserState.FAILED, reason="the terminal is full")

    def work(book):
        book.merge(SN, [WantedUser("1", 1), WantedUser("2", 1, present=False)], 0)
        book.settle(SN, [full], 0)
        waits = [[one.user for one in book.due(SN, at, 10)] for at in (SHORTEST - 1, SHORTEST)]
        book.settle(SN, [full], 0)
        waits.append([one.user for one in book.due(SN, 2 * SHORTEST - 1, 10)])
        book.settle(SN, [good(WantedUser("2", 1, present=False))], 10)
        return [*waits, [one.user for one in book.due(SN, 10, 10)]]

    assert opened(tmp_path, work) == [["2"], ["2", "1"], ["2"], ["1"]]
    assert next_look(full, 50, 0) == LONGEST
    assert next_look(good(WantedUser("1", 1)), 0, 0) is None


def test_given_a_report_on_its_way_into_a_line_that_breaks_when_the_next_one_is_open_already_then_it_is_told_again(tmp_path):
    with downlink_file(tmp_path) as file:
        book, line, again = WantedBook(file, VAULT), PaperLine(), []
        teller, note_told = Teller(EDGE, line, book, lambda: b""), book.note_told
        book.merge(SN, [WantedUser("1", 1)], 0)

        async def tell():
            loop = asyncio.get_running_loop()

            def opened_meanwhile(*arguments):
                again.append(asyncio.run_coroutine_threadsafe(teller.tell_again(), loop))
                wait(again, 0.3)  # it is over too early, if it is over now
                note_told(*arguments)

            book.note_told = opened_meanwhile
            await teller.tell()
            await until(again[0].done)

        asyncio.run(tell())

        assert len(line.of(Reported)) == 1
        assert [one.report.user for one in book.untold(10)] == ["1"]


def test_given_users_seen_on_a_terminal_then_who_is_missing_back_or_otherwise_is_due_and_strangers_are_told(tmp_path):
    def work(book):
        wanted = [WantedUser("1", 1), WantedUser("2", 1), WantedUser("3", 1, present=False), WantedUser("4", 1)]
        book.merge(SN, wanted, 0)
        book.settle(SN, [good(one) for one in wanted], 0)
        book.see_users(SN, {"1", "3", "4", "9"}, 100, lambda user: "another name" if user.user == "4" else "")
        reports = {one.report.user: (one.report.state, one.report.reason) for one in book.untold(10)}
        return reports, sorted(one.user for one in book.due(SN, 100, 10)), book.somebody_there(SN)

    reports, due, somebody = opened(tmp_path, work)

    assert reports.pop("1") == (UserState.THERE, "")
    assert reports.pop("4") == (UserState.WAITING, "another name")
    assert reports.pop("9") == (UserState.STRANGER, "")
    assert reports == {"2": (UserState.WAITING, ""), "3": (UserState.WAITING, "")}
    assert (due, somebody) == (["2", "3", "4"], "1")


def test_given_another_key_when_the_book_is_opened_then_what_cannot_be_read_is_forgotten_and_the_digest_says_so(tmp_path):
    opened(tmp_path, lambda book: book.merge(SN, [WantedUser("1", 1)], 0))

    due, standing = opened(tmp_path, lambda book: (book.due(SN, 0, 10), book.standing(SN)), Vault(bytes(range(32))))

    assert (due, standing) == ([], (0, ""))


def finger(place, data, algorithm="zk-10"):
    return Template(Kind.FINGER, place, algorithm, data)


def test_given_templates_wanted_there_and_known_then_new_ones_are_told_older_ones_overwritten_and_others_left_out():
    from hashlib import sha256

    known = {"finger-1": sha256(b"old").digest(), "finger-2": sha256(b"old").digest()}
    there = [finger(1, b"old"), finger(2, b"enrolled here"), finger(3, b"same")]
    wanted = [
        finger(1, b"new"), finger(2, b"new"), finger(3, b"same"), finger(4, b"more"), finger(5, b"x", "zk-13"),
        Template(Kind.FACE, 0, "zk-face-7", b"face"),
    ]  # fmt: skip

    chosen = plan(wanted, there, known, {Kind.FINGER: "zk-10"})

    assert [(one.place, one.data) for one in chosen.bring] == [(1, b"new"), (4, b"more")]
    assert [(one.place, one.data) for one in chosen.tell] == [(2, b"enrolled here")]
    assert chosen.remark == "face templates cannot be brought to this terminal; its templates are of another algorithm"
    assert good(WantedUser("1", 1, biometrics=Biometrics.CARRY)).again_after
