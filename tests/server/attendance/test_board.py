"""The live board: its sites, the one look for all listeners, and the stream as a browser gets it from a real server."""

import asyncio
import http.client
import re
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
import uvicorn

from protocol.messages import Health
from server.access.model import PERMISSIONS, Permission, Role
from server.attendance.pages import board, feed
from server.attendance.pages.feed import BoardFeed
from server.fleet.actions import add_site, change_edge_state, record_cut, record_health
from server.fleet.model import EdgeState
from server.storage import DatabaseUnreachableError
from server.web import shell as shell_module
from server.web.app import create_app
from tests.server.attendance.conftest import DAY, MOMENT, ROUTERS
from tests.support.company import NOW, TESTER
from tests.support.pages import Reader, browse


def tell_health(database, company, at):
    with database.writing() as uow:
        record_health(uow, company.edge, Health(edge="edge-hq", at=at, version="0.1.0", queue_depth=0), at)


class TestSites:
    def test_show_how_many_of_their_people_have_punched(self, record, visit):
        record((20261123085800, "1"), (20261123085900, "1"), (20261122085800, "2"))

        assert "<strong>1<small> / 3</small></strong>" in visit().get("/board").text

    @pytest.mark.parametrize(
        ("heard", "cut", "words"),
        [(None, False, "never heard of"), (60, False, "connected"), (121, False, "not heard of"), (60, True, "line cut")],
    )
    def test_say_how_they_are_heard_of(self, database, company, visit, heard, cut, words):
        if heard is not None:
            tell_health(database, company, MOMENT - timedelta(seconds=heard))
        if cut:
            with database.writing() as uow:
                record_cut(uow, company.edge, MOMENT)

        page = visit().get("/board").text

        assert f">{words}</span>" in page
        assert ("Punches may wait there." in page) == (words != "connected")
        assert ("last heard of 11-23 09:0" in page) == (words in ("not heard of", "line cut"))

    @pytest.mark.parametrize("state", [EdgeState.REPLACED, EdgeState.REVOKED])
    def test_do_not_wait_for_an_edge_that_is_gone(self, database, company, visit, state):
        with database.writing() as uow:
            change_edge_state(uow, "edge-hq", state, TESTER, NOW)

        page = visit().get("/board").text

        assert "no edge yet" in page
        assert "Punches may wait there." not in page

    def test_have_a_sum_when_they_are_several(self, database, company, visit):
        from server.directory.actions import add_person

        assert "All sites" not in visit().get("/board").text
        with database.writing() as uow:
            plant = add_site(uow, "plant", "苏州工厂", "Asia/Shanghai", TESTER, NOW)
            add_person(uow, "A9", "赵六", TESTER, NOW, site_id=plant.id)

        page = visit().get("/board").text
        assert "All sites" in page
        assert "<strong>0<small> / 4</small></strong>" in page


def test_says_what_will_come_when_there_is_nothing(company, visit):
    assert "No punches yet. They appear here by themselves" in visit().get("/board").text


def test_carries_no_script_or_style_inside(record, visit):
    record((20261123085800, "1"))

    page = visit().get("/board").text

    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", page)


class CountingFeed(BoardFeed):
    """Counts its looks, and fails while it is told to."""

    def __init__(self, database):
        super().__init__(database, lambda: DAY)
        self.looks, self.begins, self.failing = 0, 0, None

    def _begin(self):
        self.begins += 1
        return super()._begin()

    def _look(self, cursor):
        self.looks += 1
        if self.failing:
            raise self.failing
        return super()._look(cursor)

    async def another_look(self):
        """Wait for one that begins from now on: those before it are over then."""
        before = self.looks
        while self.looks == before:
            await asyncio.sleep(0.01)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(feed, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(feed, "FIGURES_SECONDS", 60.0)


class TestFeed:
    def test_looks_once_for_listeners_that_come_in_one_moment(self, database, company, quick):
        async def play():
            watched = CountingFeed(database)

            async def listen():
                async with watched.listening():
                    while watched.looks < 10:
                        await asyncio.sleep(0.01)

            started = time.monotonic()
            await asyncio.gather(*(listen() for _ in range(10)))
            return watched, time.monotonic() - started

        watched, seconds = asyncio.run(play())

        assert watched.begins == 1
        assert watched.looks <= seconds / 0.02 + 1

    def test_stops_when_nobody_listens_and_begins_anew(self, database, company, quick):
        async def play():
            watched = CountingFeed(database)
            async with watched.listening():
                await watched.another_look()
            looks = watched.looks
            await asyncio.sleep(0.2)
            resting = watched.looks
            async with watched.listening():
                pass
            async with asyncio.timeout(240):
                while len(asyncio.all_tasks()) > 1:
                    await asyncio.sleep(0)
            return looks, resting, watched.begins

        looks, resting, begins = asyncio.run(play())

        assert resting <= looks + 1
        assert begins == 2

    def test_tells_everybody_each_punch_once_whoever_came_and_went(self, database, company, record, quick):
        async def play():
            watched, heard = CountingFeed(database), {}

            async def listen(name, seconds, least=0):
                async with watched.listening() as (latest, queue):
                    seen = heard[name] = [line.terminal_user for line in latest]
                    while len(seen) < least:
                        seen += [line.terminal_user for line in (await queue.get()).punches]
                    with suppress(TimeoutError):
                        async with asyncio.timeout(seconds):
                            while news := await queue.get():
                                seen += [line.terminal_user for line in news.punches]

            async def punch():
                for number in range(40):
                    await asyncio.to_thread(record, (20261123080000 + number, str(number)))
                    await asyncio.sleep(0.01)

            async def come_and_go():
                for number in range(15):
                    await listen(f"short {number}", 0.03)

            async with asyncio.timeout(240):
                await asyncio.gather(listen("long", 0.2, least=40), punch(), come_and_go())
            await listen("late", 0.1)
            return heard

        heard = asyncio.run(play())

        everything = [str(number) for number in range(40)]
        assert heard["long"] == everything
        assert heard["late"] == everything
        assert all(seen == everything[: len(seen)] for seen in heard.values())

    def test_ends_a_listener_that_reads_no_more_and_no_other(self, database, company, record, quick, monkeypatch):
        monkeypatch.setattr(feed, "MOST_BEHIND", 2)

        async def play():
            watched = CountingFeed(database)
            async with watched.listening() as (_, deaf), watched.listening() as (_, well):
                got = []
                for number in range(4):
                    await asyncio.to_thread(record, (20261123080000 + number, "1"))
                    async with asyncio.timeout(240):
                        got.append(await well.get())
                return deaf.get_nowait(), deaf.empty(), got

        ended, nothing_else, got = asyncio.run(play())

        assert (ended, nothing_else) == (None, True)
        assert None not in got

    def test_goes_on_where_it_was_when_the_database_was_away(self, database, company, record, quick):
        async def play():
            watched = CountingFeed(database)
            async with watched.listening() as (_, queue):
                watched.failing = DatabaseUnreachableError(detail="away")
                await watched.another_look()
                await asyncio.to_thread(record, (20261123080000, "1"))
                await watched.another_look()
                assert queue.empty()
                watched.failing = None
                async with asyncio.timeout(240):
                    return await queue.get()

        assert [line.terminal_user for line in asyncio.run(play()).punches] == ["1"]

    def test_ends_all_listeners_when_it_fails_itself_and_begins_anew_for_the_next(self, database, company, quick):
        async def play():
            watched = CountingFeed(database)
            async with watched.listening() as (_, queue):
                watched.failing = RuntimeError("a fault of ours")
                async with asyncio.timeout(240):
                    ended = await queue.get()
                watched.failing = None
                async with watched.listening():
                    return ended, watched.begins

        assert asyncio.run(play()) == (None, 2)

    def test_does_not_let_punches_wait_for_figures(self, database, company, record, quick, monkeypatch):
        counting, counted = threading.Event(), threading.Event()

        def count_until_told(*_):
            counting.set()
            counted.wait()

        monkeypatch.setattr(feed, "FIGURES_SECONDS", 0.01)
        monkeypatch.setattr(feed, "figures_of", count_until_told)

        async def play():
            async with CountingFeed(database).listening() as (_, queue):
                try:
                    await asyncio.to_thread(counting.wait, 240)
                    await asyncio.to_thread(record, (20261123080000, "1"))
                    async with asyncio.timeout(240):
                        return await queue.get()
                finally:
                    counted.set()

        assert len(asyncio.run(play()).punches) == 1


@dataclass
class Stream:
    """An open stream; `next` gives the following event by name, skipping others."""

    connection: http.client.HTTPConnection
    answer: http.client.HTTPResponse
    comments: list[str] = field(default_factory=list)

    def event(self):
        """(name, data); None at the end of the stream."""
        name, data = "", []
        while line := self.answer.readline().decode():
            line = line.rstrip("\n")
            if line.startswith(":"):
                self.comments.append(line)
            elif line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and name:
                return name, "\n".join(data)
        return None

    def next(self, wanted, seconds=240):
        ends_at = time.monotonic() + seconds
        while (found := self.event()) and time.monotonic() < ends_at:
            if found[0] == wanted:
                return found[1]
        raise AssertionError(f"the stream ended, or {seconds} s passed, before {wanted}")


@contextmanager
def serving(application):
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="error", lifespan="off", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def serve(database):
    """Serve the pages for a while: `with serve() as (application, listen)`; `listen(address)` opens a stream of a reader."""
    readers = {name: Reader(frozenset(map(str, PERMISSIONS[role]))) for name, role in (("hr", Role.HR), ("it", Role.IT))}
    readers["technician"] = Reader(frozenset({Permission.SEE_FLEET}))

    @contextmanager
    def start():
        shell = browse(database, ROUTERS, None).client.app.state.shell
        application = create_app(shell, lambda request: readers[request.headers["x-reader"]], ROUTERS, tls=False)
        application.state.database = database
        opened = []
        with serving(application) as port:

            def listen(address="/board/events", language="en", reader="hr"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=240)
                connection.request("GET", address, headers={"accept-language": language, "x-reader": reader})
                opened.append(connection)
                stream = Stream(connection, connection.getresponse())
                opened.append(stream.answer)
                return stream

            try:
                yield application, listen
            finally:
                for one in opened:
                    one.close()

    return start


def ids_of(html):
    return re.findall(r'data-id="(\d+)"', html)


class TestStream:
    def test_begins_with_the_rows_and_tells_a_punch_within_a_second_of_its_commit(self, company, record, serve):
        record((20261123085800, "1"), (20261123085900, "2"))
        with serve() as (_, listen):
            stream = listen()
            assert stream.answer.getheader("content-type").startswith("text/event-stream")
            first = stream.next("rows")

            record((20261123090000, "3"))
            came = stream.next("punches")

            def seconds_of_a_punch(number):
                record((20261123090100 + number, "3"))
                committed = time.monotonic()
                stream.next("punches")
                return time.monotonic() - committed

            soon = any(seconds_of_a_punch(number) < 1 for number in range(40))  # a machine may stall, and not always

        assert ["A1" in first, "A2" in first, first.index("A2") < first.index("A1")] == [True, True, True]
        assert "张敏 <small>A3</small>" in came
        assert came.startswith("<tr ")
        assert soon

    @pytest.mark.parametrize("order", [("hr", "it"), ("it", "hr")])
    def test_names_people_to_those_who_may_see_them_and_nobody_to_those_beside_them(self, company, record, serve, order):
        record((20261123085800, "1"))
        with serve() as (_, listen):
            streams = {reader: listen(reader=reader) for reader in order}
            told = {reader: stream.next("rows") for reader, stream in streams.items()}
            record((20261123090000, "3"))
            told = {reader: told[reader] + streams[reader].next("punches") for reader in order}

        assert {"王伟", "张敏", "A1", "A3"} <= set(re.findall("王伟|张敏|A1|A3", told["hr"]))
        assert re.findall("王伟|张敏|A1|A3|研发部|/people", told["it"]) == []
        assert ids_of(told["hr"]) == ids_of(told["it"])

    def test_is_rendered_once_for_all_who_read_the_same(self, company, record, serve, monkeypatch):
        rendered = []
        plain = shell_module.Shell.render
        with serve() as (_, listen):
            streams = [listen() for _ in range(5)] + [listen(language="zh")]
            for stream in streams:
                stream.next("rows")
            monkeypatch.setattr(shell_module.Shell, "render", lambda *a, **k: rendered.append(a[2]) or plain(*a, **k))
            record((20261123090000, "3"))
            told = [stream.next("punches") for stream in streams]

        assert len(set(told[:5])) == 1
        assert "实时" in told[5]
        assert rendered.count("attendance/board_rows.html") == 2

    def test_tells_of_one_site_only_and_begins_with_its_own_punches_however_old(self, database, company, record, serve):
        from server.fleet.actions import add_terminal

        with database.writing() as uow:
            plant = add_site(uow, "plant", "苏州工厂", "Asia/Shanghai", TESTER, NOW)
            company.terminals["T3"] = add_terminal(uow, "T3", "厂门", "plant", TESTER, NOW).id
        record((20261101085800, "1"), terminal="T3")
        record(*((20261123080000 + number, "1") for number in range(60)))
        with serve() as (_, listen):
            stream = listen(f"/board/events?site={plant.id}")
            first = stream.next("rows")
            record((20261123090000, "2"))
            record((20261123090001, "3"), terminal="T3")
            came = stream.next("punches")

        assert len(ids_of(first)) == 1
        assert ids_of(came) != ids_of(first)
        assert "苏州工厂" in came
        assert "上海总部" not in came

    def test_shows_at_most_fifty_at_the_beginning(self, company, record, serve):
        record(*((20261123080000 + number, "1") for number in range(60)))
        with serve() as (_, listen):
            assert len(ids_of(listen().next("rows"))) == 50

    def test_counts_sites_anew(self, company, record, serve, monkeypatch):
        monkeypatch.setattr(feed, "FIGURES_SECONDS", 0.05)
        with serve() as (_, listen):
            stream = listen()
            assert "/ 3</small>" in stream.next("sites")

    def test_beats_for_proxies_and_pages_while_nothing_happens(self, company, serve, monkeypatch):
        monkeypatch.setattr(board, "HEARTBEAT_SECONDS", 0.1)
        with serve() as (_, listen):
            stream = listen()
            stream.next("beat")
            assert stream.comments == [": still here"]

    def test_sends_for_a_new_stream_after_a_while_so_that_permissions_are_looked_at_again(self, company, serve, monkeypatch):
        monkeypatch.setattr(board, "LASTS_SECONDS", 0.3)
        with serve() as (_, listen):
            stream = listen()
            stream.next("again")
            assert stream.event() is None

    def test_leaves_nothing_behind_when_the_browser_goes_and_holds_nobody_up(self, company, record, serve):
        with serve() as (application, listen):
            streams = [listen() for _ in range(20)]
            for stream in streams:
                stream.next("rows")
            watched = application.state.board_feed
            assert watched.listeners == 20
            for stream in streams:
                stream.answer.close()
                stream.connection.close()
            ends_at, users = time.monotonic() + 240, count(1)
            while watched.listeners and time.monotonic() < ends_at:
                record((20261123090000, str(next(users))))
                time.sleep(0.2)
            assert watched.listeners == 0

    def test_ends_quietly_when_the_database_is_away_at_the_beginning(self, company, serve, monkeypatch):
        def away(*_args):
            raise DatabaseUnreachableError(detail="away")

        monkeypatch.setattr(BoardFeed, "_begin", away)
        with serve() as (_, listen):
            assert listen().event() is None

    def test_needs_the_permission_to_see_punches(self, company, serve):
        with serve() as (_, listen):
            assert listen(reader="technician").answer.status == 403
