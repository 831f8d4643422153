"""A clock-in point built from parts, through a whole edge to the server: six weeks without a line, then a card of this moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.devices.serial.cards.numbers import CardNumber
from edge.devices.serial.simulator import CardPort
from edge.outbox import Outbox
from edge.station import desk as desk_file
from edge.station.book import Person, StationBook
from edge.station.desk import Desk
from protocol.identifiers import EdgeId, TerminalSerial
from server.fleet import actions as fleet
from tests.support.company import NOW, TESTER
from tests.support.world import World

DOOR, WEEKS, USERS = TerminalSerial("DOOR-1"), 6, 12
TIMES = (timedelta(hours=9), timedelta(hours=12), timedelta(hours=13), timedelta(hours=18))


def test_given_weeks_without_a_line_when_it_is_back_then_all_that_was_punched_is_at_the_server_and_a_card_held_now(tmp_path, monkeypatch):
    with World(tmp_path, users=USERS) as world, CardPort() as cards:
        site = world.add_site("edge-a")
        with world.database.writing() as uow:
            fleet.add_terminal(uow, DOOR, "East door", "edge-a", TESTER, NOW)
        site.kit.write_text(
            site.kit.read_text() + f'\n[station]\nserial = "{DOOR}"\nname = "East door"\ncard_reader = "{cards.port}"\npage_host = ""\n'
        )
        data = site.kit.parent / "data"
        book = StationBook(data / "station.db")
        book.make()
        for number in range(1001, 1001 + USERS):
            book.put(Person(str(number), "人"))
            book.give_card(str(number), CardNumber(number))
        punches = weeks_alone(book, data, monkeypatch)

        world.server.start()
        site.part.start()
        world.until(lambda: world.admitted().get(DOOR) == punches, "six weeks of punches")
        cards.hold(1001)
        world.until(lambda: world.admitted().get(DOOR) == punches + 1, "the card of this moment")


def weeks_alone(book: StationBook, data, monkeypatch) -> int:
    """What the station's desk keeps while its clock goes through weeks; gives how many people came."""
    clock = began = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(weeks=WEEKS)

    class Clock(datetime):
        @classmethod
        def now(cls, zone=None):
            return clock

    came = 0
    with Outbox(data / "outbox.db", EdgeId("edge-a")) as outbox, monkeypatch.context() as moved:
        moved.setattr(desk_file, "datetime", Clock)
        desk = Desk(DOOR, ZoneInfo("Asia/Shanghai"), "none", book, outbox)
        for day in range(WEEKS * 7):
            for at in TIMES:
                for number in range(USERS):
                    clock = began + timedelta(days=day, seconds=number) + at
                    desk.card_came(CardNumber(1001 + number))
                    came += 1
        assert (outbox.mark, outbox.high) == (0, came)
    return came
