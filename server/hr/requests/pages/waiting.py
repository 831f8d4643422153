"""What waits of requests, for the reader's first page: their own that were sent back, and swaps that wait for their answer."""

from collections.abc import Iterator

from fastapi import Request as Asked

from server.access.model import Permission
from server.attendance.pages.asked import today
from server.hr.requests import actions as requests
from server.hr.requests.engine.certificates import Stage
from server.hr.requests.model import RequestState
from server.storage import UnitOfWork
from server.web.asking import may, words
from server.web.waiting import Waiting

MOST = 50


def work_lists(asked: Asked, uow: UnitOfWork) -> Iterator[Waiting]:
    key, tell = asked.state.visitor.person_id, words(asked)
    if may(asked, Permission.CHANGE_REQUESTS) and may(asked, Permission.SEE_PEOPLE):
        scope = asked.state.visitor.scope(Permission.CHANGE_REQUESTS)
        over = [one for one in requests.owed_certificates(uow, scope, today(asked)) if one.stage is Stage.OVER]
        if over:
            yield Waiting("attention", tell("Certificates that have not come in time: {n}", n=len(over)), "/requests/certificates")
    if key is None or not may(asked, Permission.ASK):
        return
    if swaps := requests.swaps_to_answer(uow, key):
        yield Waiting("attention", tell("Swaps to answer: {n}", n=len(swaps)), "/me/requests")
    if back := requests.requests_of(uow, key, state=RequestState.SENT_BACK, limit=MOST):
        yield Waiting("attention", tell("Requests sent back to you: {n}", n=len(back)), "/me/requests?state=sent-back")
