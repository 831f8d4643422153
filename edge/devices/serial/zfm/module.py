"""A fingerprint module over a line: every call ends in a stated time, with an answer or an error.

A damaged or missing answer is asked for again where asking twice does no harm. Blocking: it belongs into a thread.
"""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from edge.devices.driver import DriverError, TerminalRefusedError, TerminalUnreachableError
from edge.devices.serial.line import SerialLine
from edge.devices.serial.zfm import commands
from edge.devices.serial.zfm.commands import Code, Confirmation, Hit, Parameters
from edge.devices.serial.zfm.frames import Packet, encode
from edge.devices.serial.zfm.session import Answer, Exchange

BAUDS = (57_600, 115_200, 9_600, 19_200, 38_400, 28_800, 76_800, 48_000, 67_200, 86_400, 96_000, 105_600)
"""9600 times 1 to 12, the likely ones first."""
ANSWER_SECONDS = 1.5
LOOK_SECONDS = 0.4
"""For an answer while the speed is still unknown: a module answers its password within 50 ms."""
CONTENT_SECONDS = 10.0
"""A template of 768 bytes takes 0.9 s at 9600 baud."""
ATTEMPTS = 3


class ModuleError(DriverError):
    """The module is there and says no; `confirmation` is its code."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"the fingerprint module says: {answer.words}")
        self.confirmation = answer.confirmation


class FingerprintModule:
    """`with FingerprintModule(port)` opens the line, finds the speed, shows the password and reads the parameters.

    baud: 0 tries all. password: 0 unless somebody set one.
    """

    def __init__(self, port: str, baud: int = 0, password: int = 0) -> None:
        self.parameters: Parameters
        self._line = SerialLine(port, baud or BAUDS[0])
        self._bauds: Sequence[int] = (baud,) if baud else BAUDS
        self._password = password

    def __enter__(self) -> Self:
        with_line = self._line.__enter__()
        try:
            self._find()
            self.parameters = commands.parse_parameters(self._ask(commands.command(Code.READ_PARAMETERS)).values)
        except BaseException:
            with_line.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._line.close()

    @property
    def baud(self) -> int:
        return self._line.baud

    def _find(self) -> None:
        for baud in self._bauds:
            self._line.set_baud(baud)
            answer = self._try(commands.verify_password(self._password), LOOK_SECONDS)
            if answer is None:
                answer = self._try(commands.verify_password(self._password), LOOK_SECONDS)  # the first one may have met noise
            if answer is not None and answer.ok:
                return
            if answer is not None and answer.confirmation == Confirmation.WRONG_PASSWORD:
                raise TerminalRefusedError("the fingerprint module has another password: write it into the settings")
        tried = "at any speed" if len(self._bauds) > 1 else f"at {self._bauds[0]} baud"
        raise TerminalUnreachableError(f"no fingerprint module answers on {self._line.port} {tried}: look at its power, TX and RX")

    # Looking at a finger -------------------------------------------------------------------------------------------------------------

    def finger_there(self) -> bool:
        """Take a picture; False when there is no finger."""
        answer = self._exchange(commands.command(Code.TAKE_IMAGE))
        if answer.confirmation == Confirmation.NO_FINGER:
            return False
        _must(answer)
        return True

    def identify(self) -> Hit | None:
        """Whose finger the picture shows; None when nobody here has it. Raises ModuleError when the picture is too poor.

        It is asked until two answers are the same: the sum over a packet is weak, and a damaged one must not name somebody else.
        """
        self.take_features(1)
        before = self._search()
        for _ in range(ATTEMPTS):
            found = self._search()
            if found == before:
                return found
            before = found
        raise TerminalUnreachableError(f"the fingerprint module on {self._line.port} says another thing each time: look at the cable")

    def _search(self) -> Hit | None:
        answer = self._exchange(commands.search(1, 0, self.parameters.capacity))
        if answer.confirmation == Confirmation.NOT_FOUND:
            return None
        return commands.parse_hit(_must(answer).values)

    def take_features(self, buffer: int) -> None:
        self._ask(commands.image_to_features(buffer))

    def match(self) -> int:
        """How well both buffers fit; raises ModuleError with NO_MATCH."""
        return commands.parse_number(self._ask(commands.command(Code.MATCH)).values)

    # Templates -----------------------------------------------------------------------------------------------------------------------

    def make_template(self) -> None:
        """Join what both buffers hold; raises ModuleError with CANNOT_MERGE when they are of two fingers."""
        self._ask(commands.command(Code.MAKE_TEMPLATE))

    def store(self, page: int, buffer: int = 1) -> None:
        self._ask(commands.store(buffer, page))

    def load(self, page: int, buffer: int = 1) -> None:
        self._ask(commands.load(buffer, page))

    def delete(self, page: int) -> None:
        self._ask(commands.delete(page))

    def empty(self) -> None:
        self._ask(commands.command(Code.EMPTY))

    def count(self) -> int:
        return commands.parse_number(self._ask(commands.command(Code.COUNT_TEMPLATES)).values)

    def occupied(self) -> list[int]:
        """Places that hold a template, in order."""
        pages = range((self.parameters.capacity + commands.INDEX_PAGE_TEMPLATES - 1) // commands.INDEX_PAGE_TEMPLATES)
        found = [commands.parse_index(self._ask(commands.read_index(page)).values, page) for page in pages]
        return [place for places in found for place in places if place < self.parameters.capacity]

    def read_features(self, buffer: int = 1) -> bytes:
        """The template in a buffer, as the module writes it."""
        return _must(self._exchange(commands.upload_features(buffer), with_content=True)).content

    def write_features(self, template: bytes, buffer: int = 1) -> None:
        self._ask(commands.download_features(buffer))
        for packet in commands.data_packets(template, self.parameters.packet_bytes):
            self._line.write(encode(packet))

    def read_note(self, page: int) -> bytes | None:
        """32 bytes of its notepad; None from a module that has none."""
        for _ in range(ATTEMPTS):
            answer = self._try(commands.read_note(page), LOOK_SECONDS)
            if answer is not None and answer.ok:
                return commands.parse_note(answer.values)
        return None

    def write_note(self, page: int, note: bytes) -> None:
        self._ask(commands.write_note(page, note))

    def light(self, *, control: int, colour: int, speed: int = 0x40, times: int = 1) -> bool:
        """Light the ring of an R503; False from a module that has none."""
        answer = self._try(commands.light(control, speed, colour, times), LOOK_SECONDS)
        return answer is not None and answer.ok

    # Asking --------------------------------------------------------------------------------------------------------------------------

    def _ask(self, request: Packet) -> Answer:
        return _must(self._exchange(request))

    def _exchange(self, request: Packet, *, with_content: bool = False) -> Answer:
        """An answer, whatever it says. A module does nothing that is worse done twice: it takes a picture again, or stores the same."""
        for _ in range(ATTEMPTS):
            answer = self._try(request, CONTENT_SECONDS if with_content else ANSWER_SECONDS, with_content=with_content)
            if answer is not None and answer.confirmation not in (Confirmation.RECEIVE_ERROR, Confirmation.BAD_PACKET):
                return answer
        raise TerminalUnreachableError(
            f"the fingerprint module on {self._line.port} does not answer so that it can be read: "
            "look at the cable, or set a lower speed on the module"
        )

    def _try(self, request: Packet, seconds: float, *, with_content: bool = False) -> Answer | None:
        """Ask once; None when no readable answer came in time."""
        exchange = Exchange(request, with_content)
        self._line.flush()
        self._line.write(exchange.to_send())
        until = time.monotonic() + seconds
        while exchange.answer is None and not exchange.damaged and (left := until - time.monotonic()) > 0:
            exchange.feed(self._line.read(left))
        return exchange.answer


def _must(answer: Answer) -> Answer:
    if not answer.ok:
        raise ModuleError(answer)
    return answer
