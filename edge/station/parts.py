"""The fingerprint module and the card reader, each in a thread of its own, opened again when it broke off."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

import structlog

from edge.devices.driver import DriverError, TerminalRefusedError
from edge.devices.serial.cards.readers import CardReader
from edge.devices.serial.zfm.commands import Confirmation
from edge.devices.serial.zfm.module import FingerprintModule, ModuleError
from edge.station.book import StationBook, StationError, Wish
from edge.station.desk import Desk
from edge.station.enrolment import GOOD_SCORE, Advice, Enrolment, Step, begin

SLICE_SECONDS = 0.5
LOOK_SECONDS = 0.15
WISH_SECONDS = 1.0
ENROLMENT_SECONDS = 120.0
SHOW_END_SECONDS = 3.0
PAUSE_SECONDS, REFUSED_PAUSE_SECONDS = 3.0, 20.0
RED, BLUE, FLASHING = 1, 2, 2
MARK_PAGE = 15
MARK_BYTES = 32
_ADVICE = {Confirmation.MESSY: Advice.MESSY, Confirmation.FEW_POINTS: Advice.FEW_POINTS}

log = structlog.get_logger(__name__)


class Part:
    """work: uses the part until the event is set or the part breaks off. `trouble` is empty while it is well."""

    def __init__(self, name: str, work: Callable[[Event, Callable[[], None]], None]) -> None:
        self.name = name
        self.trouble = "not opened yet"
        self._work = work

    async def run(self) -> None:
        """Use it until cancelled; its thread ends within a few seconds, as every wait on a line has an end."""
        stop, ended = Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def keep() -> None:
            self._keep(stop)
            with suppress(RuntimeError):  # nobody waits for it in a loop that is closed
                loop.call_soon_threadsafe(ended.set)

        Thread(target=keep, name=self.name, daemon=True).start()
        try:
            await ended.wait()
        finally:
            stop.set()

    def _keep(self, stop: Event) -> None:
        while not stop.is_set():
            pause = PAUSE_SECONDS
            try:
                self._work(stop, self._opened)
            except DriverError as error:
                pause = REFUSED_PAUSE_SECONDS if isinstance(error, TerminalRefusedError) else PAUSE_SECONDS
                self._tell(str(error))
            except Exception as error:  # a fault of ours in one part stops neither the others nor, for longer than a moment, itself
                log.exception("part_failed", part=self.name)
                self._tell(type(error).__name__)
            stop.wait(pause)

    def _opened(self) -> None:
        if self.trouble:
            log.info("part_opened", part=self.name)
        self.trouble = ""

    def _tell(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.warning("part_lost", part=self.name, reason=trouble)
        self.trouble = trouble


def read_cards(reader: CardReader, desk: Desk, stop: Event, opened: Callable[[], None]) -> None:
    with reader:
        opened()
        while not stop.is_set():
            number = reader.next_card(SLICE_SECONDS)
            if number is not None:
                desk.card_came(number)


class Fingers:
    """Looks at fingers, takes new ones, erases those that must go."""

    def __init__(self, open_module: Callable[[], FingerprintModule], book: StationBook, desk: Desk) -> None:
        self._open, self._book, self._desk = open_module, book, desk
        self._has_light = True

    def work(self, stop: Event, opened: Callable[[], None]) -> None:
        with self._open() as module:
            self._recognise(module)
            opened()
            self._has_light = True
            held, wishes_at = False, 0.0
            while not stop.is_set():
                if time.monotonic() >= wishes_at:
                    wishes_at = time.monotonic() + WISH_SECONDS
                    self._erase(module)
                    wish = self._book.open_wish()
                    if wish is not None:
                        held = self._enrol(module, wish, stop)
                held = self._look(module, held=held)
                stop.wait(LOOK_SECONDS)

    def _recognise(self, module: FingerprintModule) -> None:
        """A place names a person only in the module that took the finger: it carries a mark of ours in its notepad.

        A module without a notepad is taken as it is. Raises TerminalRefusedError when this is another one.
        """
        mark, known = module.read_note(MARK_PAGE), self._book.module_mark()
        if known is None and self._book.wants_module_emptied():
            module.empty()
            self._book.module_emptied()
            log.info("module_emptied")
        if mark is None:
            log.warning("module_has_no_notepad")
        elif known is None:  # a new one, or one that was in use before marks were written
            mark = os.urandom(MARK_BYTES)
            module.write_note(MARK_PAGE, mark)
            self._book.keep_module_mark(mark)
        elif mark != known:
            raise _another()

    def _must_be_ours(self, module: FingerprintModule) -> None:
        """Asked before a finger names somebody: a module may be exchanged behind its adapter."""
        known = self._book.module_mark()
        if known is not None and module.read_note(MARK_PAGE) not in (known, None):
            raise _another()

    def _look(self, module: FingerprintModule, *, held: bool) -> bool:
        """One finger laid on is one punch, however long it lies there."""
        try:
            there = module.finger_there()
            if there and not held:
                self._must_be_ours(module)
                self._light(module, known=self._desk.finger_came(module.identify()))
        except ModuleError:
            self._desk.picture_was_poor()
            return True
        return there

    def _light(self, module: FingerprintModule, *, known: bool) -> None:
        if self._has_light:
            self._has_light = module.light(control=FLASHING, colour=BLUE if known else RED)

    def _erase(self, module: FingerprintModule) -> None:
        for page in self._book.to_erase():
            module.delete(page)
            self._book.erased(page)
            log.info("template_erased")

    # Taking a finger -----------------------------------------------------------------------------------------------------------------

    def _enrol(self, module: FingerprintModule, wish: Wish, stop: Event) -> bool:
        """Whether the finger still lies there at the end: it is no punch, however long it does."""
        user = wish.person.user
        if wish.paper and not self._book.has_agreed(user):
            self._book.agree(user, f"paper: {wish.paper}")
        state = begin(has_agreed=self._book.has_agreed(user))
        until, must_lift = time.monotonic() + ENROLMENT_SECONDS, False
        try:
            while not state.over and not stop.is_set():
                self._tell(wish, state)
                if time.monotonic() > until or self._book.step_of(wish.id)[1]:
                    state = state.ended(Step.GIVEN_UP)
                elif state.step is Step.CONSENT:
                    state = self._ask(wish, state)
                elif state.step is Step.STORE:
                    state = self._store(module, user, state)
                    must_lift = True
                elif not self._there(module):
                    state, must_lift = state.lifted(), False
                elif not must_lift and state.step is not Step.LIFT:
                    state = self._picture(module, state)
                    must_lift = True
                stop.wait(LOOK_SECONDS)
            self._tell(wish, state.ended(Step.GIVEN_UP))
            return self._show_end(module, stop)
        finally:
            self._book.told(wish.id, Step.GIVEN_UP, over=True)  # of no effect where it has an end already
            self._desk.enrolment_over()

    def _show_end(self, module: FingerprintModule, stop: Event) -> bool:
        lies, until = True, time.monotonic() + SHOW_END_SECONDS
        while time.monotonic() < until and not stop.wait(LOOK_SECONDS):
            lies = lies and self._there(module)
        return lies

    def _tell(self, wish: Wish, state: Enrolment) -> None:
        self._desk.enrols(wish, state)
        self._book.told(wish.id, " ".join(filter(None, (state.step, state.advice))), over=state.over)

    def _ask(self, wish: Wish, state: Enrolment) -> Enrolment:
        agrees = self._desk.answer(wish.id)
        if agrees is None:
            return state
        if agrees:
            self._book.agree(wish.person.user, "at the door")
        return state.answered(agrees=agrees)

    def _there(self, module: FingerprintModule) -> bool:
        try:
            return module.finger_there()
        except ModuleError:  # something lies there of which no picture can be taken
            return True

    def _picture(self, module: FingerprintModule, state: Enrolment) -> Enrolment:
        try:
            if state.step is Step.FIRST:
                hit = module.identify()
                if hit is not None and self._book.has_finger(hit.page):
                    return state.ended(Step.KNOWN)
            else:
                module.take_features(2)
        except ModuleError as error:
            return state.was_poor(_ADVICE.get(Confirmation(error.confirmation), Advice.MESSY))
        return state.pictured()

    def _store(self, module: FingerprintModule, user: str, state: Enrolment) -> Enrolment:
        try:
            if module.match() < GOOD_SCORE:
                return state.was_poor(Advice.DIFFERENT)
            module.make_template()
        except ModuleError:
            return state.was_poor(Advice.DIFFERENT)
        page = self._book.free_page(module.parameters.capacity, module.occupied())
        if page is None:
            return state.ended(Step.FULL)
        self._book.reserve(page)
        module.store(page)
        try:
            self._book.give_finger(page, user)
        except StationError:
            return state.ended(Step.GIVEN_UP)
        return state.ended(Step.DONE)


def _another() -> TerminalRefusedError:
    return TerminalRefusedError(
        "this is another fingerprint module than the one that took the fingers: put that one back, or say `clockbridge station new-module`"
    )
