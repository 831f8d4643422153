"""Why what is wanted of a user is not so yet."""

from protocol.messages import UserState
from server.dispatch.areas.model import Pending, WantedRow


def why_pending(row: WantedRow, *, has_edge: bool, has_key: bool, hears: bool) -> Pending | None:
    """None for what is done. has_key: the edge told the key that its messages are sealed for; hears: it is connected."""
    if row.is_done:
        return None
    if row.has_failed:
        return Pending.FAILED if row.state is UserState.FAILED else Pending.REFUSED
    if not has_edge:
        return Pending.NO_EDGE
    if row.taken >= row.revision:
        return Pending.AT_EDGE
    if not hears:
        return Pending.EDGE_AWAY
    return Pending.ON_THE_WAY if has_key else Pending.NO_KEY
