"""Who reads the trail: in which words, with or without pay, and about whom. Areas above say who is within a scope; wiring gives them."""

from datetime import date
from typing import Any

from fastapi import Request
from sqlalchemy import Select

from server.audit.engine import Reader
from server.storage import UnitOfWork
from server.web.asking import may, now, shell_of, words
from server.web.language import language_of

SEE_PAY = "see-pay"  # this and all others are access's words: it stands above this area


def reader_of(request: Request) -> Reader:
    shell = shell_of(request)
    chinese = language_of(request, shell.language) == "zh"
    return Reader(words(request), chinese, shell.zone, see_pay=may(request, SEE_PAY))


def reach_of(request: Request, permission: str) -> Select[Any] | None:
    """A SELECT of the people about whom the visitor may read by this permission; None: of everybody."""
    reach: Select[Any] | None = request.app.state.people_within(request.state.visitor.scope(permission), today(request))
    return reach


def people_called(request: Request, uow: UnitOfWork, permission: str, text: str) -> tuple[int, ...]:
    """Whom a reader means by an employee number or a part of a name, of those about whom they may read."""
    return tuple(request.app.state.people_called(uow, request.state.visitor.scope(permission), text, today(request)))


def today(request: Request) -> date:
    return now().astimezone(shell_of(request).zone).date()
