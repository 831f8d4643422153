"""`/jobs`: long work that was asked for, how far it is, and its end. A page that waits for a job includes `jobs.html`.

A job is for those who have the permission that it names; to others it is not there.
"""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.errors import RefusedError
from server.jobs import actions as jobs
from server.jobs.model import Job
from server.web.asking import database_of, now, own_path, shell_of, whole, words
from server.web.visitor import SIGNED_IN, needs

SEE_DAYS = "see-days"  # access's word: it stands above the shell
MAY_STOP = {"change-grants", "close-periods"}
"""Whoever has one of these stops also what others have asked for."""
PAGE = 50

router = APIRouter()


@router.get("/jobs", include_in_schema=False, dependencies=[needs(SEE_DAYS)])
def jobs_page(request: Request, after: str = "") -> Response:
    with database_of(request).reading() as uow:
        found = jobs.list_jobs(uow, request.state.visitor.permissions, PAGE + 1, whole(after, "after"))
    following = found[PAGE - 1].id if len(found) > PAGE else None
    return shell_of(request).page(request, "jobs/list.html", found=found[:PAGE], following=following, paged=bool(after))


@router.get("/jobs/{job_id:int}", include_in_schema=False, dependencies=[needs(SIGNED_IN)])
def job_page(request: Request, job_id: int) -> Response:
    return shell_of(request).page(request, "jobs/one.html", job=_job(request, job_id))


@router.post("/jobs/{job_id:int}/cancel", include_in_schema=False, dependencies=[needs(SIGNED_IN)])
def cancel_job(request: Request, job_id: int) -> Response:
    """Back to where the reader was."""
    with database_of(request).writing() as uow:
        asked_by = jobs.find_job(uow, job_id, request.state.visitor.permissions).asked_by
        if asked_by != request.state.visitor.login and not MAY_STOP & set(request.state.visitor.permissions):
            raise RefusedError(reason="Only whoever asked for it stops it, or whoever is responsible for everybody.")
        jobs.cancel(uow, job_id, request.state.visitor.login, request.state.visitor.permissions)
    back = request.headers.get("referer", "").split("//", 1)[-1].partition("/")[2]
    return RedirectResponse(own_path(f"/{back}") if back else f"/jobs/{job_id}", 303)


@router.get("/api/v1/jobs", tags=["jobs"], dependencies=[needs(SIGNED_IN)])
def list_jobs(request: Request, limit: int = PAGE, after: str = "") -> dict[str, Any]:
    """Long work that you may see, the latest first."""
    most = max(1, min(limit, 500))
    with database_of(request).reading() as uow:
        found = jobs.list_jobs(uow, request.state.visitor.permissions, most + 1, whole(after, "after"))
    following = str(found[most - 1].id) if len(found) > most else None
    return {"jobs": [_as_json(request, job) for job in found[:most]], "next": following}


@router.get("/api/v1/jobs/{job_id}", tags=["jobs"], dependencies=[needs(SIGNED_IN)])
def one_job(request: Request, job_id: int) -> dict[str, Any]:
    """How far one piece of long work is: its state, `done` of `total`, and why it failed where it did."""
    return _as_json(request, _job(request, job_id))


def _job(request: Request, job_id: int) -> Job:
    with database_of(request).reading() as uow:
        return jobs.find_job(uow, job_id, request.state.visitor.permissions)


def _as_json(request: Request, job: Job) -> dict[str, Any]:
    tell = words(request)
    return {
        "id": job.id,
        "title": tell(job.title, **job.facts),
        "state": job.state.value,
        "step": tell(job.step) if job.step else "",
        "done": job.done,
        "total": job.total,
        "percent": job.percent,
        "place": job.place,
        "fault": told_fault(request, job),
        "asked_by": job.asked_by,
        "asked_at": job.asked_at.isoformat(),
        "ended_at": job.ended_at.isoformat() if job.ended_at else None,
        "cancelled": job.cancelled_by is not None,
        "seconds": int(((job.ended_at or now()) - job.started_at).total_seconds()) if job.started_at else None,
    }


def told_fault(request: Request, job: Job) -> str:
    """Why it failed, in the reader's language; empty where it did not."""
    if job.fault is None:
        return ""
    tell, facts = words(request), dict(job.fault["facts"])
    if "reason" in facts:  # as `ServerError.told` does
        facts["reason"] = tell(facts.pop("reason"), **facts)
    return tell(job.fault["text"], **facts)
