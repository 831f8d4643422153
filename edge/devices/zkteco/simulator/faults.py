"""Everything the simulated terminal can do wrong, by name. Each mode is a complaint that users of real terminals have made.

Pure: a mode is looked up here; it acts in `answers` and what that calls (what is said and kept), `events` (what is reported) and
`delivery` (how it travels).
"""

from collections.abc import Iterable

from edge.devices.faults import Fault, FaultError, Switches

__all__ = ["FAULTS", "Fault", "FaultError", "Faults"]

_EVENT_SIZES = ("10", "12", "14", "32", "36", "37", "52", "unknown")

_ALL = (
    # How bytes travel over TCP.
    Fault("coalesced", "all frames of an answer, and the events that wait, leave in one write"),
    Fault("per-frame", "frames leave one by one, VALUE milliseconds apart", 5, 0, 10_000),
    Fault("fragment", "an answer leaves in pieces of VALUE bytes, whatever frames it is made of", 700, 1, 65_536),
    Fault("fragment-delay", "milliseconds between two pieces (2 when this is not given)", 2, 0, 10_000),
    Fault("split-1501", "a part's data comes as several 1501 frames of VALUE bytes over TCP too", 1024, 1, 65_472),
    Fault("cut-mid-read", "the connection is closed in the middle of a part, the first VALUE times", 1, 1),
    Fault("no-answer", "a connection is accepted, then nothing is said"),
    Fault("access-panel", "every answer is a frame of an access panel (AA 01 … 55) instead"),
    Fault("single-client", "a second TCP client is reset, a second UDP client is refused"),
    # How datagrams travel over UDP.
    Fault("udp-loss", "share of datagrams lost, in both directions", 0.05, 0, 1),
    Fault("udp-duplicate", "share of answers' datagrams sent twice", 0.05, 0, 1),
    Fault("udp-reorder", "share of answers' datagrams that change place with the next one", 0.1, 0, 1),
    # How a table is read.
    Fault("buffered", "small tables too are read in parts, never directly"),
    Fault("direct-small", "tables of up to VALUE bytes come in one 1501 frame over TCP", 10_000, 0, 1_000_000),
    Fault("refuse-1503", "the buffered read is refused: only the legacy direct commands 9 and 13 work"),
    Fault("lossy-chunk", "the first request for each part is answered with an error"),
    Fault("punch-mid-read", "somebody punches between the steps of a read, VALUE times in all", 3, 1),
    Fault("prefix-junk", 'FF "255" and five zeros stand before every third record'),
    Fault("log-cleared", "the log is cleared at the terminal after it has been read whole, once"),
    # What becomes of what is written.
    Fault("refuses-writes", "users, templates and clearing are refused (2001)"),
    Fault("forgets-writes", "writes are acknowledged, and nothing is kept"),
    Fault("spoils-templates", "templates are kept with one bit changed"),
    Fault("no-bulk", "users and templates cannot be written in bulk (110)"),
    Fault("bulk-keeps", "of users written in bulk only the first VALUE of each buffer are kept", 5, 0),
    Fault("no-single-read", "a template cannot be read alone (88)"),
    Fault("checksum-other", "it tells another checksum of a buffer than it should (119)"),
    Fault("cut-mid-write", "the line is cut instead of a whole answer to a write, the first VALUE times", 1, 1),
    Fault("power-cut-mid-write", "the power fails at a write, which is lost, the first VALUE times", 1, 1),
    Fault("stays-disabled", "it stays disabled beyond the time it was told"),
    Fault("no-sensor", "it has no finger sensor: enrolment is refused"),
    Fault("enrol-ends", "how an enrolment ends", "poor", words=("done", "poor", "duplicate", "cancelled", "nobody")),
    # What the terminal says of itself.
    Fault("wrong-count", "VALUE is added to the count of punches that it declares", 1, -1_000_000),
    Fault("zero-count", "it declares no punches, whatever it holds"),
    Fault("stale-count", "it declares the count of VALUE punches ago", 10, 1),
    Fault("access-mode", 'set up as "A&C" device: all counts are zero, the log can be read'),
    Fault("size-reply-112", "the answer to command 50 has 112 bytes"),
    Fault("no-options", "every option is unknown (2001)"),
    Fault("checksum-off", "checksums of its frames are one too low"),
    # Keys, sessions, restarts.
    Fault("key-required", "a key is asked for and 123456 is right, unless another key was set"),
    Fault("key-wrong", "no key is right"),
    Fault("session-reset", "the session is forgotten after VALUE commands, once", 5, 1),
    Fault("restart-silent", "a restart is not acknowledged"),
    # Live events.
    Fault("event-size", "events have this many bytes, or a length nobody knows", "32", words=_EVENT_SIZES),
    Fault("event-burst", "events are kept back and reported VALUE at a time in one write", 5, 1, 1000),
    Fault("event-interleaved", "events are kept back and reported in the middle of the next answer"),
    # What it holds.
    Fault("impossible-dates", "every VALUEth new punch shows 30 February", 10, 1),
    Fault("gbk-names", "names are written in GB18030 instead of UTF-8"),
    Fault("uid-reuse", "every fifth user was deleted and the uid given to somebody new"),
)

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}
"""Every mode by name, in the order of the documentation."""


class Faults(Switches):
    """The modes of this terminal that are switched on."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        super().__init__(FAULTS, texts)
