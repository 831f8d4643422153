"""Asking the real application for pages, in its own process by an account that may see everything, beside a constant JSON answer."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from server.access import actions as access
from server.access.model import Role, SignedIn
from server.storage import Database
from server.web.visitor import PUBLIC, needs
from tests.bench.machine import percentile
from tests.bench.row import Row
from tests.support.company import TESTER

ASKED, WARMING, GOAL_MS = 40, 3, 100


def ask(
    app: FastAPI, database: Database, addresses: dict[str, str], role: Role = Role.ADMINISTRATOR, person_id: int | None = None
) -> dict[str, list[float]]:
    """Milliseconds of each answer, by the name of its address; pages take turns, so that noise hits all alike. person_id: who asks."""
    app.include_router(_constant())
    with TestClient(app, base_url="http://127.0.0.1", cookies={"session": _session(database, role, person_id)}) as client:
        return _ask_all(client, {"constant": "/bench/constant"} | addresses)


def rows_of(taken: dict[str, list[float]]) -> list[Row]:
    """What the pages cost, each beside its goal and the constant answer."""
    constant = percentile(taken.pop("constant"), 0.95)
    rows = [Row("a constant JSON answer, p95", constant, "ms", "", None, None, None)]
    for name, times in taken.items():
        measured = percentile(times, 0.95)
        note = f"half within {percentile(times, 0.5):.1f} ms; {measured / constant:.0f} constant answers"
        rows.append(Row(f"{name}, p95", measured, "ms", "goal", GOAL_MS, GOAL_MS / measured, 1, note))
    return rows


def _ask_all(client: TestClient, addresses: dict[str, str]) -> dict[str, list[float]]:
    """Milliseconds of each answer."""
    taken: dict[str, list[float]] = {name: [] for name in addresses}
    for turn in range(WARMING + ASKED):
        for name, address in addresses.items():
            started = time.perf_counter()
            answer = client.get(address, follow_redirects=False)
            spent = time.perf_counter() - started
            assert answer.status_code == 200, f"{address}: {answer.status_code}"
            if turn >= WARMING:
                taken[name].append(spent * 1000)
    return taken


def _constant() -> APIRouter:
    router = APIRouter()

    @router.get("/bench/constant", dependencies=[needs(PUBLIC)])
    def constant() -> dict[str, bool]:
        return {"ok": True}

    return router


def _session(database: Database, role: Role, person_id: int | None) -> str:
    password, now = access.generate_password(), datetime.now(UTC)
    hashed = access.hash_password(password)
    with database.writing() as uow:
        access.create_account(uow, "reader", "reader", hashed, frozenset({role}), TESTER, now, must_change=False)
        if person_id is not None:
            access.link_account(uow, "reader", person_id, TESTER, now)
    found = access.sign_in(database, "reader", password, "127.0.0.1", "", now)
    assert isinstance(found, SignedIn)
    return found.token
