"""Decides what to send, when to send it again, and what a receipt means. Pure: it is told what happened and answers with commands.

    OFFLINE ── connected ──► GREETING ── first receipt of the session ──► SENDING
       ▲                        │  no answer: hello again                    │  no receipt: rewind to the mark
       └──── disconnected ──────┴── after three times: Reconnect ────────────┘
    any of them ── epoch refused, or a mark that is not of our rows ──► RENEWING ── renewed ──► GREETING

A receipt is obeyed only for our edge, our epoch and the present session (the nonce of our last hello); its signature was checked where it
came in. The first one of a session may take the mark down; later ones only raise it.

A mark releases rows only where the receipt's head is the one of our own chain. This outbox may stand on an older image of its disk and
have filled the same numbers with other rows, while the server has the former ones, or gets them late from a broker that kept them: the
heads differ then, and the epoch is closed. A mark whose row is not kept here any more, or that came without a head, releases nothing.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Receipt, Refusal

WINDOW_BATCHES = 6
BATCH_ROWS = 500
BATCH_BYTES = 256 * 1024
LIVE_ROWS = 100
LIVE_SECONDS = 0.5
"""Shortest time between two live messages; what comes meanwhile travels together."""
HELLO_SECONDS = 2.0
"""A hello is small and its answer quick; one that nobody heard, because the server was still starting, is soon said again."""
RECEIPT_SECONDS = 10.0
LONGEST_RECEIPT_SECONDS = 60.0
REWINDS = 3
JITTER = 0.2
"""Share of a time-out that chance adds, so that a thousand edges do not ask again in step."""


class Phase(StrEnum):
    """Where a conversation stands."""

    OFFLINE = "offline"
    GREETING = "greeting"
    SENDING = "sending"
    RENEWING = "renewing"


@dataclass(frozen=True, slots=True)
class Held:
    """What the outbox holds when a hello is said; see `protocol.messages.Hello`.

    succeeds: an earlier epoch came before this one; rows that were released in it are not kept here.
    """

    epoch: Epoch
    low: int
    high: int
    mark: int
    succeeds: bool = False


@dataclass(frozen=True, slots=True)
class SayHello:
    """Publish a hello with this nonce."""

    nonce: str


@dataclass(frozen=True, slots=True)
class SendBatch:
    """Publish the rows from `first` on, as many as a batch takes, and tell `sent`."""

    first: int


@dataclass(frozen=True, slots=True)
class SendLive:
    """Publish the rows `first` to `last` ahead of their turn."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Release:
    """Rows up to `mark` are at the server."""

    mark: int


@dataclass(frozen=True, slots=True)
class Lower:
    """The server has fallen back: rows above `mark` are owed again."""

    mark: int


@dataclass(frozen=True, slots=True)
class RenewEpoch:
    """Close this epoch, open a new one with all that was not released, and tell `renewed`."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """Rows the server misses are no longer kept here: read every terminal again in full."""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Drop the line and open a new one."""

    reason: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person should see; `code` names it for programs."""

    code: str
    detail: str = ""


Command = SayHello | SendBatch | SendLive | Release | Lower | RenewEpoch | ReadAgain | Reconnect | Alarm


class Sender:
    """One edge's side of the conversation. Instants are seconds of any clock that never goes back; `chance` is drawn from [0, 1)."""

    def __init__(self, edge: EdgeId, window: int = WINDOW_BATCHES) -> None:
        self.edge = edge
        self.phase = Phase.OFFLINE
        self.session = ""
        self.told = 0
        """The server's mark in this session."""
        self._window = window
        self._held = Held(Epoch(""), 0, 0, 0)
        self._high = 0
        self._flight: deque[int] = deque()  # last row of each batch on the way
        self._asked: int | None = None  # first row of a batch that was commanded and not yet told to be sent
        self._tries = 0
        self._due: float | None = None
        self._live: tuple[int, int] | None = None  # newest rows that have not overtaken yet
        self._live_at = float("-inf")

    @property
    def in_flight(self) -> int:
        """Batches under way."""
        return len(self._flight)

    def connected(self, held: Held, nonce: str, now: float, chance: float) -> Sequence[Command]:
        """The line is open: greet, unless a new epoch is being made."""
        if self.phase is Phase.RENEWING:
            return []
        self._held, self._high = held, held.high
        self.phase, self.session = Phase.GREETING, nonce
        self.told, self._tries = held.mark, 0
        self._flight.clear()
        self._asked = None
        self._live = (max(held.high - LIVE_ROWS, 0) + 1, held.high)
        self._wait(now, chance)
        return [SayHello(nonce)]

    def said(self, held: Held) -> None:
        """A hello was published with this. Between two of them rows may have been deleted, and the server records what the latest said."""
        if self.phase is Phase.GREETING:
            self._held, self._high = held, max(self._high, held.high)

    def disconnected(self) -> Sequence[Command]:
        """The line is gone; what was under way is forgotten, a new hello tells where to go on."""
        if self.phase is not Phase.RENEWING:
            self.phase, self._due = Phase.OFFLINE, None
        self.session = ""
        self._flight.clear()
        self._asked = None
        return []

    def renewed(self, held: Held, nonce: str | None, now: float, chance: float) -> Sequence[Command]:
        """The new epoch is open; `nonce` is None when there is no line to greet on."""
        self.phase = Phase.OFFLINE
        if nonce is None:
            return []
        return self.connected(held, nonce, now, chance)

    def appended(self, high: int, fresh: int, now: float) -> Sequence[Command]:
        """The outbox now goes up to `high`; the newest `fresh` rows are punches of this moment."""
        self._high = max(self._high, high)
        if fresh:
            self._live = (min(self._live[0] if self._live else high, high - fresh + 1), high)
        return self._go_on(now)

    def sent(self, first: int, last: int, now: float, chance: float) -> Sequence[Command]:
        """A batch was handed to the line. Ignored when the conversation has moved on meanwhile."""
        self._high = max(self._high, last)  # it may hold rows of which `appended` has not told yet, and be receipted before it does
        if self.phase is not Phase.SENDING or first != self._asked:
            return []
        self._asked = None
        self._flight.append(last)
        if self._due is None:
            self._wait(now, chance)
        return self._go_on(now)

    def received(self, receipt: Receipt, head: bytes | None, now: float, chance: float) -> Sequence[Command]:
        """A receipt came that the server has signed; `head` is our own chain's at its mark, None where that row is not here."""
        if receipt.edge != self.edge or self.phase in (Phase.OFFLINE, Phase.RENEWING):
            return []
        if receipt.refusal is not None and receipt.refusal is not Refusal.EPOCH_REFUSED:
            # Of whatever epoch: the server does not look into a message that it does not believe. Tried again when the time is over.
            return [Alarm(f"refused-{receipt.refusal}", receipt.detail)]
        if receipt.epoch != self._held.epoch or receipt.session != self.session:
            return []
        if receipt.refusal is Refusal.EPOCH_REFUSED:
            return self._renew("the server refused the epoch", receipt.detail, now, chance)
        if receipt.mark > self._high:
            rows = f"the server has rows up to {receipt.mark}, here are {self._high}"
            return self._renew("this outbox was set back", rows, now, chance)
        if receipt.head and head and receipt.head != head:
            return self._renew("this outbox was set back", f"the server has another row {receipt.mark} than here", now, chance)
        proven = bool(receipt.head and head)
        if self.phase is Phase.GREETING:
            return self._greeted(receipt.mark, proven, now)
        return self._raised(receipt.mark, proven, now, chance)

    def tick(self, now: float, chance: float) -> Sequence[Command]:
        """Time goes by; call it at least twice a second."""
        if self._due is None or now < self._due:
            return self._go_on(now)
        if self.phase is Phase.RENEWING:  # the disk would not have it; ask again, ever less often: each attempt copies everything
            self._tries += 1
            self._wait(now, chance)
            return [RenewEpoch("tried again")]
        if self._tries >= REWINDS:
            self._due = None
            return [Reconnect("no receipt")]
        self._tries += 1
        if self.phase is Phase.GREETING:
            self._wait(now, chance)
            return [SayHello(self.session)]
        self._flight.clear()
        self._asked = None
        self._wait(now, chance)
        return self._go_on(now)

    def _greeted(self, mark: int, proven: bool, now: float) -> Sequence[Command]:
        commands: list[Command] = []
        self.phase, self._tries, self._due = Phase.SENDING, 0, None
        if mark < self._held.mark:
            commands.append(Lower(mark))
        elif mark > self._held.mark and proven:
            commands.append(Release(mark))
        # The row at the stored mark is always kept, so only a server that fell back can be behind the lowest row. If it fell back and
        # there was an epoch before this one, nobody here knows how far it fell in that.
        gone = self._held.low > 1 and mark < self._held.low
        if gone or (self._held.succeeds and mark < self._held.mark):
            commands += [Alarm("hole", "the server fell behind what is kept here"), ReadAgain()]
        self.told = max(mark, self._held.low - 1)
        return [*commands, *self._go_on(now)]

    def _raised(self, mark: int, proven: bool, now: float, chance: float) -> Sequence[Command]:
        if mark <= self.told:
            return []
        self.told, self._tries = mark, 0
        while self._flight and self._flight[0] <= mark:
            self._flight.popleft()
        if self._asked is not None and self._asked <= mark:
            self._asked = None
        if self._flight:
            self._wait(now, chance)
        else:
            self._due = None
        return [*([Release(mark)] if proven else []), *self._go_on(now)]

    def _renew(self, reason: str, detail: str, now: float, chance: float) -> Sequence[Command]:
        self.phase, self._tries = Phase.RENEWING, 0
        self._flight.clear()
        self._asked = None
        self._wait(now, chance)
        return [Alarm("epoch-closed", f"{reason}: {detail}"), RenewEpoch(reason)]

    def _go_on(self, now: float) -> Sequence[Command]:
        """Ask for the next batch when there is room for it; past the window, let the newest rows overtake."""
        if self.phase is not Phase.SENDING or self._asked is not None:
            return []
        following = max(self._flight[-1] if self._flight else 0, self.told) + 1
        if following > self._high:
            self._live = None
            return []
        if len(self._flight) < self._window:
            self._asked = following
            return [SendBatch(following)]
        return self._overtake(following, now)

    def _overtake(self, following: int, now: float) -> Sequence[Command]:
        if self._live is None or now < self._live_at + LIVE_SECONDS:
            return []
        first, last = self._live
        first = max(first, following, last - LIVE_ROWS + 1)
        self._live = None
        if first > last:
            return []
        self._live_at = now
        return [SendLive(first, last)]

    def _wait(self, now: float, chance: float) -> None:
        first = HELLO_SECONDS if self.phase is Phase.GREETING else RECEIPT_SECONDS
        seconds = min(first * 2**self._tries, LONGEST_RECEIPT_SECONDS)
        self._due = now + seconds * (1 + JITTER * chance)
