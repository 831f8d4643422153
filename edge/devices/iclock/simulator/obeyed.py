"""What a simulated terminal does at a command, as a value."""

from dataclasses import dataclass

OK, BAD_PARAMETER, NO_SUCH_USER, OTHER_VERSION, FULL, UNKNOWN, OTHER_DIALECT = 0, -1, -10, -12, -1001, -1002, -1004
ENROLLED = 2
"""The finger is there already, and was not to be replaced."""


@dataclass(frozen=True, slots=True)
class Obeyed:
    """code: what is returned, with `more` behind it. upload: what is sent before that: ("punches", rows), ("users", numbers) and so on.

    clock: packed seconds that it is set to.
    """

    code: int
    name: str = "DATA"
    more: str = ""
    upload: tuple[str, list[object]] | None = None
    greets: bool = False
    clock: int | None = None
