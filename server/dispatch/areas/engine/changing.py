"""What becomes of the row of a terminal's user when something else is wanted. Revisions only rise."""

from dataclasses import replace

from server.dispatch.areas.model import Want, WantedRow


def row_for(held: WantedRow | None, key: tuple[int, str], want: Want) -> WantedRow | None:
    """The row with which a user is wanted; None where the one that is there says so already, or has to wait.

    A number that was somebody else's is cleared on the terminal first: their fingers must not punch for whoever has it next.
    """
    if held is None:
        return WantedRow(*key, want.person_id, want, 1)
    if held.person_id == want.person_id:
        return None if held.want == want else _risen(held, want, want.person_id)
    if held.want is None and held.is_done:
        return _risen(held, want, want.person_id)
    return row_without(held)


def row_without(held: WantedRow) -> WantedRow | None:
    """The row with which a user is to be gone; None where it says so already."""
    return None if held.want is None else _risen(held, None, held.person_id)


def _risen(held: WantedRow, want: Want | None, person_id: int | None) -> WantedRow:
    return replace(held, want=want, person_id=person_id).risen(held.revision + 1)
