"""A station on simulated parts: from finger or card to a row in the outbox, the page and the door."""

import asyncio
import json
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from edge.devices.serial.relay.door import DoorRelay
from edge.devices.serial.simulator import CardPort, ModuleModel, ModulePort, RelayPort
from edge.devices.serial.simulator.module import features_of
from edge.devices.serial.zfm import module as module_file
from edge.devices.serial.zfm.module import FingerprintModule
from edge.health import HealthBook
from edge.outbox import Outbox
from edge.settings import EdgeSettings, ServerAddress, StationSettings
from edge.station import desk as desk_file, parts as parts_file, station as station_file
from edge.station.book import Person
from edge.station.station import Station
from protocol import codec
from protocol.identifiers import EdgeId
from protocol.messages import Source
from tests.edge.collect.conftest import until

EDGE = EdgeId("site-a")
WANG, LI = Person("0101", "王芳"), Person("102", "Li")
CARD = 3087675


class Point:
    """Parts, outbox and station of one test."""

    def __init__(self, tmp_path, stack):
        self.module = stack.enter_context(ModulePort(ModuleModel(has_light=True)))
        self.cards = stack.enter_context(CardPort())
        self.relay = stack.enter_context(RelayPort())
        self.outbox = stack.enter_context(Outbox(tmp_path / "outbox.db", EDGE))
        self.settings = EdgeSettings(
            edge=EDGE,
            data_dir=tmp_path,
            server=ServerAddress(host="localhost"),
            station=StationSettings(
                serial="DOOR-1", name="East door", direction="in", fingerprint=self.module.port, card_reader=self.cards.port,
                relay=self.relay.port, pulse_seconds=0.2, page_port=0, language="en",
            ),
        )  # fmt: skip
        self.health = HealthBook(EDGE, self.outbox, tmp_path / "status.json", tmp_path / "none.crt")
        self.station = Station(self.settings, self.settings.station, self.outbox, self.health)
        self.book, self.desk = self.station.book, self.station.desk
        self.book.make()

    def rows(self):
        return [codec.decode_row(body) for body in self.outbox.read(self.outbox.low or 1, 1000, 1 << 20).bodies]

    async def ask(self, head, body=b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.station.page_port)
        writer.write(head.encode() + b"\r\n\r\n" + body)
        answer = await reader.read()
        writer.close()
        status, _, rest = answer.partition(b"\r\n")
        return int(status.split()[1]), rest.partition(b"\r\n\r\n")[2]

    async def now(self):
        _, body = await self.ask(f"GET /now HTTP/1.1\r\nHost: 127.0.0.1:{self.station.page_port}")
        return json.loads(body)

    async def answer(self, wish, agrees, header="X-Station: 1"):
        body = json.dumps({"wish": wish, "agrees": agrees}).encode()
        head = f"POST /answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{header}"
        return (await self.ask(head, body))[0]


@pytest.fixture
def point(tmp_path, monkeypatch):
    monkeypatch.setattr(parts_file, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(parts_file, "WISH_SECONDS", 0.05)
    monkeypatch.setattr(parts_file, "SHOW_END_SECONDS", 0.3)
    monkeypatch.setattr(parts_file, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(parts_file, "REFUSED_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(station_file, "REPORT_SECONDS", 0.05)
    monkeypatch.setattr(desk_file, "SHOWN_SECONDS", 3600)
    monkeypatch.setattr(module_file, "ANSWER_SECONDS", 60)
    monkeypatch.setattr(module_file, "LOOK_SECONDS", 60)
    with ExitStack() as stack:
        yield Point(tmp_path, stack)


@asynccontextmanager
async def at_work(point):
    task = asyncio.create_task(point.station.run())
    try:
        await until(lambda: point.station.page_port and not point.station._trouble())
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def lay(point, finger, wanted):
    """Lay a finger on until what is wanted has come of it, and take it off until the station has seen that too."""
    point.module.lay(finger)
    await until(wanted)
    point.module.lay(None)
    await until(lambda: point.module.model._image is None)


async def step(point, wish, wanted):
    await until(lambda: point.book.step_of(wish)[0].split()[0] == wanted)


async def enrol(point, user, finger, paper="folder 7"):
    wish = point.book.wish(user, paper)
    await step(point, wish, "first")
    point.module.lay(finger)
    await step(point, wish, "lift")
    point.module.lay(None)
    await step(point, wish, "second")
    point.module.lay(finger)
    await until(lambda: point.desk.enrolment() is None)  # the finger is still there, and no punch
    point.module.lay(None)
    await until(lambda: point.module.model._image is None)
    return point.book.step_of(wish)[0]


def test_given_a_card_when_held_then_the_punch_is_kept_the_page_says_so_and_the_door_opens_and_closes(point):
    point.book.put(WANG)
    point.book.give_card(WANG.user, CARD)

    async def work():
        async with at_work(point):
            assert (await point.now())["mode"] == "waiting"
            point.cards.hold(CARD)
            await until(lambda: len(point.rows()) == 1)
            await until(lambda: point.relay.changes == [(1, True), (1, False)])
            await until(point.desk.line)
            shown = await point.now()
            await until(lambda: point.station._report.state == "listening")
            return shown, await point.health.health()

    shown, health = asyncio.run(work())
    (row,) = point.rows()
    assert (row.terminal, row.user, row.source, row.verify, row.state, row.doubt) == ("DOOR-1", "0101", Source.STATION, 4, 0, None)
    assert row.raw == b"card ******7675"
    assert (shown["name"], shown["time"], shown["text"]) == ("王芳", row.wall[11:16], "in")
    (told,) = health.terminals
    assert (told.serial, told.state, told.appended) == ("DOOR-1", "listening", 1)


def test_given_a_card_that_nobody_has_when_held_then_it_is_kept_for_a_person_to_resolve_and_the_door_stays_shut(point):
    async def work():
        async with at_work(point):
            point.cards.hold(77)
            await until(lambda: len(point.rows()) == 1 and point.desk.line())
            assert (await point.now())["word"] == "unknown"

    asyncio.run(work())
    (row,) = point.rows()
    assert (row.user, row.doubt) == ("card:0000000077", "no one has this card at the station")
    assert point.relay.changes == []


def test_given_a_finger_when_enrolled_and_laid_on_then_it_is_one_punch_and_erased_when_the_person_withdraws(point):
    point.book.put(WANG)
    point.book.put(LI)

    async def work():
        async with at_work(point):
            assert await enrol(point, WANG.user, "wang-left") == "done"
            assert point.rows() == []
            assert len(point.module.model.templates) == 1
            await lay(point, "somebody", lambda: point.module.model.lights)
            await lay(point, "wang-left", lambda: len(point.module.model.lights) == 2)
            assert len(point.rows()) == 1
            assert [light[2] for light in point.module.model.lights] == [1, 2], "red: nobody has it"

            wish = point.book.wish(LI.user, "folder 8")
            await step(point, wish, "first")
            point.module.lay("wang-left")
            await step(point, wish, "known-finger")
            point.module.lay(None)

            point.book.withdraw(WANG.user)
            await until(lambda: not point.module.model.templates and not point.book.to_erase())

    asyncio.run(work())
    (row,) = point.rows()
    assert (row.user, row.verify) == ("0101", 1)
    assert row.raw == b"finger page=0 score=180"
    assert not point.book.has_agreed(WANG.user)


def test_given_no_consent_on_paper_when_the_person_refuses_at_the_page_then_nothing_is_taken_and_when_agreeing_it_is(point):
    point.book.put(WANG)

    async def work():
        async with at_work(point):
            wish = point.book.wish(WANG.user, "")
            await step(point, wish, "consent")
            point.module.lay("wang-left")
            shown = await point.now()
            assert (shown["mode"], shown["step"], shown["wish"]) == ("enrol", "consent", wish)
            assert await point.answer(wish, True, header="Origin: http://elsewhere.example") == 403
            assert await point.answer(wish - 1, True) == 204
            assert await point.answer("x", True) == 400
            assert await point.answer(wish, False) == 204
            await step(point, wish, "refused")
            assert not point.book.has_agreed(WANG.user)
            point.module.lay(None)

            again = point.book.wish(WANG.user, "")
            await step(point, again, "consent")
            assert await point.answer(again, True) == 204
            await step(point, again, "first")

    asyncio.run(work())
    assert point.module.model.templates == {}
    assert point.book.has_agreed(WANG.user)


def test_given_a_reader_pulled_out_and_the_outbox_full_then_the_page_and_the_report_say_so(point, monkeypatch):
    point.book.put(WANG)
    point.book.give_card(WANG.user, CARD)

    def refuse(*_):
        raise desk_file.OutboxError("full", "满")

    async def work():
        async with at_work(point):
            monkeypatch.setattr(desk_file, "take_event", refuse)
            point.cards.hold(CARD)
            await until(lambda: point.desk.line() is not None)
            assert point.desk.line().word == "failed"
            await until(lambda: point.relay.changes)  # nobody is locked out by a full disk
            point.cards.unplug()
            await until(lambda: "look at the plug" in " ".join(point.station._trouble()) or "no port" in " ".join(point.station._trouble()))
            point.desk._line = None  # it has been shown long enough
            assert (await point.now())["mode"] == "trouble"

    asyncio.run(work())


def test_given_a_clock_that_went_back_when_somebody_comes_then_the_punch_asks_for_a_person(point):
    point.book.put(WANG)
    point.book.give_card(WANG.user, CARD)
    assert point.book.note_punch(datetime.now(UTC) + timedelta(hours=5))

    point.desk.card_came(CARD)

    (row,) = point.rows()
    assert row.doubt == "the clock of the station went back"


def test_given_what_is_no_request_of_the_page_when_sent_then_it_is_refused_and_nothing_hangs(point):
    async def work():
        async with at_work(point):
            own = f"Host: 127.0.0.1:{point.station.page_port}"
            assert [
                (await point.ask(f"GET / HTTP/1.1\r\n{own}"))[0],
                (await point.ask(f"GET /station.js HTTP/1.1\r\n{own}"))[0],
                (await point.ask(f"GET /../book.py HTTP/1.1\r\n{own}"))[0],
                (await point.ask("GET / HTTP/1.1\r\nHost: elsewhere.example"))[0],
                (await point.ask(f"PUT / HTTP/1.1\r\n{own}"))[0],
                (await point.ask(f"POST /answer HTTP/1.1\r\n{own}\r\nX-Station: 1\r\nContent-Length: 99999"))[0],
            ] == [200, 200, 404, 403, 400, 403]
            reader, writer = await asyncio.open_connection("127.0.0.1", point.station.page_port)
            writer.write(b"x" * 20_000)
            assert await reader.read() == b""
            writer.close()

    asyncio.run(asyncio.wait_for(work(), 60))


def test_given_another_module_in_its_place_when_a_finger_is_laid_on_then_it_names_nobody_until_a_person_says_that_it_stays(point):
    point.book.put(WANG)
    point.book.put(LI)
    ours = point.module.model

    async def work():
        async with at_work(point):
            assert await enrol(point, WANG.user, "wang-left") == "done"

            # another module behind the same adapter, with a stranger's finger at the same place
            others = ModuleModel(has_light=True, templates={0: features_of("stranger") * 2})
            point.module.model = others
            point.module.lay("stranger")
            await until(lambda: "another fingerprint module" in " ".join(point.station._trouble()))
            point.module.lay(None)
            assert (await point.now())["mode"] == "trouble"
            assert point.rows() == []

            point.module.model = ours
            await until(lambda: not point.station._trouble())
            await lay(point, "wang-left", lambda: len(point.rows()) == 1)

            point.module.model = others
            point.module.lay("wang-left")
            await until(lambda: "another fingerprint module" in " ".join(point.station._trouble()))
            point.module.lay(None)
            assert point.book.take_new_module() == 1
            await until(lambda: not point.station._trouble())
            assert others.templates == {}
            assert await enrol(point, LI.user, "li-left") == "done"
            await lay(point, "li-left", lambda: len(point.rows()) == 2)

    asyncio.run(work())


def test_given_a_module_without_a_notepad_or_one_from_before_marks_then_it_is_taken_as_it_is(point):
    point.book.put(WANG)
    point.module.model.notes = None

    async def work():
        async with at_work(point):
            assert await enrol(point, WANG.user, "wang-left") == "done"
            assert point.book.module_mark() is None
        point.module.model.notes = {}
        async with at_work(point):
            await lay(point, "wang-left", lambda: len(point.rows()) == 1)

    asyncio.run(work())
    assert point.module.model.notes == {15: point.book.module_mark()}


def test_given_another_module_that_is_said_to_stay_while_it_is_looked_at_then_it_is_emptied_all_the_same(point, monkeypatch):
    point.module.model.templates[0] = features_of("stranger") * 2
    point.book.keep_module_mark(b"of the one before")
    read_note, said = FingerprintModule.read_note, []

    def read_meanwhile(module, page):
        note = read_note(module, page)
        if not said:
            said.append(point.book.take_new_module())
        return note

    monkeypatch.setattr(FingerprintModule, "read_note", read_meanwhile)

    async def work():
        async with at_work(point):
            assert point.module.model.templates == {}

    asyncio.run(work())
    assert point.module.model.notes == {15: point.book.module_mark()}


def test_given_another_module_without_a_notepad_that_is_said_to_stay_then_it_is_emptied_once(point):
    point.book.put(WANG)
    point.module.model.notes = None
    point.module.model.templates[0] = features_of("stranger") * 2
    point.book.take_new_module()

    async def work():
        async with at_work(point):
            assert point.module.model.templates == {}
            assert await enrol(point, WANG.user, "wang-left") == "done"
        async with at_work(point):
            await lay(point, "wang-left", lambda: len(point.rows()) == 1)

    asyncio.run(work())


def test_given_a_beeper_on_the_relay_when_somebody_comes_then_it_is_short_for_who_is_known_and_long_for_others(point):
    point.station._settings = point.settings.station.model_copy(update={"beeper_channel": 2})
    point.station._door = door = DoorRelay(point.relay.port, 1, 2)
    point.book.put(WANG)
    point.book.give_card(WANG.user, CARD)
    asked, pulse = [], door.pulse
    door.pulse = lambda seconds, channel=0: (asked.append((channel, seconds)), pulse(seconds, channel))[1]

    async def work():
        async with at_work(point):
            await until(lambda: door.ready)
            point.cards.hold(CARD)
            await until(lambda: len(point.relay.changes) == 4)
            point.cards.hold(77)
            await until(lambda: len(point.relay.changes) == 6)

    asyncio.run(work())
    assert asked == [(0, 0.2), (2, 0.15), (2, 0.8)]
    assert set(point.relay.changes[:4]) == {(1, True), (1, False), (2, True), (2, False)}
    assert point.relay.changes[4:] == [(2, True), (2, False)], "the door stays shut"
