"""Somebody has come: the punch goes into the outbox, the line onto the page, the door opens. Blocking and safe from any thread.

The door opens for whoever is known here, also when the punch could not be kept: the page then says so, and nobody is locked out by a
full disk.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from zoneinfo import ZoneInfo

import structlog

from edge.collect.intake import take_event
from edge.collect.rows import Origin
from edge.devices.driver import TerminalPunch
from edge.devices.serial.cards.numbers import CardFormat, CardNumber, show_card
from edge.devices.serial.zfm.commands import Hit
from edge.errors import OutboxError
from edge.outbox import Outbox
from edge.station.book import Person, StationBook, Wish
from edge.station.enrolment import Enrolment
from protocol.identifiers import TerminalSerial
from protocol.instants import pack_moment
from protocol.messages import Source

FINGER, CARD = 1, 4
"""Verification codes, as the pull protocol has them."""
STATES = {"in": 0, "out": 1, "none": None}
SHOWN_SECONDS = 6.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """What the page shows of one who came. word: a key of `edge.station.words.PLACES`."""

    word: str
    name: str = ""
    time: str = ""


class Desk:
    """direction: "in", "out" or "none", what a punch here means."""

    def __init__(self, serial: TerminalSerial, zone: ZoneInfo, direction: str, book: StationBook, outbox: Outbox) -> None:
        self.opened: Callable[[], None] = lambda: None
        """Called when the door may open; set by whoever has one."""
        self.sounded: Callable[[bool], None] = lambda _: None
        """Called with whether whoever came is known; set by whoever has a beeper."""
        self._serial, self._zone, self._direction, self._book, self._outbox = serial, zone, direction, book, outbox
        self._lock = Lock()
        self._line: tuple[Line, float] | None = None
        self._enrolment: tuple[Wish, Enrolment] | None = None
        self._answer: tuple[int, bool] | None = None
        self.last_event_at: datetime | None = None

    # Somebody came -------------------------------------------------------------------------------------------------------------------

    def card_came(self, number: CardNumber) -> None:
        """A card that nobody has here is kept as a doubtful punch under its number, for a person to say whose it is."""
        person = self._book.has_card(number)
        written = show_card(number, CardFormat.DECIMAL)
        if person is None:
            self.sounded(False)
            self._append(f"card:{written}", CARD, f"card {written}".encode(), "no one has this card at the station")
            self._show(Line("unknown"))
            return
        self._came(person, CARD, f"card ******{written[-4:]}".encode())

    def finger_came(self, hit: Hit | None) -> bool:
        """Whether it is one that is known here; an unknown finger leaves no trace but a line on the page."""
        person = self._book.has_finger(hit.page) if hit else None
        if person is None or hit is None:
            self.sounded(False)
            self._show(Line("unknown"))
            return False
        self._came(person, FINGER, f"finger page={hit.page} score={hit.score}".encode())
        return True

    def picture_was_poor(self) -> None:
        self._show(Line("poor"))

    def _came(self, person: Person, verify: int, raw: bytes) -> None:
        self.opened()
        self.sounded(True)
        at = self._append(person.user, verify, raw, None)
        self._show(Line("failed", person.name) if at is None else Line(self._direction, person.name, f"{at:%H:%M}"))

    def _append(self, user: str, verify: int, raw: bytes, doubt: str | None) -> datetime | None:
        """Keep a punch of this moment; gives its time at the site, None where it could not be kept."""
        with self._lock:
            now = datetime.now(UTC)
            local = now.astimezone(self._zone)
            if not self._book.note_punch(now):
                doubt = doubt or "the clock of the station went back"
            punch = TerminalPunch(user, pack_moment(local), verify, STATES[self._direction], raw, doubt)
            try:
                take_event(self._outbox, punch, Origin(self._serial, Source.STATION, now))
            except OutboxError as error:
                log.error("punch_not_kept", error=error.english)  # noqa: TRY400 - no fault of ours to trace
                return None
            self.last_event_at = now
        return local

    def complete(self) -> tuple[datetime, int]:
        """A moment, and the outbox's last row behind everything that was punched here until then."""
        with self._lock:
            return datetime.now(UTC), self._outbox.high

    # What the page shows -------------------------------------------------------------------------------------------------------------

    def line(self) -> Line | None:
        shown = self._line
        return shown[0] if shown and time.monotonic() < shown[1] else None

    def _show(self, line: Line) -> None:
        self._line = (line, time.monotonic() + SHOWN_SECONDS)

    # Enrolment -----------------------------------------------------------------------------------------------------------------------

    def enrols(self, wish: Wish, enrolment: Enrolment) -> None:
        self._enrolment = (wish, enrolment)

    def enrolment(self) -> tuple[Wish, Enrolment] | None:
        return self._enrolment

    def enrolment_over(self) -> None:
        self._enrolment = self._answer = None

    def answered(self, wish: int, *, agrees: bool) -> None:
        """The person at the page answered; of use only for the wish that is asked just now."""
        self._answer = (wish, agrees)

    def answer(self, wish: int) -> bool | None:
        return self._answer[1] if self._answer and self._answer[0] == wish else None
