"""`/api/v1/enrolments`: the same for programs."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.directory.actions import EnrolmentLine
from server.directory.model import TemplateKind
from server.ingest.actions import enrol_and_replay, suggestions
from server.ingest.pages.enrolments import CHANGES, SEES, held_enrolment, people_of, person_of, today_of, zone_of
from server.web.asking import database_of, now, whole, words
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["enrolments"])
MOST = 500
REASON = "by a program"


@dataclass(frozen=True)
class EnrolmentOut:
    """Who is a terminal user in a group of terminals. last_day: None while it goes on.

    templates: kinds that the terminals hold; None: not known.
    """

    id: int
    employee_number: str
    name: str
    zone: int
    zone_name: str
    terminal_user: str
    first_day: date
    last_day: date | None
    card: str
    templates: list[str] | None


@dataclass(frozen=True)
class SuggestionOut:
    """A terminal user who is nobody, and who it may be. name: at the terminal, "" where nobody said.

    employee_number: None where nothing speaks for anybody.
    """

    zone: int
    zone_name: str
    terminal_user: str
    name: str
    punches: int
    first_day: date
    employee_number: str | None
    because: str


class NewEnrolment(BaseModel):
    """zone: its number. card, templates: what the terminals' own list says where they are left out."""

    employee_number: str
    zone: int
    terminal_user: str
    first_day: date
    last_day: date | None = None
    card: str = ""
    templates: list[TemplateKind] | None = None


class KnownBy(BaseModel):
    """By what terminals know somebody."""

    card: str = ""
    templates: list[TemplateKind] | None = None


class LastDay(BaseModel):
    """The last day on which an enrolment holds."""

    last_day: date


@router.get("/enrolments", dependencies=SEES)
def list_enrolments(
    request: Request, text: str = "", zone: str = "", on: date | None = None, limit: int = 100, after: str = ""
) -> dict[str, Any]:
    """Enrolments by terminal user; `on`: only those that hold on the day. `text`: of a name or number, or a whole terminal user or card."""
    most = max(1, min(limit, MOST))
    user, _, key = after.rpartition("/")
    behind = (user, whole(key, "after") or 0) if after else None
    with database_of(request).reading() as uow:
        found = directory.list_enrolments(
            uow, people_of(request), text=text[:64], zone_id=whole(zone, "zone"), on=on, after=behind, limit=most + 1
        )
    following = f"{found[most - 1].terminal_user}/{found[most - 1].id}" if len(found) > most else None
    return {"enrolments": [_out(one) for one in found[:most]], "next": following}


@router.get("/enrolments/suggestions", dependencies=[*SEES, needs(Permission.SEE_QUARANTINE)])
def list_suggestions(request: Request) -> list[SuggestionOut]:
    """Terminal users whose punches are kept back because they are nobody, and who they may be."""
    tell = words(request)
    with database_of(request).reading() as uow:
        found = suggestions(uow, people_of(request), today_of(uow))
    return [
        SuggestionOut(
            one.zone_id,
            one.zone,
            one.terminal_user,
            one.told.name if one.told else "",
            one.punches,
            one.first,
            one.person.employee_number if one.person else None,
            tell(one.reason) if one.reason else "",
        )
        for one in found
    ]


@router.post("/enrolments", dependencies=CHANGES)
def enrol(request: Request, new: NewEnrolment) -> dict[str, int]:
    """Enrol somebody; punches that were kept back are replayed."""
    with database_of(request).writing() as uow:
        who, zone_id = person_of(request, uow, new.employee_number), zone_of(uow, str(new.zone))
        limits, by = request.app.state.limits, actor_of(request)
        done = enrol_and_replay(
            uow,
            who.id,
            zone_id,
            new.terminal_user,
            new.first_day,
            new.last_day,
            limits,
            by,
            now(),
            reason=REASON,
            card=new.card,
            templates=new.templates,
        )
        made = directory.enrolments_at(uow, zone_id, new.terminal_user.strip())[-1]
    return {"id": made.id, "replayed": done.replayed + done.known}


@router.post("/enrolments/{enrolment_id}/known-by", dependencies=CHANGES)
def known_by(request: Request, enrolment_id: int, told: KnownBy) -> dict[str, int]:
    """Say by which card and kinds of templates terminals know somebody."""
    with database_of(request).writing() as uow:
        held_enrolment(request, uow, enrolment_id)
        directory.note_known_by(uow, enrolment_id, told.card, told.templates, actor_of(request), now())
    return {"id": enrolment_id}


@router.post("/enrolments/{enrolment_id}/end", dependencies=CHANGES)
def end(request: Request, enrolment_id: int, until: LastDay) -> dict[str, int]:
    """Let an enrolment hold up to a last day; one before its first day removes it."""
    with database_of(request).writing() as uow:
        held_enrolment(request, uow, enrolment_id)
        directory.end_enrolment(uow, enrolment_id, until.last_day, actor_of(request), now(), REASON)
    return {"id": enrolment_id}


def _out(one: EnrolmentLine) -> EnrolmentOut:
    kinds = None if one.templates is None else [kind.value for kind in one.templates]
    return EnrolmentOut(
        one.id,
        one.employee_number,
        one.name,
        one.zone_id,
        one.zone,
        one.terminal_user,
        one.valid_from,
        one.valid_until,
        one.card,
        kinds,
    )
