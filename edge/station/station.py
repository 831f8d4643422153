"""A station at work: its parts, its door, its page, and what the server hears of it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import structlog

from edge.devices.driver import DriverError
from edge.devices.serial.cards.numbers import CardFormat
from edge.devices.serial.cards.readers import CardReader, KeyboardReader, TagReader
from edge.devices.serial.relay.door import DoorRelay
from edge.devices.serial.zfm.module import FingerprintModule
from edge.health import HealthBook, TerminalState
from edge.outbox import Outbox
from edge.settings import EdgeSettings, StationSettings
from edge.station.book import StationBook
from edge.station.desk import Desk
from edge.station.page import Page
from edge.station.parts import Fingers, Part, read_cards
from protocol.identifiers import TerminalSerial

DOOR_PAUSE_SECONDS = 1.0
PAGE_PAUSE_SECONDS = 10.0
REPORT_SECONDS = 2.0
KNOWN_BEEP_SECONDS, UNKNOWN_BEEP_SECONDS = 0.15, 0.8
"""A relay needs some ten milliseconds each way: shorter ones are swallowed by cheap boards."""

log = structlog.get_logger(__name__)


class Station:
    """Build it, then `run` it."""

    def __init__(self, settings: EdgeSettings, station: StationSettings, outbox: Outbox, health: HealthBook) -> None:
        self._settings = station
        self._health = health
        self.book = StationBook(settings.station_file)
        self.desk = Desk(TerminalSerial(station.serial), settings.zone, station.direction, self.book, outbox)
        self._report = health.report(station.name, "station", station.serial)
        self._parts = list(_parts(station, self.book, self.desk))
        channels = [channel for channel in (station.relay_channel, station.beeper_channel) if channel]
        self._door = DoorRelay(station.relay, *channels) if station.relay and channels else None
        self._page = Page(self.desk, station.name, station.language, lambda: bool(self._trouble()))
        self.page_port = 0
        """Where the page is to be had, once it is."""

    async def run(self) -> None:
        """Work until cancelled."""
        await asyncio.to_thread(self.book.make)
        await asyncio.to_thread(self.book.end_wishes)
        async with asyncio.TaskGroup() as group:
            for part in self._parts:
                group.create_task(part.run())
            if self._door is not None:
                loop = asyncio.get_running_loop()
                if self._settings.relay_channel:
                    self.desk.opened = partial(self._open_door, self._door, loop)
                if self._settings.beeper_channel:
                    self.desk.sounded = partial(self._sound, self._door, loop)
                group.create_task(_keep_door(self._door))
            if self._settings.page_host:
                group.create_task(self._keep_page())
            group.create_task(self._tell())

    def name_of(self, serial: str, user: str) -> str:
        """The name of somebody who punched here; "" for a user of another terminal, and for one who is not known. Blocks."""
        return self.book.name_of(user) if serial == self._settings.serial else ""

    def people(self) -> list[str]:
        """Names and card numbers that are known here, as what must not get out. Blocks."""
        everybody = self.book.everybody()
        return [word for known in everybody for word in (known.person.name, *map(str, known.cards))]

    def _open_door(self, door: DoorRelay, loop: asyncio.AbstractEventLoop) -> None:
        """Called from the threads of the parts."""
        with suppress(RuntimeError):  # the loop may have ended
            loop.call_soon_threadsafe(door.pulse, self._settings.pulse_seconds)

    def _sound(self, door: DoorRelay, loop: asyncio.AbstractEventLoop, known: bool) -> None:
        """Called from the threads of the parts."""
        with suppress(RuntimeError):  # the loop may have ended
            loop.call_soon_threadsafe(door.pulse, KNOWN_BEEP_SECONDS if known else UNKNOWN_BEEP_SECONDS, self._settings.beeper_channel)

    async def _keep_page(self) -> None:
        while True:
            try:
                await self._page.serve(self._settings.page_host, self._settings.page_port, self._listening)
            except OSError as error:
                log.warning("page_not_served", host=self._settings.page_host, port=self._settings.page_port, reason=error.strerror)
            await asyncio.sleep(PAGE_PAUSE_SECONDS)

    def _listening(self, port: int) -> None:
        self.page_port = port
        log.info("page_served", host=self._settings.page_host, port=port)

    def _trouble(self) -> list[str]:
        troubles = [part.trouble for part in self._parts]
        if self._door is not None:
            troubles.append(self._door.trouble)
        return [trouble for trouble in troubles if trouble]

    async def _tell(self) -> None:
        """Nothing waits in a station's own memory: what was punched is in the outbox, so it is complete at every moment."""
        report = self._report
        while True:
            trouble = "; ".join(self._trouble())
            state = TerminalState.UNREACHABLE if trouble else TerminalState.LISTENING
            self._health.enter(report, state, trouble)
            report.last_event_at = self.desk.last_event_at
            report.complete_at, report.complete_sequence = await asyncio.to_thread(self.desk.complete)
            if not trouble:
                report.stages["connect"] = datetime.now(UTC)
            await asyncio.sleep(REPORT_SECONDS)


async def _keep_door(door: DoorRelay) -> None:
    while True:
        try:
            await door.run()
        except DriverError as error:
            log.warning("door_lost", reason=str(error))
        await asyncio.sleep(DOOR_PAUSE_SECONDS)


def _parts(station: StationSettings, book: StationBook, desk: Desk) -> list[Part]:
    parts = []
    if station.fingerprint:
        module = partial(FingerprintModule, station.fingerprint, station.fingerprint_baud, station.fingerprint_password)
        parts.append(Part("fingerprint", Fingers(module, book, desk).work))
    if station.card_reader:
        parts.append(Part("card-reader", partial(read_cards, _tags(station), desk)))
    if station.card_keyboard:
        parts.append(Part("card-keyboard", partial(read_cards, _keyboard(station), desk)))
    return parts


def _tags(station: StationSettings) -> CardReader:
    return TagReader(station.card_reader)


def _keyboard(station: StationSettings) -> CardReader:
    return KeyboardReader(station.card_keyboard, CardFormat(station.card_format))
