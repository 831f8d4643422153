"""A request as it is kept, and what lists of requests ask for."""

from dataclasses import dataclass
from datetime import date, datetime

from server.hr.requests.model.contents import Content, kind_of
from server.hr.requests.model.findings import Finding
from server.hr.requests.model.kinds import EffectKind, Purpose, RequestEvent, RequestKind, RequestState

LONGEST_REASON = 500
LONGEST_PLACE = 80
LONGEST_COMMENT = 1_000


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What somebody asks for. key: made by the browser; the same key of the same person again is the same request. late: it touches a
    closed period, and what follows is to be decided as a difference. target_id: the approved request that it changes or cancels.
    """

    person_id: int
    content: Content
    reason: str
    key: str
    purpose: Purpose = Purpose.NEW
    target_id: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A request. number: what people call it. first_day, last_day: the work dates it is about. minutes: how long; None: not measured.

    partner_agreed_at: when the partner of a swap said yes. findings: as they were when it was sent. asked_by: the account; in_name: of
    somebody else than the person.
    """

    id: int
    number: str
    purpose: Purpose
    target_id: int | None
    person_id: int
    partner_id: int | None
    partner_agreed_at: datetime | None
    state: RequestState
    content: Content
    reason: str
    late: bool
    first_day: date
    last_day: date
    minutes: int | None
    asked_by: str
    in_name: bool
    findings: tuple[Finding, ...]
    created_at: datetime
    submitted_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def people(self) -> tuple[int, ...]:
        """Whom it concerns, for the trail: who asks, and with whom they swap."""
        return (self.person_id,) if self.partner_id is None else (self.person_id, self.partner_id)

    @property
    def kind(self) -> RequestKind:
        return kind_of(self.content)

    @property
    def waits_for_partner(self) -> bool:
        """A swap that the partner has not answered: no approver sees it yet."""
        return self.state is RequestState.WAITING and self.partner_id is not None and self.partner_agreed_at is None


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a request; state: the one it led to."""

    event: RequestEvent
    state: RequestState
    at: datetime
    actor: str
    comment: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What an approved request made. undone_at: a later request took it back."""

    kind: EffectKind
    reference: int
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that belongs to a request."""

    document_id: int
    name: str


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests are wanted; None leaves a question open. since, until: dates they touch. text: number, name, employee number.

    drafts: those too that were not sent; only for the person whose they are.
    """

    person_id: int | None = None
    kind: RequestKind | None = None
    detail: str | None = None
    state: RequestState | None = None
    department_id: int | None = None
    site_id: int | None = None
    since: date | None = None
    until: date | None = None
    text: str = ""
    drafts: bool = False


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request in a list, with whose it is."""

    request: Request
    employee_number: str
    person_name: str
    department: str | None
    time_zone: str | None
