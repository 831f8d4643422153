"""What moves a request from one state to the next. Every state meets every event: what is not in the table is refused."""

from server.errors import RefusedError
from server.hr.requests.model import RequestEvent, RequestState

_S, _E = RequestState, RequestEvent
MOVES: dict[RequestState, dict[RequestEvent, RequestState]] = {
    _S.DRAFT: {_E.EDIT: _S.DRAFT, _E.SUBMIT: _S.WAITING, _E.WITHDRAW: _S.WITHDRAWN},
    _S.WAITING: {
        _E.EDIT: _S.WAITING,
        _E.APPROVE: _S.APPROVED,
        _E.REFUSE: _S.REFUSED,
        _E.SEND_BACK: _S.SENT_BACK,
        _E.WITHDRAW: _S.WITHDRAWN,
    },
    _S.SENT_BACK: {_E.EDIT: _S.SENT_BACK, _E.SUBMIT: _S.WAITING, _E.WITHDRAW: _S.WITHDRAWN},
    _S.APPROVED: {_E.CANCEL: _S.CANCELLED},
    _S.REFUSED: {},
    _S.WITHDRAWN: {},
    _S.CANCELLED: {},
}
ENDED = frozenset({_S.APPROVED, _S.REFUSED, _S.WITHDRAWN, _S.CANCELLED})
"""States in which nobody has to do anything."""


def state_after(state: RequestState, event: RequestEvent) -> RequestState:
    """Raises RefusedError, which says what the state is and what can be done instead."""
    following = MOVES[state].get(event)
    if following is None:
        raise RefusedError(reason=_HINTS[state])
    return following


_HINTS = {
    _S.DRAFT: "This request is a draft that was not sent yet: send it first.",
    _S.WAITING: "This request waits for its approvers: change or withdraw it.",
    _S.SENT_BACK: "This request was sent back to the person who asked: it has to be sent again first.",
    _S.APPROVED: "This request is approved: ask for its cancellation or for a change instead.",
    _S.REFUSED: "This request was refused: copy it and ask anew.",
    _S.WITHDRAWN: "This request was withdrawn: copy it and ask anew.",
    _S.CANCELLED: "This request is cancelled: copy it and ask anew.",
}
