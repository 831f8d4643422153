"""A request's states: every state meets every event."""

import pytest

from server.errors import RefusedError
from server.hr.requests.engine.states import MOVES, state_after
from server.hr.requests.model import RequestEvent as E, RequestState as S

ALLOWED = {
    (S.DRAFT, E.EDIT): S.DRAFT,
    (S.DRAFT, E.SUBMIT): S.WAITING,
    (S.DRAFT, E.WITHDRAW): S.WITHDRAWN,
    (S.WAITING, E.EDIT): S.WAITING,
    (S.WAITING, E.APPROVE): S.APPROVED,
    (S.WAITING, E.REFUSE): S.REFUSED,
    (S.WAITING, E.SEND_BACK): S.SENT_BACK,
    (S.WAITING, E.WITHDRAW): S.WITHDRAWN,
    (S.SENT_BACK, E.EDIT): S.SENT_BACK,
    (S.SENT_BACK, E.SUBMIT): S.WAITING,
    (S.SENT_BACK, E.WITHDRAW): S.WITHDRAWN,
    (S.APPROVED, E.CANCEL): S.CANCELLED,
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("event", E)
def test_every_state_meets_every_event(state, event):
    if (state, event) in ALLOWED:
        assert state_after(state, event) is ALLOWED[state, event]
    else:
        with pytest.raises(RefusedError, match=r"This request"):
            state_after(state, event)


def test_every_state_has_its_moves():
    assert set(MOVES) == set(S)
