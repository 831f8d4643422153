"""Values of areas, and of the users that terminals should hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from protocol.messages import UserState
from protocol.wanted import Biometrics, Kind

ADMINISTRATOR = 14
"""The privilege of whoever may change a terminal at its own keys; 0 is everybody else."""


class Consent(StrEnum):
    """Whether somebody agreed to the use of their templates. ENDED: they did once, and withdrew it."""

    NEVER = "never"
    HOLDS = "holds"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who belongs: everybody of whom all that is given here is true. A department counts with those below it."""

    site_id: int | None = None
    department_id: int | None = None
    position_id: int | None = None
    legal_entity_id: int | None = None
    person_id: int | None = None

    @property
    def says_nothing(self) -> bool:
        return self == Rule()


@dataclass(frozen=True, slots=True)
class Area:
    """A named group of terminals, and who is on all of them: whoever one of the rules means.

    verify: how its people must prove who they are, as terminals number the ways, "" as each terminal has it. group: of the terminals'
    own access groups, "" for none. carries_faces: faces go from terminal to terminal, too; else they stay where they were enrolled.
    """

    id: int
    code: str
    name: str
    terminals: frozenset[int] = frozenset()
    rules: tuple[Rule, ...] = ()
    verify: str = ""
    group: str = ""
    carries_faces: bool = False
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands from a first to a last day, both included."""

    first: date
    last: date
    site_id: int | None
    department_id: int | None
    position_id: int | None
    legal_entity_id: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """An enrolment: the number of somebody in a zone, from a first to a last day; date.max while it goes on."""

    zone_id: int
    user: str
    first: date
    last: date
    card: str = ""


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody may at every terminal. password_version rises with each new password, 0: none; verify, group as in `Area`."""

    privilege: int = 0
    password_version: int = 0
    verify: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """A template that the server keeps for somebody. mark: tells it from any other one, and nothing of what it is."""

    mark: str
    kind: Kind
    place: int
    algorithm: str


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody as far as terminals are concerned. number: the employee number."""

    person_id: int
    number: str
    name: str
    places: tuple[Place, ...] = ()
    held: tuple[Held, ...] = ()
    consent: Consent = Consent.NEVER
    right: Right = Right()
    templates: tuple[Stored, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A terminal as far as its users are concerned. day: the date at its site. Algorithms "" where it has not told them."""

    id: int
    zone_id: int
    day: date
    finger_algorithm: str = ""
    face_algorithm: str = ""


@dataclass(frozen=True, slots=True)
class Want:
    """A user as a terminal should hold them. templates: marks of those to bring, in order. faces: whether faces may leave the terminal."""

    person_id: int
    name: str
    card: str = ""
    privilege: int = 0
    password_version: int = 0
    group: str = ""
    verify: str = ""
    biometrics: Biometrics = Biometrics.LEAVE
    templates: tuple[str, ...] = ()
    faces: bool = False


@dataclass(frozen=True, slots=True)
class WantedRow:
    """What is wanted of a user of a terminal, and what its edge reported; the key is terminal and user.

    want None: they should not be there. person_id: whose number it is or was, None once that person is erased. taken: the revision that
    the edge is known to have, 0 for none. reported: the revision that `state`, `reason` and `there` are about, 0 for none.
    """

    terminal_id: int
    user: str
    person_id: int | None
    want: Want | None
    revision: int
    taken: int = 0
    reported: int = 0
    state: UserState = UserState.WAITING
    reason: str = ""
    there: tuple[str, ...] = ()
    reported_at: datetime | None = None

    @property
    def is_done(self) -> bool:
        """Whether the terminal holds what is wanted."""
        return self.reported >= self.revision and self.state is (UserState.THERE if self.want else UserState.GONE)

    @property
    def has_failed(self) -> bool:
        """Whether the edge tried it, or must not, and says so."""
        return self.reported >= self.revision and self.state in {UserState.FAILED, UserState.REFUSED}

    @property
    def holds_no_templates(self) -> bool:
        """Whether it was carried out that none may be there."""
        return self.is_done and not self.there and (self.want is None or self.want.biometrics is Biometrics.ERASE)

    def heard(self, revision: int, state: UserState, reason: str, there: tuple[str, ...], at: datetime) -> "WantedRow":
        """The same with what its edge reports."""
        taken = max(self.taken, min(revision, self.revision))
        return replace(self, taken=taken, reported=revision, state=state, reason=reason, there=there, reported_at=at)

    def risen(self, revision: int) -> "WantedRow":
        """The same at a higher revision, of which nothing is reported yet."""
        return replace(self, revision=revision, state=UserState.WAITING, reason="")


class Pending(StrEnum):
    """Why something that is wanted is not so yet. NO_KEY: the edge is of a release that nothing can be sealed for."""

    NO_EDGE = "no-edge"
    NO_KEY = "no-key"
    EDGE_AWAY = "edge-away"
    ON_THE_WAY = "on-the-way"
    AT_EDGE = "at-edge"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of a terminal's users as a whole.

    wanted, digest: as `protocol.wanted.digest` counts what the server wants. resent: how often all of it was sent again since the edge
    told the same digest, and when last. Algorithms: of the templates that the terminal takes, "" where it has not told them.
    """

    terminal_id: int
    wanted: int = 0
    digest: int = 0
    resent: int = 0
    resent_at: datetime | None = None
    finger_algorithm: str = ""
    face_algorithm: str = ""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A user who is on a terminal, and whom the server does not want there nor gone: nobody knows who it is."""

    terminal_id: int
    user: str
    templates: tuple[str, ...]
    reason: str
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class FaceCount:
    """People of a legal entity with a face stored. most: with those who may have one, because a terminal they are on holds faces of nobody
    who is known.
    """

    known: int
    most: int


@dataclass(frozen=True, slots=True)
class Going:
    """What saving an area would do, in people by terminal: who would come and who would go."""

    come: Mapping[int, frozenset[int]]
    go: Mapping[int, frozenset[int]]
