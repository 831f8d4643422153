"""The edge's own page: who may look, what is seen, how a file is handed in."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from edge.collect.files.desk import FileDesk
from edge.collect.files.room import FileState
from edge.collect.intake import take_event
from edge.collect.rows import Origin
from edge.devices.driver import TerminalPunch
from edge.health import HealthBook, TerminalState
from edge.line_trouble import Trouble
from edge.settings import DropFolder, EdgeSettings, PageSettings, ServerAddress
from edge.status_page import StatusPage
from edge.status_page.door import SESSIONS, TRIES, Door, is_this_machine_only, make_password
from edge.status_page.texts import TEXTS
from protocol.messages import Source
from tests.edge.conftest import EDGE

LINE = b"        1\t2026-10-03 08:59:01\t1\t0\t1\t0\r\n"


class Point:
    """A page that is served."""

    def __init__(self, settings, outbox, names=None):
        self.settings, self.outbox = settings, outbox
        self.book = HealthBook(EDGE, outbox, settings.status_file, settings.data_dir / "none.crt")
        self.desk = FileDesk(settings, outbox, ThreadPoolExecutor(1))
        self.page = StatusPage(settings, outbox, self.book, self.desk.room, lambda: False, lambda _, user: (names or {}).get(user, ""))

    async def ask(self, path, body=None, *, own=True, host="127.0.0.1", cookie="", method=None):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.page.port)
        head = [f"{method or ('GET' if body is None else 'POST')} {path} HTTP/1.1", f"Host: {host}"]
        head += [f"Content-Length: {len(body)}"] if body is not None else []
        head += ["X-Edge: 1"] if own and body is not None else []
        head += [f"Cookie: {cookie}"] if cookie else []
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + (body or b""))
        answer = await reader.read()
        writer.close()
        first, _, content = answer.partition(b"\r\n\r\n")
        return int(first.split()[1]), first.decode(), content.decode()


@asynccontextmanager
async def served(tmp_path, outbox, names=None, **page):
    settings = EdgeSettings(
        edge=EDGE,
        data_dir=tmp_path,
        server=ServerAddress(host="localhost"),
        page=PageSettings(**({"port": 0} | page)),
        drop_folders=[DropFolder(path=tmp_path / "usb", terminal_serial="USB-1")],
    )
    point = Point(settings, outbox, names)
    tasks = [asyncio.create_task(point.page.run()), asyncio.create_task(point.desk.run())]
    try:
        async with asyncio.timeout(60):
            while not point.page.port:
                await asyncio.sleep(0.01)
        yield point
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_over(room, name):
    async with asyncio.timeout(60):
        while not room.find(name).over:
            await asyncio.sleep(0.05)
    return room.find(name)


def test_given_an_edge_without_a_line_when_looked_at_then_it_says_how_it_is_and_numbers_are_masked(tmp_path, outbox):
    async def work():
        async with served(tmp_path, outbox, names={"17001": "王芳"}) as point:
            report = point.book.report("<East> gate", "192.0.2.1", "T-1", TerminalState.UNREACHABLE)
            report.drift_ms = 95_000
            point.book.alarm("clock-off-T-1", "drift_ms=95000")
            point.book.line_trouble = Trouble("Nobody listens.", "无应答。")
            for user in ("10234", "17001"):
                punch = TerminalPunch(user, 20261127085800, 15, 0, b"")
                take_event(outbox, punch, Origin("T-1", Source.ZK_LIVE, datetime.now(UTC)))
            return [await point.ask(path) for path in ("/", "/live")], await point.ask("/?lang=en")

    ((status, head, page), (_, _, live)), (redirected, redirect, _) = asyncio.run(work())

    assert (status, redirected) == (200, 303)
    assert "Content-Security-Policy: default-src 'none'" in head
    assert "Set-Cookie: lang=en; Path=/; HttpOnly; SameSite=Strict" in redirect
    for text in (
        "无应答。",
        "考勤机时钟不准。",
        "&lt;East&gt; gate",
        "没有应答：请检查电源和网线",
        "+95.0 秒",
        "••34",
        "王芳",
        "上班",
        "USB-1",
    ):
        assert text in page
    assert "10234" not in page + live
    assert "17001" not in page + live
    assert "<form" not in live, "what somebody types stays when the live part is shown anew"


def test_given_a_file_when_handed_in_then_it_is_looked_at_and_taken_only_when_somebody_says_so(tmp_path, outbox):
    async def work():
        async with served(tmp_path, outbox) as point:
            _, _, answer = await point.ask("/files?name=1_attlog.dat&terminal=USB-1", LINE + b"<b>total 5\r\n" + LINE)
            name = json.loads(answer)["id"]
            looked = await until_over(point.desk.room, name)
            before = outbox.high
            _, _, report = await point.ask(f"/files/{name}", cookie="lang=en")
            took = await point.ask(f"/files/{name}/take", b"")
            taken = await until_over(point.desk.room, name)
            again = await point.ask(f"/files/{name}/take", b"")
            _, _, after = await point.ask(f"/files/{name}/live", cookie="lang=en")
            return looked, before, report, took, taken, again, after

    looked, before, report, took, taken, again, after = asyncio.run(work())

    assert (looked.state, looked.survey.new, before) == (FileState.LOOKED, 1, 0)
    assert "Take it in" in report
    assert "&lt;b&gt;total 5" in report
    assert "export the log again" in report
    assert (took[0], taken.state, taken.appended, taken.quarantined, again[0]) == (204, FileState.TAKEN, 1, 1, 404)
    assert "taken in, 1 new" in after


def test_given_several_device_numbers_when_one_is_chosen_then_the_file_is_looked_at_again(tmp_path, outbox):
    async def work():
        async with served(tmp_path, outbox) as point:
            data = LINE + b"7\t2026-10-03 09:00:00\t2\t0\t1\t0\r\n"
            _, _, answer = await point.ask("/files?name=1_attlog.dat&terminal=USB-1", data)
            name = json.loads(answer)["id"]
            refused = await until_over(point.desk.room, name)
            _, _, page = await point.ask(f"/files/{name}")
            await point.ask(f"/files/{name}/look?device=2", b"")
            chosen = await until_over(point.desk.room, name)
            dropped = [(await point.ask(f"/files/{name}/drop", b""))[0], (await point.ask(f"/files/{name}"))[0]]
            return refused, page, chosen, dropped

    refused, page, chosen, dropped = asyncio.run(work())

    assert refused.state is FileState.REFUSED
    assert f"/files/{refused.id}/look?device=2" in page
    assert (chosen.state, chosen.survey.punches, chosen.survey.left_out) == (FileState.LOOKED, 1, 1)
    assert dropped == [204, 404]


def test_given_requests_that_are_not_of_the_page_then_they_are_refused_and_leave_nothing(tmp_path, outbox):
    async def work():
        async with served(tmp_path, outbox) as point:
            answers = [
                await point.ask("/", host="elsewhere.example"),
                await point.ask("/files?name=x&terminal=USB-1", LINE, own=False),
                await point.ask("/files?name=x&terminal=", LINE),
                await point.ask("/files?name=x&terminal=a%0Ab", LINE),
                await point.ask("/files/../../outbox/take", b""),
                await point.ask("/page.py"),
                await point.ask("/", b"", method="DELETE"),
                await point.ask("/page.css"),
            ]
            elsewhere = [await point.ask(f"{path}?lang=zh") for path in ("//elsewhere.example/", "/\\elsewhere.example/", "/files/x")]
            reader, writer = await asyncio.open_connection("127.0.0.1", point.page.port)
            writer.write(
                b"POST /files?name=x&terminal=USB-1 HTTP/1.1\r\nHost: localhost\r\nX-Edge: 1\r\nContent-Length: 500\r\n\r\n" + LINE
            )
            writer.write_eof()
            assert await reader.read() == b""  # it ended before its length
            writer.close()
            return [status for status, _, _ in answers], point.desk.room.all(), [head for _, head, _ in elsewhere]

    answers, kept, sent_on = asyncio.run(work())

    assert answers == [403, 403, 400, 400, 404, 404, 400, 200]
    assert [head.partition("Location: ")[2].split("\r")[0] for head in sent_on] == ["/elsewhere.example/"] * 2 + ["/files/x"]
    assert kept == []


@pytest.mark.parametrize(("length", "status"), [(2**30, 413), (200 * 1024 * 1024, 507)])
def test_given_a_file_that_is_too_large_for_any_terminal_or_for_the_disk_then_it_is_refused_unread(
    tmp_path, outbox, length, status, monkeypatch
):
    size = outbox.size()
    monkeypatch.setattr(type(outbox), "size", lambda _: type(size)(size.used, size.cap, 100 * 1024 * 1024))

    async def work():
        async with served(tmp_path, outbox) as point:
            reader, writer = await asyncio.open_connection("127.0.0.1", point.page.port)
            target = "POST /files?name=x&terminal=USB-1 HTTP/1.1"
            writer.write(f"{target}\r\nHost: localhost\r\nX-Edge: 1\r\nContent-Length: {length}\r\n\r\n".encode())
            answer = await reader.read()
            writer.close()
            return int(answer.split()[1])

    assert asyncio.run(work()) == status


def test_given_a_password_when_somebody_comes_then_nothing_is_seen_without_it(tmp_path, outbox):
    password = make_password(tmp_path / "page.password")

    async def work():
        async with served(tmp_path, outbox, host="0.0.0.0") as point:
            closed = [await point.ask("/"), await point.ask("/live"), await point.ask("/files?name=x&terminal=USB-1", LINE)]
            wrong = await point.ask("/sign-in", b"letmein")
            status, head, _ = await point.ask("/sign-in", password.encode())
            cookie = head.split("Set-Cookie: ")[1].split(";")[0]
            inside = await point.ask("/", cookie=cookie)
            out = await point.ask("/sign-out", b"", cookie=cookie)
            outside = await point.ask("/", cookie=cookie)
            for _ in range(TRIES):
                await point.ask("/sign-in", b"guess")
            often = await point.ask("/sign-in", password.encode())
            return [one[0] for one in closed], closed[0][2], wrong[0], status, inside, out[0], outside[0], often[0]

    closed, page, wrong, status, inside, out, outside, often = asyncio.run(work())

    assert (closed, wrong, status, inside[0], out, outside, often) == ([401, 401, 401], 401, 204, 200, 204, 401, 429)
    assert "考勤终端" not in page
    assert "退出" in inside[2]
    assert password not in (tmp_path / "page.password").read_text()


def test_given_no_password_when_the_page_is_set_to_the_network_then_it_stays_closed_with_an_alarm(tmp_path, outbox):
    settings = EdgeSettings(edge=EDGE, data_dir=tmp_path, server=ServerAddress(host="x"), page=PageSettings(host="0.0.0.0", port=0))
    point = Point(settings, outbox)

    async def work():
        task = asyncio.create_task(point.page.run())
        async with asyncio.timeout(60):
            while not point.book._alarm_notes():
                await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(work())

    assert point.page.port == 0
    assert point.book._alarm_notes() == ["page-closed: 0.0.0.0:0"]


def test_given_a_new_password_then_sessions_of_the_old_one_end_and_their_number_is_bounded(tmp_path):
    file = tmp_path / "page.password"
    door = Door(file, "0.0.0.0")
    assert (door.may_open, door.asks, door.knows("")) == (False, True, False)
    first = door.enter(make_password(file), "a")
    assert door.knows(first)

    second = make_password(file)

    assert not door.knows(first)
    token = door.enter(f" {second} ", "a")
    door._sessions |= {f"other {number}": door._sessions[token] for number in range(SESSIONS)}
    door.enter(second, "a")
    assert len(door._sessions) == SESSIONS
    assert [is_this_machine_only(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.0.2.1", "gate")] == [True] * 3 + [
        False
    ] * 3


def test_given_the_texts_of_the_page_then_each_is_there_in_both_languages():
    assert all(english and chinese and english != chinese for english, chinese in TEXTS.values())
