"""What can be wrong with a line, and with a file as a whole."""

from enum import StrEnum


class Problem(StrEnum):
    """Why a line is no punch, or, for the last three, what is odd about one."""

    FOREIGN = "foreign"
    BINARY = "binary"
    TOO_LONG = "too-long"
    ENCODING = "encoding"
    NO_USER = "no-user"
    LONG_USER = "long-user"
    NO_TIME = "no-time"
    NO_SECONDS = "no-seconds"
    TWELVE_HOURS = "twelve-hours"
    DAY_FIRST = "day-first"
    CUT = "cut"
    OTHER_DEVICE = "other-device"
    IMPOSSIBLE = "impossible"
    FUTURE = "future"
    PAST = "past"


ODD = frozenset({Problem.IMPOSSIBLE, Problem.FUTURE, Problem.PAST})
"""They go on as punches: the server puts them into quarantine, where a person looks at them."""


class Refusal(StrEnum):
    """Why nothing of a file is taken."""

    EMPTY = "empty"
    NO_LOG = "no-log"
    USER_LIST = "user-list"
    OTHER_TERMINAL = "other-terminal"
    SEVERAL_DEVICES = "several-devices"
    MOSTLY_DOUBTFUL = "mostly-doubtful"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    UNKNOWN_TERMINAL = "unknown-terminal"
