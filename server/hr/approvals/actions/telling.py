"""What people are told of a course, an occasion a function. The inbox and the counts on the first page read the course's own rows."""

from collections.abc import Collection
from datetime import datetime

from server.hr.approvals.model import Course
from server.storage import UnitOfWork


def tell_asked(uow: UnitOfWork, course: Course, person_ids: Collection[int], now: datetime) -> None:
    """Something waits for these people."""


def tell_copied(uow: UnitOfWork, course: Course, person_ids: Collection[int], now: datetime) -> None:
    """These people get a copy."""


def tell_reminded(uow: UnitOfWork, course: Course, person_ids: Collection[int], now: datetime) -> None:
    """These people are reminded of what waits for them."""


def tell_requester(uow: UnitOfWork, course: Course, now: datetime) -> None:
    """The course ended or came back: whoever asked is told."""
